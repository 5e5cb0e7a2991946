import Foundation

/// How long a side of a pair takes: of the whole process, or as the process says itself.
enum Clock {
  /// A command that people wait for.
  case process
  /// `seconds S` on standard output: without what comes before the job, such as imports.
  case reported
}

/// One side of a pair.
struct Side {
  let name: String
  let command: [String]
  let clock: Clock
  var environment: [String: String?] = [:]
}

/// Two commands that do the same job, run in turn.
struct TimedPair {
  let name: String
  /// What the job asks for, as a ratio of the peer's time to ours.
  let goal: Double
  let ours: Side
  /// `nil` where there are no peers.
  let peer: Side?
  /// What both sides report must agree so well, relatively; `nil` where they report different things.
  var tolerance: Double? = nil
  /// Makes what both read, where it is not there.
  var prepare: () throws -> Void = {}
  /// The file that both read: in memory when a clock starts, whatever the run before has driven out.
  var input: String?

  /// Runs both in turn, after one run each that is not counted.
  func measure(rounds: Int) throws -> [Measurement] {
    try prepare()
    guard let peer else {
      _ = try run(ours)
      return [
        Measurement(
          benchmark: name, side: ours.name, runs: try (0..<rounds).map { _ in try run(ours).run },
          speedUps: [])
      ]
    }
    let first = (try run(ours), try run(peer))
    if let tolerance {
      guard let one = first.0.value, let two = first.1.value,
        abs(one - two) <= tolerance * max(abs(one), abs(two))
      else {
        throw SidesDiffer(
          benchmark: name, ours: first.0.value ?? .nan, peer: first.1.value ?? .nan)
      }
    }
    var (mine, theirs): ([Run], [Run]) = ([], [])
    for _ in 0..<rounds {
      mine.append(try run(ours).run)
      theirs.append(try run(peer).run)
    }
    let ratios = zip(theirs, mine).map { $0.seconds / $1.seconds }
    return [
      Measurement(benchmark: name, side: ours.name, runs: mine, speedUps: ratios, goal: goal),
      Measurement(
        benchmark: name, side: peer.name, runs: theirs, speedUps: [], versions: first.1.versions),
    ]
  }

  private func run(_ side: Side) throws -> (run: Run, value: Double?, versions: String?) {
    try QuietStart.prepare(reading: input)
    let output = FileManager.default.temporaryDirectory
      .appending(path: "cutover-benchmark-\(UUID().uuidString).txt")
    defer { try? FileManager.default.removeItem(at: output) }
    var variables = ProcessInfo.processInfo.environment
    for (name, value) in side.environment { variables[name] = value }
    let whole = try Benchmarking.run(
      side.command, output: output.path, environment: variables)
    let lines = try String(contentsOf: output, encoding: .utf8).split(separator: "\n")
    func number(_ word: String) -> Double? {
      lines.last { $0.hasPrefix(word + " ") }.flatMap { Double($0.dropFirst(word.count + 1)) }
    }
    let versions = lines.last { $0.hasPrefix("versions ") }.map { String($0.dropFirst(9)) }
    guard side.clock == .reported else { return (whole, number("value"), versions) }
    guard let seconds = number("seconds") else {
      throw CommandFailed(command: side.command, status: 0)
    }
    return (
      Run(
        seconds: seconds, peakBytes: whole.peakBytes, processorSeconds: whole.processorSeconds),
      number("value"), versions
    )
  }
}

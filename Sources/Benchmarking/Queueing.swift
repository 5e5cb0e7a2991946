import Foundation
import ModelCore
import QueueingModels

/// Erlang's loss function inside the process, beside the textbook's recurrence.
enum Queueing {
  /// One value at a million servers, and a million pairs of up to a thousand.
  static func measure(rounds: Int) throws -> [Measurement] {
    let large = 1_000_000
    let one = try alternating("Erlang B at 10^6 servers, 0.99 erlang each", rounds) {
      try ErlangLoss(servers: Double(large), offeredLoad: 0.99 * Double(large)).blocking
    } peer: {
      ErlangRoutes.recurrence(servers: large, offeredLoad: 0.99 * Double(large))
    }
    let servers = (0..<1_000_000).map { Double(1 + $0 % 1000) }
    let loads = (0..<1_000_000).map { Double(1 + $0 / 1000) }
    let grid = try alternating("Erlang B of 10^6 pairs, up to 1000 servers", min(rounds, 5)) {
      try ErlangBatch.blocking(servers: servers, offeredLoads: loads).reduce(0, +)
    } peer: {
      zip(servers, loads).reduce(0) {
        $0 + ErlangRoutes.recurrence(servers: Int($1.0), offeredLoad: $1.1)
      }
    }
    return one + grid
  }

  private static func alternating(
    _ name: String, _ rounds: Int, ours: () throws -> Double, peer: () throws -> Double
  ) throws -> [Measurement] {
    let (first, second) = (try ours(), try peer())
    guard abs(first - second) <= 1e-9 * abs(second) else {
      throw SidesDiffer(benchmark: name, ours: first, peer: second)
    }
    var (mine, theirs): ([Run], [Run]) = ([], [])
    for _ in 0..<rounds {
      mine.append(try timed(ours))
      theirs.append(try timed(peer))
    }
    let ratios = zip(theirs, mine).map { $0.seconds / $1.seconds }
    return [
      Measurement(benchmark: name, side: "cutover", runs: mine, speedUps: ratios),
      Measurement(
        benchmark: name, side: "recurrence B(j) = a B(j-1) / (j + a B(j-1))", runs: theirs,
        speedUps: []),
    ]
  }

  private static func timed(_ body: () throws -> Double) throws -> Run {
    let clock = ContinuousClock()
    var sink = 0.0
    let elapsed = try clock.measure { sink += try body() }
    guard sink.isFinite else { throw SidesDiffer(benchmark: "", ours: sink, peer: sink) }
    let seconds =
      Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
    var usage = rusage()
    // 0 is RUSAGE_SELF, whose type differs between C libraries.
    getrusage(0, &usage)
    return Run(seconds: seconds, peakBytes: Double(usage.ru_maxrss) * 1024)
  }
}

/// Two sides of a benchmark that do not compute the same.
struct SidesDiffer: Failure {
  let benchmark: String
  let ours: Double
  let peer: Double
  var category: FailureCategory { .badData }
  var description: String {
    "\(benchmark): Cutover computes \(ours), the peer \(peer); no time is taken of different work"
  }
}

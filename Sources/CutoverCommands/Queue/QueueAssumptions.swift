import ArgumentParser
import Foundation
import ModelCore
import Quantities
import QueueingModels
import Traces

/// What the simulated queue has that the formulas do not: laws, priorities, breakdowns. Each option
/// implies --simulate.
struct QueueAssumptionOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Simulate gaps between arrivals of this law; implies --simulate.",
      discussion: """
        deterministic, exponential, erlang:K, gamma:V, lognormal:V, hyperexponential:V with V the \
        squared coefficient of variation, or trace:FILE. --arrival-rate sets the mean.
        """,
      valueName: "law"))
  var arrivals: String?

  @Option(
    help: ArgumentHelp(
      "Simulate times of service of this law; --service-time sets the mean.", valueName: "law"))
  var services: String?

  @Option(
    help: ArgumentHelp(
      "Simulate classes by their shares of the arrivals, the first served first: 20%,80%.",
      valueName: "shares"))
  var priorities: String?

  @Option(
    help: ArgumentHelp(
      "Simulate servers that fail and are repaired: mean time up, mean time down: 8h,10min.",
      valueName: "up,down"))
  var breakdowns: String?

  var isGiven: Bool {
    arrivals != nil || services != nil || priorities != nil || breakdowns != nil
  }
}

/// The same, understood.
struct QueueAssumptions {
  /// Of the gaps; their mean is 1 unless a trace gave it.
  var gaps: ServiceLaw?
  /// Of the services.
  var services: ServiceLaw?
  var shares: [Double]?
  var breakdowns: SimulatedQueue.Breakdowns?

  init(_ options: QueueAssumptionOptions) throws {
    gaps = try options.arrivals.map { try Self.law("--arrivals", $0, Self.gapsOfTrace) }
    services = try options.services.map { try Self.law("--services", $0, Self.timesOfTrace) }
    shares = try options.priorities.map(Self.shares)
    breakdowns = try options.breakdowns.map(Self.breakdowns)
  }

  private static let examples =
    "deterministic, exponential, erlang:4, gamma:0.5, lognormal:2, hyperexponential:4, trace:FILE"

  /// A law of mean 1, a trace's of its own mean.
  private static func law(
    _ option: String, _ text: String, _ times: (String) throws -> [Double]
  ) throws -> ServiceLaw {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let (name, rest) = (String(parts[0]), parts.count == 2 ? String(parts[1]) : nil)
    func variation(_ least: Double, _ words: String) throws -> Double {
      guard let value = rest.flatMap({ Double($0) }), value.isFinite, value >= least, value > 0
      else {
        throw UsageError(
          "\(option): \"\(text)\" needs \(words) after the colon, for example \(name):"
            + (name == "erlang" ? "4" : name == "gamma" ? "0.5" : "4"))
      }
      return value
    }
    let words = "the squared coefficient of variation"
    switch name {
    case "deterministic", "exponential":
      guard rest == nil else { throw UsageError("\(option): \(name) takes nothing after it") }
      return name == "exponential" ? .exponential(mean: 1) : .deterministic(mean: 1)
    case "erlang":
      let stages = try variation(1, "a whole number of stages")
      guard stages.rounded() == stages, stages <= 1e6 else {
        throw UsageError("\(option): \"\(text)\" needs a whole number of stages, at most 10^6")
      }
      return stages == 1
        ? .exponential(mean: 1) : .gamma(mean: 1, squaredVariation: 1 / stages)
    case "gamma": return .gamma(mean: 1, squaredVariation: try variation(0, "\(words), above 0,"))
    case "lognormal":
      return .lognormal(mean: 1, squaredVariation: try variation(0, "\(words), above 0,"))
    case "hyperexponential":
      return .hyperexponential(
        mean: 1, squaredVariation: try variation(1, "\(words), at least 1,"))
    case "trace":
      guard let rest, !rest.isEmpty else {
        throw UsageError("\(option): \"\(text)\" names no file: write trace:migrations.csv")
      }
      let law = ServiceLaw.empirical(try times(rest))
      try law.validate()
      return law
    default:
      throw UsageError("\(option): no law \"\(text)\"; write one of \(examples)")
    }
  }

  private static func column(_ name: String, of path: String) throws -> [Double] {
    var options = TraceOptions()
    options.requireRows = true
    let table = try readTrace(path, options: options, lenient: false, skipped: nil).table
    guard let column = table.numbersIfPresent(name) else {
      throw CannotAnswer(description: "\(path): has no column \(name)")
    }
    let completed = table.textIfPresent("status")
    return (0..<table.rowCount).compactMap { row in
      name == "started_s" || (completed?[row] ?? "completed") == "completed" ? column[row] : nil
    }
  }

  /// Gaps between the starts of all migrations, whatever became of them.
  private static func gapsOfTrace(_ path: String) throws -> [Double] {
    let starts = try column("started_s", of: path).sorted()
    let gaps = zip(starts.dropFirst(), starts).map { $0 - $1 }
    guard gaps.contains(where: { $0 > 0 }) else {
      throw CannotAnswer(
        description: "\(path): started_s has no two different times: no gaps between arrivals")
    }
    return gaps
  }

  private static func timesOfTrace(_ path: String) throws -> [Double] {
    let times = try column("total_time_s", of: path)
    guard !times.isEmpty else {
      throw CannotAnswer(description: "\(path): no completed migration has a total_time_s")
    }
    return times
  }

  private static func shares(_ text: String) throws -> [Double] {
    let shares = try text.split(separator: ",", omittingEmptySubsequences: false).map {
      try probability(String($0).trimmingCharacters(in: .whitespaces))
    }
    let sum = shares.reduce(0, +)
    // Decimal shares miss 1 by roundings.
    guard shares.count >= 2, abs(sum - 1) < 1e-9 else {
      throw UsageError(
        "--priorities: \"\(text)\": at least two shares that sum to 100% are expected, such as "
          + "20%,80%")
    }
    return shares
  }

  private static func breakdowns(_ text: String) throws -> SimulatedQueue.Breakdowns {
    let times = text.split(separator: ",", omittingEmptySubsequences: false).map {
      String($0).trimmingCharacters(in: .whitespaces)
    }
    guard times.count == 2 else {
      throw UsageError(
        "--breakdowns: \"\(text)\": two times are expected, up and down, such as 8h,10min")
    }
    let seconds = try times.map { try Seconds(parsing: $0).siValue }
    guard seconds.allSatisfy({ $0 > 0 }) else {
      throw UsageError("--breakdowns: \"\(text)\": both times must be above 0")
    }
    return .init(meanUptime: seconds[0], meanRepair: seconds[1])
  }

  /// The laws that a trace gave: their means stand in for those that are not said.
  var tracedGaps: ServiceLaw? { Self.traced(gaps) }
  var tracedServices: ServiceLaw? { Self.traced(services) }

  private static func traced(_ law: ServiceLaw?) -> ServiceLaw? {
    if case .empirical? = law { return law }
    return nil
  }

  /// Refuses what has no meaning in a queue.
  func check(_ kind: QueueKind, _ parameters: QueueParameters) throws {
    switch kind {
    case .finiteSources where gaps != nil:
      throw UsageError("--arrivals: machines of engset ask again at --arrival-rate, no other law")
    case .sharedLink where shares != nil || breakdowns != nil:
      throw UsageError("--priorities and --breakdowns: all on a shared link are served at once")
    case .loss where shares != nil, .retrial where shares != nil:
      throw UsageError("--priorities: nobody stands in line in this queue")
    case .retrial where breakdowns != nil, .loss where breakdowns != nil,
      .finiteSources where breakdowns != nil && parameters.capacity == nil:
      // Who finds a failed server idle would have to be refused; the simulator lets it wait.
      throw UsageError(
        "--breakdowns: this queue has no room to wait for a repair; ask mmc, or mmck or engset "
          + "with --capacity")
    default: break
    }
  }

  /// The simulated queue with these assumptions in place of its own.
  func applied(to queue: SimulatedQueue, _ parameters: QueueParameters) -> SimulatedQueue {
    var queue = queue
    if let gaps { queue.arrivals = .renewal(gaps.scaled(toMean: 1 / parameters.arrivalRate)) }
    if let services { queue.service = services.scaled(toMean: parameters.serviceTime) }
    if let shares { queue.discipline = .priority(shares: shares) }
    if let breakdowns { queue.breakdowns = breakdowns }
    return queue
  }
}

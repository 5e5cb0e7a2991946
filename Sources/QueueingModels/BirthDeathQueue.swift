internal import Foundation

/// A birth-death queue with finitely many states, solved state by state: the general route beside
/// the closed forms, and the form that special queues take.
///
///     p_n = p_0 product_{k<n} birth_k / death_{k+1}
///
/// Products are kept in logarithms, so no state under- or overflows. An arrival sees the states in
/// proportion to their birth rates; the last state's arrivals are refused.
/// Source: textbook [derived].
public struct BirthDeathQueue: QueueModel, Hashable {
  public static let kendall = "birth-death"

  /// Rate of arrivals offered in each state, the refused ones of the last state included.
  public let births: [Double]
  /// Rate of departures from each state; the first is unused.
  public let deaths: [Double]
  /// How many of n are in service.
  public let servers: Int
  private let logProbabilities: [Double]

  /// - Parameters:
  ///   - births: per state 0 ... K, >= 0, per second.
  ///   - deaths: per state 0 ... K, > 0 from 1 on.
  ///   - servers: those beyond it wait.
  /// - Throws: `QueueingError.outOfDomain`.
  public init(births: [Double], deaths: [Double], servers: Int) throws(QueueingError) {
    try require(!births.isEmpty, "states", Double(births.count), "at least 1")
    try require(
      deaths.count == births.count, "departure rates", Double(deaths.count),
      "one per state (\(births.count))")
    for (n, rate) in births.enumerated() {
      try require(rate >= 0 && rate.isFinite, "arrival rate in state \(n)", rate, ">= 0")
    }
    for (n, rate) in deaths.enumerated().dropFirst() {
      try require(rate > 0 && rate.isFinite, "departure rate in state \(n)", rate, "> 0")
    }
    self.births = births
    self.deaths = deaths
    self.servers = servers
    var weights = [0.0]
    for n in 1..<max(births.count, 1) {
      weights.append(weights[n - 1] + log(births[n - 1]) - log(deaths[n]))
    }
    let top = weights.max() ?? 0
    let total = top + log(weights.reduce(0) { $0 + exp($1 - top) })
    logProbabilities = weights.map { $0 - total }
  }

  private var probabilities: [Double] { logProbabilities.map { exp($0) } }

  public var metrics: QueueMetrics {
    let p = probabilities
    let last = p.count - 1
    let offered = zip(p, births).reduce(0) { $0 + $1.0 * $1.1 }
    let accepted = zip(p, births).dropLast().reduce(0) { $0 + $1.0 * $1.1 }
    let busy = p.enumerated().reduce(0) { $0 + Double(min($1.offset, servers)) * $1.element }
    let queue = p.enumerated().reduce(0) { $0 + Double(max($1.offset - servers, 0)) * $1.element }
    let waiting = zip(p, births).dropLast().dropFirst(servers).reduce(0) { $0 + $1.0 * $1.1 }
    var answer = QueueMetrics(offeredLoad: accepted > 0 ? offered * busy / accepted : 0)
    answer.meanQueueLength = queue
    answer.meanInSystem = queue + busy
    answer.utilization = servers > 0 ? busy / Double(servers) : nil
    answer.throughput = accepted
    guard offered > 0, accepted > 0 else {
      answer.blockingProbability = offered > 0 ? 1 : nil
      return answer
    }
    answer.blockingProbability = p[last] * births[last] / offered
    if births[last] > 0 {
      answer.logBlockingProbability = logProbabilities[last] + log(births[last]) - log(offered)
    }
    answer.waitingProbability = waiting / accepted
    answer.meanWait = queue / accepted
    answer.meanResponse = (queue + busy) / accepted
    return answer
  }

  public func logStateProbability(_ n: Int) -> Double? {
    logProbabilities.indices.contains(n) ? logProbabilities[n] : -.infinity
  }

  /// The same queue as a chain, for transient questions.
  public func chain() -> MarkovChain {
    var transitions: [Transition] = []
    for n in births.indices.dropLast() {
      transitions.append(Transition(from: n, to: n + 1, rate: births[n]))
      transitions.append(Transition(from: n + 1, to: n, rate: deaths[n + 1]))
    }
    return MarkovChain(unchecked: births.count, transitions)
  }
}

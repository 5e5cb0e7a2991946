internal import Foundation
internal import Statistics

/// What a queue in its steady state comes to. A metric that does not apply or does not exist (a
/// mean wait without a limit) is absent.
public struct QueueMetrics: Sendable, Hashable {
  /// Arrival rate over service rate, in erlang.
  public var offeredLoad: Double
  /// Whether a steady state exists.
  public var isStable = true
  /// Share of the arrivals that are refused.
  public var blockingProbability: Double?
  /// Its natural logarithm, also where the probability is below the smallest double.
  public var logBlockingProbability: Double?
  /// Share of the accepted arrivals that have to wait.
  public var waitingProbability: Double?
  /// Its natural logarithm.
  public var logWaitingProbability: Double?
  /// Share of the arrivals that leave before they are served.
  public var abandonmentProbability: Double?
  /// Mean wait of an accepted arrival before its service, in seconds.
  public var meanWait: Double?
  /// Mean wait and service together, in seconds.
  public var meanResponse: Double?
  /// Mean number waiting.
  public var meanQueueLength: Double?
  /// Mean number waiting or in service.
  public var meanInSystem: Double?
  /// Busy share of the servers.
  public var utilization: Double?
  /// Completed services per second.
  public var throughput: Double?

  /// Nothing but the load.
  public init(offeredLoad: Double) { self.offeredLoad = offeredLoad }
}

/// A queue in its steady state: an immutable value that knows its metrics and distributions.
public protocol QueueModel: Sendable {
  /// Kendall's notation, for people.
  static var kendall: String { get }
  var metrics: QueueMetrics { get }
  /// P(an accepted arrival waits longer than t seconds); `nil` when unknown or unstable.
  func waitTail(_ t: Double) throws(QueueingError) -> Double?
  /// P(wait and service take longer than t seconds); `nil` when unknown or unstable.
  func responseTail(_ t: Double) throws(QueueingError) -> Double?
  /// ln P(n in the system); `nil` when unknown or unstable.
  func logStateProbability(_ n: Int) throws(QueueingError) -> Double?
  /// The time that a share p of the accepted arrivals waits at most; 0 when so many do not wait;
  /// `nil` when unknown or unstable.
  ///
  /// - Parameter p: 0 to below 1.
  /// - Throws: `QueueingError.outOfDomain`, `.noConvergence`.
  func waitQuantile(_ p: Double) throws(QueueingError) -> Double?
  /// The time in which a share p of the accepted arrivals is served; `nil` when unknown or
  /// unstable.
  func responseQuantile(_ p: Double) throws(QueueingError) -> Double?
  /// The least n with P(N <= n) >= p; `nil` when unknown, unstable, or beyond 10^7 states.
  ///
  /// - Throws: `QueueingError.outOfDomain` unless 0 <= p < 1.
  func numberQuantile(_ p: Double) throws(QueueingError) -> Int?
}

extension QueueModel {
  public func waitTail(_ t: Double) throws(QueueingError) -> Double? { nil }
  public func responseTail(_ t: Double) throws(QueueingError) -> Double? { nil }
  public func logStateProbability(_ n: Int) throws(QueueingError) -> Double? { nil }

  /// P(n in the system).
  public func stateProbability(_ n: Int) throws(QueueingError) -> Double? {
    try logStateProbability(n).map { exp($0) }
  }

  public func waitQuantile(_ p: Double) throws(QueueingError) -> Double? {
    try quantile(p, scale: metrics.meanWait) { (t) throws(QueueingError) in try waitTail(t) }
  }

  public func responseQuantile(_ p: Double) throws(QueueingError) -> Double? {
    try quantile(p, scale: metrics.meanResponse) { (t) throws(QueueingError) in
      try responseTail(t)
    }
  }

  public func numberQuantile(_ p: Double) throws(QueueingError) -> Int? {
    try require(p >= 0 && p < 1, "percentile", p, "0 to below 1")
    guard metrics.isStable, try logStateProbability(0) != nil else { return nil }
    return try summedQuantile(p, from: 0, below: 0)
  }

  /// The least n >= first with `below + P(first <= N <= n) >= p`.
  func summedQuantile(_ p: Double, from first: Int, below: Double) throws(QueueingError) -> Int? {
    var sum = below
    for n in first..<(first + 10_000_000) {
      sum += try stateProbability(n) ?? 0
      // The states are summed to a few roundings: p = 1 - 1e-12 is to be met by the right state.
      if sum >= p - 1e-13 { return n }
    }
    return nil
  }

  /// The t at which a falling tail reaches 1 - p.
  func quantile(
    _ p: Double, scale: Double?, _ tail: @escaping (Double) throws(QueueingError) -> Double?
  ) throws(QueueingError) -> Double? {
    try require(p >= 0 && p < 1, "percentile", p, "0 to below 1")
    guard metrics.isStable, let scale, let atZero = try tail(0) else { return nil }
    let goal = 1 - p
    // A share that does not wait at all and is p exactly is that, roundings apart.
    if atZero <= goal * (1 + 1e-13) { return 0 }
    var upper = scale > 0 ? scale : 1
    for _ in 0..<200 {
      guard let value = try tail(upper) else { return nil }
      if value < goal { break }
      upper *= 2
    }
    // Errors inside the root finder's callback surface as NaN.
    let function = { (t: Double) in ((try? tail(t)) ?? nil).map { $0 - goal } ?? .nan }
    let end = upper
    return try numerically("percentile") { () throws(StatisticsError) in
      try bracketedRoot(in: 0...end, function).middle
    }
  }
}

/// The least n >= 0 with `1 - rho^(n+1) >= p`.
func geometricQuantile(_ p: Double, logRatio: Double) -> Int {
  let n = (log1p(-p) / logRatio - 1).rounded(.up)
  // A percentile that a state meets exactly is that state's, roundings apart.
  let before = -expm1(n * logRatio)
  return Int(max(n > 0 && before >= p - 1e-13 ? n - 1 : n, 0))
}

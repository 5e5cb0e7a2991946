internal import Foundation

/// M/G/1 processor sharing: all migrations under way share one link equally.
///
///     T(x) = x / (1 - rho) for a migration of x seconds alone,  W = E[S] / (1 - rho)
///     P(N = n) = (1 - rho) rho^n
///
/// Source: Kleinrock 1967; Sakata, Noguchi, Oizumi 1971 [recalled]. Insensitive: only the mean of
/// the service time matters for means and numbers; `responseTail` assumes exponential times.
/// With `limit` K, at most K share and further arrivals are refused: `P_block = rho^K / sum rho^n`,
/// insensitive too, and every load is stable.
/// Assumes that the link is shared without loss: the osic evacuations show that it costs extra.
public struct SharedLinkQueue: QueueModel, Hashable {
  public static let kendall = "M/G/1-PS"

  /// States of the tagged migration's chain; a load above 0.98 without limit has more.
  static let maximumShare = 2000

  public let arrivalRate: Double
  /// Migrations per second when one has the link alone.
  public let serviceRate: Double
  /// The most that share; `nil` without a limit.
  public let limit: Int?

  /// - Parameter limit: 1 to 10^7.
  /// - Throws: `QueueingError.outOfDomain`.
  public init(arrivalRate: Double, serviceRate: Double, limit: Int? = nil) throws(QueueingError) {
    try requireRates(arrivalRate: arrivalRate, serviceRate: serviceRate)
    if let limit { try requireServers(limit) }
    self.arrivalRate = arrivalRate
    self.serviceRate = serviceRate
    self.limit = limit
  }

  private var load: Double { arrivalRate / serviceRate }

  /// M/M/1/K has the same number in the system.
  private var limited: FiniteQueue? {
    limit.flatMap { limit in
      try? FiniteQueue(
        arrivalRate: arrivalRate, serviceRate: serviceRate, servers: 1, capacity: limit)
    }
  }

  public var metrics: QueueMetrics {
    var answer = QueueMetrics(offeredLoad: load)
    answer.meanWait = 0
    answer.waitingProbability = 0
    answer.meanQueueLength = 0
    if let limited {
      let same = limited.metrics
      answer.blockingProbability = same.blockingProbability
      answer.logBlockingProbability = same.logBlockingProbability
      answer.meanInSystem = same.meanInSystem
      answer.meanResponse = same.meanResponse
      answer.utilization = same.utilization
      answer.throughput = same.throughput
      return answer
    }
    answer.isStable = load < 1
    answer.blockingProbability = 0
    answer.utilization = min(load, 1)
    answer.throughput = min(arrivalRate, serviceRate)
    guard load < 1 else { return answer }
    answer.meanInSystem = load / (1 - load)
    answer.meanResponse = 1 / (serviceRate - arrivalRate)
    return answer
  }

  /// Mean time of a migration that alone would take `alone` seconds; without a limit, stable.
  public func meanResponse(alone: Double) -> Double? {
    limit == nil && load < 1 ? alone / (1 - load) : nil
  }

  public func waitTail(_ t: Double) -> Double? { 0 }

  /// For exponential times. A tagged migration among n others leaves at rate `mu/(n+1)`: the chain
  /// of n until it leaves, from the state that arrivals see. Where more than 2000 share and count
  /// (loads above 0.98), by the law's transform (`SharedLinkTransform`), to about 1e-8; with a
  /// limit above 2000 that counts, absent.
  public func responseTail(_ t: Double) throws(QueueingError) -> Double? {
    try responseLaw()?(t)
  }

  /// One run of the chain serves all the tails that a percentile asks for.
  public func responseQuantile(_ p: Double) throws(QueueingError) -> Double? {
    guard let law = try responseLaw() else { return nil }
    return try quantile(p, scale: metrics.meanResponse) { (t) throws(QueueingError) in law(t) }
  }

  func responseLaw() throws(QueueingError) -> ((Double) -> Double)? {
    guard metrics.isStable else { return nil }
    guard arrivalRate > 0 else { return { exp(-serviceRate * max($0, 0)) } }
    // Beyond 1e-16 of the geometric number the states do not count; the load of a limited link
    // may exceed 1, and then all states do.
    let counting = load < 1 ? (36.8 / -log(load)).rounded(.up) + 2 : .infinity
    let room = Int(min(counting, Double(limit ?? .max), 1e9))
    if room > Self.maximumShare {
      guard limit.map({ Double($0) > counting }) ?? true else { return nil }
      let transform = SharedLinkTransform(arrivalRate: arrivalRate, serviceRate: serviceRate)
      return { $0 > 0 ? transform.responseTail($0) : 1 }
    }
    // In units of the likeliest state, so that no power overflows.
    let shift = load > 1 ? Double(room - 1) : 0
    let weights = (0..<room).map { exp((Double($0) - shift) * log(load)) }
    let total = weights.reduce(0, +)
    let start = weights.map { $0 / total } + [0]
    guard let curve = SurvivalCurve(taggedChain(room), from: start) else { return nil }
    return { $0 > 0 ? curve.tail($0) : 1 }
  }

  /// States 0 ..< room: others beside the tagged one; state `room`: it has left.
  private func taggedChain(_ room: Int) -> MarkovChain {
    var transitions: [Transition] = []
    for n in 0..<room {
      if n + 1 < room { transitions.append(Transition(from: n, to: n + 1, rate: arrivalRate)) }
      let share = serviceRate / Double(n + 1)
      if n > 0 { transitions.append(Transition(from: n, to: n - 1, rate: share * Double(n))) }
      transitions.append(Transition(from: n, to: room, rate: share))
    }
    return MarkovChain(unchecked: room + 1, transitions)
  }

  /// The geometric number without summing its states.
  public func numberQuantile(_ p: Double) throws(QueueingError) -> Int? {
    try require(p >= 0 && p < 1, "percentile", p, "0 to below 1")
    if let limited { return try limited.numberQuantile(p) }
    guard load < 1 else { return nil }
    return geometricQuantile(p, logRatio: log(load))
  }

  public func logStateProbability(_ n: Int) -> Double? {
    if let limited { return limited.logStateProbability(n) }
    guard load < 1 else { return nil }
    guard n >= 0 else { return -.infinity }
    if load == 0 { return n == 0 ? 0 : -.infinity }
    return log1p(-load) + Double(n) * log(load)
  }
}

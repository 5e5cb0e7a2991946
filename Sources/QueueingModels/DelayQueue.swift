internal import Foundation

/// M/M/C: Poisson arrivals, C exponential servers, everyone waits for a turn.
///
///     C(c, a) = B / (1 - rho (1 - B)) = B / ((1 - rho) + rho B),  rho = a/c < 1
///     Wq = C / (c mu - lambda),  Lq = C a / (c - a),  L = Lq + a,  W = Wq + 1/mu
///     P(Wq > t) = C exp(-(c mu - lambda) t)
///
/// Source: Erlang 1917; Queues.md 5.2 [derived]. Services must be exponential; for others see
/// `GeneralServiceQueue`. The denominators are written as sums of positive terms.
/// `a >= c` has no steady state: `isStable` is false and waits and lengths are absent.
/// Limits: c = 1: C = rho. a -> 0: C -> B.
public struct DelayQueue: QueueModel, Hashable {
  public static let kendall = "M/M/C"

  public let arrivalRate: Double
  public let serviceRate: Double
  public let servers: Int
  public let loss: ErlangLoss
  /// c - a, in erlang.
  public let spareLoad: Double
  /// a < c.
  public var isStable: Bool { spareLoad > 0 }
  /// Erlang's C; 1 when unstable.
  public let waiting: Double
  /// ln C.
  public let logWaiting: Double

  /// - Parameters:
  ///   - arrivalRate, serviceRate: per second, arrival >= 0, service > 0.
  ///   - servers: 1 to 10^7.
  ///   - spareLoad: c - a where it is known more exactly than the rounded load leaves it: next to
  ///     saturation the waits hang on its digits.
  /// - Throws: `QueueingError.outOfDomain`.
  public init(
    arrivalRate: Double, serviceRate: Double, servers: Int, spareLoad: Double? = nil
  ) throws(QueueingError) {
    try requireRates(arrivalRate: arrivalRate, serviceRate: serviceRate)
    try requireServers(servers)
    self.arrivalRate = arrivalRate
    self.serviceRate = serviceRate
    self.servers = servers
    let c = Double(servers)
    loss = try ErlangLoss(servers: c, offeredLoad: arrivalRate / serviceRate)
    let spare = spareLoad ?? (c - loss.offeredLoad)
    self.spareLoad = spare
    if spare > 0 {
      let denominator = (spare + loss.offeredLoad * loss.blocking) / c
      waiting = loss.blocking / denominator
      // Near saturation C is next to 1, and its logarithm is that of 1 - (1 - C).
      let free = spare / c * loss.acceptance / denominator
      logWaiting = free < 0.5 ? log1p(-free) : loss.logBlocking - log(denominator)
    } else {
      waiting = 1
      logWaiting = 0
    }
  }

  /// Server capacity that is left over: `c mu - lambda`, per second.
  var spareRate: Double { spareLoad * serviceRate }

  public var metrics: QueueMetrics {
    let a = loss.offeredLoad
    let c = Double(servers)
    var answer = QueueMetrics(offeredLoad: a)
    answer.isStable = isStable
    answer.blockingProbability = 0
    answer.waitingProbability = waiting
    answer.logWaitingProbability = a == 0 ? nil : logWaiting
    answer.utilization = min(a / c, 1)
    answer.throughput = isStable ? arrivalRate : c * serviceRate
    guard isStable else { return answer }
    answer.meanWait = waiting / spareRate
    answer.meanResponse = waiting / spareRate + 1 / serviceRate
    answer.meanQueueLength = waiting * a / spareLoad
    answer.meanInSystem = waiting * a / spareLoad + a
    return answer
  }

  public func waitTail(_ t: Double) -> Double? {
    isStable ? waiting * exp(-spareRate * max(t, 0)) : nil
  }

  /// `e^-x (1 + C (1 - e^-y) x / y)` with `x = mu t`, `y = (c - 1 - a) mu t`; y = 0 and y < 0 are
  /// no exceptions.
  public func responseTail(_ t: Double) -> Double? {
    guard isStable else { return nil }
    let x = serviceRate * max(t, 0)
    let y = (Double(servers) - 1 - loss.offeredLoad) * x
    // For y < 0 the product would overflow before e^-x makes it small.
    if y < -1 { return exp(-x) + waiting * (exp(-x - y) - exp(-x)) * (x / -y) }
    let ratio = y == 0 ? 1 : -expm1(-y) / y
    return exp(-x) * (1 + waiting * x * ratio)
  }

  public func logStateProbability(_ n: Int) -> Double? {
    guard isStable else { return nil }
    guard n >= 0 else { return -.infinity }
    let a = loss.offeredLoad
    let c = Double(servers)
    if a == 0 { return n == 0 ? 0 : -.infinity }
    let logFull = logWaiting + log(spareLoad / c)
    if n >= servers { return logFull + Double(n - servers) * log(a / c) }
    return logFull + PoissonKernel.logProbability(Double(n), a)
      - PoissonKernel.logProbability(c, a)
  }

  /// Beyond the servers the number is geometric: `P(N >= c + j) = C rho^j`.
  public func numberQuantile(_ p: Double) throws(QueueingError) -> Int? {
    try require(p >= 0 && p < 1, "percentile", p, "0 to below 1")
    guard isStable else { return nil }
    guard waiting > 1 - p else { return try summedQuantile(p, from: 0, below: 0) }
    let load = loss.offeredLoad / Double(servers)
    return servers + geometricQuantile(1 - (1 - p) / waiting, logRatio: log(load))
  }
}

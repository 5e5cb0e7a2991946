internal import Foundation

/// M/M/C/C (M/G/C/C): Poisson arrivals, C servers, no waiting room; who finds all busy is refused.
///
///     B as ErlangLoss; carried a(1-B), utilisation a(1-B)/C, accepted rate lambda(1-B)
///
/// Source: Erlang 1917; for live migrations Sun et al., FGCS 55 (2016), whose formulas were not at
/// hand (Queues.md 5.2) [derived]. Insensitive: only the mean of the service time matters,
/// whatever its law; `responseTail` alone assumes exponential services.
/// Limits: C = 0 refuses all; a -> 0 refuses `a^C / C!` of them.
///
///     let queue = try LossQueue(arrivalRate: 0.5, serviceRate: 1 / 40, servers: 30)
///     queue.metrics.blockingProbability  // 0.00846
public struct LossQueue: QueueModel, Hashable {
  public static let kendall = "M/M/C/C"

  /// Arrivals per second.
  public let arrivalRate: Double
  /// Services per second of one server.
  public let serviceRate: Double
  public let servers: Int
  /// Erlang's loss function at this load.
  public let loss: ErlangLoss

  /// - Parameters: rates per second, arrival >= 0, service > 0; servers 0 to 10^7.
  /// - Throws: `QueueingError.outOfDomain`.
  public init(arrivalRate: Double, serviceRate: Double, servers: Int) throws(QueueingError) {
    try requireRates(arrivalRate: arrivalRate, serviceRate: serviceRate)
    try requireServers(servers, least: 0)
    self.arrivalRate = arrivalRate
    self.serviceRate = serviceRate
    self.servers = servers
    loss = try ErlangLoss(servers: Double(servers), offeredLoad: arrivalRate / serviceRate)
  }

  public var metrics: QueueMetrics {
    let a = loss.offeredLoad
    var answer = QueueMetrics(offeredLoad: a)
    answer.blockingProbability = loss.blocking
    answer.logBlockingProbability = a == 0 && servers > 0 ? nil : loss.logBlocking
    answer.waitingProbability = 0
    answer.meanWait = 0
    answer.meanResponse = 1 / serviceRate
    answer.meanQueueLength = 0
    answer.meanInSystem = a * loss.acceptance
    answer.utilization = servers == 0 ? nil : a * loss.acceptance / Double(servers)
    answer.throughput = arrivalRate * loss.acceptance
    return answer
  }

  public func waitTail(_ t: Double) -> Double? { 0 }

  public func responseTail(_ t: Double) -> Double? { exp(-serviceRate * max(t, 0)) }

  /// Truncated Poisson: `p_n = B P(X = n) / P(X = C)`.
  public func logStateProbability(_ n: Int) -> Double? {
    guard n >= 0, n <= servers else { return -.infinity }
    if loss.offeredLoad == 0 { return n == 0 ? 0 : -.infinity }
    return loss.logBlocking + PoissonKernel.logProbability(Double(n), loss.offeredLoad)
      - PoissonKernel.logProbability(Double(servers), loss.offeredLoad)
  }
}

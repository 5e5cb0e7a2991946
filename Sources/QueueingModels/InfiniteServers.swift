internal import Foundation
internal import Statistics

/// M/M/infinity (M/G/infinity): every arrival is served at once; the number in service is
/// Poisson(a).
///
/// The load that migrations put on a network without an admission limit. Insensitive to the
/// service law, `responseTail` excepted. Source: textbook [derived].
public struct InfiniteServers: QueueModel, Hashable {
  public static let kendall = "M/M/infinity"

  public let arrivalRate: Double
  public let serviceRate: Double

  /// - Throws: `QueueingError.outOfDomain`.
  public init(arrivalRate: Double, serviceRate: Double) throws(QueueingError) {
    try requireRates(arrivalRate: arrivalRate, serviceRate: serviceRate)
    self.arrivalRate = arrivalRate
    self.serviceRate = serviceRate
  }

  public var metrics: QueueMetrics {
    let a = arrivalRate / serviceRate
    var answer = QueueMetrics(offeredLoad: a)
    answer.blockingProbability = 0
    answer.waitingProbability = 0
    answer.meanWait = 0
    answer.meanResponse = 1 / serviceRate
    answer.meanQueueLength = 0
    answer.meanInSystem = a
    answer.throughput = arrivalRate
    return answer
  }

  public func waitTail(_ t: Double) -> Double? { 0 }
  public func responseTail(_ t: Double) -> Double? { exp(-serviceRate * max(t, 0)) }

  public func logStateProbability(_ n: Int) -> Double? {
    n < 0 ? -.infinity : PoissonKernel.logProbability(Double(n), arrivalRate / serviceRate)
  }

  /// P(N > n), without summing states.
  public func numberTail(_ n: Int) -> Double {
    n < 0 ? 1 : IncompleteGamma.lower(Double(n) + 1, arrivalRate / serviceRate)
  }

  /// By bisection between states, without summing them.
  public func numberQuantile(_ p: Double) throws(QueueingError) -> Int? {
    try require(p >= 0 && p < 1, "percentile", p, "0 to below 1")
    let load = arrivalRate / serviceRate
    // Beyond, neighbouring states are the same double.
    guard load < 1e15 else { return nil }
    var (low, high) = (-1, Int(load + 20 * load.squareRoot()) + 60)
    while high - low > 1 {
      let middle = low + (high - low) / 2
      if numberTail(middle) <= 1 - p + 1e-13 { high = middle } else { low = middle }
    }
    return high
  }
}

internal import Foundation

/// M/G/1: Poisson arrivals, one server (a link that migrates one machine at a time), any service
/// law, first come first served.
///
///     Wq = lambda E[S^2] / (2 (1 - rho)),  rho = lambda E[S] < 1
///     E[e^(-sW)] = (1 - rho) s / (s - lambda + lambda E[e^(-sS)])
///
/// Source: Pollaczek 1930, Khinchine 1932 [derived]. Means are exact; `waitTail` and
/// `responseTail` invert the transform numerically, to about 1e-8 (1e-4 close to a jump, which
/// deterministic and empirical laws have in `responseTail`).
/// Limits: an exponential law gives M/M/1; a deterministic one waits half as long.
public struct SingleServerQueue: QueueModel, Hashable {
  public static let kendall = "M/G/1"

  public let arrivalRate: Double
  public let service: ServiceLaw

  /// - Throws: `QueueingError.outOfDomain`.
  public init(arrivalRate: Double, service: ServiceLaw) throws(QueueingError) {
    try service.validate()
    try requireRates(arrivalRate: arrivalRate, serviceRate: 1 / service.mean)
    self.arrivalRate = arrivalRate
    self.service = service
  }

  public var metrics: QueueMetrics {
    let load = arrivalRate * service.mean
    var answer = QueueMetrics(offeredLoad: load)
    answer.isStable = load < 1
    answer.blockingProbability = 0
    answer.waitingProbability = min(load, 1)
    answer.utilization = min(load, 1)
    answer.throughput = load < 1 ? arrivalRate : 1 / service.mean
    guard load < 1 else { return answer }
    let wait = arrivalRate * service.secondMoment / (2 * (1 - load))
    answer.meanWait = wait
    answer.meanResponse = wait + service.mean
    answer.meanQueueLength = arrivalRate * wait
    answer.meanInSystem = arrivalRate * wait + load
    return answer
  }

  /// Variance of the wait: `Wq^2 + lambda E[S^3] / (3 (1 - rho))`; absent when unstable.
  public var waitVariance: Double? {
    metrics.meanWait.map { wait in
      wait * wait + arrivalRate * service.thirdMoment / (3 * (1 - arrivalRate * service.mean))
    }
  }

  public func waitTail(_ t: Double) -> Double? {
    let load = arrivalRate * service.mean
    guard load < 1 else { return nil }
    guard t > 0, load > 0 else { return load }
    let tail = invertedTransform(at: t) { s in (1 - waitTransform(s)) / s }
    return min(max(tail, 0), load)
  }

  public func responseTail(_ t: Double) -> Double? {
    guard arrivalRate * service.mean < 1 else { return nil }
    guard t > 0 else { return 1 }
    let tail = invertedTransform(at: t) { s in
      (1 - waitTransform(s) * service.transform(s)) / s
    }
    return min(max(tail, 0), 1)
  }

  private func waitTransform(_ s: Complex) -> Complex {
    let load = arrivalRate * service.mean
    return s * (1 - load) / (s - Complex(arrivalRate) + service.transform(s) * arrivalRate)
  }
}

internal import Foundation

/// M/G/C and GI/G/C by moments: how long arrivals wait when services are not exponential.
///
///     Allen-Cunneen   Wq = Wq(M/M/c) (Ca^2 + Cs^2) / 2
///     Kimura          Wq = (Ca^2 + Cs^2) / (2 Cs^2 / Wq(M/M/c) + (1 - Cs^2) / Wq(M/D/c))
///     Cosmetatos      Wq(M/D/c) = (1 + f) Wq(M/M/c) / 2,
///                     f = min(0.24, (1-rho)(c-1)(sqrt(4 + 5c) - 2) / (16 rho c))
///
/// Source: Allen, "Probability, statistics and queueing theory", 1990 (Queues.md 5.2); Kimura,
/// "A two-moment approximation for the mean waiting time in the GI/G/s queue", Management Science
/// 32 (1986); Cosmetatos 1975, its bound after Whitt, "Approximations for the GI/G/m queue", POM 2
/// (1993) [recalled]. For Cs^2 > 1 Kimura's denominator may vanish: Allen-Cunneen stands in.
/// Both are exact for M/M/c; for c = 1 with Poisson arrivals both are Pollaczek-Khinchine. The
/// simulator's second opinion: `--simulate`.
public struct GeneralServiceQueue: QueueModel, Hashable {
  public static let kendall = "GI/G/C"

  /// Which approximation `metrics` uses.
  public enum Method: String, Sendable, CaseIterable {
    case allenCunneen = "allen-cunneen"
    case kimura
  }

  /// The queue with exponential services and Poisson arrivals of the same rates.
  public let exponential: DelayQueue
  /// Squared coefficient of variation of the gaps between arrivals.
  public let arrivalVariation: Double
  /// Squared coefficient of variation of the services.
  public let serviceVariation: Double
  public let method: Method
  /// The law of the services, which the response needs.
  public let service: ServiceLaw

  /// - Parameters: as in `DelayQueue`; variations >= 0; `service`: the law of the services where
  ///   more than its two moments is known, else `ServiceLaw.fitted`.
  /// - Throws: `QueueingError.outOfDomain`.
  public init(
    arrivalRate: Double, serviceRate: Double, servers: Int, arrivalVariation: Double = 1,
    serviceVariation: Double, method: Method = .kimura, service: ServiceLaw? = nil
  ) throws(QueueingError) {
    exponential = try DelayQueue(
      arrivalRate: arrivalRate, serviceRate: serviceRate, servers: servers)
    for (name, value) in [("arrival", arrivalVariation), ("service", serviceVariation)] {
      try require(
        value >= 0 && value.isFinite, "squared coefficient of variation (\(name))", value, ">= 0")
    }
    self.arrivalVariation = arrivalVariation
    self.serviceVariation = serviceVariation
    self.method = method
    if let service {
      self.service = service
    } else {
      self.service = try .fitted(mean: 1 / serviceRate, squaredVariation: serviceVariation)
    }
  }

  /// Wq over that of M/M/c; absent when unstable.
  public func waitFactor(_ method: Method) -> Double? {
    guard exponential.isStable else { return nil }
    let both = (arrivalVariation + serviceVariation) / 2
    guard method == .kimura, serviceVariation < 1 else { return both }
    let deterministic = 0.5 * (1 + Self.cosmetatos(exponential))
    return both / (serviceVariation + (1 - serviceVariation) / (2 * deterministic))
  }

  /// Cosmetatos' correction f; 0 for one server.
  static func cosmetatos(_ queue: DelayQueue) -> Double {
    let c = Double(queue.servers)
    let load = queue.loss.offeredLoad / c
    guard load > 0 else { return queue.servers == 1 ? 0 : 0.24 }
    return min(0.24, (1 - load) * (c - 1) * ((4 + 5 * c).squareRoot() - 2) / (16 * load * c))
  }

  public var metrics: QueueMetrics {
    var answer = exponential.metrics
    guard let factor = waitFactor(method), let wait = answer.meanWait else { return answer }
    answer.meanWait = wait * factor
    answer.meanResponse = wait * factor + 1 / exponential.serviceRate
    answer.meanQueueLength = exponential.arrivalRate * wait * factor
    answer.meanInSystem = exponential.arrivalRate * wait * factor + answer.offeredLoad
    return answer
  }

  /// The wait, given that there is one, is taken to be exponential, with the approximated mean;
  /// that there is one, to be as likely as in M/M/c.
  ///
  /// Source: exponential in heavy traffic after Kingman 1962 and Kollerstrom 1974; P(W > 0) of
  /// M/M/c for M/G/c as in Tijms, "Stochastic models", 1994, and Whitt 1993 [recalled].
  public func waitTail(_ t: Double) -> Double? {
    guard let rate = conditionalRate else { return nil }
    return rate == .infinity ? 0 : exponential.waiting * exp(-rate * max(t, 0))
  }

  /// 1 over the mean wait of those who wait; absent when unstable.
  private var conditionalRate: Double? {
    waitFactor(method).map { exponential.spareRate / $0 }
  }

  /// Wait and service are independent: `P(W + S > t) = (1 - C) P(S > t) + C P(V + S > t)` with an
  /// exponential V (`ServiceLaw.tailAfterExponential`).
  public func responseTail(_ t: Double) throws(QueueingError) -> Double? {
    guard let rate = conditionalRate else { return nil }
    guard t > 0 else { return 1 }
    let alone = service.tail(t)
    // So few wait that no digit of the sum would tell.
    guard rate < .infinity, exponential.waiting > 1e-17 else { return alone }
    let both = try service.tailAfterExponential(rate: rate, t)
    return (1 - exponential.waiting) * alone + exponential.waiting * both
  }
}

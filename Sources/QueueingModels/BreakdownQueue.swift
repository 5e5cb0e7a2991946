/// M/M/1 whose server breaks down and is repaired, busy or not; an interrupted service goes on.
///
///     L = lambda (1 + lambda (1-A)/r) / (A mu - lambda) + lambda (1-A)/r,  A = r/(f + r)
///
/// f and r are the rates of breakdowns and repairs, A is the availability; stable for
/// `lambda < A mu`. From the generating functions of the number while up and while down:
/// `P_up(z) = (A mu - lambda) / (mu - lambda z - f lambda z/(lambda (1-z) + r))` and
/// `P_down(z) = f P_up(z)/(lambda (1-z) + r)`. Source: White and Christie, Operations Research 6
/// (1958) [recalled, derived]. Limits: f -> 0 is M/M/1.
public struct BreakdownQueue: QueueModel, Hashable {
  public static let kendall = "M/M/1 with breakdowns"

  public let arrivalRate: Double
  public let serviceRate: Double
  /// Seconds.
  public let meanUptime: Double
  /// Seconds.
  public let meanRepair: Double

  /// - Throws: `QueueingError.outOfDomain`.
  public init(
    arrivalRate: Double, serviceRate: Double, meanUptime: Double, meanRepair: Double
  ) throws(QueueingError) {
    try requireRates(arrivalRate: arrivalRate, serviceRate: serviceRate)
    for time in [meanUptime, meanRepair] {
      try require(time > 0 && time.isFinite, "mean time of a breakdown", time, "> 0 s")
    }
    self.arrivalRate = arrivalRate
    self.serviceRate = serviceRate
    self.meanUptime = meanUptime
    self.meanRepair = meanRepair
  }

  /// The share of time in which the server is up.
  public var availability: Double { meanUptime / (meanUptime + meanRepair) }

  /// A service lasts `1/(A mu)` on average, repairs in its midst included: `utilization` is the
  /// share of time in which a migration holds the server, and `meanWait` ends where that begins.
  public var metrics: QueueMetrics {
    let load = arrivalRate / serviceRate
    var answer = QueueMetrics(offeredLoad: load)
    answer.isStable = load < availability
    answer.blockingProbability = 0
    answer.throughput = min(arrivalRate, availability * serviceRate)
    answer.utilization = min(load / availability, 1)
    guard load < availability else { return answer }
    // Those who come during a repair, and while it lasts.
    let during = arrivalRate * (1 - availability) * meanRepair
    let spare = availability * serviceRate - arrivalRate
    let number = arrivalRate * (1 + during) / spare + during
    let response = (1 + during) / spare + (1 - availability) * meanRepair
    let wait = response - 1 / (availability * serviceRate)
    answer.meanInSystem = number
    answer.meanResponse = response
    answer.meanWait = wait
    answer.meanQueueLength = arrivalRate * wait
    return answer
  }
}

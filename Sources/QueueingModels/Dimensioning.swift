internal import Foundation
internal import Statistics

/// The questions turned round: how many servers, how much load, how fast a service a target needs.
///
/// Every metric used is monotone in what is sought (blocking and waits fall with servers, rise with
/// load and with service time), so answers are exact for counts and to the last bits for reals.
public enum Dimensioning {
  /// The fewest servers that refuse at most `blocking` of the arrivals of an offered load.
  ///
  /// - Parameters: load in erlang >= 0; blocking above 0, at most 1.
  /// - Throws: `QueueingError.outOfDomain`; `.noSolution` above 10^7 servers.
  public static func servers(
    offeredLoad: Double, blocking: Double
  ) throws(QueueingError) -> Int {
    try requireTarget(blocking, "target blocking")
    let goal = log(blocking)
    return try least(from: 0) { (count) throws(QueueingError) in
      try ErlangLoss(servers: Double(count), offeredLoad: offeredLoad).logBlocking <= goal
    }
  }

  /// The fewest servers with which a share `percentile` of the arrivals waits at most `wait`.
  ///
  /// - Throws: `QueueingError.outOfDomain`; `.noSolution` above 10^7 servers.
  public static func servers(
    arrivalRate: Double, serviceRate: Double, wait: Double, percentile: Double
  ) throws(QueueingError) -> Int {
    try requireWait(wait, percentile)
    try requireRates(arrivalRate: arrivalRate, serviceRate: serviceRate)
    return try least(from: 1) { (count) throws(QueueingError) in
      let queue = try DelayQueue(
        arrivalRate: arrivalRate, serviceRate: serviceRate, servers: count)
      return (queue.waitTail(wait) ?? 1) <= 1 - percentile
    }
  }

  /// The largest offered load that a pool carries with at most `blocking` refused.
  ///
  /// - Parameter blocking: above 0, below 1: no load is too large for 1.
  /// - Throws: `QueueingError.outOfDomain`, `.noConvergence`.
  public static func offeredLoad(servers: Int, blocking: Double) throws(QueueingError) -> Double {
    try requireServers(servers)
    try requireTarget(blocking, "target blocking")
    try require(blocking < 1, "target blocking", blocking, "below 1")
    let goal = log(blocking)
    let c = Double(servers)
    // B >= 1 - c/a: at this load at least the target is refused.
    let upper = c / (1 - blocking)
    return try root("offered load", upTo: upper) { load in
      ErlangLoss(unchecked: c, load).logBlocking - goal
    }
  }

  /// The largest arrival rate at which a share `percentile` waits at most `wait`.
  ///
  /// - Throws: `QueueingError.outOfDomain`, `.noConvergence`.
  public static func arrivalRate(
    servers: Int, serviceRate: Double, wait: Double, percentile: Double
  ) throws(QueueingError) -> Double {
    try requireServers(servers)
    try requireWait(wait, percentile)
    try requireRates(arrivalRate: 0, serviceRate: serviceRate)
    return try root("arrival rate", upTo: Double(servers) * serviceRate) { rate in
      excess(rate, serviceRate, servers, wait, percentile)
    }
  }

  /// The longest mean service time with which a pool refuses at most `blocking`, in seconds.
  ///
  /// - Throws: as `offeredLoad`.
  public static func serviceTime(
    arrivalRate: Double, servers: Int, blocking: Double
  ) throws(QueueingError) -> Double {
    try require(arrivalRate > 0 && arrivalRate.isFinite, "arrival rate", arrivalRate, "> 0")
    return try offeredLoad(servers: servers, blocking: blocking) / arrivalRate
  }

  /// The longest mean service time with which a share `percentile` waits at most `wait`.
  ///
  /// - Throws: `QueueingError.outOfDomain`, `.noConvergence`.
  public static func serviceTime(
    arrivalRate: Double, servers: Int, wait: Double, percentile: Double
  ) throws(QueueingError) -> Double {
    try requireServers(servers)
    try requireWait(wait, percentile)
    try require(arrivalRate > 0 && arrivalRate.isFinite, "arrival rate", arrivalRate, "> 0")
    return try root("service time", upTo: Double(servers) / arrivalRate) { time in
      excess(arrivalRate, 1 / time, servers, wait, percentile)
    }
  }

  /// The least whole number from a start on that meets a condition which, once met, stays met.
  ///
  /// - Throws: `QueueingError.noSolution` when none up to 10^7 does.
  public static func least(
    from start: Int, through limit: Int = ErlangLoss.maximumServers,
    where meets: (Int) throws(QueueingError) -> Bool
  ) throws(QueueingError) -> Int {
    if try meets(start) { return start }
    var (failing, step) = (start, 1)
    while true {
      let next = min(failing + step, limit)
      if try meets(next) {
        var (low, high) = (failing, next)
        while high - low > 1 {
          let middle = low + (high - low) / 2
          if try meets(middle) { high = middle } else { low = middle }
        }
        return high
      }
      guard next < limit else { throw .noSolution("no number up to \(limit) meets the target") }
      failing = next
      step *= 2
    }
  }

  /// ln P(W > wait) - ln(1 - percentile); 0 load gives minus infinity, made finite for the root.
  private static func excess(
    _ arrival: Double, _ service: Double, _ servers: Int, _ wait: Double, _ percentile: Double
  ) -> Double {
    guard
      let queue = try? DelayQueue(arrivalRate: arrival, serviceRate: service, servers: servers)
    else { return .nan }
    guard queue.isStable else { return -log1p(-percentile) }
    return queue.logWaiting - queue.spareRate * wait - log1p(-percentile)
  }

  /// The root of an increasing function on (0, upTo].
  private static func root(
    _ what: String, upTo upper: Double, _ function: @escaping (Double) -> Double
  ) throws(QueueingError) -> Double {
    if function(upper) <= 0 { return upper }
    var lower = upper / 2
    while function(lower) > 0 {
      lower /= 16
      guard lower > .leastNormalMagnitude else {
        throw .noSolution("\(what): no positive value meets the target")
      }
    }
    let start = lower
    return try numerically(what) { () throws(StatisticsError) in
      try bracketedRoot(in: start...upper, function).middle
    }
  }

  private static func requireTarget(_ value: Double, _ name: String) throws(QueueingError) {
    try require(value > 0 && value <= 1, name, value, "above 0, at most 1")
  }

  private static func requireWait(_ wait: Double, _ percentile: Double) throws(QueueingError) {
    try require(wait >= 0 && wait.isFinite, "target wait", wait, ">= 0 s")
    try require(percentile > 0 && percentile < 1, "percentile", percentile, "above 0, below 1")
  }
}

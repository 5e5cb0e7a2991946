internal import Foundation
internal import Statistics

/// M/M/C/K: C exponential servers and room for K in all, C <= K; who finds K is refused.
///
///     in units of p_c: states below and at c sum to 1/B(c, a), the queue to sum_{j=1..m} rho^j,
///     m = K - C, rho = a/C;  P_loss = rho^m / Z,  Z = 1/B + sum rho^j
///
/// Source: Queues.md 5.2 [derived]. Every load is stable. All sums are of positive terms; for
/// rho > 1 they are taken from the full end, in units of rho^m.
/// Limits: K = C is Erlang B; K -> infinity with a < C is Erlang C.
public struct FiniteQueue: QueueModel, Hashable {
  public static let kendall = "M/M/C/K"
  /// The room for which the queue's sums stay accurate to 1e-12 in their many terms.
  public static let maximumCapacity = 100_000_000

  public let arrivalRate: Double
  public let serviceRate: Double
  public let servers: Int
  public let capacity: Int
  public let loss: ErlangLoss
  private let sums: GeometricSums
  /// ln of 1/B, and of Z, in the units of `sums`.
  private let logBelow: Double
  private let logTotal: Double

  /// - Parameters: rates per second, arrival >= 0, service > 0; servers 1 to 10^7; capacity from
  ///   servers to 10^8.
  /// - Throws: `QueueingError.outOfDomain`.
  public init(
    arrivalRate: Double, serviceRate: Double, servers: Int, capacity: Int
  ) throws(QueueingError) {
    try requireRates(arrivalRate: arrivalRate, serviceRate: serviceRate)
    try requireServers(servers)
    try require(
      capacity >= servers && capacity <= Self.maximumCapacity, "capacity", Double(capacity),
      "servers (\(servers)) to \(Self.maximumCapacity), those in service included")
    self.arrivalRate = arrivalRate
    self.serviceRate = serviceRate
    self.servers = servers
    self.capacity = capacity
    let c = Double(servers)
    loss = try ErlangLoss(servers: c, offeredLoad: arrivalRate / serviceRate)
    sums = GeometricSums(count: capacity - servers, excess: (loss.offeredLoad - c) / c)
    logBelow = -loss.logBlocking - sums.shift
    logTotal = logSum(logBelow, sums.logSum)
  }

  public var metrics: QueueMetrics {
    let a = loss.offeredLoad
    var answer = QueueMetrics(offeredLoad: a)
    guard a > 0 else {
      answer.blockingProbability = 0
      answer.waitingProbability = 0
      answer.meanWait = 0
      answer.meanResponse = 1 / serviceRate
      answer.meanQueueLength = 0
      answer.meanInSystem = 0
      answer.utilization = 0
      answer.throughput = 0
      return answer
    }
    let blocked = exp(logBlocking)
    let accepted = acceptance
    answer.blockingProbability = blocked
    answer.logBlockingProbability = logBlocking
    let logWait = sums.count == 0 ? -.infinity : logWaiting
    answer.waitingProbability = exp(logWait)
    answer.logWaitingProbability = sums.count == 0 ? nil : logWait
    let queue = exp(sums.logWeightedSum - logTotal)
    answer.meanQueueLength = queue
    answer.meanInSystem = queue + a * accepted
    answer.throughput = arrivalRate * accepted
    answer.meanWait = queue / (arrivalRate * accepted)
    answer.meanResponse = queue / (arrivalRate * accepted) + 1 / serviceRate
    answer.utilization = a * accepted / Double(servers)
    return answer
  }

  private var logBlocking: Double { sums.logLast - logTotal }

  /// 1 - P_loss: the mass below K over the whole, both in units of p_c.
  private var acceptance: Double {
    if sums.count == 0 { return loss.acceptance }
    return exp(logAccepted - logTotal)
  }

  /// An accepted arrival waits when it finds c ... K-1: `sum_{j=0..m-1} rho^j` over the states
  /// below K.
  private var logWaiting: Double {
    logSum(-sums.shift, sums.logSumButLast) - logAccepted
  }

  /// An arrival that finds c + j waits for j + 1 departures: `sum_j q_j P(Poisson(c mu t) <= j)`.
  public func waitTail(_ t: Double) -> Double? {
    guard loss.offeredLoad > 0, sums.count > 0 else { return 0 }
    return min(tail(at: max(t, 0), includingService: false), 1)
  }

  public func responseTail(_ t: Double) -> Double? {
    let alone = exp(-serviceRate * max(t, 0))
    guard loss.offeredLoad > 0, sums.count > 0 else { return alone }
    let served = alone * exp(logBelow - logAccepted) * loss.acceptance
    return min(served + tail(at: max(t, 0), includingService: true), 1)
  }

  public func logStateProbability(_ n: Int) -> Double? {
    let a = loss.offeredLoad
    guard n >= 0, n <= capacity else { return -.infinity }
    if a == 0 { return n == 0 ? 0 : -.infinity }
    if n >= servers { return sums.logTerm(n - servers) - logTotal }
    let c = Double(servers)
    return PoissonKernel.logProbability(Double(n), a) - PoissonKernel.logProbability(c, a)
      - sums.shift - logTotal
  }

  /// ln of the states that accept, in the units of `sums`.
  private var logAccepted: Double { logSum(logBelow, sums.logSumButLast) }

  /// `sum_{j<m} q_j P(Poisson(x) <= j)`, x = c mu t; with the service, each term has
  /// `P(Erlang(j+1, c mu) + Exp(mu) > t) = P(Poisson(x) <= j) + r_j` with
  /// `r_j = integral_0^t of the Erlang density at u times e^-mu (t-u) du`, by the recursion
  /// `r_(j-1) = theta r_j + P(Poisson(x) = j)`, `theta = (c-1)/c`, downwards, where it is stable.
  private func tail(at t: Double, includingService: Bool) -> Double {
    let c = Double(servers)
    let x = c * serviceRate * t
    let theta = (c - 1) / c
    // Below this window no Poisson count lies, above it all do, to 1e-20: the states outside are
    // geometric sums.
    let reach = 10 * x.squareRoot() + 60
    let first = Int(min(max(x - reach, 0), Double(sums.count)))
    let last = Int(min(Double(sums.count), x + reach))
    let probabilities = (first...last).map { exp(PoissonKernel.logProbability(Double($0), x)) }
    var running = [Double](repeating: 0, count: last - first)
    var r = includingService ? lastRunning(last, x: x, theta: theta) : 0
    if includingService {
      for j in running.indices.reversed() {
        r = theta * r + probabilities[j + 1]
        running[j] = r
      }
    }
    var below = 0.0
    var sum = 0.0
    for j in running.indices {
      below += probabilities[j]
      let weight = exp(sums.logTerm(first + j) - logAccepted)
      sum += weight * min(below + running[j], 1)
    }
    if includingService, first > 0, theta > 0, r > 0 {
      // r_(first-i) = theta^i r_first.
      let ratio = log(theta) - sums.logRatio
      let stretch = GeometricSums.plain(first, ratio) + GeometricSums.peak(first, ratio)
      sum += exp(log(r) + sums.logTerm(first) + stretch - logAccepted)
    }
    guard last < sums.count else { return sum }
    let left = sums.count - last
    let rest = GeometricSums.plain(left, sums.logRatio)
    return sum
      + exp(rest + GeometricSums.peak(left, sums.logRatio) + sums.logTerm(last - 1) - logAccepted)
  }

  /// `r_J = e^-mu t theta^-(J+1) P(J+1, theta x)`.
  private func lastRunning(_ j: Int, x: Double, theta: Double) -> Double {
    let shape = Double(j) + 1
    guard theta > 0 else { return exp(PoissonKernel.logProbability(shape, x)) }
    let lower = IncompleteGamma.lower(shape, theta * x)
    return lower == 0 ? 0 : exp(log(lower) - shape * log(theta) - x / Double(servers))
  }
}

/// `ln(e^x + e^y)`.
func logSum(_ x: Double, _ y: Double) -> Double {
  let top = max(x, y)
  return top == -.infinity ? top : top + log1p(exp(min(x, y) - top))
}

/// `sum rho^j` and `sum j rho^j` for j = 1 ... m in logarithms, accurate for any m and rho.
///
/// In units of `e^shift`, the largest of 1 and rho^m: taken apart, a large shift cancels without
/// costing digits.
struct GeometricSums: Hashable {
  let count: Int
  /// ln rho.
  let logRatio: Double
  /// ln of sum_{j=1..m} rho^j; minus infinity for m = 0.
  let logSum: Double
  /// ln of sum_{j=1..m-1} rho^j.
  let logSumButLast: Double
  /// ln of sum j rho^j.
  let logWeightedSum: Double

  /// ln of the unit: m ln rho where rho > 1.
  var shift: Double { Self.peak(count, logRatio) }

  /// ln of rho^m in the units of the sums.
  var logLast: Double { min(Double(count) * logRatio, 0) }

  /// ln of rho^j in the units of the sums, without forming two large terms.
  func logTerm(_ j: Int) -> Double {
    logRatio > 0 ? Double(j - count) * logRatio : Double(j) * logRatio
  }

  /// ln of the largest power up to m; 0 for rho <= 1.
  static func peak(_ m: Int, _ u: Double) -> Double { max(Double(m) * u, 0) }

  /// - Parameter excess: rho - 1.
  init(count: Int, excess: Double) {
    self.count = count
    logRatio = excess < -0.5 ? log(1 + excess) : log1p(excess)
    logSum = Self.plain(count, logRatio)
    logSumButLast = Self.plain(count - 1, logRatio) - max(logRatio, 0)
    logWeightedSum = Self.weighted(count, logRatio)
  }

  /// `rho (rho^m - 1)/(rho - 1)`: as `expm1(m u)/expm1(u)` no digits are lost near rho = 1.
  static func plain(_ m: Int, _ u: Double) -> Double {
    guard m > 0, u > -.infinity else { return -.infinity }
    if u == 0 { return log(Double(m)) }
    let z = Double(m) * u
    // For rho > 1 in units of rho^m, so that nothing overflows.
    if u > 0 { return log(expm1(-z) / expm1(-u)) }
    return u + log(expm1(z) / expm1(u))
  }

  private static func weighted(_ m: Int, _ u: Double) -> Double {
    guard m > 0, u > -.infinity else { return -.infinity }
    let z = Double(m) * u
    if abs(z) < 1 { return log(direct(m, u)) - max(z, 0) }
    // sum j rho^j = rho (1 - rho^m - m (1 - rho) rho^m) / (1 - rho)^2; for |z| >= 1 the
    // difference keeps all but a digit.
    let delta = -expm1(u)
    if u < 0 {
      return u + log(-expm1(z) - Double(m) * delta * exp(z)) - 2 * log(delta)
    }
    return u + log(exp(-z) - 1 - Double(m) * delta) - 2 * log(-delta)
  }

  /// Term by term; powers are taken anew every 1024 terms, before roundings add up.
  private static func direct(_ m: Int, _ u: Double) -> Double {
    let ratio = exp(u)
    var sum = 0.0
    var start = 1
    while start <= m {
      let end = min(start + 1023, m)
      var power = exp(Double(start) * u)
      var block = 0.0
      for j in start...end {
        block += Double(j) * power
        power *= ratio
      }
      sum += block
      start = end + 1
    }
    return sum
  }
}

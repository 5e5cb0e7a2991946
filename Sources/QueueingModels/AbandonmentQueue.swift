internal import Foundation
internal import Statistics

/// M/M/C+M (Erlang A): who has waited too long leaves; patience is exponential with rate theta.
///
///     p_(c+j) = p_c product_{i=1..j} lambda / (c mu + i theta),  1/p_c in units: 1/B + sum_j
///     P(abandon) = theta Lq / lambda,  Wq = Lq / lambda
///     P(W > t) = e^(-theta t) lambda J(t) / (E + lambda J(0)),  J(t) = integral_t^inf exp(lambda
///                (1 - e^(-theta x))/theta - c mu x) dx,  E = 1/B(c-1)
///     P(T > t) = P(W > t) + P(W = 0) e^(-mu t) + P(W > 0) e^(-mu t) K(t) / J(0),
///       K(t) = integral_0^t exp(lambda (1 - e^(-theta x))/theta - (c mu + theta - mu) x) dx
///
/// Source: Palm 1957; Garnett, Mandelbaum, Reiman, MSOM 4 (2002); Zeltyn, Mandelbaum, Queueing
/// Systems 51 (2005) [recalled, derived]. Stable at any load. `meanWait`, `meanResponse` and the
/// laws of both are those of all arrivals: T ends with the service or with leaving.
/// Limits: theta -> 0 is M/M/C; theta -> infinity is M/M/C/C.
public struct AbandonmentQueue: QueueModel, Hashable {
  public static let kendall = "M/M/C+M"

  public let arrivalRate: Double
  public let serviceRate: Double
  public let servers: Int
  /// theta: 1 over the mean patience, per second.
  public let abandonmentRate: Double
  public let loss: ErlangLoss
  /// Sums over the queue in units of e^shift p_c: of p_(c+j), of j p_(c+j), in logarithms. The
  /// shift may be millions; apart, it cancels without costing the others' digits.
  private let logQueued: Double
  private let logWeighted: Double
  private let shift: Double

  /// - Throws: `QueueingError.outOfDomain`; `.tooLarge` when the queue would hold more than 10^8.
  public init(
    arrivalRate: Double, serviceRate: Double, servers: Int, abandonmentRate: Double
  ) throws(QueueingError) {
    try requireRates(arrivalRate: arrivalRate, serviceRate: serviceRate)
    try requireServers(servers)
    try require(
      abandonmentRate > 0 && abandonmentRate.isFinite, "abandonment rate", abandonmentRate,
      "> 0 per second")
    self.arrivalRate = arrivalRate
    self.serviceRate = serviceRate
    self.servers = servers
    self.abandonmentRate = abandonmentRate
    let c = Double(servers)
    loss = try ErlangLoss(servers: c, offeredLoad: arrivalRate / serviceRate)
    let peak = (arrivalRate - c * serviceRate) / abandonmentRate
    guard peak < 1e8 else {
      throw .tooLarge(
        "about \(Int(min(peak, 1e18))) would wait: so patient a crowd is the unstable M/M/C")
    }
    (logQueued, logWeighted, shift) = Self.sums(
      x: arrivalRate / abandonmentRate, y: c * serviceRate / abandonmentRate)
  }

  /// `ln sum_j product_{i<=j} x/(y+i)` and the same with j, terms rescaled before they overflow.
  private static func sums(x: Double, y: Double) -> (Double, Double, Double) {
    guard x > 0 else { return (-.infinity, -.infinity, 0) }
    var (term, sum, weighted, shift, j) = (1.0, 0.0, 0.0, 0.0, 0.0)
    repeat {
      j += 1
      term *= x / (y + j)
      sum += term
      weighted += j * term
      if sum > 1e150 {
        shift += log(sum)
        term /= sum
        weighted /= sum
        sum = 1
      }
    } while j * term > PoissonKernel.negligible * weighted || x > y + j
    return (log(sum), log(weighted), shift)
  }

  private var logTotal: Double { logSum(-loss.logBlocking - shift, logQueued) }

  public var metrics: QueueMetrics {
    let a = loss.offeredLoad
    var answer = QueueMetrics(offeredLoad: a)
    answer.blockingProbability = 0
    let queue = exp(logWeighted - logTotal)
    answer.meanQueueLength = queue
    guard a > 0 else {
      answer.waitingProbability = 0
      answer.abandonmentProbability = 0
      answer.meanWait = 0
      answer.meanInSystem = 0
      answer.utilization = 0
      answer.throughput = 0
      return answer
    }
    answer.logWaitingProbability = logSum(-shift, logQueued) - logTotal
    answer.waitingProbability = exp(logSum(-shift, logQueued) - logTotal)
    answer.abandonmentProbability = abandonmentRate * queue / arrivalRate
    answer.meanWait = queue / arrivalRate
    answer.utilization = busy / Double(servers)
    answer.throughput = serviceRate * busy
    answer.meanInSystem = queue + busy
    answer.meanResponse = (queue + busy) / arrivalRate
    return answer
  }

  /// Mean busy servers: `a (1-B)` of the states up to c, and c of the queue.
  private var busy: Double {
    let c = Double(servers)
    return loss.offeredLoad * loss.acceptance * exp(-loss.logBlocking - shift - logTotal)
      + c * exp(logQueued - logTotal)
  }

  /// The wait ends with service or with leaving, whichever comes first.
  public func waitTail(_ t: Double) throws(QueueingError) -> Double? {
    let waiting = metrics.waitingProbability ?? 0
    guard t > 0, waiting > 0 else { return waiting }
    return try waitTail(t, waiting, logOffered: try logIntegral(from: 0, drain: fullRate))
  }

  private func waitTail(
    _ t: Double, _ waiting: Double, logOffered whole: Double
  ) throws(QueueingError) -> Double {
    let rest = try logIntegral(from: t, drain: fullRate)
    return waiting * exp(-abandonmentRate * t + rest - whole)
  }

  /// Who waits at t, is served at once and until after t, or is served from an x before t on.
  public func responseTail(_ t: Double) throws(QueueingError) -> Double? {
    guard t > 0 else { return 1 }
    let waiting = metrics.waitingProbability ?? 0
    let alone = (1 - waiting) * exp(-serviceRate * t)
    guard waiting > 0 else { return alone }
    let whole = try logIntegral(from: 0, drain: fullRate)
    let begun = try logIntegral(from: 0, to: t, drain: fullRate + abandonmentRate - serviceRate)
    let served = waiting * exp(begun - whole - serviceRate * t)
    return min(try waitTail(t, waiting, logOffered: whole) + alone + served, 1)
  }

  /// Services per second while all servers are busy.
  private var fullRate: Double { Double(servers) * serviceRate }

  /// `ln integral exp(lambda (1 - e^(-theta x))/theta - drain x) dx`, drain > 0, by quadrature from
  /// the peak of its integrand outwards.
  private func logIntegral(
    from t: Double, to limit: Double = .infinity, drain: Double
  ) throws(QueueingError) -> Double {
    let (lambda, theta) = (arrivalRate, abandonmentRate)
    func exponent(_ x: Double) -> Double { lambda * -expm1(-theta * x) / theta - drain * x }
    let peak = lambda > drain ? log(lambda / drain) / theta : 0
    let start = min(max(t, peak), limit)
    let top = exponent(start)
    // Relative to the start s: (k - drain) u - (k/theta) (e^-v - 1 + v), k = lambda e^(-theta s),
    // v = theta u: small differences of large exponents are not formed.
    let k = start == peak && lambda > drain ? drain : lambda * exp(-theta * start)
    let integrand = { (u: Double) in exp((k - drain) * u - k / theta * expm1Plus(theta * u)) }
    let slope = abs(drain - k)
    let width = 1 / max(slope, (theta * drain).squareRoot(), 1e-300)
    var total = 0.0
    // A Gauss of this width near its peak, an exponential of this rate far from it: beyond the end
    // the integrand is below 1e-19 of its largest.
    let end = min(max(45 * width, 60 / drain), limit - start)
    for (from, to) in [(0, 3 * width), (3 * width, 12 * width), (12 * width, end)] {
      total += try part(min(from, end), min(to, end), integrand)
    }
    if t < start {
      let edge = max(t - start, -45 * width)
      let middle = max(edge, -3 * width)
      total += try part(edge, middle, integrand)
      total += try part(middle, 0, integrand)
    }
    return top + log(total)
  }

  private func part(
    _ from: Double, _ to: Double, _ function: @escaping (Double) -> Double
  ) throws(QueueingError) -> Double {
    // A stretch that is nothing at both ends adds nothing, and has no relative error to meet.
    guard to > from, max(function(from), function(to)) > 1e-30 else { return 0 }
    // Over the unit interval, where the quadrature's bound on its error is a share of the integral
    // for short stretches, too.
    let length = to - from
    return length
      * (try numerically("Erlang A's integral") { () throws(StatisticsError) in
        try Quadrature.integral("Erlang A's integral", from: 0, to: 1) {
          function(from + length * $0)
        }
      })
  }

  public func logStateProbability(_ n: Int) -> Double? {
    let a = loss.offeredLoad
    guard n >= 0 else { return -.infinity }
    if a == 0 { return n == 0 ? 0 : -.infinity }
    let c = Double(servers)
    if n <= servers {
      return PoissonKernel.logProbability(Double(n), a) - PoissonKernel.logProbability(c, a)
        - shift - logTotal
    }
    // product_{i=1..j} x/(y+i) = x^j Gamma(y+1)/Gamma(y+j+1).
    let x = arrivalRate / abandonmentRate
    let y = c * serviceRate / abandonmentRate
    let j = Double(n - servers)
    return PoissonKernel.logProbability(y + j, x) - PoissonKernel.logProbability(y, x) - shift
      - logTotal
  }

  /// Palm's form of the queue's sum: `sum_j p_(c+j)/p_c = y e^x x^-y gamma(y, x) - 1` in units of
  /// p_c; the second route to `logQueued`, by the incomplete gamma function.
  public var queuedByIncompleteGamma: Double {
    let x = arrivalRate / abandonmentRate
    let y = Double(servers) * serviceRate / abandonmentRate
    return IncompleteGamma.lower(y, x)
      * exp(x - y * log(x) + IncompleteGamma.logGamma(y + 1)) - 1
  }

  /// The sum that `queuedByIncompleteGamma` repeats.
  public var queuedInUnitsOfFull: Double { exp(logQueued + shift) }
}

/// `e^-v - 1 + v` without cancellation near 0.
private func expm1Plus(_ v: Double) -> Double {
  guard abs(v) < 0.05 else { return expm1(-v) + v }
  // The alternating series; eight terms leave less than 1e-17 of the first.
  var term = v * v / 2
  var sum = term
  for n in 3...11 {
    term *= -v / Double(n)
    sum += term
  }
  return sum
}

internal import Foundation
internal import Statistics

/// Erlang's loss function for a real number of servers: the kernel of the loss and delay queues.
///
///     1/B(c, a) = integral over t >= 0 of e^-t (1 + t/a)^c dt = sum_k c (c-1) ... (c-k+1) / a^k
///     B = P(X = c) / P(X <= c), X Poisson(a), for whole c
///
/// Source: A. K. Erlang 1917; continued to real c by D. L. Jagerman, "Some properties of the Erlang
/// loss function", BSTJ 53 (1974) [recalled]; Queues.md 5.2 [derived].
///
/// Route by size, each a sum of positive terms, so that no digit cancels:
/// - `a >= c`: the falling sum from the top, `8 sqrt(c)` terms at most, which yields `1 - B` as
///   exactly as `B`; a fraction of a server is closed by the incomplete gamma function.
/// - `a < c <= 64`: the recurrence `1/B(j) = 1 + (j/a)/B(j-1)`.
/// - `a < c` else: `B = p / (1 - p T)` with the Poisson probability p by Loader's saddle point and
///   its tail ratio T.
///
/// `ErlangRoutes` has the routes that tests hold against these. Relative error below 1e-12 for
/// c <= 10^4 and 1e-9 up to 10^7, where the rounding of a itself moves B by `|c - a|` ulps.
/// Limits: c = 0: B = 1. a = 0: B = 0 (c > 0), without a logarithm.
public struct ErlangLoss: Sendable, Hashable {
  /// The sums are measured up to here: one evaluation takes well under a millisecond.
  public static let maximumServers = 10_000_000

  /// c, not necessarily whole.
  public let servers: Double
  /// a, in erlang.
  public let offeredLoad: Double
  /// B; 0 when it lies below the smallest double, see `logBlocking`.
  public let blocking: Double
  /// 1 - B without cancellation.
  public let acceptance: Double
  /// ln B; minus infinity only for a = 0.
  public let logBlocking: Double

  /// - Parameters:
  ///   - servers: c, 0 to 10^7, real.
  ///   - offeredLoad: a, in erlang, >= 0, finite.
  /// - Throws: `QueueingError.outOfDomain`.
  public init(servers: Double, offeredLoad: Double) throws(QueueingError) {
    try require(
      servers >= 0 && servers <= Double(Self.maximumServers), "servers", servers,
      "0 to \(Self.maximumServers)")
    try require(
      offeredLoad >= 0 && offeredLoad.isFinite, "offered load", offeredLoad, ">= 0 erlang")
    self.init(unchecked: servers, offeredLoad)
  }

  init(unchecked c: Double, _ a: Double) {
    servers = c
    offeredLoad = a
    if c == 0 || a == 0 {
      blocking = c == 0 ? 1 : 0
      acceptance = 1 - blocking
      logBlocking = c == 0 ? 0 : -.infinity
      return
    }
    if a >= c {
      let excess = Self.fallingSum(c, a)
      blocking = 1 / (1 + excess)
      acceptance = excess / (1 + excess)
      logBlocking = -log1p(excess)
      return
    }
    if c <= Self.recurrenceLimit {
      let inverse = Self.recurrence(c, a)
      if inverse.isFinite {
        blocking = 1 / inverse
        acceptance = 1 - blocking
        logBlocking = -log(inverse)
        return
      }
    }
    let logProbability = PoissonKernel.logProbability(c, a)
    let probability = exp(logProbability)
    let below = 1 - probability * PoissonKernel.upperTailRatio(c, a)
    blocking = probability / below
    acceptance = 1 - blocking
    logBlocking = logProbability - log(below)
  }

  /// Up to here the recurrence is as short as the sums and rounds less.
  private static let recurrenceLimit = 64.0

  /// `1/B - 1` for a >= c: the sum over k >= 1, closed by the fraction of a server that is left.
  static func fallingSum(_ c: Double, _ a: Double) -> Double {
    let whole = c.rounded(.down)
    let fraction = c - whole
    // One division; its rounding enters the k-th term k times, and c <= 10^7 has at most some
    // thousands of terms that count.
    let inverse = 1 / a
    var term = 1.0
    var sum = 0.0
    var left = c
    while left > fraction {
      term *= left * inverse
      sum += term
      if term <= PoissonKernel.negligible * sum { return sum }
      left -= 1
    }
    return fraction == 0 ? sum : sum + term * fractionalExcess(fraction, a)
  }

  /// `1/B(f, a) - 1` for 0 < f < 1: `(f/a) e^a a^(1-f) Gamma(f, a)`, or its asymptotic series
  /// `(f/a) (1 + (f-1)/a + (f-1)(f-2)/a^2 + ...)`, which holds all digits from a = 50 on.
  static func fractionalExcess(_ f: Double, _ a: Double) -> Double {
    guard a >= 50 else {
      return f / a * exp(a + (1 - f) * log(a)) * IncompleteGamma.unnormalizedUpper(f, a)
    }
    var term = 1.0
    var sum = 1.0
    var k = 1.0
    while abs(term) > 1e-17, k < 50 {
      term *= (f - k) / a
      sum += term
      k += 1
    }
    return f / a * sum
  }

  /// `1/B` by the recurrence over servers; infinite when it overflows.
  private static func recurrence(_ c: Double, _ a: Double) -> Double {
    let fraction = c - c.rounded(.down)
    var inverse = fraction == 0 ? 1 : 1 + fractionalExcess(fraction, a)
    var j = fraction + 1
    while j <= c {
      inverse = 1 + j / a * inverse
      j += 1
    }
    return inverse
  }
}

internal import Foundation
internal import Statistics

/// Poisson probabilities to the last digits, their logarithms, and ratios of tails to terms, for a
/// real count: what the loss formulas are made of.
enum PoissonKernel {
  /// `ln(a^c e^-a / Gamma(c + 1))` for c >= 0, a > 0.
  ///
  /// Loader's saddle-point form `-delta(c) - D(c, a) - ln(2 pi c)/2`, with Stirling's remainder
  /// `delta` and the deviance `D = c ln(c/a) + a - c = -c (ln(1 + x) - x)`, `x = (a - c)/c`: the
  /// large terms are never subtracted from each other.
  /// Source: C. Loader, "Fast and accurate computation of binomial probabilities", 2000 [recalled].
  static func logProbability(_ c: Double, _ a: Double) -> Double {
    if a == 0 { return c == 0 ? 0 : -.infinity }
    if c < smallCount { return c * log(a) - a - IncompleteGamma.logGamma(c + 1) }
    return -stirlingRemainder(c) - deviance(c, a) - 0.5 * log(2 * .pi * c)
  }

  /// `c ln(c/a) + a - c`, never negative.
  static func deviance(_ c: Double, _ a: Double) -> Double {
    let x = (a - c) / c
    // Far below, 1 + x has lost the digits of a / c.
    if x < -0.5 { return c * log(c / a) + (a - c) }
    if !x.isFinite { return a }
    return -c * IncompleteGamma.logOnePlusMinus(x)
  }

  /// Below this Stirling's series has not converged to a double.
  private static let smallCount = 16.0

  /// `ln Gamma(c + 1) - (c + 1/2) ln c + c - ln(2 pi)/2`, c >= 16: six terms leave less than 1e-17.
  private static func stirlingRemainder(_ c: Double) -> Double {
    let r = 1 / (c * c)
    return
      (1.0 / 12 - r
      * (1.0 / 360 - r * (1.0 / 1260 - r * (1.0 / 1680 - r * (1.0 / 1188 - r * 691.0 / 360360)))))
      / c
  }

  /// `P(X > c) / P(X = c) = sum over j >= 1 of a^j / ((c + 1) ... (c + j))` for a <= c + 1.
  ///
  /// All terms are positive; about `8 sqrt(c)` of them count.
  static func upperTailRatio(_ c: Double, _ a: Double) -> Double {
    var term = 1.0
    var sum = 0.0
    var n = c
    repeat {
      n += 1
      term *= a / n
      sum += term
    } while term > negligible * sum
    return sum
  }

  /// A term this far below the sum ends a series: what follows is at most sqrt(c) such terms.
  static let negligible = 0x1p-68
}

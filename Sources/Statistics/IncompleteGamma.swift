import CBoostMath

/// The gamma functions that loss and delay probabilities are made of. Computed by Boost.Math,
/// which uses Temme's uniform asymptotic expansion where the order is large and near the argument.
///
/// Outside the domain, and where no double holds the answer, the result is NaN or an infinity:
/// these are the kernels under functions that check their arguments.
public enum IncompleteGamma {
  /// `P(a, x)`, the regularised lower function; the probability that a Poisson(x) count is >= a.
  public static func lower(_ a: Double, _ x: Double) -> Double { cutover_gamma_p(a, x) }

  /// `Q(a, x) = 1 - P(a, x)`; the probability that a Poisson(x) count is < a.
  public static func upper(_ a: Double, _ x: Double) -> Double { cutover_gamma_q(a, x) }

  /// `x^(a-1) e^-x / Gamma(a)`.
  public static func density(_ a: Double, _ x: Double) -> Double {
    cutover_gamma_p_derivative(a, x)
  }

  /// `Gamma(a, x)`, the upper function without its normalisation.
  public static func unnormalizedUpper(_ a: Double, _ x: Double) -> Double {
    cutover_upper_gamma(a, x)
  }

  /// `ln |Gamma(x)|`.
  public static func logGamma(_ x: Double) -> Double { cutover_log_gamma(x) }

  /// `ln(1 + x) - x` to full relative accuracy, for x > -1.
  public static func logOnePlusMinus(_ x: Double) -> Double { cutover_log1pmx(x) }
}

import CBoostMath

/// Integrals of functions of one variable. Computed by Boost.Math.
public enum Quadrature {
  /// The integral of `function` over an interval (adaptive Gauss and Kronrod, 61 points), for a
  /// smooth integrand whose peak, if sharp, lies at an end.
  ///
  /// - Throws: `StatisticsError.domain` unless both ends are finite; `.noConvergence` when the
  ///   estimated error exceeds 1e-9 of the integral of the absolute value.
  public static func integral(
    _ name: String, from lower: Double, to upper: Double, _ function: (Double) -> Double
  ) throws(StatisticsError) -> Double {
    try require(lower.isFinite, name, "lower end", lower, "a finite number")
    try require(upper.isFinite, name, "upper end", upper, "a finite number")
    if lower == upper { return 0 }
    var error = 0.0
    let value = calling(function) { call, context in
      cutover_integrate(call, context, lower, upper, &error)
    }
    guard value.isFinite, error <= 1e-9 * abs(value) + Double.leastNormalMagnitude else {
      throw .noConvergence(function: name)
    }
    return value
  }
}

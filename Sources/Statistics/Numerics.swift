import CBoostMath

/// Roots and integrals of functions of one variable. Computed by Boost.Math.
public enum Numerics {
  /// The root of `function` inside an interval at whose ends it has opposite signs (TOMS 748).
  ///
  /// - Throws: `StatisticsError.domain` unless lower < upper; `.noConvergence` when the signs at
  ///   the ends are the same or the function answers NaN.
  public static func root(
    _ name: String, from lower: Double, to upper: Double, _ function: (Double) -> Double
  ) throws(StatisticsError) -> Double {
    try require(lower < upper, name, "lower end", lower, "below the upper end")
    let (left, right) = (function(lower), function(upper))
    if left == 0 { return lower }
    if right == 0 { return upper }
    guard (left < 0) != (right < 0), !left.isNaN, !right.isNaN else {
      throw .noConvergence(function: name)
    }
    let value = withContext(function) { cutover_root(call, $0, lower, upper) }
    return try converged(name, value)
  }

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
    let value = withContext(function) { cutover_integrate(call, $0, lower, upper, &error) }
    guard value.isFinite, error <= 1e-9 * abs(value) + Double.leastNormalMagnitude else {
      throw .noConvergence(function: name)
    }
    return value
  }
}

private typealias Function = (Double) -> Double

/// The C face calls back with the address of the closure.
private let call: @convention(c) (Double, UnsafeRawPointer?) -> Double = { x, context in
  context?.assumingMemoryBound(to: Function.self).pointee(x) ?? .nan
}

private func withContext<Answer>(
  _ function: Function, _ body: (UnsafeRawPointer) -> Answer
) -> Answer {
  withoutActuallyEscaping(function) { escaping in
    withUnsafePointer(to: escaping) { body(UnsafeRawPointer($0)) }
  }
}

/// A function of one variable with its derivative: the one place where the rules of
/// differentiation are written down, for scalars and for columns.
public enum ElementaryFunction: String, Sendable, CaseIterable {
  case exp, log, log10, log2, log1p, expm1, sqrt, sin, cos, tan, atan, abs

  /// The value at x, by the C library; NaN outside the domain.
  public func value(_ x: Double) -> Double {
    switch self {
    case .exp: CMath.exp(x)
    case .log: CMath.apply(.log, x)
    case .log10: CMath.apply(.log10, x)
    case .log2: CMath.apply(.log2, x)
    case .log1p: CMath.apply(.log1p, x)
    case .expm1: CMath.expm1(x)
    case .sqrt: x.squareRoot()
    case .sin: CMath.sin(x)
    case .cos: CMath.cos(x)
    case .tan: CMath.tan(x)
    case .atan: CMath.atan(x)
    case .abs: Swift.abs(x)
    }
  }

  /// The derivative at x, given the value there.
  ///
  /// At the kink of `abs` it is 0, the middle of the subdifferential; `sqrt` at 0 has an infinite
  /// one. Outside the domain the value is NaN, and the derivative means nothing.
  public func slope(_ x: Double, value: Double) -> Double {
    switch self {
    case .exp: value
    case .log: 1 / x
    case .log10: 1 / (x * Self.logarithmOfTen)
    case .log2: 1 / (x * Self.logarithmOfTwo)
    case .log1p: 1 / (1 + x)
    // exp(x) itself: expm1(x) + 1 loses every digit for very negative x.
    case .expm1: CMath.exp(x)
    case .sqrt: 0.5 / value
    case .sin: CMath.cos(x)
    case .cos: -CMath.sin(x)
    case .tan: 1 + value * value
    case .atan: 1 / (1 + x * x)
    case .abs: x > 0 ? 1 : (x < 0 ? -1 : 0)
    }
  }

  private static let logarithmOfTen = 2.302585092994045684
  private static let logarithmOfTwo = 0.693147180559945309
}

/// The power x^y with its two derivatives.
public enum PowerRule {
  /// x^y; a square is one product.
  public static func value(_ base: Double, _ exponent: Double) -> Double {
    Operator.power.apply(base, exponent)
  }

  /// The derivative by the base: y x^(y - 1).
  public static func baseSlope(_ base: Double, _ exponent: Double) -> Double {
    switch exponent {
    // 0 x^(-1) would be NaN at x = 0, where the constant 1 is flat.
    case 0: 0
    case 1: 1
    case 2: 2 * base
    default: exponent * CMath.power(base, exponent - 1)
    }
  }

  /// The derivative by the exponent: x^y log x, whose limit at x = 0 is 0 for y > 0; NaN for a
  /// negative base, which has no real powers nearby.
  public static func exponentSlope(_ base: Double, _ exponent: Double, value: Double) -> Double {
    if base == 0, exponent > 0 { return 0 }
    return base > 0 ? value * CMath.log(base) : .nan
  }

  /// The derivative by the exponent without a value at hand.
  static func exponentSlope(_ base: Double, _ exponent: Double) -> Double {
    exponentSlope(base, exponent, value: value(base, exponent))
  }
}

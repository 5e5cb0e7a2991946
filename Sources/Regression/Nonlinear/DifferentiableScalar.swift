/// A real number that knows how to be differentiated: `Double` itself, or a dual number.
///
/// A model that is written once over such a scalar yields its values with `Double` and its exact
/// derivatives with `Dual`, through loops, branches and recursions. Comparisons look at the value
/// alone; at a branch point the derivative is that of the branch taken. Constants are written as
/// literals or as `S(x)`.
///
/// Forward mode: Wengert, CACM 7 (1964); Griewank and Walther, Evaluating Derivatives (2008), 3.1.
public protocol DifferentiableScalar: Sendable, Comparable, ExpressibleByFloatLiteral,
  ExpressibleByIntegerLiteral
{
  /// A constant.
  init(_ value: Double)
  /// The number without its derivatives.
  var value: Double { get }
  /// Whether every derivative is 0.
  var isConstant: Bool { get }
  /// f(x), given the value and f'(x).
  func chained(value: Double, slope: Double) -> Self
  /// f(x, y), given the value and both partial derivatives.
  func chained(
    with other: Self, value: Double, slope: Double, otherSlope: Double
  ) -> Self

  static func + (left: Self, right: Self) -> Self
  static func - (left: Self, right: Self) -> Self
  static func * (left: Self, right: Self) -> Self
  static func / (left: Self, right: Self) -> Self
  static prefix func - (operand: Self) -> Self
}

extension DifferentiableScalar {
  /// An elementary function of a scalar.
  public static func apply(_ function: ElementaryFunction, _ x: Self) -> Self {
    let value = function.value(x.value)
    return x.chained(value: value, slope: function.slope(x.value, value: value))
  }

  public static func exp(_ x: Self) -> Self { apply(.exp, x) }
  /// The natural logarithm; NaN below 0.
  public static func log(_ x: Self) -> Self { apply(.log, x) }
  public static func log1p(_ x: Self) -> Self { apply(.log1p, x) }
  public static func expm1(_ x: Self) -> Self { apply(.expm1, x) }
  public static func sqrt(_ x: Self) -> Self { apply(.sqrt, x) }
  public static func abs(_ x: Self) -> Self { apply(.abs, x) }

  /// x^y. A negative base has a derivative for a constant exponent only.
  public static func pow(_ base: Self, _ exponent: Self) -> Self {
    let value = PowerRule.value(base.value, exponent.value)
    let slope = PowerRule.baseSlope(base.value, exponent.value)
    guard !exponent.isConstant else { return base.chained(value: value, slope: slope) }
    return base.chained(
      with: exponent, value: value, slope: slope,
      otherSlope: PowerRule.exponentSlope(base.value, exponent.value, value: value))
  }
}

extension Double: DifferentiableScalar {
  public var value: Double { self }
  public var isConstant: Bool { true }
  public func chained(value: Double, slope: Double) -> Double { value }
  public func chained(
    with other: Double, value: Double, slope: Double, otherSlope: Double
  ) -> Double { value }
}

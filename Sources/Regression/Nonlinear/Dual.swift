/// A value with its partial derivatives by up to eight variables: a + b1 e1 + ... + b8 e8 with
/// ei ej = 0.
///
/// Eight doubles are carried without any allocation; a model of more parameters is run once per
/// eight of them. Exact up to rounding: no step size is involved.
@frozen
public struct Dual: DifferentiableScalar {
  /// Derivatives carried at once.
  public static let width = 8

  public var value: Double
  public var partials: SIMD8<Double>

  @inlinable
  public init(value: Double, partials: SIMD8<Double>) {
    self.value = value
    self.partials = partials
  }

  @inlinable
  public init(_ value: Double) {
    self.init(value: value, partials: .zero)
  }

  /// The variable number `index` (0 to 7) itself: derivative 1 by it, 0 by the others.
  @inlinable
  public init(variable index: Int, value: Double) {
    self.init(value)
    partials[index] = 1
  }

  @inlinable
  public init(floatLiteral value: Double) { self.init(value) }

  @inlinable
  public init(integerLiteral value: Int) { self.init(Double(value)) }

  @inlinable
  public var isConstant: Bool { partials == .zero }

  @inlinable
  public func chained(value: Double, slope: Double) -> Dual {
    // A constant has no derivative, be the slope infinite: sqrt(0) of data is just 0.
    isConstant ? Dual(value) : Dual(value: value, partials: partials * slope)
  }

  @inlinable
  public func chained(
    with other: Dual, value: Double, slope: Double, otherSlope: Double
  ) -> Dual {
    Dual(value: value, partials: partials * slope + other.partials * otherSlope)
  }

  @inlinable
  public static func + (left: Dual, right: Dual) -> Dual {
    Dual(value: left.value + right.value, partials: left.partials + right.partials)
  }

  @inlinable
  public static func - (left: Dual, right: Dual) -> Dual {
    Dual(value: left.value - right.value, partials: left.partials - right.partials)
  }

  @inlinable
  public static func * (left: Dual, right: Dual) -> Dual {
    Dual(
      value: left.value * right.value,
      partials: left.partials * right.value + right.partials * left.value)
  }

  @inlinable
  public static func / (left: Dual, right: Dual) -> Dual {
    let quotient = left.value / right.value
    return Dual(
      value: quotient, partials: (left.partials - right.partials * quotient) / right.value)
  }

  @inlinable
  public static prefix func - (operand: Dual) -> Dual {
    Dual(value: -operand.value, partials: -operand.partials)
  }

  @inlinable
  public static func < (left: Dual, right: Dual) -> Bool { left.value < right.value }

  /// Equal values; derivatives do not count, as in `<`.
  @inlinable
  public static func == (left: Dual, right: Dual) -> Bool { left.value == right.value }
}

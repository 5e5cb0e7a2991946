/// A physical quantity: one double in SI units whose type says what it measures.
///
/// Text becomes a quantity once, at the door, with `init(parsing:)`; kernels take `siValue`.
/// The initialiser from an SI value checks nothing, so that arithmetic is free of branches:
/// a difference may be negative and a quotient infinite. Parsing answers finite numbers, zero
/// or more, only.
public protocol Quantity: Comparable, Hashable, Sendable, CustomStringConvertible {
  /// - Parameter siValue: in the SI unit of the type; unchecked.
  init(siValue: Double)

  /// Reads a number with its unit; see the implementation for the syntax.
  ///
  /// - Throws: `QuantityError`.
  init(parsing text: String) throws(QuantityError)

  /// The value in the SI unit of the type.
  var siValue: Double { get }

  /// The units it is read and printed in.
  static var unitTable: UnitTable { get }
}

extension Quantity {
  /// Nothing of it.
  public static var zero: Self { Self(siValue: 0) }

  public static func < (left: Self, right: Self) -> Bool { left.siValue < right.siValue }

  public static func + (left: Self, right: Self) -> Self {
    Self(siValue: left.siValue + right.siValue)
  }

  public static func - (left: Self, right: Self) -> Self {
    Self(siValue: left.siValue - right.siValue)
  }

  public static func += (left: inout Self, right: Self) { left = left + right }

  public static func -= (left: inout Self, right: Self) { left = left - right }

  public static func * (left: Self, right: Double) -> Self {
    Self(siValue: left.siValue * right)
  }

  public static func * (left: Double, right: Self) -> Self {
    Self(siValue: left * right.siValue)
  }

  public static func / (left: Self, right: Double) -> Self {
    Self(siValue: left.siValue / right)
  }

  /// How many times one contains the other.
  public static func / (left: Self, right: Self) -> Ratio {
    Ratio(siValue: left.siValue / right.siValue)
  }
}

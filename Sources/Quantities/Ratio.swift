/// A number without a dimension: a share, a ratio of two quantities of one kind.
///
/// Read: a bare number or one with `%` (1% = 0.01). It may exceed one: a dirty ratio does.
/// Printed as a bare number.
public struct Ratio: Quantity {
  /// In the SI unit of the type.
  public let siValue: Double

  /// - Parameter siValue: the number itself (0.01 for one percent); unchecked.
  public init(siValue: Double) { self.siValue = siValue }

  /// The number itself.
  public init(_ value: Double) { siValue = value }

  /// How it is read and printed.
  public static let unitTable: UnitTable = {
    let base = Unit("")
    return UnitTable(
      "a ratio", examples: ["1%", "0.5"], base: base,
      units: [base, Unit("%", exponent: -2, mistakes: ["percent", "pct"])],
      printed: [], allowsBareNumber: true)
  }()
}

/// An energy; SI unit: joule.
///
/// Read: mJ, J, kJ, MJ, GJ, and Wh, kWh, MWh (1 Wh = 3600 J).
public struct Joules: Quantity {
  /// In the SI unit of the type.
  public let siValue: Double

  /// - Parameter siValue: joules; unchecked.
  public init(siValue: Double) { self.siValue = siValue }

  /// How it is read and printed.
  public static let unitTable: UnitTable = {
    let base = Unit("J", mistakes: ["joule", "joules"])
    let scaled =
      [Unit("mJ", exponent: -3), base]
      + decimalPrefixes.prefix(3).map { Unit($0.symbol + "J", exponent: $0.power) }
    let electrical = [
      Unit("Wh", factor: 3600, mistakes: ["w"]),
      Unit("kWh", exponent: 3, factor: 3600, mistakes: ["kw"]),
      Unit("MWh", exponent: 6, factor: 3600, mistakes: ["mw"]),
    ]
    return UnitTable(
      "an energy", examples: ["20J", "3kJ"], base: base, units: scaled + electrical,
      printed: [scaled])
  }()
}

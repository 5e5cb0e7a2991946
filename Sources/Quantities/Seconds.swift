/// A duration; SI unit: second.
///
/// Read: ns, us (also µs), ms, s, min, h, d (86400 s). `m` is refused: it may mean minutes or
/// milliseconds.
public struct Seconds: Quantity {
  /// In the SI unit of the type.
  public let siValue: Double

  /// - Parameter siValue: seconds; unchecked.
  public init(siValue: Double) { self.siValue = siValue }

  /// How it is read and printed.
  public static let unitTable: UnitTable = {
    let base = Unit("s", mistakes: ["sec", "secs", "second", "seconds"])
    let small = [
      Unit("ns", exponent: -9, mistakes: ["n", "nsec", "nanoseconds"]),
      // U+00B5 micro sign and U+03BC Greek mu look alike; keyboards make the one, IMEs the other.
      Unit(
        "us", aliases: ["\u{B5}s", "\u{3BC}s"], exponent: -6,
        mistakes: ["u", "usec", "microseconds"]),
      Unit("ms", exponent: -3, mistakes: ["m", "msec", "milliseconds"]),
    ]
    let large = [
      Unit("min", factor: 60, mistakes: ["m", "mins", "minute", "minutes"]),
      Unit("h", factor: 3600, mistakes: ["hr", "hrs", "hour", "hours"]),
      Unit("d", factor: 86400, mistakes: ["day", "days"]),
    ]
    return UnitTable(
      "a duration", examples: ["300ms", "2min"], base: base, units: small + [base] + large,
      printed: [large, small + [base]], rounded: [small + [base]])
  }()
}

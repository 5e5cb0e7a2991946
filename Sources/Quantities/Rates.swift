/// A rate of data; SI unit: byte per second.
///
/// Read: B/s, kB/s ... PB/s and KiB/s ... PiB/s for bytes; bit/s, kbit/s ... Pbit/s and, as
/// network people write them, bps, kbps, Mbps, Gbps, Tbps for bits (1Gbit/s = 125 MB/s);
/// Kibit/s ... Pibit/s. `MBps`, `Mb/s` and `mbps` are refused: they are used for both.
public struct ByteRate: Quantity {
  /// In the SI unit of the type.
  public let siValue: Double

  /// - Parameter siValue: bytes per second; unchecked.
  public init(siValue: Double) { self.siValue = siValue }

  /// Reads a rate that may be counted in pages: `30000pages/s` x `pageSize`, or any unit of
  /// bytes or bits.
  ///
  /// - Throws: `QuantityError`, also when the product is too large.
  public init(parsing text: String, pageSize: Bytes) throws(QuantityError) {
    let parts = try Self.unitTable.split(text)
    guard PageRate.unitTable.unit(spelled: parts.unit) != nil else {
      try self.init(parsing: text)
      return
    }
    let rate = try PageRate(parsing: text) * pageSize
    guard rate.siValue.isFinite else {
      throw QuantityError(text, .tooLarge, expected: Self.unitTable)
    }
    self = rate
  }

  /// Reads a rate in bytes or bits; pages are refused with the reason `needsPageSize`.
  ///
  /// - Throws: `QuantityError`.
  public init(parsing text: String) throws(QuantityError) {
    do {
      siValue = try Self.unitTable.siValue(of: text)
    } catch {
      if case .unknownUnit(let unit, _) = error.reason,
        PageRate.unitTable.unit(spelled: unit) != nil
      {
        throw QuantityError(text, .needsPageSize, expected: Self.unitTable)
      }
      throw error
    }
  }

  /// How it is read and printed.
  public static let unitTable: UnitTable = {
    let base = Unit("B/s", mistakes: ["b", "byte/s", "bytes/s"])
    let decimal = decimalPrefixes.map { Unit($0.symbol + "B/s", exponent: $0.power) }
    let binary = binaryPrefixes.map { Unit($0.symbol + "B/s", factor: $0.factor) }
    let bits =
      [Unit("bit/s", aliases: ["bps"], divisor: 8)]
      + decimalPrefixes.map {
        Unit(
          $0.symbol + "bit/s", aliases: [$0.symbol + "bps"], exponent: $0.power, divisor: 8)
      }
    let binaryBits = binaryPrefixes.map {
      Unit($0.symbol + "bit/s", factor: $0.factor, divisor: 8, isSuggested: false)
    }
    return UnitTable(
      "a rate of data", examples: ["1Gbit/s", "120MiB/s"], base: base,
      units: [base] + decimal + binary + bits + binaryBits,
      printed: [[base] + decimal, binary])
  }()
}

/// A rate of memory pages, as of a dirtying guest; SI unit: page per second.
public struct PageRate: Quantity {
  /// In the SI unit of the type.
  public let siValue: Double

  /// - Parameter siValue: pages per second; unchecked.
  public init(siValue: Double) { self.siValue = siValue }

  /// How it is read and printed.
  public static let unitTable: UnitTable = {
    let base = Unit(
      "pages/s", aliases: ["page/s"], mistakes: ["pages", "pages/sec", "pps", "p/s"])
    return UnitTable(
      "a rate of pages", examples: ["30000pages/s", "1e4pages/s"], base: base, units: [base],
      printed: [[base]])
  }()
}

/// How often something happens; SI unit: 1/s.
///
/// Read: /s, /min, /h, /d, Hz.
public struct Frequency: Quantity {
  /// In the SI unit of the type.
  public let siValue: Double

  /// - Parameter siValue: per second; unchecked.
  public init(siValue: Double) { self.siValue = siValue }

  /// How it is read and printed.
  public static let unitTable: UnitTable = {
    let base = Unit(
      "/s", aliases: ["Hz"], mistakes: ["s", "hz", "per s", "per second", "/sec"])
    return UnitTable(
      "a frequency", examples: ["0.5/s", "12/h"], base: base,
      units: [
        base, Unit("/min", divisor: 60, mistakes: ["min", "/m", "per minute"]),
        Unit("/h", divisor: 3600, mistakes: ["h", "/hr", "/hour", "per hour"]),
        Unit("/d", divisor: 86400, mistakes: ["d", "/day", "per day"]),
      ],
      printed: [[base]])
  }()
}

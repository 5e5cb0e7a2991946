/// A size of memory or an amount of data; SI unit: byte.
///
/// Read: B, kB, MB, GB, TB, PB (powers of 1000), KiB, MiB, GiB, TiB, PiB (powers of 1024). Bits
/// are refused: memory is not sold in them, and `8Gb` is a slip more often than a wish. Real
/// numbers are allowed, as in byte columns of traces.
public struct Bytes: Quantity {
  /// In the SI unit of the type.
  public let siValue: Double

  /// - Parameter siValue: bytes; unchecked.
  public init(siValue: Double) { self.siValue = siValue }

  /// How it is read and printed.
  public static let unitTable: UnitTable = {
    let base = Unit("B", aliases: ["bytes", "byte"], mistakes: ["b"])
    let decimal = decimalPrefixes.map { Unit($0.symbol + "B", exponent: $0.power) }
    let binary = binaryPrefixes.map { Unit($0.symbol + "B", factor: $0.factor) }
    return UnitTable(
      "a size", examples: ["8GiB", "512MB"], base: base, units: [base] + decimal + binary,
      printed: [binary, [base] + decimal])
  }()
}

/// A number of memory pages; SI unit: page.
public struct PageCount: Quantity {
  /// In the SI unit of the type.
  public let siValue: Double

  /// - Parameter siValue: pages; unchecked.
  public init(siValue: Double) { self.siValue = siValue }

  /// The pages that hold `size`, a last page filled in part counted as a page.
  ///
  /// - Parameter pageSize: above zero.
  public init(covering size: Bytes, pageSize: Bytes) {
    siValue = (size.siValue / pageSize.siValue).rounded(.up)
  }

  /// How it is read and printed.
  public static let unitTable: UnitTable = {
    let base = Unit("pages", aliases: ["page"], mistakes: ["p", "pg"])
    return UnitTable(
      "a number of pages", examples: ["2000pages", "1e6pages"], base: base, units: [base],
      printed: [[base]])
  }()
}

let decimalPrefixes: [(symbol: String, power: Int)] = [
  ("k", 3), ("M", 6), ("G", 9), ("T", 12), ("P", 15),
]

let binaryPrefixes: [(symbol: String, factor: Double)] = [
  ("Ki", 0x1p10), ("Mi", 0x1p20), ("Gi", 0x1p30), ("Ti", 0x1p40), ("Pi", 0x1p50),
]

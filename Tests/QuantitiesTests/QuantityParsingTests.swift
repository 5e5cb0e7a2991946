import Quantities
import Testing

@Suite struct QuantityParsingTests {
  @Test(
    arguments: [
      ("8GiB", 8_589_934_592), ("512MB", 512_000_000), ("64 KiB", 65536), ("64kB", 64000),
      ("1.5e9B", 1_500_000_000), ("1e3 kB", 1_000_000), ("0B", 0), ("2TiB", 2_199_023_255_552),
      ("3PB", 3e15), ("1PiB", 1_125_899_906_842_624), ("  7 B ", 7), (".5KiB", 512), ("1E1B", 10),
      ("0.1kB", 100), ("1e-3kB", 1), ("12bytes", 12),
    ] as [(String, Double)])
  func sizes(text: String, bytes: Double) throws {
    #expect(try Bytes(parsing: text).siValue == bytes)
  }

  @Test(
    arguments: [
      ("1Gbit/s", 125_000_000), ("10Gbps", 1_250_000_000), ("100Mbps", 12_500_000),
      ("8bit/s", 1), ("64kbit/s", 8000), ("125MB/s", 125_000_000), ("120MiB/s", 125_829_120),
      ("1Mibit/s", 131_072), ("0.1Gbit/s", 12_500_000), ("1.5 GiB/s", 1_610_612_736),
    ] as [(String, Double)])
  func dataRates(text: String, bytesPerSecond: Double) throws {
    #expect(try ByteRate(parsing: text).siValue == bytesPerSecond)
  }

  // The expected literals are what the compiler makes of the SI decimal: 300ms is the double
  // nearest 0.3, not 300 times the double nearest 0.001.
  @Test(
    arguments: [
      ("300ms", 0.3), ("2min", 120), ("1.5h", 5400), ("20us", 20e-6), ("20\u{B5}s", 20e-6),
      ("20\u{3BC}s", 20e-6), ("100ns", 100e-9), ("3d", 259_200), ("0.7ms", 0.0007), ("9s", 9),
    ] as [(String, Double)])
  func durations(text: String, seconds: Double) throws {
    #expect(try Seconds(parsing: text).siValue == seconds)
  }

  @Test func otherKinds() throws {
    #expect(try PageRate(parsing: "30000pages/s").siValue == 30000)
    #expect(try PageCount(parsing: "2e3 pages").siValue == 2000)
    #expect(try Joules(parsing: "20J").siValue == 20)
    #expect(try Joules(parsing: "3kJ").siValue == 3000)
    #expect(try Joules(parsing: "5Wh").siValue == 18000)
    #expect(try Joules(parsing: "1.5kWh").siValue == 5_400_000)
    #expect(try Frequency(parsing: "0.5/s").siValue == 0.5)
    #expect(try Frequency(parsing: "30/min").siValue == 0.5)
    #expect(try Frequency(parsing: "18/h").siValue == 0.005)
    #expect(try Ratio(parsing: "1%").siValue == 0.01)
    #expect(try Ratio(parsing: "7%").siValue == 0.07)
    #expect(try Ratio(parsing: "0.5").siValue == 0.5)
    #expect(try Ratio(parsing: "1.25").siValue == 1.25)
  }

  @Test func pagesPerSecondNeedAPageSize() throws {
    let page = Bytes(siValue: 4096)
    #expect(try ByteRate(parsing: "30000pages/s", pageSize: page).siValue == 122_880_000)
    #expect(try ByteRate(parsing: "30000 pages/s", pageSize: page).siValue == 122_880_000)
    #expect(try ByteRate(parsing: "1MB/s", pageSize: page).siValue == 1_000_000)
    let error = #expect(throws: QuantityError.self) { try ByteRate(parsing: "30000pages/s") }
    #expect(error?.reason == .needsPageSize)
    let generic = #expect(throws: QuantityError.self) {
      try parse("30000pages/s", as: ByteRate.self)
    }
    #expect(generic?.reason == .needsPageSize, "generic code must reach the same initialiser")
    let large = #expect(throws: QuantityError.self) {
      try ByteRate(parsing: "1e307pages/s", pageSize: page)
    }
    #expect(large?.reason == .tooLarge)
  }

  @Test(
    arguments: [
      ("8G", ["8GB", "8GiB"]), ("8g", ["8GB", "8GiB"]), ("100Mb", ["100MB", "100MiB"]),
      ("64KB", ["64kB", "64KiB"]), ("64 K", ["64kB", "64KiB"]),
      ("1.5e3gb", ["1.5e3GB", "1.5e3GiB"]),
      ("8Gi", ["8GB", "8GiB"]), ("8gib", ["8GB", "8GiB"]), ("1mbytes", ["1MB", "1MiB"]),
      ("1GB/s", ["1GB", "1GiB"]), ("5b", ["5B"]), ("8Gbit", []), ("8x10B", []), ("8 apples", []),
      ("0x10B", []), ("8GiBB", []), ("8GiB/", []), ("8GiB 3", []), ("1e5", nil),
    ] as [(String, [String]?)])
  func refusedSizes(text: String, suggestions: [String]?) {
    let error = #expect(throws: QuantityError.self) { try Bytes(parsing: text) }
    if let suggestions {
      guard case .unknownUnit(_, let found)? = error?.reason else {
        Issue.record("\(text): \(String(describing: error?.reason))")
        return
      }
      #expect(found == suggestions)
    } else {
      #expect(error?.reason == .missingUnit)
    }
  }

  @Test(arguments: [
    ("10MBps", ["10MB/s", "10MiB/s", "10Mbit/s"]), ("10Mb/s", ["10MB/s", "10MiB/s", "10Mbit/s"]),
    ("1gbps", ["1GB/s", "1GiB/s", "1Gbit/s"]), ("1GB", ["1GB/s", "1GiB/s", "1Gbit/s"]),
    ("1KB/s", ["1kB/s", "1KiB/s", "1kbit/s"]), ("5b", ["5B/s"]),
    ("5m/s", ["5MB/s", "5MiB/s", "5Mbit/s"]),
  ])
  func refusedRates(text: String, suggestions: [String]) {
    let error = #expect(throws: QuantityError.self) { try ByteRate(parsing: text) }
    guard case .unknownUnit(_, let found)? = error?.reason else {
      Issue.record("\(text): \(String(describing: error?.reason))")
      return
    }
    #expect(found == suggestions)
  }

  @Test(arguments: [
    ("", QuantityError.Reason.empty), ("   ", .empty), ("nan", .notANumber), ("inf", .notANumber),
    ("GiB", .notANumber), (".B", .notANumber), ("+1B", .notANumber), ("1,000B", .notANumber),
    ("1_000B", .notANumber), ("1.2.3B", .notANumber), ("-", .notANumber), ("-x", .notANumber),
    ("5.B", .notANumber), ("\u{661}B", .notANumber), ("-8GiB", .negative), ("-0B", .negative),
    ("\u{2212}3B", .negative), ("8", .missingUnit), ("1e400B", .tooLarge), ("1e308PB", .tooLarge),
    ("1e308GiB", .tooLarge), ("1e99999999999999999999B", .tooLarge), ("1e-400B", .tooSmall),
    ("1e-99999999999999999999B", .tooSmall),
  ])
  func refused(text: String, reason: QuantityError.Reason) {
    let error = #expect(throws: QuantityError.self) { try Bytes(parsing: text) }
    #expect(error?.reason == reason)
    #expect(error?.text == text)
  }

  @Test func zeroWithAnyExponentIsZero() throws {
    #expect(try Bytes(parsing: "0e999999999999999999999B").siValue == 0)
    #expect(try Bytes(parsing: "0.000B").siValue == 0)
  }

  @Test func messages() {
    #expect(message("8") == #""8" has no unit; write for example 8GiB or 512MB"#)
    #expect(message("8G") == #""8G": "G" is not a unit; write 8GB or 8GiB"#)
    #expect(
      message("8 apples")
        == #""8 apples": "apples" is not a unit of a size; write for example 8GiB or 512MB"#)
    #expect(
      message("-1B") == #""-1B" is negative; a size is zero or more, for example 8GiB or 512MB"#)
    #expect(message("") == "empty where a size is expected, for example 8GiB or 512MB")
    let minutes = #expect(throws: QuantityError.self) { try Seconds(parsing: "5m") }
    #expect(minutes?.description == #""5m": "m" is not a unit; write 5ms or 5min"#)
    let bare = #expect(throws: QuantityError.self) { try Seconds(parsing: "0.3") }
    #expect(bare?.description == #""0.3" has no unit; write for example 300ms or 2min"#)
  }

  /// Every unit that is read and every example reads, and a table has no spelling twice.
  @Test func tablesAreConsistent() throws {
    try check(Bytes.self)
    try check(ByteRate.self)
    try check(PageCount.self)
    try check(PageRate.self)
    try check(Seconds.self)
    try check(Frequency.self)
    try check(Joules.self)
    try check(Ratio.self)
  }

  private func check<Q: Quantity>(_ type: Q.Type) throws {
    let spellings = Q.unitTable.units.flatMap { [$0.symbol] + $0.aliases }
    #expect(Set(spellings).count == spellings.count, "\(type)")
    for spelling in spellings {
      #expect(try Q(parsing: "2" + spelling).siValue > 0, "\(spelling)")
      #expect(try Q(parsing: "2 " + spelling) == Q(parsing: "2" + spelling), "\(spelling)")
    }
    for example in Q.unitTable.examples { #expect(try Q(parsing: example).siValue > 0) }
  }

  private func message(_ text: String) -> String? {
    let error = #expect(throws: QuantityError.self) { try Bytes(parsing: text) }
    return error?.description
  }

  private func parse<Q: Quantity>(_ text: String, as: Q.Type) throws(QuantityError) -> Q {
    try Q(parsing: text)
  }
}

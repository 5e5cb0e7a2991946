import TestSupport
import Testing

@testable import Traces

@Suite struct CellParserTests {
  private func parse(_ text: String) -> NumberCell {
    Array(text.utf8).withUnsafeBufferPointer { parseNumber($0) }
  }

  private func value(_ text: String) -> Double? {
    if case .number(let value) = parse(text) { return value }
    return nil
  }

  /// Halfway cases and the ends of the range: the standard library's parser is the second route.
  @Test(arguments: [
    "0", "-0", "1", "+1", "8589934592", "0.1", ".5", "1.", "-2.5e-3", "1E5", "1e+5", "0007",
    "1.7976931348623157e308", "4.9e-324", "2.4703282292062328e-324", "1e-400", "5e-324",
    "2.2250738585072011e-308", "9007199254740993", "9007199254740992.999999999999999999",
    "0.500000000000000166533453693773481063544750213623046875",
    "123456789012345678901234567890", "1e23", "8.41e21", "9.5367431640625e-7",
  ])
  func correctlyRounded(text: String) throws {
    let expected = try #require(Double(text))
    let found = try #require(value(text))
    #expect(found == expected && found.sign == expected.sign)
  }

  @Test func randomDecimals() throws {
    let seed = UInt64.random(in: 0..<1 << 32)
    var generator = TestRandom(seed: seed)
    for _ in 0..<20_000 {
      let double = Double(bitPattern: .random(in: 0...UInt64.max, using: &generator))
      guard double.isFinite else { continue }
      let text = double.description
      #expect(value(text) == double, "seed \(seed): \(text)")
    }
  }

  @Test(arguments: ["", " ", "\t  "])
  func missing(text: String) {
    guard case .missing = parse(text) else { return #expect(Bool(false), "\(text)") }
    #expect(value(text) == nil)
  }

  @Test func spacesAroundAreAllowed() {
    #expect(value("  12.5\t ") == 12.5)
    #expect(value(" +3") == 3)
  }

  @Test(arguments: [
    "nan", "NaN", "inf", "-Infinity", "0x10", "1_000", "1,5", "1 2", "1e", "e5", ".", "-", "+-1",
    "--1", "1.2.3", "12abc", "½", "1e5.5", "\u{A0}1",
  ])
  func notNumbers(text: String) {
    guard case .notANumber = parse(text) else { return #expect(Bool(false), "\(text)") }
    #expect(value(text) == nil)
  }

  @Test(arguments: ["1e400", "-1e309", "1.7976931348623159e308"])
  func outsideRange(text: String) {
    guard case .outsideRange = parse(text) else { return #expect(Bool(false), "\(text)") }
    #expect(value(text) == nil)
  }

  @Test(arguments: [
    ("1,234", "write it without thousands separators: 1234"),
    ("-1,234,567.89", "write it without thousands separators: -1234567.89"),
    ("12 345", "write it without thousands separators: 12345"),
    ("12'345", "write it without thousands separators: 12345"),
    ("12_345", "write it without thousands separators: 12345"),
    ("12,34", "write it with a decimal point: 12.34"),
    ("n/a", "leave the cell empty when the value is not known"),
    ("-", "leave the cell empty when the value is not known"),
    ("NULL", "leave the cell empty when the value is not known"),
    ("0xFF", "write it in decimal"),
    ("12.5 s", "write a plain number in the unit that the column's name says"),
    ("120MiB/s", "write a plain number in the unit that the column's name says"),
    ("1,23,4", ""), ("1,", ""), ("abc", ""), ("1-2", ""), ("1234,567,8", ""),
  ])
  func hints(text: String, hint: String) {
    #expect(notANumber(Array(text.utf8)) == .notANumber(text, hint: hint))
  }

  @Test func shownValuesAreShortAndHarmless() {
    #expect(shownValue(Array("a\tb\nc\rd\u{1b}e\u{7f}".utf8)) == "a\\tb\\nc\\rd\\u{1b}e\\u{7f}")
    #expect(shownValue(Array(String(repeating: "ü", count: 60).utf8)).count == 60)
    #expect(
      shownValue(Array(String(repeating: "ü", count: 5000).utf8))
        == String(repeating: "ü", count: 60) + "...")
    #expect(shownValue([0x61, 0xFF, 0x62]) == "a\u{FFFD}b")
  }
}

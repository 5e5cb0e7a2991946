import Foundation
import Kernels
import TestSupport
import Testing

@testable import ModelCore

/// The fast writer of decimals writes what `shortestDecimal` writes.
@Suite struct TextBufferTests {
  static func written(_ value: Double) -> String {
    var text = TextBuffer()
    text.append(decimal: value)
    return String(decoding: text.take(), as: UTF8.self)
  }

  static func check(_ value: Double, _ note: String = "") {
    let expected = value == 0 ? "0" : shortestDecimal(value)
    let text = written(value)
    #expect(text == expected, "\(note) \(value.bitPattern)")
    #expect(Double(text) == value, "\(note) \(text)")
  }

  @Test func edges() {
    let values: [Double] = [
      0, -0.0, 1, -1, 0.1, 0.3, 1e15, 1e16, 1e17, 123_456_789_012_345_680, 0x1p53, 0x1p53 - 1,
      0x1p53 + 2, 0x1p54, 0x1p54 + 4, 1e-4, 1e-5, 9.999e-5, 0.000123, 1e22, 1e23,
      Double.leastNonzeroMagnitude,
      1.7976931348623157e308, 2.2250738585072014e-308, 999_999_999_999_999.9, 0.001, 1e-3 + 1e-18,
      99_999_999.99, 12345.678, 0.1 + 0.2, 1 / 3, 4.35, 0.285, 1.005, 9.5e-5, 1e14, 1e14 + 0.5,
      123_456_789_012_345.6, 2e-4, 0.00010000000000000002,
    ]
    for value in values {
      Self.check(value)
      Self.check(-value)
      Self.check(value.nextUp)
      Self.check(value.nextDown)
    }
    #expect(Self.written(.infinity) == "inf" && Self.written(-.infinity) == "-inf")
  }

  /// Every power of ten and of two, and their neighbours: where lengths change.
  @Test func powers() {
    for exponent in -1074...1023 {
      let value = Double(sign: .plus, exponent: exponent, significand: 1)
      for neighbour in [value, value.nextUp, value.nextDown] { Self.check(neighbour) }
    }
    for exponent in -323...308 {
      guard let value = Double("1e\(exponent)") else { continue }
      for neighbour in [value, value.nextUp, value.nextDown] { Self.check(neighbour) }
    }
  }

  @Test func random() {
    let seed = UInt64.random(in: 0..<1 << 32)
    print("decimal seed \(seed)")
    var generator = TestRandom(seed: seed)
    for _ in 0..<40_000 {
      // Any double, a few digits behind a point, a whole number, fifteen digits.
      let any = Double(bitPattern: generator.next())
      if any.isFinite { Self.check(any, "seed \(seed)") }
      let places = Int.random(in: 0...9, using: &generator)
      let whole = Int.random(in: 0...999_999_999, using: &generator)
      Self.check(Double(whole) / pow(10, Double(places)), "seed \(seed)")
      Self.check(Double(Int.random(in: 0...(1 << 55), using: &generator)), "seed \(seed)")
      let fifteen = Double(Int.random(in: 0...999_999_999_999_999, using: &generator))
      Self.check(
        fifteen / pow(10, Double(Int.random(in: 0...18, using: &generator))), "seed \(seed)")
    }
  }

  @Test func bytesInTheirOrder() {
    var text = TextBuffer(capacity: 1)
    for number in 0..<1000 {
      text.append(Array("\(number)".utf8))
      text.append(UInt8(ascii: ","))
      text.append(decimal: Double(number) / 4)
      text.append(UInt8(ascii: "\n"))
    }
    let expected = (0..<1000).map { "\($0),\(shortestDecimal(Double($0) / 4))\n" }.joined()
    #expect(String(decoding: text.take(), as: UTF8.self) == expected)
    #expect(text.count == 0)
  }

  /// Tables of numbers alone, which a kernel writes, are written as all others are, on every
  /// processor.
  @Test(arguments: [CUTOVER_LEVEL_BASE, CUTOVER_LEVEL_AVX512])
  func rowsOfNumbers(level: Int32) throws {
    cutover_limit_kernel_level(level)
    defer { cutover_limit_kernel_level(CUTOVER_LEVEL_AVX512) }
    let seed = UInt64.random(in: 0..<1 << 32)
    print("rows seed \(seed)")
    var random = TestRandom(seed: seed)
    for count in [0, 1, 2, 3, 8, 200] {
      for width in 1...5 {
        let columns = (0..<width).map { _ in
          (0..<count).map { _ -> Double? in
            switch random.next() % 7 {
            case 0: nil
            case 1: Double(Int(random.next() % 2000)) - 1000
            case 2: random.uniform(-1, 1)
            case 5: Double(random.next() % 10_000_000) / 1000
            case 6: Double(random.next() % 1_000_000_000_000_000) / 1e12
            case 3: Double(bitPattern: random.next() & 0xBFFF_FFFF_FFFF_FFFF)
            default: random.next() % 2 == 0 ? .infinity : -0.0
            }
          }
        }
        let table = try Table(columns.enumerated().map { Column("c\($0)", numbers: $1) })
        func text(_ value: Double?) -> String {
          guard let value else { return width == 1 ? "\"\"" : "" }
          return value == 0 ? "0" : shortestDecimal(value)
        }
        let lines = (0..<count).map { row in
          columns.map { text($0[row]) }.joined(separator: ",") + "\n"
        }
        var part = TextBuffer(capacity: 1)
        CSVEncoding().append(rows: count / 3..<count, of: table, to: &part)
        #expect(
          String(decoding: part.take(), as: UTF8.self)
            == lines[(count / 3)...].joined(), "seed \(seed)")
      }
    }
  }
  /// Columns of numbers with as many places: what the kernel does eight at a time, with each
  /// length, sign and number of zeros at the end, and numbers beside it that are no such decimals.
  @Test(arguments: 0...15) func columnsOfDecimals(places: Int) throws {
    let seed = UInt64.random(in: 0..<1 << 32)
    print("places seed \(seed)")
    var random = TestRandom(seed: seed)
    let columns = (0..<3).map { column in
      (0..<4000).map { row -> Double in
        let digits = Int(random.next() % 16)
        var number = Double(random.next() % UInt64(pow(10, Double(digits))))
        if row % 5 == 0 { number *= pow(10, Double(min(3, 15 - digits))) }
        let value = (row % 3 == 0 ? -number : number) / pow(10, Double(places))
        return column == 2 && row % 7 == 0 ? value.nextUp : value
      }
    }
    var text = TextBuffer(capacity: 1)
    text.append(rows: 0..<4000, of: columns)
    let lines = String(decoding: text.take(), as: UTF8.self).split(separator: "\n")
    #expect(lines.count == 4000)
    for (row, line) in lines.enumerated() {
      let expected = columns.map { $0[row] == 0 ? "0" : shortestDecimal($0[row]) }
      #expect(line == expected.joined(separator: ","), "seed \(seed) row \(row)")
    }
  }
}

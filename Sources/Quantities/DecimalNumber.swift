#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// A decimal number as people write it: digits and the power of ten of the first one.
///
/// `d1 d2 d3 ... x 10^exponent` with the point after `d1`. Moving the point changes `exponent`
/// alone, so 0.3 becomes "300" milli without any arithmetic on doubles, and nothing is lost.
package struct DecimalNumber: Sendable, Equatable {
  /// Decimal digits without leading or trailing zeros; "0" for zero.
  package private(set) var digits: String
  package private(set) var exponent: Int
  package private(set) var isNegative: Bool

  /// The shortest decimal that reads back as `value`; `nil` for NaN and infinities.
  package init?(shortest value: Double) {
    self.init(scientific: value.description)
  }

  /// The exact decimal value of `value`, rounded half to even to `significantDigits` digits
  /// (taken into 1 to 17, what a double can tell apart); `nil` for NaN and infinities.
  package init?(_ value: Double, significantDigits: Int) {
    guard value.isFinite else { return nil }
    // The C library rounds the exact binary value, which no arithmetic on doubles can do.
    let text = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
      let places = Int32(min(max(significantDigits, 1), 17) - 1)
      let count = withVaList([places, value]) {
        vsnprintf(buffer.baseAddress, buffer.count, "%.*e", $0)
      }
      return String(
        decoding: buffer.prefix(max(0, Int(count))).lazy.map { UInt8(bitPattern: $0) },
        as: UTF8.self)
    }
    self.init(scientific: text)
  }

  /// Reads what `Double.description` and `%e` write: `-12.5`, `1.25e-07`. Over bytes, as a table
  /// of a million rows comes through here.
  private init?(scientific text: String) {
    var written: [UInt8] = []
    var wholeCount: Int?
    var power = 0
    var bytes = Substring(text).utf8
    isNegative = bytes.first == UInt8(ascii: "-")
    if isNegative { bytes.removeFirst() }
    while let byte = bytes.popFirst() {
      if byte == UInt8(ascii: "."), wholeCount == nil {
        wholeCount = written.count
      } else if byte == UInt8(ascii: "e") {
        guard let exponent = Int(Substring(bytes)) else { return nil }
        power = exponent
        break
      } else {
        guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
        written.append(byte)
      }
    }
    guard !written.isEmpty else { return nil }
    let zero = UInt8(ascii: "0")
    let leadingZeros = written.prefix { $0 == zero }.count
    guard leadingZeros < written.count else {
      digits = "0"
      exponent = 0
      isNegative = false
      return
    }
    exponent = power + (wholeCount ?? written.count) - 1 - leadingZeros
    while written.last == zero { written.removeLast() }
    digits = String(decoding: written.dropFirst(leadingZeros), as: UTF8.self)
  }

  package var isZero: Bool { digits == "0" }

  /// The same number times a power of ten.
  package func shifted(byPowerOfTen power: Int) -> DecimalNumber {
    var answer = self
    if !isZero { answer.exponent += power }
    return answer
  }

  /// Plain for 1e-4 <= |x| < 1e15, with an exponent (`1.5e-07`, `1e+20`) beyond; never "-0".
  package var text: String {
    let sign = isNegative ? "-" : ""
    guard hasPlainText else {
      let rest = digits.dropFirst()
      let size = abs(exponent)
      return sign + digits.prefix(1) + (rest.isEmpty ? "" : "." + rest)
        + (exponent < 0 ? "e-" : "e+") + (size < 10 ? "0" : "") + String(size)
    }
    if exponent < 0 {
      return sign + "0." + String(repeating: "0", count: -exponent - 1) + digits
    }
    let wholeCount = exponent + 1
    if digits.count <= wholeCount {
      return sign + digits + String(repeating: "0", count: wholeCount - digits.count)
    }
    return sign + digits.prefix(wholeCount) + "." + digits.dropFirst(wholeCount)
  }

  /// Whether `text` has no exponent.
  package var hasPlainText: Bool { (-4..<15).contains(exponent) }
}

/// A number rounded (half to even, on its exact value) to so many significant digits, without
/// trailing zeros: `roundedDecimal(2.0 / 3, significantDigits: 3)` is "0.667".
///
/// Not finite: "inf", "-inf", and "" for NaN, which stands for a missing value.
package func roundedDecimal(_ value: Double, significantDigits: Int) -> String {
  if let number = DecimalNumber(value, significantDigits: significantDigits) { return number.text }
  return value.isNaN ? "" : (value < 0 ? "-inf" : "inf")
}

extension Character {
  var isASCIIDigit: Bool { self >= "0" && self <= "9" && isASCII }
}

extension Quantity {
  /// Reads a number with its unit: `8GiB`, `64 KiB`, `1Gbit/s`, `300ms`, `1.5e9B`.
  ///
  /// A number is decimal digits with an optional point and exponent, without a sign, group
  /// separators, `inf` or `nan`. One or more spaces may stand before the unit, and around the
  /// whole. k, M, G, T, P are decimal and Ki, Mi, Gi, Ti, Pi binary; spellings that could mean
  /// either, or bits and bytes (`KB`, `8G`, `100Mb`, `10MBps`), are refused with the ones to
  /// choose from.
  ///
  /// - Throws: `QuantityError`, which says what was typed and how to write it.
  /// - Note: The decimal is read as the nearest double after the power of ten of the unit is
  ///   applied to its text; binary factors are exact.
  public init(parsing text: String) throws(QuantityError) {
    self.init(siValue: try Self.unitTable.siValue(of: text))
  }

  /// The value in the readable unit that needs the fewest digits, such that
  /// `Self(parsing: description)` is the same double: 1073741824 bytes print as `1GiB`, 0.3 s
  /// as `300ms`.
  ///
  /// Negative and infinite values (answers of arithmetic) are printed too, but not read back.
  public var description: String {
    Self.unitTable.exactText(of: siValue)
  }

  /// The value in a readable unit, rounded half to even, for tables and messages: `1.33GiB`.
  ///
  /// Not meant to be read back: use `description` for that.
  /// - Parameter significantDigits: taken into 1 to 17.
  public func formatted(significantDigits: Int) -> String {
    let table = Self.unitTable
    return table.roundedText(
      of: siValue, significantDigits: significantDigits, families: table.roundedFamilies)
  }
}

/// A number and a unit, apart and checked, not yet multiplied.
struct QuantityText {
  var mantissa: Substring
  var exponent: Int
  var unit: Substring
}

extension UnitTable {
  func siValue(of text: String) throws(QuantityError) -> Double {
    let parts = try split(text)
    let unit = try unit(of: parts, in: text)
    return try siValue(of: parts, in: unit, text: text)
  }

  /// The unit that was typed, or why it is none.
  func unit(of parts: QuantityText, in text: String) throws(QuantityError) -> Unit {
    if parts.unit.isEmpty {
      if allowsBareNumber { return base }
      throw QuantityError(text, .missingUnit, expected: self)
    }
    if let unit = unit(spelled: parts.unit) { return unit }
    let suggestions = suggestions(for: parts.unit).map { typedNumber(of: text) + $0.symbol }
    throw QuantityError(
      text, .unknownUnit(String(parts.unit), suggestions: suggestions), expected: self)
  }

  func siValue(of parts: QuantityText, in unit: Unit, text: String) throws(QuantityError) -> Double
  {
    guard let value = unit.siValue(mantissa: parts.mantissa, exponent: parts.exponent) else {
      throw QuantityError(text, .notANumber, expected: self)
    }
    guard value.isFinite else { throw QuantityError(text, .tooLarge, expected: self) }
    if value == 0, parts.mantissa.contains(where: { $0 != "0" && $0 != "." }) {
      throw QuantityError(text, .tooSmall, expected: self)
    }
    return value
  }

  /// Cuts a text into number and unit.
  func split(_ text: String) throws(QuantityError) -> QuantityText {
    var rest = Substring(text).trimmingSpaces()
    guard let first = rest.first else { throw QuantityError(text, .empty, expected: self) }
    if first == "-" || first == "\u{2212}" {
      let isNumber = rest.dropFirst().first.map { $0.isASCIIDigit || $0 == "." } ?? false
      throw QuantityError(text, isNumber ? .negative : .notANumber, expected: self)
    }
    let start = rest.startIndex
    rest = rest.drop(while: \.isASCIIDigit)
    var hasDigits = rest.startIndex > start
    if rest.first == "." {
      let fraction = rest.dropFirst()
      rest = fraction.drop(while: \.isASCIIDigit)
      hasDigits = rest.startIndex > fraction.startIndex
    }
    guard hasDigits else { throw QuantityError(text, .notANumber, expected: self) }
    let mantissa = text[start..<rest.startIndex]
    let exponent = takeExponent(&rest)
    let unit = rest.trimmingSpaces()
    // "1,000B" or "1_000B": the number has not ended, whatever follows is no unit.
    if let next = rest.first, next == "," || next == "." || next == "_" || next == "'" {
      throw QuantityError(text, .notANumber, expected: self)
    }
    return QuantityText(mantissa: mantissa, exponent: exponent, unit: unit)
  }

  private func takeExponent(_ rest: inout Substring) -> Int {
    guard rest.first == "e" || rest.first == "E" else { return 0 }
    var digits = rest.dropFirst()
    let isNegative = digits.first == "-"
    if isNegative || digits.first == "+" { digits = digits.dropFirst() }
    let end = digits.drop(while: \.isASCIIDigit)
    guard end.startIndex > digits.startIndex else { return 0 }
    rest = end
    // Beyond this every double is zero or infinite, and sums with it cannot overflow an Int.
    let limit = 1_000_000
    let size = min(Int(digits[..<end.startIndex]) ?? limit, limit)
    return isNegative ? -size : size
  }

  /// The number as it was typed, to be shown with another unit.
  private func typedNumber(of text: String) -> String {
    let trimmed = Substring(text).trimmingSpaces()
    var rest = trimmed.drop { $0.isASCIIDigit || $0 == "." }
    _ = takeExponent(&rest)
    return String(trimmed[..<rest.startIndex])
  }
}

extension Substring {
  fileprivate func trimmingSpaces() -> Substring {
    var answer = drop { $0 == " " }
    while answer.last == " " { answer.removeLast() }
    return answer
  }
}

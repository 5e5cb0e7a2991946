extension UnitTable {
  /// The text with the fewest digits among the readable units that reads back as `value`.
  func exactText(of value: Double) -> String {
    if value < 0 { return "-" + exactText(of: -value) }
    var best: (digits: Int, text: String)?
    if value > 0, value.isFinite {
      for family in printed {
        guard
          let unit = readableUnit(for: value, in: family),
          let number = unit.number(ofSI: value, significantDigits: nil), number.isReadable
        else { continue }
        let text = number.text + unit.symbol
        // Units of 60 or 3600 seconds round; such a text counts only when it reads back.
        guard number.digits.count < best?.digits ?? .max, (try? siValue(of: text)) == value else {
          continue
        }
        best = (number.digits.count, text)
      }
    }
    // The base unit multiplies by one, so the shortest decimal always reads back.
    return best?.text ?? baseText(of: value)
  }

  /// The value in a readable unit of the first family that has one, rounded.
  func roundedText(of value: Double, significantDigits: Int, families: [[Unit]]) -> String {
    if value < 0 {
      return "-" + roundedText(of: -value, significantDigits: significantDigits, families: families)
    }
    if value > 0, value.isFinite {
      for family in families {
        guard
          let unit = readableUnit(for: value, in: family, significantDigits: significantDigits),
          let number = unit.number(ofSI: value, significantDigits: significantDigits),
          number.isReadable
        else { continue }
        return number.text + unit.symbol
      }
    }
    return roundedDecimal(value, significantDigits: significantDigits) + base.symbol
  }

  private func baseText(of value: Double) -> String {
    guard let number = DecimalNumber(shortest: value) else {
      return (value.isNaN ? "nan" : "inf") + base.symbol
    }
    return number.text + base.symbol
  }

  /// The largest unit of an ascending family of which `value` is one or more; the smallest for
  /// less, if the family starts at or below the base unit.
  ///
  /// Rounding counts: 999.9996 ms to three digits is 1 s, not 1000 ms.
  private func readableUnit(
    for value: Double, in family: [Unit], significantDigits: Int? = nil
  ) -> Unit? {
    let fitting = family.last { unit in
      guard let number = unit.number(ofSI: value, significantDigits: significantDigits) else {
        return false
      }
      return number.exponent >= 0
    }
    if let fitting { return fitting }
    guard let smallest = family.first, smallest.factor == 1 else { return nil }
    return smallest
  }
}

extension DecimalNumber {
  /// Beyond this even the best unit needs more zeros than a reader counts; the base unit with
  /// an exponent says it better.
  fileprivate var isReadable: Bool { (-3..<6).contains(exponent) }
}

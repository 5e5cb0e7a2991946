internal import ModelCore
internal import Quantities

/// A number as a format without a rule of its own writes it: rounded when digits are given,
/// else the shortest decimal that reads back. Minus zero is zero; infinities are `inf`.
func numberText(_ value: Double, significantDigits: Int?) -> String {
  if let significantDigits {
    return roundedDecimal(value, significantDigits: significantDigits)
  }
  return value == 0 ? "0" : shortestDecimal(value)
}

extension ColumnValues {
  /// Whether people expect it at the right edge.
  var isNumeric: Bool {
    if case .numbers = self { return true }
    return false
  }

  /// One cell for people; `nil` when it is missing.
  func cellText(row: Int, significantDigits: Int) -> String? {
    switch self {
    case .numbers(let column):
      column[row].map { numberText($0, significantDigits: significantDigits) }
    case .text(let column): column[row]
    case .flags(let column): column[row].map { $0 ? "true" : "false" }
    }
  }
}

/// Where human formats stop when nobody asks for more: enough to tell measurements apart.
let defaultSignificantDigits = 6

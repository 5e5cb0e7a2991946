import Foundation
import MigrationModels
import ModelCore
import Quantities
import Reporting

/// A share in percent, for people.
func percentText(_ value: Double) -> String {
  "\(roundedDecimal(value * 100, significantDigits: 3)) %"
}

extension ColumnUnit {
  /// What an axis of such a column counts.
  var plotUnit: PlotUnit {
    switch self {
    case .bytes: .bytes
    case .bytesPerSecond: .bytesPerSecond
    case .seconds: .seconds
    case .joules: .joules
    case .fraction: .percent
    case .none, .pages, .pagesPerSecond, .count: .plain
    }
  }
}

extension ScenarioField {
  private var unit: ColumnUnit { Glossary.definition(of: column)?.unit ?? .none }

  /// What an axis of the field counts.
  var plotUnit: PlotUnit { unit.plotUnit }

  /// The column's words without its unit, for labels: "dirty rate".
  var words: String { columnWords(column) }

  /// A value for people, with its unit.
  func text(_ value: Double) -> String {
    switch unit {
    case .bytes: Bytes(siValue: value).formatted(significantDigits: 4)
    case .bytesPerSecond: rateText(ByteRate(siValue: value))
    case .seconds: Seconds(siValue: value).formatted(significantDigits: 4)
    case .fraction: percentText(value)
    default: roundedDecimal(value, significantDigits: 6)
    }
  }

  /// Reads a value as the field's option does.
  ///
  /// - Throws: `QuantityError`, or `UsageError` for a count that is none.
  func value(parsing text: String, pageSize: Bytes) throws -> Double {
    switch unit {
    case .bytes: return try Bytes(parsing: text).siValue
    case .bytesPerSecond:
      return self == .dirtyRate
        ? try ByteRate(parsing: text, pageSize: pageSize).siValue
        : try ByteRate(parsing: text).siValue
    case .seconds: return try Seconds(parsing: text).siValue
    case .fraction: return try Ratio(parsing: text).siValue
    default:
      guard let value = Double(text), value.isFinite else {
        throw UsageError("\"\(text)\" is not a number")
      }
      return value
    }
  }
}

/// A rate in the unit in which it is a short number, decimal or binary.
func rateText(_ rate: ByteRate) -> String {
  let exact = rate.description
  return exact.count <= 10 ? exact : rate.formatted(significantDigits: 4)
}

/// A column's name as words, without the unit.
func columnWords(_ column: String) -> String {
  String(optionName(forColumn: column).dropFirst(2)).replacing("-", with: " ")
}

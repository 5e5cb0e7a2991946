/// Why a text is not a quantity.
///
/// It does not know the program's own error categories: at the command line it is a usage
/// error, in a file bad data, and only the caller knows which.
public struct QuantityError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What is wrong.
  public enum Reason: Sendable, Equatable {
    case empty
    /// Does not start with a decimal number (`inf`, `nan`, `1,000`, `abc`).
    case notANumber
    /// A sign where only zero and more is meaningful.
    case negative
    /// A bare number where a unit is needed.
    case missingUnit
    /// A unit that is not one, or that could mean several; the ones it may have meant.
    case unknownUnit(String, suggestions: [String])
    /// Pages per second where bytes per second are needed and the page size is not known.
    case needsPageSize
    /// Above the largest double.
    case tooLarge
    /// Not zero, yet nearer to zero than any double.
    case tooSmall
  }

  /// The text as it was typed.
  public let text: String
  /// What was expected: "a size".
  public let expected: String
  /// Two values spelt well.
  public let examples: [String]
  /// What is wrong with it.
  public let reason: Reason

  init(_ text: String, _ reason: Reason, expected table: UnitTable) {
    self.text = text
    self.reason = reason
    expected = table.name
    examples = table.examples
  }

  /// One sentence without a full stop: the text, what is wrong, how to write it.
  public var description: String {
    let example = examples.joined(separator: " or ")
    switch reason {
    case .empty:
      return "empty where \(expected) is expected, for example \(example)"
    case .notANumber:
      return "\"\(text)\" does not start with a number; \(expected) is expected, "
        + "for example \(example)"
    case .negative:
      return "\"\(text)\" is negative; \(expected) is zero or more, for example \(example)"
    case .missingUnit:
      return "\"\(text)\" has no unit; write for example \(example)"
    case .unknownUnit(let unit, let suggestions) where suggestions.isEmpty:
      return "\"\(text)\": \"\(unit)\" is not a unit of \(expected); write for example \(example)"
    case .unknownUnit(let unit, let suggestions):
      return "\"\(text)\": \"\(unit)\" is not a unit; write \(alternatives(suggestions))"
    case .needsPageSize:
      return "\"\(text)\" counts pages; give a page size too, or write for example \(example)"
    case .tooLarge:
      return "\"\(text)\" is too large; \(expected) is expected, for example \(example)"
    case .tooSmall:
      return "\"\(text)\" is too small to be told from zero; write 0 with a unit if zero is meant"
    }
  }
}

/// "a, b or c".
private func alternatives(_ words: [String]) -> String {
  guard let last = words.last, words.count > 1 else { return words.first ?? "" }
  return words.dropLast().joined(separator: ", ") + " or " + last
}

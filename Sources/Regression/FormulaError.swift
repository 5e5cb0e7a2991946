public import ModelCore

/// A formula that cannot be read, or that may not be used, with the place that is to blame.
public struct FormulaError: Failure, Equatable {
  /// The text as it was given.
  public let formula: String
  /// Characters before the place.
  public let offset: Int
  /// What is wrong and what was expected.
  public let message: String

  public init(formula: String, offset: Int, message: String) {
    self.formula = formula
    self.offset = offset
    self.message = message
  }

  public var category: FailureCategory { .usage }

  public var description: String {
    "formula, character \(offset + 1): \(message)"
  }

  /// Two lines: the formula, and a caret below the place.
  public var caret: String {
    let line = formula.map { $0.isNewline || $0 == "\t" ? " " : String($0) }.joined()
    return line + "\n" + String(repeating: " ", count: offset) + "^"
  }
}

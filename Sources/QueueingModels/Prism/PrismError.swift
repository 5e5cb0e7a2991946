public import ModelCore

/// What is wrong with a model in PRISM's language, and where.
public struct PrismError: Failure, Equatable {
  public var file: String
  /// From 1.
  public var line: Int
  /// From 1, in characters.
  public var column: Int
  public var message: String

  public init(file: String, line: Int, column: Int, message: String) {
    self.file = file
    self.line = line
    self.column = column
    self.message = message
  }

  public var category: FailureCategory { .badData }
  public var description: String { "\(file):\(line):\(column): \(message)" }
}

/// A place in a text.
struct PrismPlace: Hashable, Sendable {
  var line: Int
  var column: Int

  /// The error, to be given its file's name at the door.
  func error(_ message: String) -> PrismError {
    PrismError(file: "", line: line, column: column, message: message)
  }
}

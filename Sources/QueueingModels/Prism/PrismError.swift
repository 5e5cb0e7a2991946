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

/// Why a text in PRISM's language is no model of ours.
public enum PrismReadError: Failure, Equatable {
  /// The text is not of the subset, or says nothing sensible there.
  case syntax(PrismError)
  /// The text is understood, but its chain cannot be kept.
  case model(QueueingError)

  public var category: FailureCategory {
    switch self {
    case .syntax(let error): error.category
    case .model(let error): error.category
    }
  }

  public var description: String {
    switch self {
    case .syntax(let error): error.description
    case .model(let error): error.description
    }
  }
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

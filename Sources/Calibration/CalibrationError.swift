public import ModelCore

/// Why a fit or a comparison is not possible.
public enum CalibrationError: Failure, Equatable {
  case notFitted(model: String, reason: String)
  case tooFewRows(what: String, found: Int, needed: Int)
  case noTarget(String, reason: String)
  case notComparable(model: String, reason: String)
  case badSetting(String)
  case nothingToCompare(String)
  case cause(FailureCategory, String)

  /// An error of a room below, kept with its words and, where it has one, its category.
  init(_ error: any Error) {
    if let known = error as? CalibrationError {
      self = known
    } else if let failure = error as? any Failure {
      self = .cause(failure.category, failure.description)
    } else {
      self = .cause(.internalFault, "\(error)")
    }
  }

  public var category: FailureCategory {
    switch self {
    case .notFitted, .tooFewRows, .notComparable, .nothingToCompare: .cannotAnswer
    case .noTarget, .badSetting: .usage
    case .cause(let category, _): category
    }
  }

  public var description: String {
    switch self {
    case .notFitted(let model, let reason): "\(model) cannot be fitted: \(reason)"
    case .tooFewRows(let what, let found, let needed):
      "\(what): \(found) rows, and at least \(needed) are needed"
    case .noTarget(let name, let reason): "target \(name): \(reason)"
    case .notComparable(let model, let reason): "\(model) cannot be compared: \(reason)"
    case .badSetting(let message): message
    case .nothingToCompare(let reason): "nothing to compare: \(reason)"
    case .cause(_, let message): message
    }
  }
}

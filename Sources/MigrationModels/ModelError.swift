public import ModelCore

/// Why a model gives no prediction.
public enum ModelError: Failure, Equatable {
  case missingInput(String)
  case outOfDomain(String, value: Double, expected: String)
  case unknownModel(String, nearest: [String])
  case unknownParameter(String, model: String, nearest: [String])
  case parameterOutOfDomain(String, value: Double, expected: String)
  case noVariant(String, model: String)
  case invalidCurve(String)
  /// A search found no answer within the range of doubles.
  case searchFailed

  public var category: FailureCategory {
    switch self {
    case .missingInput, .searchFailed: .cannotAnswer
    case .outOfDomain, .parameterOutOfDomain, .invalidCurve: .badData
    case .unknownModel, .unknownParameter, .noVariant: .usage
    }
  }

  public var description: String {
    switch self {
    case .missingInput(let column):
      "\(column) is not known, and the model needs it"
    case .outOfDomain(let column, let value, let expected):
      "\(column): \(shortestDecimal(value)) is outside its domain (\(expected))"
    case .unknownModel(let id, let nearest):
      "no model \"\(id)\"" + (nearest.isEmpty ? "; see 'cutover models list'" : suggestion(nearest))
    case .unknownParameter(let name, let model, let nearest):
      "\(model) has no parameter \(name)" + suggestion(nearest)
    case .parameterOutOfDomain(let name, let value, let expected):
      "parameter \(name): \(shortestDecimal(value)) is outside its domain (\(expected))"
    case .noVariant(let variant, let model):
      "\(model) has no variant +\(variant)"
    case .invalidCurve(let reason):
      "dirty curve: \(reason)"
    case .searchFailed:
      "the search found no answer: the numbers lie at the edge of what a double can hold"
    }
  }
}

public import ModelCore

/// Why a non-linear fit cannot be set up. That a solver does not converge is no error: the report
/// says so.
public enum NonlinearError: Failure, Equatable {
  /// What a linear fit would refuse as well: the formula, the table, the weights.
  case regression(RegressionError)
  /// The model has no parameter at all.
  case noParameters(formula: String)
  /// Parameters for which neither a start nor finite bounds were given.
  case noStart([String])
  /// A start or a bound for a name that is no parameter.
  case unknownParameter(String, nearest: [String], parameters: [String])
  /// A start that is not finite.
  case badStart(parameter: String, value: Double)
  /// Bounds that leave no room.
  case badBounds(parameter: String, lower: Double, upper: Double)
  /// A start outside the bounds.
  case startOutside(parameter: String, value: Double, lower: Double, upper: Double)
  /// The model has no finite value at any of the starts; the place is the first row concerned.
  case notFiniteAtStart(place: String, starts: Int)
  case option(String, value: Double, expected: String)
  /// A model that does not keep to its own sizes.
  case inconsistentModel(String)

  public var category: FailureCategory {
    switch self {
    case .regression(let error): error.category
    case .noParameters, .noStart, .unknownParameter, .badStart, .badBounds, .startOutside,
      .notFiniteAtStart, .option:
      .usage
    case .inconsistentModel: .internalFault
    }
  }

  public var description: String {
    switch self {
    case .regression(let error): error.description
    case .noParameters(let formula):
      "\(formula) has no parameter: every name on the right is a column"
    case .noStart(let names):
      "no start for \(names.joined(separator: ", ")); give each parameter a value to begin with, "
        + "or finite bounds and a number of random starts"
    case .unknownParameter(let name, let nearest, let parameters):
      "\(name) is no parameter of the model"
        + (nearest.isEmpty
          ? "; its parameters are \(parameters.joined(separator: ", "))" : suggestion(nearest))
    case .badStart(let name, let value):
      "the start of \(name) is \(shortestDecimal(value)); expected a finite number"
    case .badBounds(let name, let lower, let upper):
      "the bounds of \(name) are \(shortestDecimal(lower)) and \(shortestDecimal(upper)); expected "
        + "the first below the second"
    case .startOutside(let name, let value, let lower, let upper):
      "the start of \(name) is \(shortestDecimal(value)), outside its bounds "
        + "\(shortestDecimal(lower)) and \(shortestDecimal(upper))"
    case .notFiniteAtStart(let place, let starts):
      "\(place): the model has no finite value or derivative "
        + (starts == 1 ? "at the start" : "at any of the \(starts) starts")
        + "; begin elsewhere, or leave the row out"
    case .option(let name, let value, let expected):
      "the \(name) is \(shortestDecimal(value)); expected \(expected)"
    case .inconsistentModel(let what): what
    }
  }
}

/// Runs a body of regression and gives its error this area's type.
func regression<Answer>(
  _ body: () throws(RegressionError) -> Answer
) throws(NonlinearError) -> Answer {
  do { return try body() } catch { throw .regression(error) }
}

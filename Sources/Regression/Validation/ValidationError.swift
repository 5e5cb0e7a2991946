import LinearAlgebra
public import ModelCore
import Statistics

/// Why a validation, a test or a comparison of fits is not possible.
public enum ValidationError: Failure, Equatable {
  /// An error of the fits below.
  case regression(RegressionError)
  /// A setting that makes no sense, with what would.
  case setting(String)
  /// Rows, groups or scores that do not suffice.
  case tooFew(what: String, found: Int, needed: Int)
  /// The smaller model's columns are not combinations of the larger model's.
  case notNested(smaller: String, larger: String, term: String)
  /// Two models with the same columns in other words: there is nothing to test.
  case sameSpace(String, String)
  /// Two fits that do not rest on the same rows, responses or weights.
  case notComparable(String, String, difference: String)
  /// A linear hypothesis that cannot be tested.
  case hypothesis(String)

  public var category: FailureCategory {
    switch self {
    case .regression(let error): error.category
    case .setting, .notNested, .sameSpace, .hypothesis: .usage
    case .tooFew, .notComparable: .cannotAnswer
    }
  }

  public var description: String {
    switch self {
    case .regression(let error): error.description
    case .setting(let message): message
    case .tooFew(let what, let found, let needed):
      "\(what): there are \(found), and at least \(needed) are needed"
    case .notNested(let smaller, let larger, let term):
      "\(smaller) is not nested in \(larger): \(term) is no combination of the larger model's "
        + "terms; compare them by cross-validation instead"
    case .sameSpace(let first, let second):
      "\(first) and \(second) are the same model in other words, so there is nothing to test"
    case .notComparable(let first, let second, let difference):
      "\(first) and \(second) cannot be compared: \(difference)"
    case .hypothesis(let message): message
    }
  }
}

/// Runs a body of regression and gives its error this area's type.
func regression<Answer>(
  _ body: () throws(RegressionError) -> Answer
) throws(ValidationError) -> Answer {
  do { return try body() } catch { throw .regression(error) }
}

/// Runs a body of linear algebra and gives its error this area's type.
func validatedAlgebra<Answer>(
  _ body: () throws(LinearAlgebraError) -> Answer
) throws(ValidationError) -> Answer {
  do { return try body() } catch { throw .regression(.linearAlgebra(error)) }
}

/// Runs a body of statistics and gives its error this area's type.
func validatedStatistics<Answer>(
  _ body: () throws(StatisticsError) -> Answer
) throws(ValidationError) -> Answer {
  do { return try body() } catch { throw .regression(.statistics(error)) }
}

/// A table made by this area; its columns are of one length and differ in name.
func validatedTable(_ columns: [Column]) throws(ValidationError) -> Table {
  do { return try Table(columns) } catch { throw .regression(.table(error)) }
}

public import LinearAlgebra
public import ModelCore
public import Statistics

/// Why a design, a fit or a prediction is not possible.
public enum RegressionError: Failure, Equatable {
  /// The formula, or a column it names, is wrong.
  case formula(FormulaError)
  /// A value computed for the model is not a number that can be used.
  case notFinite(place: String, expression: String, value: Double, cells: String)
  /// A column of text inside arithmetic.
  case notNumbers(column: String, in: String)
  /// A factor of one level has no contrast.
  case singleLevel(column: String, level: String, rows: Int)
  /// `poly(x, k)` on k different values or fewer.
  case polynomial(term: String, degree: Int, differentValues: Int)
  /// A term whose values cannot be worked with in doubles.
  case outOfRange(term: String)
  /// A weight that is negative or not finite.
  case weight(place: String, expression: String, value: Double)
  /// Every row has a missing cell or a zero weight, or there is none.
  /// `empty` names columns without a single value.
  case noRows(table: Int, missing: Int, zeroWeight: Int, empty: [String] = [])
  /// A formula such as `y ~ 0` has no column to fit.
  case noColumns(formula: String)
  /// More elements than a matrix may have here.
  case tooLarge(rows: Int, columns: Int)
  /// A level of confidence outside (0, 1).
  case level(Double)
  /// A saved fit that contradicts itself.
  case inconsistentFit(String)
  /// A kind of fit other than least squares is not possible.
  case kind(KindError)
  /// What goes wrong only with data in batches.
  case stream(StreamError)
  case table(TableError)
  case linearAlgebra(LinearAlgebraError)
  case statistics(StatisticsError)

  public var category: FailureCategory {
    switch self {
    case .formula(let error): error.category
    case .stream(let error): error.category
    case .table(let error): error.category
    case .kind(let error): error.category
    case .level, .noColumns, .notNumbers: .usage
    case .notFinite, .singleLevel, .polynomial, .outOfRange, .weight, .noRows, .inconsistentFit:
      .badData
    case .tooLarge: .cannotAnswer
    case .linearAlgebra(.noLibrary): .cannotAnswer
    case .linearAlgebra, .statistics: .internalFault
    }
  }

  public var description: String {
    switch self {
    case .formula(let error): error.description
    case .notFinite(let place, let expression, let value, let cells):
      "\(place): \(expression) is \(shortestDecimal(value)) for \(cells); expected a finite number "
        + "(drop the row or change the formula)"
    case .notNumbers(let column, let expression):
      "column \(column) holds no numbers, which \(expression) needs; as a term of its own it would "
        + "be a factor"
    case .singleLevel(let column, let level, let rows):
      "column \(column) holds a single value (\(level)) in the \(rows) complete rows, so it cannot "
        + "explain anything; take it out of the formula"
    case .polynomial(let term, let degree, let values):
      "\(term) needs more than \(degree) different values, and there are \(values)"
    case .outOfRange(let term):
      "\(term) is beyond the range of doubles; bring its column to another unit"
    case .weight(let place, let expression, let value):
      "\(place): the weight \(expression) is \(shortestDecimal(value)); expected a finite number "
        + ">= 0"
    case .noRows(let table, let missing, let zeroWeight, let empty):
      "no row is left to fit: of \(table), \(missing) have a missing cell in a column of the "
        + "formula and \(zeroWeight) a weight of 0"
        + (empty.isEmpty
          ? ""
          : "; \(empty.joined(separator: ", ")) has no value in any row: take it out of the formula")
    case .noColumns(let formula):
      "\(formula) has no term to fit, or all are zero; add one, or write 1 for the mean"
    case .tooLarge(let rows, let columns):
      "a model of \(rows) rows and \(columns) columns is too large; is a column of names in the "
        + "formula?"
    case .level(let level):
      "a confidence level lies between 0 and 1, such as 0.95; got \(shortestDecimal(level))"
    case .inconsistentFit(let what): "the saved fit contradicts itself: \(what)"
    case .kind(let error): error.description
    case .stream(let error): error.description
    case .table(let error): error.description
    case .linearAlgebra(let error): error.description
    case .statistics(let error): error.description
    }
  }
}

/// Runs a body of linear algebra and gives its error this module's type.
func algebra<Answer>(
  _ body: () throws(LinearAlgebraError) -> Answer
) throws(RegressionError) -> Answer {
  do { return try body() } catch { throw .linearAlgebra(error) }
}

/// Runs a body of statistics and gives its error this module's type.
func statistics<Answer>(
  _ body: () throws(StatisticsError) -> Answer
) throws(RegressionError) -> Answer {
  do { return try body() } catch { throw .statistics(error) }
}

/// Runs a body on a formula and gives its error this module's type.
func formulaChecked<Answer>(
  _ body: () throws(FormulaError) -> Answer
) throws(RegressionError) -> Answer {
  do { return try body() } catch { throw .formula(error) }
}

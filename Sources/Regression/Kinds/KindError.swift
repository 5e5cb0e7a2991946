public import ModelCore

/// Why a kind of linear fit other than least squares is not possible.
public enum KindError: Failure, Equatable {
  /// A setting of an estimator outside its domain.
  case setting(name: String, value: Double, expected: String)
  /// A bound, a constraint or a start that names a term which the formula does not have.
  case unknownTerm(String, nearest: [String])
  /// A bound or constraint that cannot be read.
  case syntax(String, expected: String)
  /// A lower bound above the upper one.
  case emptyBounds(term: String, lower: Double, upper: Double)
  /// Constraints that no coefficients satisfy.
  case contradiction(String)
  /// The method needs more rows than it has terms.
  case tooFewRows(method: String, rows: Int, needed: Int)
  /// More than half of the rows are fitted exactly: no resistant scale.
  case zeroScale(method: String)
  /// A matrix that has to be inverted is not of full rank.
  case singular(what: String, terms: String)
  /// A row that determines its own fitted value has no HC2 or HC3 weight.
  case fullLeverage(place: String, kind: String)
  /// Cluster-robust standard errors of a single cluster.
  case tooFewClusters(column: String, count: Int)
  /// A missing cell in a column that says what kind of row it is.
  case missingMark(place: String, column: String)
  /// A status that no row has.
  case unknownStatus(String, column: String, known: [String])
  /// Every row is censored, or too few are not.
  case censored(observed: Int, needed: Int)
  /// More terms than an exhaustive search may have.
  case tooManyTerms(Int, limit: Int)
  /// A criterion for selection that no candidate has.
  case noCandidate(String)

  public var category: FailureCategory {
    switch self {
    case .setting, .unknownTerm, .syntax, .emptyBounds, .contradiction, .unknownStatus,
      .tooManyTerms:
      .usage
    case .tooFewRows, .zeroScale, .singular, .fullLeverage, .tooFewClusters, .missingMark,
      .censored, .noCandidate:
      .badData
    }
  }

  public var description: String {
    switch self {
    case .setting(let name, let value, let expected):
      "\(name) is \(shortestDecimal(value)); expected \(expected)"
    case .unknownTerm(let name, let nearest):
      "the model has no term \(name)" + suggestion(nearest)
    case .syntax(let text, let expected): "\"\(text)\" cannot be read; expected \(expected)"
    case .emptyBounds(let term, let lower, let upper):
      "the bounds of \(term) exclude every value: \(shortestDecimal(lower)) to "
        + shortestDecimal(upper)
    case .contradiction(let text): "the constraints contradict each other: \(text)"
    case .tooFewRows(let method, let rows, let needed):
      "\(method) needs at least \(needed) rows for this formula, and there are \(rows)"
    case .zeroScale(let method):
      "\(method): at least half of the rows are fitted exactly, so their residuals give no "
        + "resistant scale; use least squares"
    case .singular(let what, let terms):
      "\(what) is singular for the terms \(terms): the data cannot tell them apart"
    case .fullLeverage(let place, let kind):
      "\(place): the row alone determines one of the coefficients (its leverage is 1), so \(kind) "
        + "standard errors do not exist; use HC0 or HC1, or drop the row"
    case .tooFewClusters(let column, let count):
      "column \(column) has \(count) different value\(count == 1 ? "" : "s") in the fitted rows; "
        + "cluster-robust standard errors need at least 2"
    case .missingMark(let place, let column):
      "\(place): column \(column) is empty; expected a value in every fitted row"
    case .unknownStatus(let status, let column, let known):
      "column \(column) is \"\(status)\" in no row; it holds "
        + known.prefix(12).joined(separator: ", ") + (known.count > 12 ? ", ..." : "")
    case .censored(let observed, let needed):
      "only \(observed) rows are not censored, and this formula needs at least \(needed)"
    case .tooManyTerms(let count, let limit):
      "an exhaustive search over \(count) terms is too large (at most \(limit)); use a stepwise one"
    case .noCandidate(let why): "no model can be selected: \(why)"
    }
  }
}

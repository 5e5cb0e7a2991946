public import ModelCore

/// A linear model in R's notation: `log(total_time_s) ~ log(memory_bytes) + technique`.
///
/// On the right, `+` adds a term, `-` removes one, `a:b` is the product of two, `a*b` is
/// `a + b + a:b`, `(a + b + c)^2` is all products of up to two; `1` is the intercept, which is
/// there unless `0 +` or `- 1` takes it out. On the left, and inside `I( )`, `log( )`, `log2( )`,
/// `log10( )`, `log1p( )`, `exp( )`, `sqrt( )`, `abs( )` and the first argument of `poly(x, k)`,
/// the operators `+ - * / ^` are arithmetic on columns. `poly(x, k)` gives orthogonal polynomials,
/// `poly(x, k, raw = TRUE)` the powers themselves. `C(x)` makes a factor of a column of numbers; a
/// column of text always is one. Odd names stand between backquotes.
///
/// Differences from R: no nesting by `/` or `%in%`, no `.`, no `offset( )`; numbers print as their
/// shortest decimal.
/// Source: Wilkinson and Rogers, Applied Statistics 22 (1973); R, `?formula`.
public struct Formula: Sendable {
  /// What is modelled: arithmetic over the columns of the left side.
  public let response: Expression
  /// The right side as it was written.
  public let right: ModelExpression
  /// The variables of the terms, in the order of their appearance.
  public let variables: [Variable]
  /// The products that make up the model, in R's order; the intercept is not among them.
  public let terms: [Term]
  public let hasIntercept: Bool
  /// The text that was parsed; messages point into it.
  public let text: String
  private let columnOffsets: [String: Int]

  /// - Throws: `FormulaError` that points at the first character that does not fit and says what
  ///   would.
  public init(_ text: String) throws(FormulaError) {
    var parser = try FormulaParser(text)
    (response, right) = try parser.formula()
    self.text = text
    columnOffsets = parser.columnOffsets
    do {
      let expansion = try TermExpansion(right)
      variables = expansion.variables
      terms = expansion.terms
      hasIntercept = expansion.hasIntercept
    } catch {
      throw FormulaError(
        formula: text, offset: 0,
        message: "the formula stands for more than \(TermExpansion.limit) terms")
    }
  }

  /// The columns that the right side reads, in the order of appearance; without those of terms
  /// that are taken out again.
  public var columnsRead: [String] { unique(variables.flatMap(\.columnsRead)) }

  /// The columns that the response reads.
  public var responseColumns: [String] { response.columnsRead }

  /// Refuses outcomes as inputs: what is known only after a migration cannot predict it.
  ///
  /// - Parameter allowed: outcomes that the user has let in by name.
  /// - Throws: `FormulaError` for the first column on the right whose role is `outcome`.
  public func checkRoles(allowing allowed: Set<String> = []) throws(FormulaError) {
    for name in columnsRead where Glossary.role(of: name) == .outcome && !allowed.contains(name) {
      throw error(
        at: name,
        "\(name) is an outcome, which is not known before the migration, so it cannot be an "
          + "input; --allow-outcome \(name) permits it")
    }
  }

  /// Finds columns that the table does not have.
  ///
  /// - Parameter includingResponse: false for a prediction, which needs the right side only.
  /// - Throws: `FormulaError` for the first one missing, with the nearest names of the table.
  public func checkColumns(
    in table: Table, includingResponse: Bool = true
  ) throws(FormulaError) {
    for name in (includingResponse ? responseColumns : []) + columnsRead where table[name] == nil {
      throw error(at: name, "no column \(name)" + suggestion(table.nearestNames(to: name)))
    }
  }

  func error(at column: String, _ message: String) -> FormulaError {
    FormulaError(formula: text, offset: columnOffsets[column] ?? 0, message: message)
  }

  /// The term as R names it: its variables joined by ":".
  public func name(of term: Term) -> String {
    term.variables.map { variables[$0].description }.joined(separator: ":")
  }
}

extension Formula: CustomStringConvertible {
  /// The formula in R's spacing; parsing it gives an equal formula.
  public var description: String { "\(response) ~ \(right)" }
}

extension Formula: Equatable {
  /// Equal when both say the same in the same way; spacing and needless parentheses aside.
  public static func == (left: Formula, right: Formula) -> Bool {
    left.response == right.response && left.right == right.right
  }
}

extension Expression {
  /// Parses arithmetic over columns: `memory_bytes / bandwidth_bytes_per_s`.
  ///
  /// - Throws: `FormulaError` that points at the first character that does not fit.
  public init(parsing text: String) throws(FormulaError) {
    var parser = try FormulaParser(text)
    self = try parser.expression()
  }
}

/// The elements, each once, in the order of their first appearance.
func unique(_ names: [String]) -> [String] {
  var seen: Set<String> = []
  return names.filter { seen.insert($0).inserted }
}

import ModelCore

/// A non-linear model: `y ~ b1 * (1 - exp(-b2 * x))`.
///
/// On the right stand numbers, `pi`, `+ - * / ^`, and `exp log log10 log2 log1p expm1 sqrt sin cos
/// tan atan abs`; every name is a column of the data or else a parameter. On the left stands
/// arithmetic over columns, as in a linear `Formula`; a logarithm there is undone in predictions.
/// Odd names stand between backquotes, as does a column called `pi`.
public struct NonlinearFormula: Sendable {
  /// What is modelled: arithmetic over columns.
  public let response: Expression
  /// The right side as a tree.
  public let right: NonlinearExpression
  /// The text that was parsed; messages point into it.
  public let text: String
  private let offsets: [String: Int]

  /// - Throws: `FormulaError` that points at the first character that does not fit and says what
  ///   would.
  public init(_ text: String) throws(FormulaError) {
    let tokens = try FormulaLexer.tokens(of: text)
    guard let tilde = tokens.firstIndex(where: { $0.kind == .symbol("~") }) else {
      let end = tokens.last?.offset ?? 0
      throw FormulaError(
        formula: text, offset: end,
        message: "expected '~' between the response and the model, as in y ~ a * exp(-b * x)")
    }
    guard tilde > 0 else {
      throw FormulaError(
        formula: text, offset: tokens[0].offset,
        message: "expected the response before '~', such as log(total_time_s)")
    }
    do {
      response = try Expression(parsing: String(text.prefix(tokens[tilde].offset)))
    } catch {
      // The left side begins where the text begins, so the place is the same in both.
      throw FormulaError(formula: text, offset: error.offset, message: error.message)
    }
    var parser = NonlinearParser(text, tokens: tokens, first: tilde + 1)
    right = try parser.expression()
    self.text = text
    var places = parser.offsets
    for name in response.columnsRead {
      let place = tokens.first {
        if case .name(name, _) = $0.kind { true } else { false }
      }
      places[name] = place?.offset ?? 0
    }
    offsets = places
  }

  /// The names of the right side, in the order of appearance.
  public var names: [String] { right.names }

  /// The columns that the response reads.
  public var responseColumns: [String] { response.columnsRead }

  /// Refuses outcomes as inputs: what is known only after a migration cannot predict it.
  ///
  /// - Parameters:
  ///   - parameters: the names that are parameters and hence no inputs.
  ///   - allowed: outcomes that the user has let in by name.
  /// - Throws: `FormulaError` for the first column on the right whose role is `outcome`.
  public func checkRoles(
    parameters: Set<String> = [], allowing allowed: Set<String> = []
  ) throws(FormulaError) {
    for name in names where !parameters.contains(name) && !allowed.contains(name) {
      guard Glossary.role(of: name) == .outcome else { continue }
      throw error(
        at: name,
        "\(name) is an outcome, which is not known before the migration, so it cannot be an "
          + "input; --allow-outcome \(name) permits it")
    }
  }

  /// An error that points at a name.
  func error(at name: String, _ message: String) -> FormulaError {
    FormulaError(formula: text, offset: offsets[name] ?? 0, message: message)
  }
}

extension NonlinearFormula: CustomStringConvertible {
  /// The formula in R's spacing; parsing it gives an equal formula.
  public var description: String { "\(response) ~ \(right)" }
}

extension NonlinearFormula: Equatable {
  public static func == (left: NonlinearFormula, right: NonlinearFormula) -> Bool {
    left.response == right.response && left.right == right.right
  }
}

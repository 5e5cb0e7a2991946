import ModelCore

/// Bounds on the coefficient of a term.
public struct TermBound: Sendable, Equatable {
  /// The term as the coefficient table names it.
  public let term: String
  public let lower: Double?
  public let upper: Double?

  public init(_ term: String, lower: Double? = nil, upper: Double? = nil) {
    self.term = term
    self.lower = lower
    self.upper = upper
  }

  /// Parses `TERM >= NUMBER`, `TERM <= NUMBER` or `NUMBER <= TERM <= NUMBER`.
  ///
  /// - Throws: `KindError.syntax`.
  public init(parsing text: String) throws(RegressionError) {
    let expected = "TERM >= NUMBER, TERM <= NUMBER or NUMBER <= TERM <= NUMBER"
    func part(_ piece: Substring) -> String {
      var rest = piece
      while rest.first?.isWhitespace == true { rest.removeFirst() }
      while rest.last?.isWhitespace == true { rest.removeLast() }
      return String(rest)
    }
    func pieces(_ separator: String) -> [String] {
      var answer: [String] = []
      var start = text.startIndex
      var place = start
      while place < text.endIndex {
        if text[place...].hasPrefix(separator) {
          answer.append(part(text[start..<place]))
          place = text.index(place, offsetBy: 2)
          start = place
        } else {
          place = text.index(after: place)
        }
      }
      return answer + [part(text[start...])]
    }
    let above = pieces(">=")
    let below = pieces("<=")
    if above.count == 2, below.count == 1, let value = Double(above[1]), !above[0].isEmpty {
      self.init(above[0], lower: value)
    } else if below.count == 2, above.count == 1, let value = Double(below[1]), !below[0].isEmpty {
      self.init(below[0], upper: value)
    } else if below.count == 3, above.count == 1, let lower = Double(below[0]),
      let upper = Double(below[2]), !below[1].isEmpty
    {
      self.init(below[1], lower: lower, upper: upper)
    } else {
      throw .kind(.syntax(text, expected: expected))
    }
  }
}

/// A linear equation that the coefficients satisfy: `sum factor_j b_j = value`.
public struct EqualityConstraint: Sendable, Equatable {
  /// The factor of each term, by its name in the coefficient table.
  public let factors: [String: Double]
  public let value: Double
  /// As a message shows it.
  public let text: String

  public init(_ factors: [String: Double], equals value: Double) {
    self.factors = factors
    self.value = value
    let parts = factors.sorted { $0.key < $1.key }
      .map { "\(shortestDecimal($0.value)) * \($0.key)" }
    text = parts.joined(separator: " + ") + " = " + shortestDecimal(value)
  }

  /// Parses `2 * x - log(z) = 1`: on the left sums, differences and multiples of terms, named as
  /// in the coefficient table (odd names between backquotes, `` `(Intercept)` `` among them), on
  /// the right a number.
  ///
  /// - Throws: `KindError.syntax`; `RegressionError.formula` for a left side that cannot be read.
  public init(parsing text: String) throws(RegressionError) {
    let expected = "an equation such as 2 * x - log(z) = 1"
    let sides = text.split(separator: "=", omittingEmptySubsequences: false)
    guard sides.count == 2,
      let value = Double(String(sides[1].filter { !$0.isWhitespace })), value.isFinite
    else { throw .kind(.syntax(text, expected: expected)) }
    let left = try formulaChecked { () throws(FormulaError) in
      try Expression(parsing: String(sides[0]))
    }
    var factors: [String: Double] = [:]
    guard Self.collect(left, times: 1, into: &factors), !factors.isEmpty else {
      throw .kind(.syntax(text, expected: expected))
    }
    self.factors = factors
    self.value = value
    self.text = text
  }

  /// Adds a linear expression to the factors; false for a constant or a product of terms.
  private static func collect(
    _ expression: Expression, times factor: Double, into factors: inout [String: Double]
  ) -> Bool {
    switch expression {
    case .number: return false
    case .negate(let inner): return collect(inner, times: -factor, into: &factors)
    case .binary(.add, let left, let right):
      return collect(left, times: factor, into: &factors)
        && collect(right, times: factor, into: &factors)
    case .binary(.subtract, let left, let right):
      return collect(left, times: factor, into: &factors)
        && collect(right, times: -factor, into: &factors)
    case .binary(.multiply, .number(let number), let inner):
      return collect(inner, times: factor * number, into: &factors)
    case .binary(.divide, let inner, .number(let number)) where number != 0:
      return collect(inner, times: factor / number, into: &factors)
    case .column(let name):
      factors[name, default: 0] += factor
      return true
    case .call:
      factors[expression.description, default: 0] += factor
      return true
    case .binary: return false
    }
  }
}

extension DesignRecipe {
  /// The position of a column by its name.
  ///
  /// - Throws: `KindError.unknownTerm` with the nearest names.
  func position(of term: String) throws(RegressionError) -> Int {
    guard let position = columnNames.firstIndex(of: term) else {
      throw .kind(.unknownTerm(term, nearest: nearestWords(to: term, among: columnNames)))
    }
    return position
  }
}

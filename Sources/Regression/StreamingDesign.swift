import LinearAlgebra
public import ModelCore

/// A formula made ready for rows that come in batches and are not kept.
///
/// What has to be known beforehand is which columns hold numbers and, for `poly( )`, the
/// polynomials. Levels of factors are found on the way: a new one adds columns, which were zero
/// in all rows before it. For that every factor is coded by one column per level, whatever the
/// contrasts of the model; the model's own columns are a choice among those, made at the end.
///
/// Rows are evaluated by the code that evaluates those of a `Design`, so the same row has the same
/// bits in both.
public struct StreamingDesign: Sendable, Equatable {
  public let formula: Formula
  /// Precision weights, >= 0, up to a common factor; `nil` for none.
  public let weights: Expression?
  /// One per variable of the formula.
  private(set) var variables: [StreamedVariable]
  /// The recipe with every factor coded by a column per level.
  private(set) var wide: DesignRecipe

  /// A design for batches of the kind of `table`: the first batch, or any other of the file.
  ///
  /// - Parameters:
  ///   - table: its cells are not read, only its columns.
  ///   - polynomials: what a first pass found, for a formula with `poly( )`.
  /// - Throws: `RegressionError.formula` for a column that is absent,
  ///   `.stream(.polynomialNeedsFirstPass)`, `.tooLarge`.
  public init(
    _ formula: Formula, like table: Table, weights: Expression? = nil,
    polynomials: PolynomialScan? = nil
  ) throws(RegressionError) {
    try formulaChecked { () throws(FormulaError) in try formula.checkColumns(in: table) }
    for name in weights?.columnsRead ?? [] where table[name] == nil {
      throw .table(.unknownColumn(name, nearest: table.nearestNames(to: name)))
    }
    var kinds: [String: StreamedColumnKind] = [:]
    for column in table.columns {
      if case .numbers = column.values { kinds[column.name] = .numbers }
    }
    try self.init(formula, kinds: kinds, weights: weights, polynomials: polynomials)
  }

  /// A design for columns of known kinds; a column without one holds labels.
  ///
  /// - Throws: `RegressionError.stream(.polynomialNeedsFirstPass)`, `.tooLarge`, and what
  ///   `PolynomialScan.polynomial(for:)` throws.
  public init(
    _ formula: Formula, kinds: [String: StreamedColumnKind], weights: Expression? = nil,
    polynomials: PolynomialScan? = nil
  ) throws(RegressionError) {
    var variables: [StreamedVariable] = []
    for variable in formula.variables {
      switch variable {
      case .factor(let name):
        variables.append(.factor(levels: [], kind: kinds[name] ?? .labels))
      case .expression(.column(let name)) where (kinds[name] ?? .labels) == .labels:
        variables.append(.factor(levels: [], kind: .labels))
      case .expression:
        variables.append(.numeric)
      case .polynomial:
        guard let polynomials else {
          throw .stream(.polynomialNeedsFirstPass(term: variable.description))
        }
        variables.append(.polynomial(try polynomials.polynomial(for: variable)))
      case .powers(_, let degree, _): variables.append(.powers(degree: degree))
      }
    }
    try self.init(formula: formula, weights: weights, variables: variables)
  }

  /// - Throws: `RegressionError.tooLarge` for more columns than a triangle may have.
  init(
    formula: Formula, weights: Expression?, variables: [StreamedVariable]
  ) throws(RegressionError) {
    self.formula = formula
    self.weights = weights
    self.variables = variables
    wide = try Self.wideRecipe(formula, variables)
  }

  /// Columns of the state: the constant 1, those of the model, the response.
  var columnCount: Int { wide.columnNames.count + (formula.hasIntercept ? 1 : 2) }
  var responseColumn: Int { columnCount - 1 }

  /// A triangle of more columns costs more than 10^7 operations per row, and 200 MB.
  static let largestColumnCount = 2900

  private static func wideRecipe(
    _ formula: Formula, _ variables: [StreamedVariable]
  ) throws(RegressionError) -> DesignRecipe {
    let recipe = try DesignRecipe(
      formula: formula, variables: variables.map(\.recipe),
      fullCoding: formula.terms.map { term in
        term.variables.map {
          if case .factor = variables[$0] { true } else { false }
        }
      })
    guard recipe.columnNames.count <= largestColumnCount else {
      throw .tooLarge(rows: 0, columns: recipe.columnNames.count)
    }
    return recipe
  }
}

/// Levels that grow.
extension StreamingDesign {
  /// The design with these levels too, by position of the variable.
  func growing(_ found: [Int: [String]]) throws(RegressionError) -> StreamingDesign {
    var grown = variables
    for (position, more) in found {
      guard case .factor(let levels, let kind) = variables[position] else { continue }
      grown[position] = .factor(
        levels: StreamedVariable.union(levels, more, kind: kind), kind: kind)
    }
    guard grown != variables else { return self }
    return try StreamingDesign(formula: formula, weights: weights, variables: grown)
  }

  /// The design of what either has seen.
  ///
  /// - Throws: `RegressionError.stream(.incompatible)` that says what differs.
  func union(_ other: StreamingDesign) throws(RegressionError) -> StreamingDesign {
    guard formula == other.formula else {
      throw .stream(
        .incompatible(
          what: "the formula", one: formula.description, other: other.formula.description))
    }
    guard weights == other.weights else {
      throw .stream(
        .incompatible(
          what: "the weight", one: weights?.description ?? "none",
          other: other.weights?.description ?? "none"))
    }
    var found: [Int: [String]] = [:]
    for (position, pair) in zip(variables, other.variables).enumerated() {
      let name = formula.variables[position].description
      switch pair {
      case (.factor(_, let kind), .factor(let levels, let otherKind)) where kind == otherKind:
        found[position] = levels
      case (.polynomial(let one), .polynomial(let two)) where one != two:
        throw .stream(
          .incompatible(
            what: name, one: "about \(shortestDecimal(one.centre))",
            other: "about \(shortestDecimal(two.centre)), from another first pass"))
      case (let one, let two) where one == two: break
      case (let one, let two):
        throw .stream(.incompatible(what: name, one: one.label, other: two.label))
      }
    }
    return try growing(found)
  }

  /// Where the columns of this design are among those of a grown one; ascending, because sorted
  /// levels keep their order when more come between them.
  func positions(in grown: StreamingDesign) -> [Int] {
    var answer = [0]
    var start = 1
    for (index, term) in formula.terms.enumerated() {
      let (from, to) = (widths(index), grown.widths(index))
      let moved = term.variables.map { places(of: $0, in: grown) }
      for column in 0..<from.reduce(1, *) {
        let digits = DesignRecipe.digits(of: column, from).enumerated().map { moved[$0][$1] }
        answer.append(start + Self.position(of: digits, to))
      }
      start += to.reduce(1, *)
    }
    return answer + [grown.responseColumn]
  }

  /// The position in the state of each column of a model with its own contrasts.
  func positions(of recipe: DesignRecipe) -> [Int] {
    var answer = formula.hasIntercept ? [0] : []
    var start = 1
    for (index, term) in formula.terms.enumerated() {
      let all = widths(index)
      // Treatment contrasts leave out the first level.
      let skipped = term.variables.indices.map { place in
        if case .factor = variables[term.variables[place]], !recipe.fullCoding[index][place] {
          return 1
        }
        return 0
      }
      let kept = zip(all, skipped).map { $0 - $1 }
      for column in 0..<kept.reduce(1, *) {
        let digits = zip(DesignRecipe.digits(of: column, kept), skipped).map { $0 + $1 }
        answer.append(start + Self.position(of: digits, all))
      }
      start += all.reduce(1, *)
    }
    return answer
  }

  private func widths(_ term: Int) -> [Int] {
    formula.terms[term].variables.map {
      switch variables[$0] {
      case .numeric: 1
      case .factor(let levels, _): levels.count
      case .polynomial(let polynomial): polynomial.degree
      case .powers(let degree): degree
      }
    }
  }

  private func places(of variable: Int, in grown: StreamingDesign) -> [Int] {
    switch (variables[variable], grown.variables[variable]) {
    case (.factor(let levels, _), .factor(let more, _)):
      let codes = Dictionary(uniqueKeysWithValues: more.enumerated().map { ($1, $0) })
      return levels.compactMap { codes[$0] }
    case (.polynomial(let polynomial), _): return Array(0..<polynomial.degree)
    case (.powers(let degree), _): return Array(0..<degree)
    default: return [0]
    }
  }

  /// The column of a product of columns: the first factor runs fastest.
  private static func position(of digits: [Int], _ widths: [Int]) -> Int {
    zip(digits, widths).reversed().reduce(0) { $0 * $1.1 + $1.0 }
  }
}

extension StreamedVariable {
  /// For messages.
  var label: String {
    switch self {
    case .numeric: "numbers"
    case .factor(_, .numbers): "a factor of numbers"
    case .factor(_, .labels): "a factor of text"
    case .polynomial(let polynomial): "a polynomial of degree \(polynomial.degree)"
    case .powers(let degree): "powers up to \(degree)"
    }
  }
}

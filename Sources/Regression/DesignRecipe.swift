import LinearAlgebra

/// How one variable of a formula becomes numbers, as learnt from the training data.
public enum VariableRecipe: Sendable, Equatable, Codable {
  case numeric
  /// The levels in sorted order; the first is the base of treatment contrasts.
  case factor(levels: [String])
  case polynomial(Polynomial)
}

/// How a table becomes the columns of a model matrix: the formula, and what the training data
/// taught about its variables.
///
/// The same recipe applied to new rows gives the same columns: levels keep their place, and
/// `poly( )` keeps its polynomials. Contrasts follow R: a factor in a term is coded against its
/// base level when a term before it already carries what remains of the term without that
/// factor, and by one column per level otherwise; without an intercept the first factor of the
/// first term that has one gets a column per level.
/// Source: R, `model.matrix`; Chambers and Hastie, Statistical Models in S (1992), 2.3.
public struct DesignRecipe: Sendable, Equatable {
  /// More elements than this (4 GB) are refused before memory runs out.
  static let largestMatrix = 1 << 29

  public let formula: Formula
  /// One per variable of the formula.
  public let variables: [VariableRecipe]
  /// The names of the columns, as R names them.
  public let columnNames: [String]
  /// For each term and each of its variables whether a factor gets a column per level.
  let fullCoding: [[Bool]]

  /// - Throws: `RegressionError.inconsistentFit` when the variables are not those of the formula,
  ///   `.noColumns` for a formula without any, `.tooLarge`.
  public init(formula: Formula, variables: [VariableRecipe]) throws(RegressionError) {
    try Self.check(variables, against: formula)
    self.formula = formula
    self.variables = variables
    let isFactor = variables.map {
      if case .factor = $0 { true } else { false }
    }
    fullCoding = Self.codings(formula, isFactor: isFactor)
    var count = formula.hasIntercept ? 1 : 0
    var names = formula.hasIntercept ? ["(Intercept)"] : []
    for (term, coding) in zip(formula.terms, fullCoding) {
      let labels = zip(term.variables, coding).map {
        Self.labels(formula.variables[$0], variables[$0], full: $1)
      }
      let width = labels.reduce(1) { size, list in
        size.multipliedReportingOverflow(by: list.count).overflow
          ? .max : size &* list.count
      }
      guard width < Self.largestMatrix, count + width < Self.largestMatrix / 1024 else {
        throw .tooLarge(rows: 0, columns: width)
      }
      count += width
      names += (0..<width).map { column in
        Self.digits(of: column, labels.map(\.count)).enumerated().map { labels[$0][$1] }
          .joined(separator: ":")
      }
    }
    guard count > 0 else { throw .noColumns(formula: formula.description) }
    columnNames = names
  }

  /// The model matrix for values of the variables, `count` rows.
  func matrix(_ values: [VariableValues], count: Int) throws(RegressionError) -> Matrix {
    guard count <= Self.largestMatrix / columnNames.count else {
      throw .tooLarge(rows: count, columns: columnNames.count)
    }
    var storage: [Double] = []
    storage.reserveCapacity(count * columnNames.count)
    if formula.hasIntercept { storage += repeatElement(1, count: count) }
    for (term, coding) in zip(formula.terms, fullCoding) {
      let parts = zip(term.variables, coding).map { values[$0].columns(variables[$0], full: $1) }
      let widths = parts.map(\.count)
      for column in 0..<widths.reduce(1, *) {
        var product = [Double](repeating: 1, count: count)
        for (part, digit) in zip(parts, Self.digits(of: column, widths)) {
          for i in 0..<count { product[i] *= part[digit].value(i) }
        }
        storage += product
      }
    }
    let elements = storage
    return try algebra { () throws(LinearAlgebraError) in
      try Matrix(rows: count, columns: columnNames.count, storage: elements)
    }
  }

  /// The positions within each variable's columns for a column of their product: the first
  /// variable runs fastest.
  private static func digits(of column: Int, _ widths: [Int]) -> [Int] {
    var rest = column
    return widths.map { width in
      defer { rest /= width }
      return rest % width
    }
  }

  private static func labels(
    _ variable: Variable, _ recipe: VariableRecipe, full: Bool
  ) -> [String] {
    let name = variable.description
    switch recipe {
    case .numeric: return [name]
    case .factor(let levels): return levels.dropFirst(full ? 0 : 1).map { name + $0 }
    case .polynomial(let polynomial):
      // R numbers the columns of a matrix only when there is more than one.
      return polynomial.degree == 1 ? [name] : (1...polynomial.degree).map { "\(name)\($0)" }
    }
  }

  /// R's TermCode, and model.matrix's exception for a model without an intercept.
  private static func codings(_ formula: Formula, isFactor: [Bool]) -> [[Bool]] {
    let sets = formula.terms.map { Set($0.variables) }
    var answer = formula.terms.indices.map { position in
      formula.terms[position].variables.map { variable in
        guard isFactor[variable] else { return false }
        let rest = sets[position].subtracting([variable])
        return !rest.isEmpty && !sets[..<position].contains { rest.isSubset(of: $0) }
      }
    }
    if !formula.hasIntercept {
      search: for (position, term) in formula.terms.enumerated() {
        for (place, variable) in term.variables.enumerated() where isFactor[variable] {
          answer[position][place] = true
          break search
        }
      }
    }
    return answer
  }

  private static func check(
    _ recipes: [VariableRecipe], against formula: Formula
  ) throws(RegressionError) {
    guard recipes.count == formula.variables.count else {
      throw .inconsistentFit(
        "\(recipes.count) variables where the formula has \(formula.variables.count)")
    }
    for (variable, recipe) in zip(formula.variables, recipes) {
      let fits =
        switch (variable, recipe) {
        case (.expression, .numeric): true
        case (.expression(.column), .factor(let levels)), (.factor, .factor(let levels)):
          levels.count > 1 && Set(levels).count == levels.count
        case (.polynomial(_, let degree), .polynomial(let polynomial)):
          polynomial.isConsistent && polynomial.degree == degree
        default: false
        }
      guard fits else { throw .inconsistentFit("the variable \(variable) is not what it says") }
    }
  }
}

extension DesignRecipe: Codable {
  private enum Key: CodingKey { case formula, variables }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let text = try container.decode(String.self, forKey: .formula)
    let variables = try container.decode([VariableRecipe].self, forKey: .variables)
    try self.init(formula: Formula(text), variables: variables)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(formula.description, forKey: .formula)
    try container.encode(variables, forKey: .variables)
  }
}

/// The values of a variable in some rows.
enum VariableValues {
  case numbers([[Double]])
  /// The position of the level, -1 for one that the recipe does not know.
  case codes([Int])

  /// One column of a variable: numbers, or whether the code is a given one.
  enum ColumnView {
    case numbers([Double])
    case indicator([Int], of: Int)

    func value(_ row: Int) -> Double {
      switch self {
      case .numbers(let values): values[row]
      case .indicator(let codes, let level): codes[row] == level ? 1 : 0
      }
    }
  }

  func columns(_ recipe: VariableRecipe, full: Bool) -> [ColumnView] {
    switch self {
    case .numbers(let columns): return columns.map { .numbers($0) }
    case .codes(let codes):
      guard case .factor(let levels) = recipe else { return [] }
      return levels.indices.dropFirst(full ? 0 : 1).map { .indicator(codes, of: $0) }
    }
  }
}

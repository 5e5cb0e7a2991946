import LinearAlgebra
public import ModelCore

/// How far the columns of a fit can be told apart from each other.
///
/// Per term the generalised variance inflation factor `det R11 det R22 / det R` of the
/// correlations of its columns (R11), of all others (R22) and of all (R); for a single column it is
/// the usual `1 / (1 - R_j^2)`. Per direction the condition index: the largest singular value of
/// the columns at equal length, intercept included, by each of the others.
/// Source: Fox and Monette, JASA 87 (1992); Belsley, Kuh and Welsch, Regression Diagnostics
/// (1980), 3.2; R, `car::vif`.
///
/// Determinants are products over the diagonals of QR factorisations of R, so nothing is
/// squared; redundant columns, which a fit leaves out, are left out here.
public struct Collinearity: Sendable, Equatable {
  /// One term of the formula; the intercept is one without an inflation factor.
  public struct Term: Sendable, Equatable {
    public let name: String
    /// Its columns that are not redundant.
    public let columns: Int
    /// >= 1 but for rounding; `nil` for the intercept.
    public let inflation: Double?
    /// `inflation^(1 / (2 columns))`: by how much standard errors grow, comparable between terms.
    public let inflationPerColumn: Double?
    /// The largest condition index of a direction that carries more than half of the variance
    /// of one of the term's coefficients.
    public let conditionIndex: Double?
  }

  public let terms: [Term]
  /// Ascending, the first is 1.
  public let conditionIndices: [Double]
  /// For each column of the basis the shares of its coefficient's variance by direction, in the
  /// order of `conditionIndices`; each list adds up to 1.
  public let varianceShares: [[Double]]

  public init(_ fit: LinearFit) throws(RegressionError) {
    let basis = try FitBasis(fit)
    let recipe = fit.design.recipe
    // Columns of R in the order of the basis: the same lengths and angles as those of sqrt(w) X.
    let columns = try algebra { () throws(LinearAlgebraError) in
      let triangle = try basis.factors.unscaledTriangle()
      var answer = [[Double]](repeating: [], count: basis.rank)
      for (k, place) in basis.factors.pivots.enumerated() {
        let column = Array(triangle.matrix.column(k))
        let length = norm(column)
        answer[place] = column.map { $0 / length }
      }
      return answer
    }
    let (indices, shares) = try Self.directions(columns)
    let owners = recipe.termOfColumn
    let intercept = fit.basis.firstIndex { owners[$0] == nil }
    var terms: [Term] = []
    for position in -1..<recipe.formula.terms.count {
      let owner = position < 0 ? nil : position
      let own = fit.basis.indices.filter { owners[fit.basis[$0]] == owner }
      guard !own.isEmpty else { continue }
      var inflation: Double?
      if owner != nil { inflation = try Self.inflation(columns, own, intercept: intercept) }
      let perColumn = inflation.map { CMath.power($0, 1 / (2 * Double(own.count))) }
      terms.append(
        Term(
          name: owner.map { recipe.formula.name(of: recipe.formula.terms[$0]) } ?? "(Intercept)",
          columns: own.count, inflation: inflation, inflationPerColumn: perColumn,
          conditionIndex: Self.worstIndex(own.map { shares[$0] }, indices)))
    }
    self.terms = terms
    (conditionIndices, varianceShares) = (indices, shares)
  }

  /// `term, columns, vif, vif_per_column, condition_index`, in the order of the formula.
  public func table() throws(RegressionError) -> Table {
    do {
      return try Table([
        Column("term", text: terms.map(\.name)),
        Column("columns", numbers: terms.map { Double($0.columns) }),
        Column("vif", numbers: terms.map(\.inflation)),
        Column("vif_per_column", numbers: terms.map(\.inflationPerColumn)),
        Column("condition_index", numbers: terms.map(\.conditionIndex)),
      ])
    } catch {
      throw .table(error)
    }
  }

  private static func worstIndex(_ shares: [[Double]], _ indices: [Double]) -> Double? {
    indices.indices.last { k in shares.contains { $0[k] > 0.5 } }.map { indices[$0] }
  }

  /// exp of 2 (ld[1, own] - ld[1] - ld[all] + ld[rest]), ld the log of |det R|.
  private static func inflation(
    _ columns: [[Double]], _ own: [Int], intercept: Int?
  ) throws(RegressionError) -> Double {
    let mine = Set(own)
    let constant = intercept.map { [$0] } ?? []
    let rest = columns.indices.filter { !mine.contains($0) }
    let logarithm =
      try logVolume(columns, constant + own) - logVolume(columns, constant)
      - logVolume(columns, Array(columns.indices)) + logVolume(columns, rest)
    return CMath.exp(2 * logarithm)
  }

  /// The log of the volume that some columns span: of the product of the diagonal of R.
  private static func logVolume(
    _ columns: [[Double]], _ chosen: [Int]
  ) throws(RegressionError) -> Double {
    guard !chosen.isEmpty else { return 0 }
    return try algebra { () throws(LinearAlgebraError) in
      let factors = try PivotedQR(
        try Matrix(columns: chosen.map { columns[$0] }), tolerance: 0)
      let triangle = try factors.unscaledTriangle().matrix
      return (0..<triangle.columns).reduce(0) { $0 + CMath.log(abs(triangle[$1, $1])) }
    }
  }

  private static func directions(
    _ columns: [[Double]]
  ) throws(RegressionError) -> (indices: [Double], shares: [[Double]]) {
    let (svd, pivots) = try algebra { () throws(LinearAlgebraError) in
      let factors = try PivotedQR(try Matrix(columns: columns), tolerance: 0)
      return (try TriangularSVD(try factors.unscaledTriangle()), factors.pivots)
    }
    guard let largest = svd.values.first else { return ([], []) }
    var shares = [[Double]](repeating: [], count: columns.count)
    for (row, place) in pivots.enumerated() {
      let parts = svd.values.enumerated().map { k, value in
        let part = svd.rightVectors[row, k] / value
        return part * part
      }
      let total = parts.reduce(0, +)
      shares[place] = parts.map { $0 / total }
    }
    return (svd.values.map { largest / $0 }, shares)
  }
}

extension DesignRecipe {
  /// For each column the position of its term in the formula; `nil` for the intercept.
  var termOfColumn: [Int?] {
    var answer: [Int?] = formula.hasIntercept ? [nil] : []
    for (position, term) in formula.terms.enumerated() {
      let width = zip(term.variables, fullCoding[position]).reduce(1) { width, part in
        switch variables[part.0] {
        case .numeric: width
        case .factor(let levels): width * (levels.count - (part.1 ? 0 : 1))
        case .polynomial(let polynomial): width * polynomial.degree
        }
      }
      answer += [Int?](repeating: position, count: width)
    }
    return answer
  }
}

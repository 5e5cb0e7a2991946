import LinearAlgebra

/// The subsets of a formula's terms, scored from one factorisation of all its columns.
struct SelectionCandidates {
  private let formula: Formula
  private let criterion: TermSelection.Criterion
  private let columns: [Range<Int>]
  private let count: Int
  /// Q' sqrt(w) X and Q' sqrt(w) y over the rank of X: all that a subset's fit depends on.
  private let rotated: Matrix
  private let response: [Double]
  /// The sum of squares that no column explains.
  private let outside: Double
  private let total: Double
  private let logWeights: Double
  /// For each term the terms that it contains, as bits.
  private let contained: [UInt64]

  init(_ design: Design, _ criterion: TermSelection.Criterion) throws(RegressionError) {
    formula = design.formula
    try Self.checkContrasts(design.recipe)
    self.criterion = criterion
    columns = design.recipe.termColumns
    count = design.response.count
    logWeights = design.weights?.reduce(0) { $0 + CMath.log($1) } ?? 0
    let problem = try BasisProblem(design)
    let full = try algebra { () throws(LinearAlgebraError) in
      try design.matrix.scalingRows(by: problem.roots)
    }
    let parts = try algebra { () throws(LinearAlgebraError) in
      let factors = try PivotedQR(problem.matrix, tolerance: 0)
      var rotated = Matrix(rows: factors.rank, columns: full.columns)
      for j in 0..<full.columns {
        let column = try factors.applyingQTransposed(to: Array(full.column(j)))
        for k in 0..<factors.rank { rotated[k, j] = column[k] }
      }
      return (rotated, try factors.applyingQTransposed(to: problem.response))
    }
    rotated = parts.0
    response = Array(parts.1.prefix(parts.0.rows))
    outside = parts.1.dropFirst(parts.0.rows).reduce(0) { $0 + $1 * $1 }
    total = problem.response.reduce(0) { $0 + $1 * $1 }
    let sets = formula.terms.map { Set($0.variables) }
    contained = sets.map { outer in
      var bits: UInt64 = 0
      for (place, inner) in sets.enumerated().prefix(64)
      where inner != outer && inner.isSubset(of: outer) { bits |= 1 << UInt64(place) }
      return bits
    }
  }

  /// Refuses a formula in which leaving out a term would change the columns of another.
  ///
  /// A factor of a term is coded by contrasts when what remains of the term is there before it.
  /// Where that remainder is a term itself, marginality keeps it; where it is the intercept, the
  /// intercept stays; where it is part of another term only, it may go.
  private static func checkContrasts(_ recipe: DesignRecipe) throws(RegressionError) {
    let formula = recipe.formula
    let sets = formula.terms.map { Set($0.variables) }
    for (place, set) in sets.enumerated() {
      for variable in set.sorted() {
        guard case .factor = recipe.variables[variable] else { continue }
        let rest = set.subtracting([variable])
        let isSettled =
          rest.isEmpty
          ? formula.hasIntercept
          : sets.contains(rest) || !sets[..<place].contains { rest.isSubset(of: $0) }
        guard isSettled else {
          throw .kind(
            .noCandidate(
              "the columns of \(formula.name(of: formula.terms[place])) depend on which other "
                + "terms are there; write the formula with an intercept and with the main effects "
                + "of its interactions"))
        }
      }
    }
  }

  var nothing: RegressionError {
    .kind(
      .noCandidate(
        "no set of terms leaves residuals and enough rows for \(criterion.rawValue) (\(count) rows)"
      ))
  }

  func name(_ term: Int) -> String { formula.name(of: formula.terms[term]) }

  /// The formula of a set of terms.
  func text(_ set: UInt64) -> String {
    let names = formula.terms.indices.filter { set & (1 << UInt64($0)) != 0 }.map { name($0) }
    let intercept = formula.hasIntercept ? (names.isEmpty ? ["1"] : []) : ["0"]
    return "\(formula.response) ~ " + (intercept + names).joined(separator: " + ")
  }

  /// Whether each term of a set has the terms that it contains in the set.
  func isAdmissible(_ set: UInt64) -> Bool {
    if set == 0 && !formula.hasIntercept { return false }
    return contained.indices.allSatisfy {
      set & (1 << UInt64($0)) == 0 || contained[$0] & ~set == 0
    }
  }

  /// Rank and residual sum of squares of a set.
  private func fit(_ set: UInt64) throws(RegressionError) -> (rank: Int, squares: Double) {
    var used = formula.hasIntercept ? [0] : []
    for (term, range) in columns.enumerated() where set & (1 << UInt64(term)) != 0 { used += range }
    guard !used.isEmpty else { return (0, total) }
    return try algebra { () throws(LinearAlgebraError) in
      let factors = try PivotedQR(
        rotated.selectingColumns(used),
        tolerance: PivotedQR.defaultTolerance(rows: count, columns: used.count))
      let part = try factors.applyingQTransposed(to: response)
      return (factors.rank, outside + part.dropFirst(factors.rank).reduce(0) { $0 + $1 * $1 })
    }
  }

  /// The criterion of a set; `nil` without residuals or rows enough.
  func value(_ set: UInt64) throws(RegressionError) -> Double? {
    let (rank, squares) = try fit(set)
    return value(rank: rank, squares: squares)
  }

  private func value(rank: Int, squares: Double) -> Double? {
    let n = Double(count)
    let k = Double(rank + 1)
    // Residuals within rounding of nothing have no likelihood.
    guard squares > 1e-28 * total, n > k else { return nil }
    let likelihood = 0.5 * (logWeights - n * (CMath.log(2 * .pi * squares / n) + 1))
    switch criterion {
    case .bic: return -2 * likelihood + k * CMath.log(n)
    case .aicc:
      guard n - k - 1 > 0 else { return nil }
      return -2 * likelihood + 2 * k + 2 * k * (k + 1) / (n - k - 1)
    }
  }

  /// Relative; criteria that differ by less are equal.
  private static let rounding = 1e-9

  /// The criterion with what is more than rounding, and less than any reason, for each term: of
  /// equal sets the smaller one counts as better, and the one whose terms come first.
  func ranked(_ value: Double, _ set: UInt64) -> Double {
    var burden = 0.0
    for term in formula.terms.indices where set & (1 << UInt64(term)) != 0 {
      burden += 1 + Double(term) / 64
    }
    return value + Self.rounding * max(1, abs(value)) * burden
  }

  func step(
    _ set: UInt64, action: String, value: Double?, best: Double
  ) throws(RegressionError) -> SelectionStep {
    let (rank, squares) = try fit(set)
    return SelectionStep(
      action: action, formula: text(set), rank: rank, residualSquares: squares, criterion: value,
      // Of equal sets what they differ by is rounding, and another on each processor.
      delta: value.map { abs($0 - best) < Self.rounding * max(1, abs($0)) ? 0 : $0 - best })
  }
}

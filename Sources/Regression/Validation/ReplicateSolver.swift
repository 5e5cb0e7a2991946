import LinearAlgebra

/// Fits the model of a fit again, many times, to other weights or other responses.
///
/// Resampled rows become row factors: a row drawn k times counts k times in the sum of squares,
/// so it stands once, times sqrt(k). New responses need no new factorisation.
struct ReplicateSolver: Sendable {
  /// One refit.
  struct Replicate: Sendable, Equatable {
    /// In the order of the fit's basis.
    let coefficients: [Double]
    /// Duan's factor, 1 for a response on its own scale.
    let smearing: Double
  }

  private let basis: FitBasis
  private let scale: ResponseScale
  /// sqrt(w) y.
  private let response: [Double]
  private let weights: [Double]?
  private let estimates: [Double]
  private let sensitivity: Matrix
  /// Refits to other counts of rows without a factorisation of them.
  private let reweighted: ReweightedSolver
  /// sqrt(w) e / sqrt(1 - h): residuals of equal variance; 0 where h is 1.
  let modifiedResiduals: [Double]
  let hat: [Double]

  init(_ fit: LinearFit) throws(ValidationError) {
    let basis = try validatedFit { () throws(RegressionError) in try FitBasis(fit) }
    self.basis = basis
    scale = ResponseScale(fit.design.formula.response)
    weights = fit.design.weights
    let roots = basis.roots
    response = roots.map { zip(fit.design.response, $0).map { $0 * $1 } } ?? fit.design.response
    estimates = fit.basisEstimates
    sensitivity = try validatedFit { () throws(RegressionError) in
      try basis.coefficientSensitivity()
    }
    reweighted = try validatedFit { () throws(RegressionError) in
      let q = try basis.orthonormal()
      return try algebra { () throws(LinearAlgebraError) in
        try ReweightedSolver(
          q: q, triangle: try basis.factors.unscaledTriangle(), residuals: basis.residuals)
      }
    }
    hat = fit.hat
    modifiedResiduals = basis.residuals.indices.map { i in
      fit.hat[i] < Influence.fullLeverage
        ? basis.residuals[i] / (1 - fit.hat[i]).squareRoot() : 0
    }
  }

  var rows: Int { basis.rows }

  /// The fits to rows taken so many times, one per list of counts; `nil` where the rows cannot tell
  /// the terms apart.
  func cases(_ counts: [[Int32]]) throws(ValidationError) -> [Replicate?] {
    guard scale.kind == .identity else {
      var answer: [Replicate?] = []
      for list in counts { answer.append(try factorisedCases(list)) }
      return answer
    }
    let moves = try validatedAlgebra { () throws(LinearAlgebraError) in
      try reweighted.moves(counts: counts)
    }
    var answer: [Replicate?] = []
    for (list, move) in zip(counts, moves) {
      if let move, hasRows(list) {
        var coefficients = estimates
        for (k, step) in move.enumerated() { coefficients[basis.factors.pivots[k]] += step }
        answer.append(Replicate(coefficients: coefficients, smearing: 1))
      } else {
        answer.append(try factorisedCases(list))
      }
    }
    return answer
  }

  /// Whether there are as many different rows as coefficients.
  private func hasRows(_ counts: [Int32]) -> Bool {
    var taken = 0
    for count in counts where count > 0 {
      taken += 1
      if taken >= basis.rank { return true }
    }
    return false
  }

  /// By a factorisation of the rows.
  private func factorisedCases(_ counts: [Int32]) throws(ValidationError) -> Replicate? {
    let taken = counts.indices.filter { counts[$0] > 0 }
    guard taken.count >= basis.rank else { return nil }
    let roots = taken.map { Double(counts[$0]).squareRoot() }
    return try validatedAlgebra { () throws(LinearAlgebraError) in
      var storage: [Double] = []
      storage.reserveCapacity(taken.count * basis.rank)
      for j in 0..<basis.rank {
        let column = basis.matrix.column(j)
        for (row, root) in zip(taken, roots) {
          storage.append(column[column.startIndex + row] * root)
        }
      }
      let matrix = try Matrix(rows: taken.count, columns: basis.rank, storage: storage)
      let factors = try PivotedQR(matrix)
      guard factors.rank == basis.rank else { return nil }
      let target = zip(taken, roots).map { response[$0] * $1 }
      // One pass is accurate far beyond the spread of replicates.
      let solution = try factors.solve(target, matrix: matrix, maximumRefinements: 0)
      let residuals = zip(solution.residuals, roots).map { $0 / $1 }
      return Replicate(
        coefficients: solution.coefficients,
        smearing: smearing(residuals, rows: taken, counts: counts))
    }
  }

  /// The fit to the fitted values plus other errors, each of them times sqrt(w).
  ///
  /// `b + (X'WX)^-1 X' sqrt(W) e`: a sum over rows, without a factorisation.
  func errors(_ values: [Double]) -> Replicate {
    var coefficients = estimates
    for j in coefficients.indices {
      let column = sensitivity.column(j)
      var sum = 0.0
      for (factor, value) in zip(column, values) { sum += factor * value }
      coefficients[j] += sum
    }
    guard scale.kind != .identity else { return Replicate(coefficients: coefficients, smearing: 1) }
    var residuals = values
    for j in coefficients.indices {
      let step = coefficients[j] - estimates[j]
      for (i, x) in basis.matrix.column(j).enumerated() { residuals[i] -= step * x }
    }
    return Replicate(
      coefficients: coefficients,
      smearing: smearing(residuals, rows: Array(values.indices), counts: nil))
  }

  private func smearing(_ residuals: [Double], rows: [Int], counts: [Int32]?) -> Double {
    guard scale.kind != .identity else { return 1 }
    var (sum, total) = (0.0, 0.0)
    for (residual, row) in zip(residuals, rows) {
      let weight = (weights?[row] ?? 1) * Double(counts?[row] ?? 1)
      sum += weight * scale.back(residual / (basis.roots?[row] ?? 1))
      total += weight
    }
    return sum / total
  }
}

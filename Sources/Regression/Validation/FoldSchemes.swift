import LinearAlgebra
import ModelCore
public import Statistics

extension Design {
  /// The group of each row of the design, by a column of its table.
  ///
  /// - Throws: `ValidationError` for a column that is not there, and for a row without a group.
  public func groups(_ column: String) throws(ValidationError) -> [String] {
    guard table[column] != nil else {
      throw .regression(
        .table(.unknownColumn(column, nearest: table.nearestNames(to: column))))
    }
    var answer: [String] = []
    for (index, row) in rows.enumerated() {
      guard let label = table.label(column, row: row) else {
        let place = TableRows(table: table, positions: rows).place(index)
        throw .setting("\(place): \(column) is missing, so the row has no group")
      }
      answer.append(label)
    }
    return answer
  }

  /// The folds of a scheme for the rows of the design.
  ///
  /// - Parameter seed: shuffles rows or groups; without effect when each is a fold of its own.
  /// - Throws: `ValidationError.setting` for fewer than two folds, `.tooFew` rows or groups.
  public func folds(
    _ scheme: CrossValidation.Scheme, seed: UInt64
  ) throws(ValidationError) -> Folds {
    switch scheme {
    case .folds(let count):
      try Self.check(folds: count, units: rows.count, "rows for cross-validation")
      return try validatedStatistics { () throws(StatisticsError) in
        try Folds(rows: rows.count, count: count, seed: seed)
      }
    case .groupedFolds(let count, let column):
      let groups = try groupNumbers(column)
      try Self.check(
        folds: count, units: groups.count, "groups (\(column)) for cross-validation")
      return try validatedStatistics { () throws(StatisticsError) in
        try Folds(groups: groups, count: count, seed: seed)
      }
    case .leaveOneOut:
      try Self.check(folds: 2, units: rows.count, "rows for cross-validation")
      return try validatedStatistics { () throws(StatisticsError) in
        try Folds.leavingOneOut(rows: rows.count)
      }
    case .leaveOneGroupOut(let column):
      let groups = try groupNumbers(column)
      try Self.check(folds: 2, units: groups.count, "groups (\(column))")
      return try validatedStatistics { () throws(StatisticsError) in
        try Folds.leavingOneGroupOut(groups: groups)
      }
    }
  }

  private static func check(
    folds: Int, units: Int, _ what: String
  ) throws(ValidationError) {
    guard folds >= 2 else { throw .setting("\(folds) folds are too few; at least 2 are needed") }
    guard units >= 2 else { throw .tooFew(what: what, found: units, needed: 2) }
  }
}

extension LinearFit {
  /// Cross-validates the fit's formula by least squares: see `CrossValidation`.
  ///
  /// Leaving out single rows takes no refits: see `leaveOneOut()`. From 16,384 rows the fits
  /// without a fold are merged from the states of the other folds instead of made again from their
  /// rows, except where the terms themselves depend on the fold; `mergedFolds` counts them.
  /// Predictions of both routes agree to about 1e-12 of the parts that they are the sum of.
  /// - Parameters:
  ///   - seed: the same seed deals the same folds.
  ///   - weights: the expression that the design was made with, `nil` for none.
  /// - Throws: as `Design.folds` and `CrossValidation`.
  public func crossValidate(
    _ scheme: CrossValidation.Scheme, seed: UInt64 = 1, weights: Expression? = nil,
    estimator: LeastSquares = LeastSquares(), threads: Int? = nil
  ) throws(ValidationError) -> CrossValidation {
    if scheme == .leaveOneOut { return try leaveOneOut(threads: threads) }
    return try crossValidate(
      design.folds(scheme, seed: seed), weights: weights, estimator: estimator, threads: threads)
  }

  /// The same with folds that are given.
  ///
  /// - Parameter leastRows: with fewer rows every fold is fitted from its rows.
  package func crossValidate(
    _ folds: Folds, weights: Expression? = nil, estimator: LeastSquares = LeastSquares(),
    threads: Int? = nil, mergingFrom leastRows: Int? = nil
  ) throws(ValidationError) -> CrossValidation {
    guard (weights != nil) == (design.weights != nil) else {
      throw .setting("a fit is cross-validated with the weights that it was made with")
    }
    let formula = design.formula
    let merged = try MergedFolds(
      design, folds, estimator: estimator, threads: threads,
      leastRows: leastRows ?? MergedFolds.leastRows)
    return try CrossValidation(design, folds: folds, threads: threads, merged: merged) {
      (table) throws(RegressionError) in
      try estimator.fit(try Design(formula, table, weights: weights))
    }
  }

  /// Leave-one-out cross-validation without refits, exact for least squares.
  ///
  /// On the scale of the formula the prediction of row i without it is `y - e / (1 - h)`. For a
  /// logarithm on the left side the smearing factor without row i is made of the residuals
  /// `e_j + H_ji e_i / (1 - h_i)` (weighted rows by their roots), which takes O(n^2 p).
  /// Source: Allen, Technometrics 16 (1974); Cook and Weisberg (1982), equation 2.2.8.
  ///
  /// A row with h = 1, without which some term cannot be told, is unanswered, as it is when the
  /// model is fitted again.
  public func leaveOneOut(threads: Int? = nil) throws(ValidationError) -> CrossValidation {
    let folds = try design.folds(.leaveOneOut, seed: 0)
    let smearing = try leaveOneOutSmearing(threads: threads)
    let scale = ResponseScale(design.formula.response)
    var predicted: [Double?] = []
    var reasons: [String?] = []
    for i in residuals.indices {
      guard hat[i] < Influence.fullLeverage, summary.degreesOfFreedom > 0 else {
        predicted.append(nil)
        reasons.append("the row alone determines a term of the model")
        continue
      }
      let value = scale.back(design.response[i] - residuals[i] / (1 - hat[i])) * smearing[i]
      predicted.append(value.isFinite ? value : nil)
      reasons.append(value.isFinite ? nil : Prediction.beyondDoubles)
    }
    return CrossValidation(
      design, folds: folds, predicted: predicted, reasons: reasons, threads: threads)
  }

  /// Duan's factor of the fit without each row.
  func leaveOneOutSmearing(threads: Int?) throws(ValidationError) -> [Double] {
    let count = residuals.count
    let scale = ResponseScale(design.formula.response)
    guard scale.kind != .identity else { return [Double](repeating: 1, count: count) }
    let basis = try validatedFit { () throws(RegressionError) in try FitBasis(self) }
    let q = try validatedFit { () throws(RegressionError) in try basis.orthonormal() }
    let rows = (0..<count).map { q.row($0) }
    return try parallelMap(count: count, threads: threads) { (i) throws(ValidationError) in
      guard hat[i] < Influence.fullLeverage else { return 1 }
      let step = basis.residuals[i] / (1 - hat[i])
      var (sum, total) = (0.0, 0.0)
      for j in 0..<count where j != i {
        var projection = 0.0
        for k in rows[i].indices { projection += rows[i][k] * rows[j][k] }
        let residual = basis.residuals[j] + projection * step
        let weight = design.weights?[j] ?? 1
        sum += weight * scale.back(residual / (basis.roots?[j] ?? 1))
        total += weight
      }
      return sum / total
    }
  }
}

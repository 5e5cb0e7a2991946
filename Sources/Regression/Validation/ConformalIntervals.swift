import LinearAlgebra
public import ModelCore
import Statistics

/// Prediction intervals that cover without assuming a distribution, made by holding rows out.
///
/// All rest on one thing: that the rows (or groups) to come are exchangeable with those of the
/// data. On the scale of the formula's left side, with scores `s = |y - f(x)|` of rows that f has
/// not seen:
///
/// - *split*: f is fitted to one part, the scores are of the other part, and the interval is
///   `f(x) -+ q`, q the `ceil((n + 1) level)`-th smallest of n scores; covers with probability at
///   least `level`.
/// - *locally scaled*: scores are divided by a spread g(x), a second fit to log |residual| of the
///   first part; the interval is `f(x) -+ q g(x)`: wide where errors are large.
/// - *jackknife+* and *CV+*: every row is a score of the fit without it (without its fold); the
///   interval goes from the lower order statistic of `f_-i(x) - s_i` to the upper one of
///   `f_-i(x) + s_i`. All rows teach and all are scored; covers with probability at least
///   `2 level - 1`, and in practice about `level`.
///
/// Source: Lei, G'Sell, Rinaldo, Tibshirani and Wasserman, JASA 113 (2018), algorithm 2 and
/// equation 8; Barber, Candès, Ramdas and Tibshirani, Annals of Statistics 49 (2021).
///
/// The coverage is an average over rows to come, not a promise for each kind of row. Rows of one
/// group are not exchangeable with those of another: hold out whole groups then.
public struct ConformalIntervals: Sendable {
  /// Which of the methods made it, in words.
  public let method: String
  /// The fit whose predictions stand in the middle.
  public let fit: LinearFit
  /// The scores, one per held-out row that has a prediction.
  public let scores: [Double]
  /// Held-out rows without a prediction, which have no score.
  public let unscored: Int
  private let members: Members

  private enum Members: Sendable {
    /// One fit; the intervals are its predictions and a quantile of the scores.
    case one(FormulaFit, spread: SpreadModel?)
    /// The coefficients without each scored row, in the order of the basis.
    case coefficients([[Double]])
    /// A fit without each fold, and the fold of each scored row.
    case folds([FormulaFit?], of: [Int])
  }

  // MARK: Making

  /// Split conformal intervals: fits one part of the rows and scores the other.
  ///
  /// - Parameters:
  ///   - weights: the expression that the design was made with.
  ///   - share: of the rows (or groups) that are scored, in (0, 1).
  ///   - groups: a column whose rows stay together.
  ///   - scaled: intervals as wide as the errors are at such rows.
  /// - Throws: `ValidationError.tooFew` when either part is empty; `.setting` for a share out of
  ///   range; `.regression` when the first part cannot be fitted.
  public static func split(
    _ design: Design, weights: Expression? = nil, share: Double = 0.5, seed: UInt64 = 1,
    groups column: String? = nil, scaled: Bool = false, estimator: LeastSquares = LeastSquares()
  ) throws(ValidationError) -> ConformalIntervals {
    guard share > 0, share < 1 else {
      throw .setting("the share of the rows that are scored is \(share); expected 0 to 1")
    }
    var (unit, count) = (Array(design.rows.indices), design.rows.count)
    if let column { (unit, count) = try design.groupNumbers(column) }
    var random = Xoshiro256StarStar(seed: seed)
    let scoredCount = Int((Double(count) * share).rounded())
    guard scoredCount > 0, scoredCount < count else {
      throw .tooFew(what: "rows or groups to split", found: count, needed: 2)
    }
    let scoredUnits = Set(random.shuffled(Array(0..<count)).prefix(scoredCount))
    let scored = unit.indices.filter { scoredUnits.contains(unit[$0]) }
    let taught = unit.indices.filter { !scoredUnits.contains(unit[$0]) }
    let formula = design.formula
    let fit = try validatedFit { () throws(RegressionError) in
      try estimator.fit(
        try Design(
          formula, design.table.selecting(taught.map { design.rows[$0] }), weights: weights))
    }
    let model = fit.formulaFit
    let spread = try scaled ? SpreadModel(fit) : nil
    let held = design.table.selecting(scored.map { design.rows[$0] })
    let (centres, spreads) = try validatedFit { () throws(RegressionError) in
      (try model.centres(held), try spread?.values(held, model))
    }
    var scores: [Double] = []
    for (place, row) in scored.enumerated() {
      guard case .success(let centre) = centres[place] else { continue }
      scores.append(abs(design.response[row] - centre) / (spreads?[place] ?? 1))
    }
    return ConformalIntervals(
      method: scaled ? "split conformal, locally scaled" : "split conformal", fit: fit,
      scores: scores, unscored: scored.count - scores.count,
      members: .one(model, spread: spread))
  }

  /// Jackknife+ intervals of a fit, without refits.
  ///
  /// - Throws: `ValidationError.tooFew` without two rows.
  public static func jackknifePlus(
    _ fit: LinearFit
  ) throws(ValidationError) -> ConformalIntervals {
    guard fit.summary.degreesOfFreedom > 0, fit.residuals.count >= 2 else {
      throw .tooFew(
        what: "residual degrees of freedom for a jackknife",
        found: max(fit.summary.degreesOfFreedom, 0), needed: 1)
    }
    let changes = try validatedFit { () throws(RegressionError) in
      try Influence(fit).coefficientChanges()
    }
    let estimates = fit.basisEstimates
    var coefficients: [[Double]] = []
    var scores: [Double] = []
    for (row, change) in changes.enumerated() {
      guard let change else { continue }
      coefficients.append(zip(estimates, change).map { $0 - $1 })
      scores.append(abs(fit.residuals[row]) / (1 - fit.hat[row]))
    }
    return ConformalIntervals(
      method: "jackknife+", fit: fit, scores: scores,
      unscored: fit.residuals.count - scores.count, members: .coefficients(coefficients))
  }

  /// CV+ intervals: the model is fitted without each fold.
  ///
  /// - Parameters:
  ///   - fit: of all rows, whose predictions stand in the middle.
  ///   - weights: the expression that its design was made with.
  /// - Throws: as `Design.folds`, and `ValidationError.regression` when a fold cannot be left out.
  public static func crossValidationPlus(
    _ fit: LinearFit, _ scheme: CrossValidation.Scheme = .folds(10), seed: UInt64 = 1,
    weights: Expression? = nil, estimator: LeastSquares = LeastSquares(), threads: Int? = nil
  ) throws(ValidationError) -> ConformalIntervals {
    let design = fit.design
    let folds = try design.folds(scheme, seed: seed)
    let fits = try parallelMap(count: folds.count, threads: threads) {
      (fold) throws(ValidationError) in
      try validatedFit { () throws(RegressionError) in
        let rows = folds.rows(outside: fold).map { design.rows[$0] }
        return try estimator.fit(
          try Design(design.formula, design.table.selecting(rows), weights: weights)
        ).formulaFit
      }
    }
    var scores: [Double] = []
    var owners: [Int] = []
    for (fold, model) in fits.enumerated() {
      let rows = folds.rows(of: fold)
      let centres = try validatedFit { () throws(RegressionError) in
        try model.centres(design.table.selecting(rows.map { design.rows[$0] }))
      }
      for (row, centre) in zip(rows, centres) {
        guard case .success(let value) = centre else { continue }
        scores.append(abs(design.response[row] - value))
        owners.append(fold)
      }
    }
    return ConformalIntervals(
      method: "CV+", fit: fit, scores: scores,
      unscored: design.rows.count - scores.count, members: .folds(fits, of: owners))
  }

  // MARK: Predicting

  /// One prediction per row of a table, with its interval; without ends when the scores are too
  /// few for the level (`ceil((n + 1) level) > n`), or when a member cannot predict the row.
  ///
  /// The interval is taken back to the original scale as it is, because order survives.
  /// - Throws: `ValidationError.regression` for a level outside (0, 1) or a column that is not
  ///   there.
  public func predict(
    _ table: Table, level: Double = 0.9
  ) throws(ValidationError) -> [Prediction] {
    guard level > 0, level < 1 else { throw .regression(.level(level)) }
    let plain = try validatedFit { () throws(RegressionError) in try fit.predict(table) }
    let bounds = try bounds(table, level: level)
    let scale = ResponseScale(fit.design.formula.response)
    return zip(plain, bounds).map { prediction, bounds in
      guard let value = prediction.value else { return prediction }
      let ends = bounds.map { (scale.back($0.0), scale.back($0.1)) }
      let usable = ends.flatMap { $0.0.isFinite && $0.1.isFinite ? $0 : nil }
      return Prediction(value: value, lower: usable?.0, upper: usable?.1)
    }
  }

  private func bounds(
    _ table: Table, level: Double
  ) throws(ValidationError) -> [(Double, Double)?] {
    switch members {
    case .one(let model, let spread):
      let reach = try validatedStatistics { () throws(StatisticsError) in
        try ConformalQuantile.upper(scores, level: level)
      }
      guard let reach else { return [(Double, Double)?](repeating: nil, count: table.rowCount) }
      let (centres, spreads) = try validatedFit { () throws(RegressionError) in
        (try model.centres(table), try spread?.values(table, model))
      }
      return centres.enumerated().map { row, centre in
        guard case .success(let value) = centre else { return nil }
        let width = reach * (spreads?[row] ?? 1)
        return (value - width, value + width)
      }
    case .coefficients(let coefficients):
      let rows = try validatedFit { () throws(RegressionError) in
        try fit.design.recipe.apply(to: table)
      }
      return try rows.map { (row) throws(ValidationError) in
        guard case .success(let x) = row else { return nil }
        let columns = fit.basis.map { x[$0] }
        return try ends(
          coefficients.map { zip(columns, $0).reduce(0) { $0 + $1.0 * $1.1 } }, level)
      }
    case .folds(let fits, let owners):
      let centres = try fits.map { (model) throws(ValidationError) in
        try validatedFit { () throws(RegressionError) in try model?.centres(table) ?? [] }
      }
      return try (0..<table.rowCount).map { (row) throws(ValidationError) in
        var values: [Double] = []
        for owner in owners {
          guard case .success(let value) = centres[owner][row] else { return nil }
          values.append(value)
        }
        return try ends(values, level)
      }
    }
  }

  private func ends(
    _ values: [Double], _ level: Double
  ) throws(ValidationError) -> (Double, Double)? {
    try validatedStatistics { () throws(StatisticsError) in
      let upper = try ConformalQuantile.upper(
        zip(values, scores).map { $0 + $1 }, level: level)
      let lower = try ConformalQuantile.lower(
        zip(values, scores).map { $0 - $1 }, level: level)
      return lower.flatMap { lower in upper.map { (lower, $0) } }
    }
  }

  /// What the reader of the predictions has to know.
  ///
  /// - Parameter level: that of the predictions.
  public func notes(level: Double) throws(ValidationError) -> [String] {
    let least = try validatedStatistics { () throws(StatisticsError) in
      try ConformalQuantile.leastScores(level: level)
    }
    var notes = ["\(method) intervals from \(scores.count) held-out rows."]
    if scores.count < least {
      notes.append(
        "an interval of level \(shortestDecimal(level)) takes at least \(least) held-out rows, so "
          + "there is none; lower the level or bring more data.")
    }
    if unscored > 0 {
      notes.append("\(unscored) held-out rows have no prediction and so no score.")
    }
    return notes
  }
}

/// How large the errors of a fit are at a row: `exp(x'g)`, g by least squares of log |residual|.
///
/// Any positive function keeps the coverage; a good one makes the intervals short.
struct SpreadModel: Sendable {
  private let coefficients: [Double]
  private let basis: [Int]

  /// A residual of 0 has no logarithm; it counts as this part of the largest.
  private static let floor = 1e-6

  init(_ fit: LinearFit) throws(ValidationError) {
    let sizes = fit.residuals.map { abs($0) }
    let largest = sizes.reduce(0, max)
    let logs = sizes.map { CMath.log(largest > 0 ? max($0, Self.floor * largest) : 1) }
    let matrix = fit.design.matrix.selectingColumns(fit.basis)
    basis = fit.basis
    coefficients = try validatedAlgebra { () throws(LinearAlgebraError) in
      try PivotedQR(matrix, tolerance: 0).solve(logs, matrix: matrix).coefficients
    }
  }

  /// 1 for a row without columns, which has no interval either.
  func values(_ table: Table, _ model: FormulaFit) throws(RegressionError) -> [Double] {
    try model.recipe.apply(to: table).map { row in
      guard case .success(let x) = row else { return 1 }
      let exponent = zip(basis, coefficients).reduce(0) { $0 + x[$1.0] * $1.1 }
      // Far outside the data a spread may leave the doubles; the interval then has no ends.
      return CMath.exp(exponent)
    }
  }
}

extension FormulaFit {
  /// x'b for each row of a table, on the scale of the formula's left side.
  func centres(_ table: Table) throws(RegressionError) -> [Result<Double, RowProblem>] {
    try recipe.apply(to: table).map { row in
      row.flatMap { x in
        predictor.brokenAlias(x) == nil
          ? .success(predictor.value(x))
          : .failure(RowProblem(reason: "the fit says nothing about this row"))
      }
    }
  }
}

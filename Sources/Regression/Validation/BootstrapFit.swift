public import ModelCore
public import Statistics

/// The replicates of a fit, and the intervals that they give.
public struct BootstrapFit: Sendable {
  public let fit: LinearFit
  public let scheme: BootstrapScheme
  public let seed: UInt64
  let replicates: [ReplicateSolver.Replicate]
  /// Samples that could not tell the terms of the model apart; they are left out.
  public let failures: Int
  /// The fit without each row or group, whose spread the BCa intervals correct for.
  public let jackknife: Jackknife

  /// Samples that have a fit.
  public var replicateCount: Int { replicates.count }

  /// The coefficients of each replicate, in the order of the fit's basis.
  public var coefficients: [[Double]] { replicates.map(\.coefficients) }

  /// The replicates of one coefficient.
  ///
  /// - Parameter place: its position in the fit's basis.
  public func distribution(
    ofCoefficient place: Int
  ) throws(ValidationError) -> BootstrapDistribution {
    try validatedStatistics { () throws(StatisticsError) in
      try BootstrapDistribution(
        estimate: fit.basisEstimates[place],
        replicates: replicates.map { $0.coefficients[place] })
    }
  }

  /// A row per term: `term, estimate, std_error, bias, conf_low, conf_high`; cells of a
  /// redundant term are empty, and ends that a kind of interval cannot give.
  ///
  /// - Throws: `ValidationError.regression` for a level outside (0, 1).
  public func tidy(
    level: Double = 0.95, interval: BootstrapIntervalKind = .bca
  ) throws(ValidationError) -> Table {
    let count = fit.coefficients.count
    var (errors, biases, lows, highs) = (
      [Double?](repeating: nil, count: count), [Double?](repeating: nil, count: count),
      [Double?](repeating: nil, count: count), [Double?](repeating: nil, count: count)
    )
    for (place, column) in fit.basis.enumerated() {
      let distribution = try distribution(ofCoefficient: place)
      let ends = try ends(
        distribution, level: level, interval,
        jackknife: jackknife.coefficients.compactMap { $0?[place] })
      errors[column] = distribution.standardError
      biases[column] = distribution.bias
      lows[column] = ends?.lower
      highs[column] = ends?.upper
    }
    return try validatedTable([
      Column("term", text: fit.coefficients.map(\.term)),
      Column("estimate", numbers: fit.coefficients.map(\.estimate)),
      Column("std_error", numbers: errors),
      Column("bias", numbers: biases),
      Column("conf_low", numbers: lows),
      Column("conf_high", numbers: highs),
    ])
  }

  /// The expected response for each row of a table, with a confidence interval.
  ///
  /// As `FormulaFit.predict` has it: for a logarithm on the left side the back-transform times the
  /// smearing factor, both of them of the replicate. BCa intervals of a logarithm's predictions
  /// take O(n^2 p) for n rows of single-row bootstraps; percentile ones do not.
  /// - Throws: `ValidationError.regression`, as `FormulaFit.predict`.
  public func predict(
    _ table: Table, level: Double = 0.95, interval: BootstrapIntervalKind = .bca
  ) throws(ValidationError) -> [Prediction] {
    guard level > 0, level < 1 else { throw .regression(.level(level)) }
    let plain = try validatedFit { () throws(RegressionError) in try fit.predict(table) }
    let rows = try validatedFit { () throws(RegressionError) in
      try fit.design.recipe.apply(to: table)
    }
    // Only BCa looks at the fits without a row; their smearing factors are dear.
    let without =
      interval == .bca ? Array(zip(jackknife.coefficients, try jackknife.smearing())) : []
    var answer: [Prediction] = []
    for (row, prediction) in zip(rows, plain) {
      guard case .success(let x) = row, let value = prediction.value else {
        answer.append(prediction)
        continue
      }
      let columns = fit.basis.map { x[$0] }
      let values = replicates.map { response(columns, $0.coefficients, $0.smearing) }
      let left = without.compactMap { pair in
        pair.0.map { response(columns, $0, pair.1) }
      }
      guard (values + left).allSatisfy(\.isFinite) else {
        answer.append(Prediction(value: value, lower: nil, upper: nil))
        continue
      }
      let distribution = try validatedStatistics { () throws(StatisticsError) in
        try BootstrapDistribution(estimate: value, replicates: values)
      }
      let ends = try ends(distribution, level: level, interval, jackknife: left)
      answer.append(Prediction(value: value, lower: ends?.lower, upper: ends?.upper))
    }
    return answer
  }

  private func response(
    _ columns: [Double], _ coefficients: [Double], _ smearing: Double
  ) -> Double {
    let centre = zip(columns, coefficients).reduce(0) { $0 + $1.0 * $1.1 }
    return ResponseScale(fit.design.formula.response).back(centre) * smearing
  }

  private func ends(
    _ distribution: BootstrapDistribution, level: Double, _ kind: BootstrapIntervalKind,
    jackknife: [Double]
  ) throws(ValidationError) -> BootstrapInterval? {
    guard level > 0, level < 1 else { throw .regression(.level(level)) }
    return try validatedStatistics { () throws(StatisticsError) in
      switch kind {
      case .percentile: try distribution.percentile(level: level)
      case .basic: try distribution.basic(level: level)
      case .bca: try distribution.bca(level: level, jackknife: jackknife)
      }
    }
  }

  /// What the reader of the tables has to know.
  public var notes: [String] {
    var notes = ["\(scheme.words), \(replicateCount) replicates, seed \(seed)."]
    if failures > 0 {
      notes.append(
        "\(failures) samples could not tell the terms of the model apart and are left out; fewer "
          + "terms, or the residual or wild bootstrap, avoid that.")
    }
    if jackknife.failures > 0 {
      notes.append(
        "\(jackknife.failures) rows or groups alone determine a term of the model; BCa intervals "
          + "do without them.")
    }
    return notes
  }
}

extension BootstrapScheme {
  /// For a note.
  var words: String {
    switch self {
    case .cases: "bootstrap of rows"
    case .groupedCases(let column): "bootstrap of groups (\(column))"
    case .residuals: "bootstrap of residuals"
    case .wild(let weights, let column):
      "wild bootstrap (\(weights.rawValue)\(column.map { ", groups of \($0)" } ?? ""))"
    }
  }
}

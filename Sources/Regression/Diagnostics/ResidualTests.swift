import LinearAlgebra
import Statistics

/// Tests of what a linear fit assumes about its errors. Each is `nil` where there is nothing to
/// test: a perfect fit, or too few rows.
///
/// Residuals of a weighted fit are taken times sqrt(w), which is what should be alike.
extension LinearFit {
  /// Breusch and Pagan's test, studentised by Koenker: does the spread of the residuals change
  /// with the terms of the model?
  ///
  /// `LM = n R^2` of the regression of e^2 on the model's columns and a constant; about
  /// chi-squared. Source: Koenker, J. of Econometrics 17 (1981); R, `lmtest::bptest`.
  public func breuschPagan() throws(RegressionError) -> TestResult? {
    try spreadTest(
      "breusch_pagan", design.matrix.selectingColumns(basis),
      meaning: "small p: the spread of the residuals changes with the terms; standard errors "
        + "are wrong")
  }

  /// White's test: does the spread change with the terms, their squares and their products?
  ///
  /// `LM = n R^2` as in `breuschPagan`; needs more rows than there are products.
  /// Source: White, Econometrica 48 (1980); statsmodels, `het_white`.
  public func white() throws(RegressionError) -> TestResult? {
    let count = design.response.count
    let own = basis.count
    guard own * (own + 3) / 2 + 1 < count,
      own * (own + 3) / 2 + 1 < DesignRecipe.largestMatrix / max(count, 1)
    else { return nil }
    // About their means, which does not change what columns, products and a constant span.
    let centred = basis.map { column -> [Double] in
      let values = Array(design.matrix.column(column))
      let mean = values.reduce(0) { $0 + $1 / Double(count) }
      return values.map { $0 - mean }
    }
    var columns = centred
    for j in centred.indices {
      for k in j..<centred.count { columns.append(zip(centred[j], centred[k]).map { $0 * $1 }) }
    }
    guard columns.allSatisfy({ $0.allSatisfy(\.isFinite) }) else { return nil }
    let all = columns
    let matrix = try algebra { () throws(LinearAlgebraError) in try Matrix(columns: all) }
    return try spreadTest(
      "white", matrix,
      meaning: "small p: the spread of the residuals changes with the terms or their products")
  }

  private func spreadTest(
    _ name: String, _ columns: Matrix, meaning: String
  ) throws(RegressionError) -> TestResult? {
    let residuals = weightedResiduals
    let scale = residuals.reduce(0) { max($0, abs($1)) }
    guard scale > 0 else { return nil }
    let squares = residuals.map { ($0 / scale) * ($0 / scale) }
    let count = squares.count
    let mean = squares.reduce(0, +) / Double(count)
    let gaps = squares.map { $0 - mean }
    let total = gaps.reduce(0) { $0 + $1 * $1 }
    guard total > 0 else { return nil }
    let (explained, rank) = try algebra { () throws(LinearAlgebraError) in
      let ones = [Double](repeating: 1, count: count)
      let factors = try PivotedQR(
        try Matrix(
          rows: count, columns: columns.columns + 1, storage: ones + columns.storage))
      let rotated = try factors.applyingQTransposed(to: gaps)
      return (rotated.prefix(factors.rank).reduce(0) { $0 + $1 * $1 }, factors.rank)
    }
    guard rank > 1, rank < count else { return nil }
    let statistic = Double(count) * min(explained / total, 1)
    let pValue = try statistics { () throws(StatisticsError) in
      try ChiSquared(degreesOfFreedom: Double(rank - 1)).upperTail(statistic)
    }
    return TestResult(
      test: name, statistic: statistic, degrees: rank - 1, residualDegrees: nil, pValue: pValue,
      meaning: meaning)
  }

  /// Ramsey's RESET: do powers of the fitted values explain what the model leaves?
  ///
  /// The F test of the model with the columns `fitted^2, fitted^3` added against the model.
  /// Source: Ramsey, JRSS B 31 (1969); R, `lmtest::resettest`; statsmodels, `linear_reset`.
  /// - Parameter powers: each >= 2.
  public func reset(powers: [Int] = [2, 3]) throws(RegressionError) -> TestResult? {
    let basis = try FitBasis(self)
    // Scaled, and about its mean when the columns span a constant: the same space, and powers
    // that differ from each other.
    let constant = design.formula.hasIntercept
    let middle =
      constant ? fitted.reduce(0) { $0 + $1 / Double(fitted.count) } : 0
    let reach = fitted.reduce(0) { max($0, abs($1 - middle)) }
    guard reach > 0, reach.isFinite else { return nil }
    let unit = fitted.map { ($0 - middle) / reach }
    let columns = powers.map { power in unit.map { CMath.power($0, Double(power)) } }
    let (explained, degrees) = try basis.explained(byAdding: columns)
    return try additionTest(
      "reset", explained: explained, degrees: degrees, basis,
      meaning: "small p: the form is wrong; a curve or a product of terms is missing")
  }

  private func additionTest(
    _ name: String, explained: Double, degrees: Int, _ basis: FitBasis, meaning: String
  ) throws(RegressionError) -> TestResult? {
    let rest = basis.residuals.reduce(0) { $0 + $1 * $1 } - explained
    let left = summary.degreesOfFreedom - degrees
    guard degrees > 0, left > 0, rest > 0 else { return nil }
    let statistic = explained / Double(degrees) / (rest / Double(left))
    let pValue = try statistics { () throws(StatisticsError) in
      try FisherF(numeratorDegrees: Double(degrees), denominatorDegrees: Double(left))
        .upperTail(statistic)
    }
    return TestResult(
      test: name, statistic: statistic, degrees: degrees, residualDegrees: left, pValue: pValue,
      meaning: meaning)
  }

  /// Durbin and Watson's statistic `sum (e_t - e_(t-1))^2 / sum e^2` in the order of the table,
  /// near 2 when neighbours have nothing to do with each other.
  ///
  /// The two-sided p value is by the normal distribution with the statistic's exact mean and
  /// variance, which is good from some 30 rows on (below 10 there is none).
  /// Source: Durbin and Watson, Biometrika 58 (1971), 2.2; R, `lmtest::dwtest(exact = FALSE)`.
  public func durbinWatson() throws(RegressionError) -> TestResult? {
    let residuals = weightedResiduals
    let count = residuals.count
    let rank = summary.rank
    let total = residuals.reduce(0) { $0 + $1 * $1 }
    guard total > 0, count >= max(10, rank + 3) else { return nil }
    let statistic =
      zip(residuals.dropFirst(), residuals).reduce(0) {
        $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
      } / total
    let q = try FitBasis(self).orthonormal()
    let differenced = (0..<rank).map { Self.secondDifferences(Array(q.column($0))) }
    var (trace, squares, inner) = (0.0, 0.0, 0.0)
    for j in 0..<rank {
      squares += differenced[j].reduce(0) { $0 + $1 * $1 }
      for k in 0..<rank {
        let product = zip(q.column(k), differenced[j]).reduce(0) { $0 + $1.0 * $1.1 }
        inner += product * product
        if j == k { trace += product }
      }
    }
    let n = Double(count)
    let left = Double(count - rank)
    let p = 2 * (n - 1) - trace
    let spread = 2 * (3 * n - 4) - 2 * squares + inner
    let mean = p / left
    let variance = 2 / (left * (left + 2)) * (spread - p * mean)
    guard variance > 0 else { return nil }
    let z = (statistic - mean) / variance.squareRoot()
    let pValue = try statistics { () throws(StatisticsError) in
      min(2 * (try Normal.standard.upperTail(abs(z))), 1)
    }
    return TestResult(
      test: "durbin_watson", statistic: statistic, degrees: nil, residualDegrees: nil,
      pValue: pValue,
      meaning: "small p: neighbouring rows resemble each other (statistic < 2) or alternate (> 2)")
  }

  /// A v for the matrix A of the quadratic form sum (v_t - v_(t-1))^2.
  private static func secondDifferences(_ v: [Double]) -> [Double] {
    v.indices.map { i in
      (i > 0 ? v[i] - v[i - 1] : 0) + (i + 1 < v.count ? v[i] - v[i + 1] : 0)
    }
  }

  /// Jarque and Bera's test of normal residuals, by their skewness and kurtosis.
  ///
  /// About chi-squared with 2 degrees of freedom; on small samples it rejects too rarely.
  /// Source: Jarque and Bera, International Statistical Review 55 (1987).
  public func jarqueBera() throws(RegressionError) -> TestResult? {
    let residuals = weightedResiduals
    guard residuals.contains(where: { $0 != residuals[0] }) else { return nil }
    return try statistics { () throws(StatisticsError) in
      let statistic = try SampleShape(residuals).jarqueBera
      return TestResult(
        test: "jarque_bera", statistic: statistic, degrees: 2, residualDegrees: nil,
        pValue: try ChiSquared(degreesOfFreedom: 2).upperTail(statistic),
        meaning: "small p: the residuals are not normal; intervals for single rows are off")
    }
  }

  /// Bonferroni's test of the largest studentised residual: is one row an outlier?
  ///
  /// `p = n P(|T| > |t|)`, T of n - p - 1 degrees of freedom, at most 1.
  /// Source: Cook and Weisberg, Residuals and Influence in Regression (1982), 2.2.2.
  public func outlierTest() throws(RegressionError) -> TestResult? {
    let studentized = Influence(self).studentizedResiduals.compactMap { $0 }
    guard let largest = studentized.max(by: { abs($0) < abs($1) }) else { return nil }
    let degrees = summary.degreesOfFreedom - 1
    let tail = try statistics { () throws(StatisticsError) in
      try StudentT(degreesOfFreedom: Double(degrees)).twoSidedTail(largest)
    }
    return TestResult(
      test: "outlier", statistic: largest, degrees: nil, residualDegrees: degrees,
      pValue: min(Double(studentized.count) * tail, 1),
      meaning: "small p: the row with the largest studentised residual is an outlier")
  }

  /// sqrt(w) times the residuals.
  var weightedResiduals: [Double] {
    design.weights.map { zip(residuals, $0).map { $0 * $1.squareRoot() } } ?? residuals
  }
}

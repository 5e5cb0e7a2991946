import LinearAlgebra
import Statistics

/// Tests of a smaller model against a larger one that contains it.
extension LinearFit {
  /// The F test of this model against a smaller one.
  ///
  /// `F = (sum w (f1 - f0)^2 / q) / (RSS1 / (n - p))`, f the fitted values, q the difference of
  /// the ranks; the numerator is the difference of the residual sums of squares without the loss
  /// of digits of a subtraction. Assumes independent normal errors of variance sigma^2 / w.
  /// Source: Seber and Lee, Linear Regression Analysis (2003), theorem 4.1; R, `anova`.
  /// - Throws: `ValidationError.notComparable` unless both rest on the same rows, responses and
  ///   weights; `.notNested`, with the term to blame, unless every column of the smaller model is
  ///   a combination of this one's; `.sameSpace`; `.tooFew` without degrees of freedom.
  public func fTest(against smaller: LinearFit) throws(ValidationError) -> TestResult {
    let (squares, degrees) = try gain(over: smaller)
    let left = summary.degreesOfFreedom
    guard let sigma = summary.sigma, left > 0, sigma > 0 else {
      throw .tooFew(
        what: "residual degrees of freedom of a fit that is not perfect", found: max(left, 0),
        needed: 1)
    }
    let statistic = squares / Double(degrees) / (sigma * sigma)
    let pValue = try validatedStatistics { () throws(StatisticsError) in
      try FisherF(numeratorDegrees: Double(degrees), denominatorDegrees: Double(left))
        .upperTail(statistic)
    }
    return TestResult(
      test: "nested_f", statistic: statistic, degrees: degrees, residualDegrees: left,
      pValue: pValue, meaning: "small p: the terms that only the larger model has are needed")
  }

  /// The likelihood-ratio test of this model against a smaller one.
  ///
  /// `2 (log L1 - log L0) = n log(RSS0 / RSS1)`, about chi-squared with q degrees of freedom for
  /// many rows; for few the F test is exact and this one rejects too often.
  /// - Throws: as `fTest(against:)`.
  public func likelihoodRatioTest(
    against smaller: LinearFit
  ) throws(ValidationError) -> TestResult {
    let (squares, degrees) = try gain(over: smaller)
    guard let sigma = summary.sigma, sigma > 0 else {
      throw .tooFew(
        what: "residual degrees of freedom of a fit that is not perfect",
        found: max(summary.degreesOfFreedom, 0), needed: 1)
    }
    let rest = sigma * sigma * Double(summary.degreesOfFreedom)
    let statistic =
      Double(summary.nobs) * CMath.apply(.log1p, squares / rest)
    let pValue = try validatedStatistics { () throws(StatisticsError) in
      try ChiSquared(degreesOfFreedom: Double(degrees)).upperTail(statistic)
    }
    return TestResult(
      test: "likelihood_ratio", statistic: statistic, degrees: degrees, residualDegrees: nil,
      pValue: pValue, meaning: "small p: the terms that only the larger model has are needed")
  }

  /// What this model explains beyond a smaller one, and the difference of the ranks.
  private func gain(
    over smaller: LinearFit
  ) throws(ValidationError) -> (squares: Double, degrees: Int) {
    let names = (smaller.design.formula.description, design.formula.description)
    if let difference = design.difference(from: smaller.design) {
      throw .notComparable(names.0, names.1, difference: difference)
    }
    let larger = try regression { () throws(RegressionError) in try FitBasis(self) }
    let columns = try regression { () throws(RegressionError) in try FitBasis(smaller) }
    for (place, column) in smaller.basis.enumerated() {
      let values = Array(columns.matrix.column(place))
      let rest = try regression { () throws(RegressionError) in try larger.rest(of: values) }
      guard norm(rest) <= FitBasis.newPart * norm(values) else {
        throw .notNested(
          smaller: names.0, larger: names.1,
          term: smaller.design.recipe.columnNames[column])
      }
    }
    guard summary.rank > smaller.summary.rank else { throw .sameSpace(names.0, names.1) }
    var squares = 0.0
    for i in fitted.indices {
      let gap = fitted[i] - smaller.fitted[i]
      squares += (design.weights?[i] ?? 1) * gap * gap
    }
    return (squares, summary.rank - smaller.summary.rank)
  }
}

extension Design {
  /// In what two designs do not rest on the same data, in words; `nil` when they do.
  func difference(from other: Design) -> String? {
    if rows != other.rows {
      return "they use \(other.rows.count) and \(rows.count) rows that are not the same; leave out "
        + "the rows that either lacks"
    }
    if response != other.response {
      return "their responses differ (\(other.formula.response) and \(formula.response))"
    }
    if weights != other.weights { return "their weights differ" }
    return nil
  }
}

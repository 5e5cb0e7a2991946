public import LinearAlgebra
import ModelCore
import Statistics

/// A linear combination of coefficients and the value that it is thought to have.
public struct LinearHypothesis: Sendable, Equatable {
  /// Factors of the coefficients, by term; the others have 0.
  public let factors: [String: Double]
  public let value: Double

  /// `sum of factor times coefficient = value`.
  public init(_ factors: [String: Double], equals value: Double = 0) {
    self.factors = factors
    self.value = value
  }
}

extension LinearFit {
  /// The Wald test of linear hypotheses H b = v about the coefficients.
  ///
  /// `F = (Hb - v)' (H V H')^-1 (Hb - v) / q`, V the coefficients' covariance; with the covariance
  /// of the fit it is the F test of the model against the one with the hypotheses built in.
  /// Then it goes over a QR factorisation of `R^-T H'`, and nothing is squared.
  /// Source: Seber and Lee, Linear Regression Analysis (2003), 4.3; R, `car::linearHypothesis`.
  /// - Parameters:
  ///   - hypotheses: at least one; none may follow from the others.
  ///   - covariance: over the fit's basis, for instance one that allows for groups; `nil` for the
  ///     fit's own.
  /// - Throws: `ValidationError.hypothesis` for a term that is not there or has no estimate, and
  ///   for hypotheses that say the same; `.tooFew` without degrees of freedom.
  public func waldTest(
    _ hypotheses: [LinearHypothesis], covariance: Matrix? = nil
  ) throws(ValidationError) -> TestResult {
    guard let sigma = summary.sigma, sigma > 0 else {
      throw .tooFew(
        what: "residual degrees of freedom of a fit that is not perfect",
        found: max(summary.degreesOfFreedom, 0), needed: 1)
    }
    let rows = try hypotheses.map { (hypothesis) throws(ValidationError) in
      try row(of: hypothesis)
    }
    guard !rows.isEmpty else { throw .hypothesis("there is no hypothesis to test") }
    let estimates = basis.map { coefficients[$0].estimate ?? 0 }
    let gaps = zip(rows, hypotheses).map { row, hypothesis in
      zip(row, estimates).reduce(0) { $0 + $1.0 * $1.1 } - hypothesis.value
    }
    let quadratic: Double
    if let covariance {
      quadratic = try quadraticForm(rows, gaps, covariance)
    } else {
      quadratic = try ownQuadraticForm(rows, gaps) / (sigma * sigma)
    }
    let statistic = quadratic / Double(rows.count)
    let pValue = try validatedStatistics { () throws(StatisticsError) in
      try FisherF(
        numeratorDegrees: Double(rows.count),
        denominatorDegrees: Double(summary.degreesOfFreedom)
      ).upperTail(statistic)
    }
    return TestResult(
      test: "wald", statistic: statistic, degrees: rows.count,
      residualDegrees: summary.degreesOfFreedom, pValue: pValue,
      meaning: "small p: the coefficients are not what the hypothesis says")
  }

  /// The Wald test that some coefficients are all 0.
  ///
  /// - Throws: as `waldTest(_:covariance:)`.
  public func waldTest(
    zero terms: [String], covariance: Matrix? = nil
  ) throws(ValidationError) -> TestResult {
    try waldTest(terms.map { LinearHypothesis([$0: 1]) }, covariance: covariance)
  }

  private func row(of hypothesis: LinearHypothesis) throws(ValidationError) -> [Double] {
    var answer = [Double](repeating: 0, count: basis.count)
    for (term, factor) in hypothesis.factors.sorted(by: { $0.key < $1.key }) {
      guard let column = coefficients.firstIndex(where: { $0.term == term }) else {
        let names = nearestWords(to: term, among: coefficients.map(\.term))
        throw .hypothesis("the fit has no term \(term)" + suggestion(names))
      }
      guard let place = basis.firstIndex(of: column) else {
        throw .hypothesis("\(term) has no estimate: other terms already say the same")
      }
      guard factor.isFinite else {
        throw .hypothesis("the factor of \(term) is \(shortestDecimal(factor))")
      }
      answer[place] = factor
    }
    return answer
  }

  /// |T^-T d|^2 with T the triangle of R^-T H'.
  private func ownQuadraticForm(
    _ rows: [[Double]], _ gaps: [Double]
  ) throws(ValidationError) -> Double {
    let fitted = try validatedFit { () throws(RegressionError) in try FitBasis(self) }
    let factors = try validatedAlgebra { () throws(LinearAlgebraError) in
      let triangle = try fitted.factors.unscaledTriangle()
      let columns = try rows.map { (row) throws(LinearAlgebraError) in
        try triangle.solveTransposed(fitted.factors.pivots.map { row[$0] })
      }
      return try PivotedQR(try Matrix(columns: columns))
    }
    guard factors.rank == rows.count else { throw Self.redundant(factors.rank, rows.count) }
    return try validatedAlgebra { () throws(LinearAlgebraError) in
      let solved = try factors.unscaledTriangle().solveTransposed(factors.pivots.map { gaps[$0] })
      return solved.reduce(0) { $0 + $1 * $1 }
    }
  }

  private func quadraticForm(
    _ rows: [[Double]], _ gaps: [Double], _ covariance: Matrix
  ) throws(ValidationError) -> Double {
    guard covariance.rows == basis.count, covariance.columns == basis.count else {
      throw .hypothesis(
        "a covariance of \(covariance.rows) x \(covariance.columns) for \(basis.count) estimates")
    }
    var columns = try validatedAlgebra { () throws(LinearAlgebraError) in
      try rows.map { (row) throws(LinearAlgebraError) in
        let spread = try covariance.multiplied(by: row)
        return rows.map { other in zip(other, spread).reduce(0) { $0 + $1.0 * $1.1 } }
      }
    }
    // In units of their standard errors, so that rank does not depend on those of the data.
    let scales = columns.indices.map { columns[$0][$0].squareRoot() }
    guard scales.allSatisfy({ $0 > 0 && $0.isFinite }) else {
      throw .hypothesis("the covariance gives a hypothesis no positive variance")
    }
    for j in columns.indices {
      for i in columns.indices { columns[j][i] /= scales[i] * scales[j] }
    }
    let scaled = columns
    let gaps = zip(gaps, scales).map { $0 / $1 }
    let (factors, matrix) = try validatedAlgebra { () throws(LinearAlgebraError) in
      let matrix = try Matrix(columns: scaled)
      return (try PivotedQR(matrix), matrix)
    }
    guard factors.rank == rows.count else { throw Self.redundant(factors.rank, rows.count) }
    let solution = try validatedAlgebra { () throws(LinearAlgebraError) in
      try factors.solve(gaps, matrix: matrix)
    }
    return zip(gaps, solution.coefficients).reduce(0) { $0 + $1.0 * $1.1 }
  }

  private static func redundant(_ rank: Int, _ count: Int) -> ValidationError {
    .hypothesis("of \(count) hypotheses only \(rank) are independent; leave out the others")
  }
}

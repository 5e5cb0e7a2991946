public import LinearAlgebra
import Statistics

/// What the data say about each parameter at the end of a fit: the tangent plane there, and the
/// errors that follow from it.
///
/// With J the Jacobian of the residuals, `Cov = sigma^2 (J'J)^-1` over the parameters that are
/// free and identified, and `sigma^2 = S / (n - rank)`, S the sum of squares. For a robust loss
/// sigma^2 is `K^2 (sum psi^2 / (n - rank)) / mean(psi')^2`, with psi = rho' r, the scale taken
/// as known and `K = 1 + (rank / n) var(psi') / mean(psi')^2`.
///
/// Sources: Seber and Wild, Nonlinear Regression (1989), 2.1; Huber, Robust Statistics (1981),
/// 7.6. First-order: with strong curvature or few rows the true intervals differ. A parameter
/// that a bound holds back counts as known; a parameter that cannot be told apart from others
/// has no error, and `unidentified` names it.
public struct NonlinearInference: Sendable {
  /// Names, in the order of the parameters.
  public let names: [String]
  public let estimates: [Double]
  /// Parameters that rest on a bound, by position.
  public let atBound: [Int]
  /// Parameters that the data cannot tell apart, or that have no effect at all, by position.
  public let unidentified: [Int]
  /// Parameters estimated: free ones in the numerical rank of the Jacobian.
  public let rank: Int
  public let degreesOfFreedom: Int
  /// Residual standard deviation; `nil` without degrees of freedom.
  public let sigma: Double?
  /// One per parameter; `nil` where the data give none.
  public let standardErrors: [Double?]
  /// Of the parameters in `identified`, in that order; `nil` without degrees of freedom.
  public let covariance: Matrix?
  /// The parameters that have a standard error, by position.
  public let identified: [Int]
  /// Condition number of the Jacobian's columns at equal length, 1-norm, estimated.
  public let condition: Double
  /// Leverages in the tangent plane, one per residual.
  public let hat: [Double]
  /// The linear part, over the free parameters.
  let predictor: LinearPredictor
  /// The free parameters, by position.
  let free: [Int]

  /// More of a null vector than this makes a parameter part of it; rounding is far below.
  static let nullTolerance = 1e-6

  /// - Parameters:
  ///   - residuals: at the estimates.
  ///   - jacobian: its derivatives there.
  ///   - isAtBound: per parameter.
  /// - Throws: `RegressionError.linearAlgebra` for values that are not finite or sizes that
  ///   differ.
  public init(
    names: [String], estimates: [Double], residuals: [Double], jacobian: Matrix,
    isAtBound: [Bool], loss: RobustLoss = .squared
  ) throws(RegressionError) {
    self.names = names
    self.estimates = estimates
    atBound = isAtBound.indices.filter { isAtBound[$0] }
    let free = isAtBound.indices.filter { !isAtBound[$0] }
    self.free = free
    let parts = try algebra { () throws(LinearAlgebraError) in try Tangent(jacobian, free) }
    let degrees = residuals.count - parts.basis.count
    let sigma = Self.sigma(residuals, degrees: degrees, rank: parts.basis.count, loss)
    rank = parts.basis.count
    degreesOfFreedom = degrees
    self.sigma = sigma
    condition = parts.condition
    hat = parts.hat
    let redundant = parts.redundant.map { free[$0] }
    unidentified = redundant
    let known = parts.basis.indices.filter { !redundant.contains(free[parts.basis[$0]]) }
    let identified = known.map { free[parts.basis[$0]] }
    self.identified = identified
    var errors = [Double?](repeating: nil, count: names.count)
    if let sigma {
      for (place, j) in zip(known, identified) {
        errors[j] = sigma * parts.inverseGram[place, place].squareRoot()
      }
      var matrix = Matrix(rows: known.count, columns: known.count)
      for (i, left) in known.enumerated() {
        for (k, right) in known.enumerated() {
          matrix[i, k] = sigma * sigma * parts.inverseGram[left, right]
        }
      }
      covariance = matrix
    } else {
      covariance = nil
    }
    standardErrors = errors
    predictor = LinearPredictor(
      estimates: free.indices.map { parts.basis.contains($0) ? estimates[free[$0]] : nil },
      pivots: parts.pivots, triangle: parts.triangle, aliases: parts.aliases, sigma: sigma,
      degreesOfFreedom: degrees)
  }

  /// Inference at the end of a run of the solver.
  ///
  /// - Throws: `RegressionError.linearAlgebra` where the model has no finite derivatives.
  public init(
    _ function: some ResidualFunction, _ report: NonlinearReport
  ) throws(RegressionError) {
    let linear = function.linearization(at: report.end)
    try self.init(
      names: function.parameterNames, estimates: report.end, residuals: linear.residuals,
      jacobian: linear.jacobian, isAtBound: report.isAtBound, loss: report.options.loss)
  }

  /// A coefficient per parameter, with Student's t on n - rank degrees of freedom.
  ///
  /// - Throws: `RegressionError.level` for a level outside (0, 1).
  public func coefficients(level: Double = 0.95) throws(RegressionError) -> [Coefficient] {
    let critical =
      degreesOfFreedom > 0
      ? try LinearPredictor.critical(level: level, degreesOfFreedom: degreesOfFreedom) : nil
    var answer: [Coefficient] = []
    for (j, name) in names.enumerated() {
      let (estimate, error) = (estimates[j], standardErrors[j])
      var (statistic, pValue): (Double?, Double?)
      if let error, error > 0 {
        statistic = estimate / error
        pValue = try statistics { () throws(StatisticsError) in
          try StudentT(degreesOfFreedom: Double(degreesOfFreedom)).twoSidedTail(estimate / error)
        }
      }
      let reach = error.flatMap { error in critical.map { $0 * error } }
      answer.append(
        Coefficient(
          term: name, estimate: estimate, standardError: error, statistic: statistic,
          pValue: pValue, confidenceLow: reach.map { estimate - $0 },
          confidenceHigh: reach.map { estimate + $0 }))
    }
    return answer
  }

  /// The half-width of an interval around a quantity computed from the parameters (the delta
  /// method): t sqrt(g' Cov g), plus sigma^2 under the root for a new observation.
  ///
  /// - Parameters:
  ///   - gradient: the derivatives of the quantity by each parameter.
  ///   - kind: `.confidence` for the quantity itself, `.prediction` for an observation of it whose
  ///     error is that of the residuals.
  /// - Returns: `nil` without degrees of freedom, and where the quantity depends on what the data
  ///   could not tell apart.
  /// - Throws: `RegressionError.level`; `.linearAlgebra` for a gradient of another length or one
  ///   that is not finite.
  public func halfWidth(
    gradient: [Double], level: Double = 0.95, kind: IntervalKind = .confidence
  ) throws(RegressionError) -> Double? {
    guard gradient.count == names.count else {
      throw .linearAlgebra(
        .shape("a gradient of \(gradient.count) for \(names.count) parameters"))
    }
    guard gradient.allSatisfy(\.isFinite) else { throw .linearAlgebra(.notFinite("a gradient")) }
    let part = free.map { gradient[$0] }
    guard predictor.brokenAlias(part) == nil else { return nil }
    return try predictor.halfWidth(part, level: level, kind: kind)
  }

  private static func sigma(
    _ residuals: [Double], degrees: Int, rank: Int, _ loss: RobustLoss
  ) -> Double? {
    guard degrees > 0 else { return nil }
    guard loss != .squared else {
      return LocalModel.norm(residuals) / Double(degrees).squareRoot()
    }
    var (influence, slopes) = (0.0, [Double]())
    for residual in residuals {
      let z = residual / loss.scale * (residual / loss.scale)
      let (_, first, second) = loss.rho(z)
      influence += residual * first * residual * first
      slopes.append(first + 2 * z * second)
    }
    let count = Double(residuals.count)
    let mean = slopes.reduce(0, +) / count
    // Where most rows are outliers the loss curves the wrong way, and there is no variance.
    guard mean > 0 else { return nil }
    let variance = slopes.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
    let correction = 1 + Double(rank) / count * variance / (mean * mean)
    return correction * (influence / Double(degrees)).squareRoot() / mean
  }
}

/// The factorised columns of the free parameters.
private struct Tangent {
  /// Positions among the free parameters of the independent ones, ascending.
  let basis: [Int]
  /// The columns of the triangle, as positions among the free parameters.
  let pivots: [Int]
  let triangle: UpperTriangle
  /// In the order of `basis`.
  let inverseGram: Matrix
  let hat: [Double]
  let condition: Double
  /// For each dependent column its coefficients on `pivots`.
  let aliases: [Int: [Double]]
  /// Everything that takes part in a dependence.
  let redundant: [Int]

  init(_ jacobian: Matrix, _ free: [Int]) throws(LinearAlgebraError) {
    guard !free.isEmpty else {
      (basis, pivots, aliases, redundant) = ([], [], [:], [])
      triangle = try UpperTriangle(Matrix(rows: 0, columns: 0))
      inverseGram = Matrix(rows: 0, columns: 0)
      hat = [Double](repeating: 0, count: jacobian.rows)
      condition = 1
      return
    }
    let matrix = jacobian.selectingColumns(free)
    let full = try PivotedQR(matrix)
    var kept = Array(0..<matrix.columns)
    if full.rank < matrix.columns {
      kept = try independentColumns(of: matrix, tolerance: full.tolerance)
    }
    basis = kept
    guard !kept.isEmpty else {
      (pivots, aliases) = ([], Dictionary(uniqueKeysWithValues: free.indices.map { ($0, []) }))
      redundant = Array(free.indices)
      triangle = try UpperTriangle(Matrix(rows: 0, columns: 0))
      inverseGram = Matrix(rows: 0, columns: 0)
      hat = [Double](repeating: 0, count: jacobian.rows)
      condition = 1
      return
    }
    let used = matrix.selectingColumns(kept)
    let factors = try PivotedQR(used, tolerance: 0)
    guard factors.rank == kept.count else { throw .routine("dgeqp3", info: factors.rank + 1) }
    pivots = factors.pivots.map { kept[$0] }
    triangle = try factors.unscaledTriangle()
    inverseGram = try factors.inverseGram()
    hat = try factors.hatDiagonal()
    condition = try factors.conditionEstimate()

    let lengths = (0..<matrix.columns).map { LocalModel.norm(matrix.column($0)) }
    var relations: [Int: [Double]] = [:]
    var involved: Set<Int> = []
    for column in 0..<matrix.columns where !kept.contains(column) {
      let relation = try factors.solve(Array(matrix.column(column)), matrix: used)
      relations[column] = factors.pivots.map { relation.coefficients[$0] }
      involved.insert(column)
      for (place, other) in kept.enumerated()
      where abs(relation.coefficients[place]) * lengths[other]
        > NonlinearInference.nullTolerance * lengths[column]
      {
        involved.insert(other)
      }
    }
    aliases = relations
    redundant = involved.sorted()
  }
}

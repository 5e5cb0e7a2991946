import LinearAlgebra
import ModelCore
import Statistics

/// Quantile regression: b minimises `sum w rho(y - Xb)`, `rho(r) = r (tau - [r < 0])`, so that
/// x'b is the tau-quantile of y given x.
///
/// By an exact simplex method (`CheckLossProblem`), certified by the dual: numbers a with
/// `X'a = 0` and `tau - 1 <= a_i <= tau` prove that no coefficients do better than `sum a_i y_i`.
/// Source: Koenker and Bassett, Econometrica 46 (1978); Koenker, Quantile Regression (2005).
/// Standard errors are Powell's kernel sandwich with a Gaussian kernel and the bandwidth of Hall
/// and Sheather, `summary(rq, se = "ker")` of R's quantreg; tests use Student's t with n - p
/// degrees of freedom. Quantiles survive a monotone change of scale, so predictions of
/// a logarithm are taken back without a factor. The solution need not be unique.
public struct QuantileRegression: Sendable {
  /// In (0, 1); 0.5 is least absolute deviations.
  public var tau: Double
  public var level: Double

  public init(tau: Double, level: Double = 0.95) {
    self.tau = tau
    self.level = level
  }

  /// Fits a design.
  ///
  /// - Throws: `KindError.setting` for a tau outside (0, 1), `.tooFewRows` unless there is a row
  ///   more than terms; `RegressionError.level`, `.noColumns`.
  public func fit(_ design: Design) throws(RegressionError) -> QuantileFit {
    guard level > 0, level < 1 else { throw .level(level) }
    guard tau > 0, tau < 1 else {
      throw .kind(.setting(name: "tau", value: tau, expected: "a number between 0 and 1"))
    }
    let problem = try BasisProblem(design)
    try problem.needDegreesOfFreedom("quantile regression")
    return try QuantileFit(problem, self)
  }
}

/// What proves a quantile regression optimal.
public struct QuantileCertificate: Sendable, Equatable {
  /// `sum w rho(r)`.
  public let objective: Double
  /// The objective minus the bound that the multipliers prove, divided by the objective; 0 up to
  /// rounding at the optimum.
  public let relativeGap: Double
  /// The largest |X'a| of a column by the sum of |x|: 0 up to rounding.
  public let dualResidual: Double
  /// How far a multiplier leaves [tau - 1, tau]; 0 up to rounding.
  public let boundViolation: Double
  /// Steps of the simplex method.
  public let steps: Int

  /// Rounding of sums over the rows stays below this.
  public static let tolerance = 1e-8

  public var holds: Bool {
    abs(relativeGap) <= Self.tolerance && dualResidual <= Self.tolerance
      && boundViolation <= Self.tolerance
  }
}

/// A quantile regression fitted to a design.
public struct QuantileFit: LinearModelKind {
  public let model: LinearModelFit
  public let tau: Double
  public let certificate: QuantileCertificate

  init(
    _ problem: BasisProblem, _ settings: QuantileRegression
  ) throws(RegressionError) {
    let design = problem.design
    let tau = settings.tau
    let names = problem.terms
    // w rho(r) = rho(w r): rows are multiplied by their weights themselves.
    let weights = design.weights ?? [Double](repeating: 1, count: problem.rows)
    let plain = design.matrix.selectingColumns(problem.basis)
    let matrix = try algebra { () throws(LinearAlgebraError) in try plain.scalingRows(by: weights) }
    let response = zip(design.response, weights).map { $0 * $1 }
    let start = try SolvedProblem(
      matrix, response, what: "the model matrix", terms: names, tolerance: 0)
    let lengths = (0..<matrix.columns).map { matrix.columnNorm($0) }
    var scaled = matrix
    for j in 0..<matrix.columns {
      for i in 0..<matrix.rows { scaled[i, j] /= lengths[j] }
    }

    var coefficients = start.coefficients
    var weighted = start.residuals
    var multipliers = [Double](repeating: 0, count: problem.rows)
    var steps = 0
    if start.residuals.contains(where: { $0 != 0 }) {
      let vertex = try CheckLossProblem(scaled, start.residuals, tau: tau)
        .solve(limit: 200 * (problem.rank + 10))
      steps = vertex.steps
      multipliers = vertex.multipliers
      coefficients = try Self.through(vertex.rows, matrix, response, names)
      let fitted = try algebra { () throws(LinearAlgebraError) in
        try matrix.multiplied(by: coefficients)
      }
      weighted = zip(response, fitted).map { $0 - $1 }
      for row in vertex.rows { weighted[row] = 0 }
    }
    let certificate = Self.certify(
      scaled, start.residuals, weighted, multipliers, tau: tau, steps: steps)
    let residuals = zip(weighted, weights).map { $0 / $1 }
    let root = certificate.holds ? try Self.kernelRoot(matrix, weighted, tau: tau) : nil

    let saved = SavedLinearPredictor(
      method: "quantile regression, tau = \(shortestDecimal(tau))", design: design,
      estimates: problem.spread(coefficients), aliases: problem.aliases, root: root, sigma: nil,
      degreesOfFreedom: Double(problem.rows - problem.rank), smearing: 1)
    var summary = KindSummary(nobs: problem.rows, rank: problem.rank)
    summary.degreesOfFreedom = Double(problem.rows - problem.rank)
    summary.condition = problem.condition
    let fitted = zip(design.response, residuals).map { $0 - $1 }
    if tau == 0.5 { try summary.setErrors(design, fitted: fitted, smearing: 1) }
    if design.weights == nil, certificate.objective > 0 {
      let n = Double(problem.rows)
      summary.setLikelihood(
        n * (CMath.log(tau * (1 - tau)) - 1 - CMath.log(certificate.objective / n)),
        parameters: Double(problem.rank))
    }
    self.tau = tau
    self.certificate = certificate
    model = LinearModelFit(
      design: design, coefficients: try kindCoefficients(saved, .full, level: settings.level),
      summary: summary, fitted: fitted, residuals: residuals, hat: nil, saved: saved,
      notes: design.kindNotes(saved) + Self.notes(certificate, saved, hasErrors: root != nil),
      level: settings.level, extras: [])
  }

  /// The coefficients that fit some rows exactly.
  private static func through(
    _ rows: [Int], _ matrix: Matrix, _ response: [Double], _ names: [String]
  ) throws(RegressionError) -> [Double] {
    var square = Matrix(rows: rows.count, columns: matrix.columns)
    for j in 0..<matrix.columns {
      for (place, row) in rows.enumerated() { square[place, j] = matrix[row, j] }
    }
    return try SolvedProblem(
      square, rows.map { response[$0] }, what: "a vertex of the model matrix", terms: names,
      tolerance: 0
    ).coefficients
  }

  private static func certify(
    _ matrix: Matrix, _ y: [Double], _ residuals: [Double], _ multipliers: [Double], tau: Double,
    steps: Int
  ) -> QuantileCertificate {
    var objective = 0.0
    var bound = 0.0
    var violation = 0.0
    for i in residuals.indices {
      objective += residuals[i] * (residuals[i] < 0 ? tau - 1 : tau)
      bound += multipliers[i] * y[i]
      violation = max(violation, multipliers[i] - tau, tau - 1 - multipliers[i])
    }
    var dual = 0.0
    for j in 0..<matrix.columns {
      var sum = 0.0
      var size = 0.0
      for (x, a) in zip(matrix.column(j), multipliers) {
        sum += x * a
        size += abs(x)
      }
      dual = max(dual, size > 0 ? abs(sum) / size : 0)
    }
    return QuantileCertificate(
      objective: objective, relativeGap: objective > 0 ? (objective - bound) / objective : 0,
      dualResidual: dual, boundViolation: max(violation, 0), steps: steps)
  }

  /// M with M'M = tau (1 - tau) J^-1 X'X J^-1, J = sum f_i x_i x_i' with f the kernel density of
  /// the errors at zero; `nil` when the residuals have no spread to take a bandwidth from.
  private static func kernelRoot(
    _ matrix: Matrix, _ residuals: [Double], tau: Double
  ) throws(RegressionError) -> Matrix? {
    guard let h = try bandwidth(residuals, tau: tau) else { return nil }
    let roots = residuals.map { r in
      (CMath.exp(-0.5 * (r / h) * (r / h)) / ((2 * Double.pi).squareRoot() * h)).squareRoot()
    }
    return try algebra { () throws(LinearAlgebraError) -> Matrix? in
      let factors = try PivotedQR(matrix.scalingRows(by: roots))
      // Rows too far out to be felt may leave too few: no estimate then.
      guard factors.rank == matrix.columns else { return nil }
      let triangle = try factors.unscaledTriangle()
      var rows = Matrix(rows: matrix.rows, columns: matrix.columns)
      let factor = (tau * (1 - tau)).squareRoot()
      for i in 0..<matrix.rows {
        let part = factors.pivots.map { matrix[i, $0] * factor }
        let step = try triangle.solve(try triangle.solveTransposed(part))
        for (k, pivot) in factors.pivots.enumerated() { rows[i, pivot] = step[k] }
      }
      let parts = try SingularValueDecomposition(rows)
      var root = parts.rightTransposed
      for k in parts.values.indices {
        for j in 0..<root.columns { root[k, j] *= parts.values[k] }
      }
      return root
    }
  }

  /// quantreg's: Hall and Sheather's width on the scale of probabilities, as a width of residuals.
  private static func bandwidth(
    _ residuals: [Double], tau: Double
  ) throws(RegressionError) -> Double? {
    try statistics { () throws(StatisticsError) in
      let n = Double(residuals.count)
      let x = try Normal.standard.quantile(tau)
      let density = CMath.exp(-x * x / 2) / (2 * Double.pi).squareRoot()
      let z = try Normal.standard.quantile(0.975)
      var width =
        CMath.power(n, -1.0 / 3) * CMath.power(z, 2.0 / 3)
        * CMath.power(1.5 * density * density / (2 * x * x + 1), 1.0 / 3)
      while tau - width < 0 || tau + width > 1 { width /= 2 }
      let quantiles = try Quantiles(residuals)
      let mean = residuals.reduce(0) { $0 + $1 / n }
      let variance = residuals.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1)
      let spread = min(
        variance.squareRoot(), (try quantiles(0.75) - quantiles(0.25)) / 1.34)
      let upper = try Normal.standard.quantile(tau + width)
      let lower = try Normal.standard.quantile(tau - width)
      let answer = (upper - lower) * spread
      return answer > 0 && answer.isFinite ? answer : nil
    }
  }

  private static func notes(
    _ certificate: QuantileCertificate, _ saved: SavedLinearPredictor, hasErrors: Bool
  ) -> [String] {
    var notes: [String] = []
    if !certificate.holds {
      notes.append(
        "NOT PROVEN OPTIMAL after \(certificate.steps) steps: the duality gap is "
          + "\(shortestDecimal(certificate.relativeGap)) of the objective; do not rely on these "
          + "numbers.")
    }
    notes.append(
      "predictions are of a quantile of \(saved.scale.name), so they have no prediction interval; "
        + "the likelihood is that of the asymmetric Laplace distribution.")
    notes.append(
      hasErrors
        ? "standard errors are Powell's kernel sandwich with Hall and Sheather's bandwidth."
        : "no standard errors: the residuals leave no density to estimate.")
    return notes
  }
}

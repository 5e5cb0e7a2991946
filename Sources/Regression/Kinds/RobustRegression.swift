import LinearAlgebra
import ModelCore
import Statistics

/// M-estimation: b minimises `sum rho(r sqrt(w) / s)`, so that rows far out count less or not at
/// all.
///
/// By iteratively reweighted least squares on QR; the scale s is estimated anew in each step.
/// The default constants give 95 % efficiency for normal errors. The bisquare has several minima:
/// it starts from the converged Huber fit. Rows far out in the *inputs* (leverage) still pull;
/// an M-estimate is no protection against those.
/// Sources: Huber, Robust Statistics (1981), 7; Holland and Welsch, Comm. Statist. A6 (1977);
/// R, `MASS::rlm`; statsmodels, `RLM`.
/// Standard errors are Huber's H1, `K^2 s^2 sum psi^2 / (n - p) / mean(psi')^2 (X'WX)^-1` with
/// `K = 1 + p / n var(psi') / mean(psi')^2`, as in statsmodels (and in `MASS::rlm`, which divides
/// that variance by n - 1); tests use Student's t with n - p degrees of freedom.
public struct RobustRegression: Sendable {
  /// rho, with its tuning constant in units of the scale.
  public enum Loss: Sendable, Equatable {
    /// Quadratic up to k, then linear.
    case huber(k: Double = 1.345)
    /// Tukey's: constant beyond c, so that such rows do not count at all.
    case bisquare(c: Double = 4.685)
  }

  public enum ScaleEstimate: Sendable, Equatable {
    /// The median of |r| divided by 0.6745 (the quartile of the normal distribution).
    case medianAbsoluteDeviation
    /// Huber's proposal 2: `sum min(r, k s)^2 = (n - p) gamma s^2`, gamma its normal expectation.
    case huberProposal2(k: Double = 1.345)
  }

  public var loss: Loss
  public var scale: ScaleEstimate
  public var level: Double
  public var maximumIterations: Int
  /// Of the largest change of a fitted value in a step, in units of the scale.
  public var tolerance: Double

  public init(
    _ loss: Loss = .huber(), scale: ScaleEstimate = .medianAbsoluteDeviation, level: Double = 0.95,
    maximumIterations: Int = 500, tolerance: Double = 1e-10
  ) {
    self.loss = loss
    self.scale = scale
    self.level = level
    self.maximumIterations = maximumIterations
    self.tolerance = tolerance
  }

  /// Fits a design.
  ///
  /// A fit that did not converge is returned, says so in its report and first note, and has no
  /// standard errors.
  /// - Throws: `KindError`: a constant that is not positive; no degrees of freedom; a scale of zero
  ///   (half of the rows fitted exactly); weights that leave fewer rows than terms.
  public func fit(_ design: Design) throws(RegressionError) -> RobustFit {
    guard level > 0, level < 1 else { throw .level(level) }
    try checkSettings()
    let problem = try BasisProblem(design)
    try problem.needDegreesOfFreedom("robust regression")
    let first = try SolvedProblem(
      problem.matrix, problem.response, what: "the model matrix", terms: problem.terms,
      tolerance: 0)
    // Least squares that leave nothing: there is no scale to weigh by.
    guard first.residuals.contains(where: { $0 != 0 }) else {
      throw .kind(.zeroScale(method: loss.name))
    }
    var state = RobustState(first, report: newReport())
    if case .bisquare = loss {
      try iterate(problem, &state, .huber())
      state.report = newReport()
    }
    try iterate(problem, &state, loss)
    return try RobustFit(problem, state, self)
  }

  private func newReport() -> ConvergenceReport {
    ConvergenceReport(
      tolerance: tolerance, criterion: "the largest change of a fitted value by the scale")
  }

  private func checkSettings() throws(RegressionError) {
    var constants: [(String, Double)] = [("tolerance", tolerance)]
    switch loss {
    case .huber(let k): constants.append(("the tuning constant k", k))
    case .bisquare(let c): constants.append(("the tuning constant c", c))
    }
    if case .huberProposal2(let k) = scale { constants.append(("proposal 2's constant k", k)) }
    for (name, value) in constants where !(value > 0 && value.isFinite) {
      throw .kind(.setting(name: name, value: value, expected: "a finite number > 0"))
    }
  }

  private func iterate(
    _ problem: BasisProblem, _ state: inout RobustState, _ loss: Loss
  ) throws(RegressionError) {
    for _ in 0..<max(maximumIterations, 1) {
      state.scale = try scaleOf(state.residuals, rank: problem.rank, last: state.scale)
      try check(state, problem)
      let scale = state.scale
      let roots = state.residuals.map { loss.weight($0 / scale).squareRoot() }
      let matrix = try algebra { () throws(LinearAlgebraError) in
        try problem.matrix.scalingRows(by: roots)
      }
      let solved = try SolvedProblem(
        matrix, zip(problem.response, roots).map { $0 * $1 },
        what: "the model matrix, weighted by \(loss.name),", terms: problem.terms)
      let fitted = try algebra { () throws(LinearAlgebraError) in
        try problem.matrix.multiplied(by: solved.coefficients)
      }
      var change = 0.0
      for i in fitted.indices {
        let residual = problem.response[i] - fitted[i]
        change = max(change, abs(residual - state.residuals[i]))
        state.residuals[i] = residual
      }
      state.coefficients = solved.coefficients
      if state.report.note(change / scale) { break }
    }
    // The scale that belongs to these residuals.
    state.scale = try scaleOf(state.residuals, rank: problem.rank, last: state.scale)
    try check(state, problem)
  }

  /// A scale that is lost in the rounding of the responses is zero.
  private func check(_ state: RobustState, _ problem: BasisProblem) throws(RegressionError) {
    let largest = problem.response.reduce(0) { max($0, abs($1)) }
    guard state.scale > 1e-13 * largest else { throw .kind(.zeroScale(method: loss.name)) }
  }

  private func scaleOf(
    _ residuals: [Double], rank: Int, last: Double
  ) throws(RegressionError) -> Double {
    let loss = self.scale
    return try statistics { () throws(StatisticsError) in
      let median = try Quantiles(residuals.map { abs($0) }).median
      let deviation = median / (try Normal.standard.quantile(0.75))
      guard case .huberProposal2(let k) = loss else { return deviation }
      let scale = last > 0 ? last : deviation
      let theta = 2 * (try Normal.standard.cdf(k)) - 1
      let density = CMath.exp(-k * k / 2) / (2 * Double.pi).squareRoot()
      let gamma = theta + k * k * (1 - theta) - 2 * k * density
      let limit = k * scale
      let sum = residuals.reduce(0) { $0 + min($1 * $1, limit * limit) }
      return (sum / (Double(residuals.count - rank) * gamma)).squareRoot()
    }
  }
}

extension RobustRegression.Loss {
  public var name: String {
    switch self {
    case .huber: "Huber's M-estimation"
    case .bisquare: "bisquare M-estimation"
    }
  }

  /// psi(u) / u, 1 at 0.
  func weight(_ u: Double) -> Double {
    switch self {
    case .huber(let k): return abs(u) <= k ? 1 : k / abs(u)
    case .bisquare(let c):
      let rest = 1 - (u / c) * (u / c)
      return abs(u) < c ? rest * rest : 0
    }
  }

  /// psi'(u).
  func slope(_ u: Double) -> Double {
    switch self {
    case .huber(let k): return abs(u) <= k ? 1 : 0
    case .bisquare(let c):
      let square = (u / c) * (u / c)
      return abs(u) < c ? (1 - square) * (1 - 5 * square) : 0
    }
  }
}

/// Where an M-estimation stands; residuals are weighted by sqrt(w).
struct RobustState {
  var coefficients: [Double]
  var residuals: [Double]
  var scale = 0.0
  var report: ConvergenceReport

  init(_ start: SolvedProblem, report: ConvergenceReport) {
    coefficients = start.coefficients
    residuals = start.residuals
    self.report = report
  }
}

/// A robust regression fitted to a design.
public struct RobustFit: LinearModelKind {
  public let model: LinearModelFit
  /// s, the resistant scale of the residuals.
  public let scale: Double
  /// psi(u) / u per row: 1 for a row that counts in full, 0 for one that does not count.
  public let robustWeights: [Double]
  public let convergence: ConvergenceReport

  init(
    _ problem: BasisProblem, _ state: RobustState, _ settings: RobustRegression
  ) throws(RegressionError) {
    let design = problem.design
    let loss = settings.loss
    let weights = state.residuals.map { loss.weight($0 / state.scale) }
    let fitted = try problem.fitted(state.coefficients)
    let residuals = zip(design.response, fitted).map { $0 - $1 }
    let degrees = problem.rows - problem.rank
    // A row that is an outlier says as little about the mean error as about the coefficients.
    let smearing = ResponseScale(design.formula.response).smearing(
      residuals, weights: weights.indices.map { weights[$0] * (design.weights?[$0] ?? 1) })
    let root = try Self.root(problem, state, loss)
    let saved = SavedLinearPredictor(
      method: loss.name, design: design, estimates: problem.spread(state.coefficients),
      aliases: problem.aliases, root: root, sigma: root == nil ? nil : state.scale,
      degreesOfFreedom: Double(degrees), smearing: smearing)
    var summary = KindSummary(nobs: problem.rows, rank: problem.rank)
    summary.degreesOfFreedom = Double(degrees)
    summary.sigma = state.scale
    summary.condition = problem.condition
    try summary.setErrors(design, fitted: fitted, smearing: smearing)

    scale = state.scale
    robustWeights = weights
    convergence = state.report
    model = LinearModelFit(
      design: design, coefficients: try kindCoefficients(saved, .full, level: settings.level),
      summary: summary, fitted: fitted, residuals: residuals, hat: nil, saved: saved,
      notes: state.report.notes + design.kindNotes(saved) + Self.notes(settings, weights)
        + design.smearingNotes(smearing, how: "Duan's smearing factor of the weighted rows"),
      level: settings.level, extras: [(".weight", weights)])
  }

  /// M with M'M = the H1 covariance; `nil` where psi' averages to zero or without convergence.
  private static func root(
    _ problem: BasisProblem, _ state: RobustState, _ loss: RobustRegression.Loss
  ) throws(RegressionError) -> Matrix? {
    guard state.report.isConverged else { return nil }
    let count = Double(problem.rows)
    let rank = Double(problem.rank)
    let units = state.residuals.map { $0 / state.scale }
    let slopes = units.map { loss.slope($0) }
    let mean = slopes.reduce(0, +) / count
    guard mean > 0 else { return nil }
    let variance = slopes.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
    let correction = 1 + rank / count * variance / (mean * mean)
    let psi = units.reduce(0) { sum, u in
      let value = u * loss.weight(u)
      return sum + value * value
    }
    let spread = (psi / (count - rank)).squareRoot() * state.scale
    let solved = try SolvedProblem(
      problem.matrix, problem.response, what: "the model matrix", terms: problem.terms,
      tolerance: 0)
    return try solved.inverseRoot().scaled(by: correction * spread / mean)
  }

  private static func notes(_ settings: RobustRegression, _ weights: [Double]) -> [String] {
    let scale =
      settings.scale == .medianAbsoluteDeviation
      ? "the median absolute deviation" : "Huber's proposal 2"
    let constant =
      switch settings.loss {
      case .huber(let k): k
      case .bisquare(let c): c
      }
    let low = weights.count { $0 < 0.5 }
    return [
      "sigma is a resistant scale by \(scale); tuning constant \(shortestDecimal(constant)); "
        + "standard errors are Huber's H1.",
      "\(low) of \(weights.count) rows count less than half (column .weight of the augmented "
        + "data); intervals are about the others.",
    ]
  }
}

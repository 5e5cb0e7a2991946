import LinearAlgebra
import ModelCore
import Statistics

/// Which rows of a censored regression are known by a bound alone.
public enum CensoringRule: Sendable, Equatable {
  /// A column says it: its values in `right` mark a response that is a lower bound (a migration
  /// that was given up at that time), those in `left` an upper bound; all others are exact.
  case status(column: String, right: Set<String>, left: Set<String> = [])
  /// A response at or above `upper`, or at or below `lower`, is a bound; both are on the scale of
  /// the response before a logarithm was taken.
  case limits(lower: Double? = nil, upper: Double? = nil)
}

/// Censored (Tobit) regression: y = Xb + sigma e, e normal, with some responses known by a bound
/// alone.
///
/// Maximum likelihood by Newton's method in Olsen's parameters (`TobitLikelihood`), where it is
/// concave: one maximum, if any. A weight multiplies a row's log-likelihood.
/// Standard errors come from the observed information, taken to (b, log sigma); tests are of the
/// normal distribution. As R's `survival::survreg(dist = "gaussian")`, and `"lognormal"` for a
/// logarithm on the left.
/// Where it breaks: unlike least squares, estimates are wrong when the errors are not normal or
/// not of one variance, and when rows are censored because of what their response would be.
/// For a logarithm on the left, predictions are the mean `exp(x'b + sigma^2 / 2)` of the lognormal
/// distribution; the residuals of censored rows are bounds, so Duan's factor does not exist.
public struct TobitRegression: Sendable {
  public var rule: CensoringRule
  public var level: Double
  public var maximumIterations: Int
  /// Of the largest move of a row, `x'b - y` by sigma, in a step of Newton. (The gradient would not
  /// do: it vanishes along an effect that goes to infinity, and such a fit has no maximum.)
  public var tolerance: Double

  public init(
    _ rule: CensoringRule, level: Double = 0.95, maximumIterations: Int = 100,
    tolerance: Double = 1e-8
  ) {
    self.rule = rule
    self.level = level
    self.maximumIterations = maximumIterations
    self.tolerance = tolerance
  }

  /// Fits a design.
  ///
  /// A fit that did not converge is returned, says so in its report and first note, and has no
  /// standard errors.
  /// - Throws: `KindError`: a status that no row has, an empty status, no more observed rows than
  ///   terms, an information matrix that is singular; `RegressionError.level`.
  public func fit(_ design: Design) throws(RegressionError) -> TobitFit {
    guard level > 0, level < 1 else { throw .level(level) }
    guard tolerance > 0 else {
      throw .kind(.setting(name: "tolerance", value: tolerance, expected: "a number > 0"))
    }
    let censoring = try marks(design)
    let observed = censoring.count { $0 == .none }
    let problem = try BasisProblem(design)
    guard observed > problem.rank else {
      throw .kind(.censored(observed: observed, needed: problem.rank + 1))
    }
    let start = try SolvedProblem(
      problem.matrix, problem.response, what: "the model matrix", terms: problem.terms,
      tolerance: 0)
    let squares = start.residuals.reduce(0) { $0 + $1 * $1 }
    let total = design.weights?.reduce(0, +) ?? Double(problem.rows)
    guard squares > 0 else { throw .kind(.zeroScale(method: "censored regression")) }
    let gamma = 1 / (squares / total).squareRoot()
    var newton = try TobitNewton(
      problem, censoring, gamma: gamma, delta: start.coefficients.map { $0 * gamma },
      tolerance: tolerance)
    try newton.run(maximumIterations)
    return try TobitFit(problem, newton, censoring, level: level)
  }

  private func marks(_ design: Design) throws(RegressionError) -> [Censoring] {
    switch rule {
    case .limits(let lower, let upper):
      for (name, value) in [("lower", lower), ("upper", upper)] {
        if let value, !value.isFinite {
          throw .kind(
            .setting(name: "the \(name) limit", value: value, expected: "a finite number"))
        }
      }
      return design.observed.map { value in
        if let upper, value >= upper { return .right }
        if let lower, value <= lower { return .left }
        return .none
      }
    case .status(let name, let right, let left):
      guard design.table[name] != nil else {
        throw .table(.unknownColumn(name, nearest: design.table.nearestNames(to: name)))
      }
      let rows = TableRows(table: design.table, positions: design.rows)
      var labels: [String] = []
      for (index, row) in design.rows.enumerated() {
        guard let label = design.table.label(name, row: row) else {
          throw .kind(.missingMark(place: rows.place(index), column: name))
        }
        labels.append(label)
      }
      let known = Set(labels)
      for status in right.union(left).sorted() where !known.contains(status) {
        throw .kind(.unknownStatus(status, column: name, known: known.sorted()))
      }
      return labels.map { right.contains($0) ? .right : left.contains($0) ? .left : .none }
    }
  }
}

/// Newton's method on Olsen's likelihood.
struct TobitNewton {
  let problem: BasisProblem
  let censoring: [Censoring]
  let weights: [Double]
  /// Columns of equal length, so that the rank verdict does not depend on units.
  let columns: Matrix
  private(set) var gamma: Double
  private(set) var delta: [Double]
  private(set) var likelihood: TobitLikelihood
  private(set) var report: ConvergenceReport

  init(
    _ problem: BasisProblem, _ censoring: [Censoring], gamma: Double, delta: [Double],
    tolerance: Double
  ) throws(RegressionError) {
    self.problem = problem
    self.censoring = censoring
    weights = problem.design.weights ?? [Double](repeating: 1, count: problem.rows)
    columns = problem.design.matrix.selectingColumns(problem.basis)
    self.gamma = gamma
    self.delta = delta
    report = ConvergenceReport(
      tolerance: tolerance, criterion: "the largest move of a row in a step, by sigma,")
    likelihood = try TobitLikelihood(
      forms: Self.forms(columns, problem.design.response, gamma, delta), gamma: gamma,
      censoring: censoring, weights: weights)
  }

  private static func forms(
    _ columns: Matrix, _ y: [Double], _ gamma: Double, _ delta: [Double]
  ) throws(RegressionError) -> [Double] {
    let products = try algebra { () throws(LinearAlgebraError) in
      try columns.multiplied(by: delta)
    }
    return zip(products, y).map { $0 - gamma * $1 }
  }

  /// The rows whose squares add up to minus the Hessian, and the values that make a step of them.
  ///
  /// g = A'v with A the rows: the solution of min |v - A s| is the step H^-1 g, and |A s|^2 its
  /// decrement.
  private func rows() -> (matrix: Matrix, values: [Double]) {
    let count = problem.rows
    let rank = problem.rank
    var matrix = Matrix(rows: count + 1, columns: rank + 1)
    var values = [Double](repeating: 0, count: count + 1)
    let y = problem.design.response
    for i in 0..<count {
      let root = likelihood.curvatures[i].squareRoot()
      for j in 0..<rank { matrix[i, j] = root * columns[i, j] }
      matrix[i, rank] = -root * y[i]
      values[i] = root > 0 ? likelihood.slopes[i] / root : 0
    }
    let observed = likelihood.observed.squareRoot()
    matrix[count, rank] = observed / gamma
    values[count] = observed
    return (matrix, values)
  }

  private var names: [String] { problem.terms + ["sigma"] }

  mutating func run(_ limit: Int) throws(RegressionError) {
    for _ in 0..<max(limit, 1) {
      let (matrix, values) = rows()
      let solved = try SolvedProblem(
        matrix, values, what: "the information matrix of the censored regression", terms: names)
      let forward = try algebra { () throws(LinearAlgebraError) in
        try matrix.multiplied(by: solved.coefficients)
      }
      let decrement = forward.reduce(0) { $0 + $1 * $1 }
      guard decrement.isFinite else { return }
      let move = try Self.forms(
        columns, problem.design.response, solved.coefficients[problem.rank],
        Array(solved.coefficients.prefix(problem.rank)))
      let moved = try advance(solved.coefficients, decrement)
      if report.note(move.reduce(0) { max($0, abs($1)) }) || !moved { return }
    }
  }

  /// Takes the step, halved until the likelihood rises as it should; false when it cannot.
  private mutating func advance(
    _ step: [Double], _ decrement: Double
  ) throws(RegressionError) -> Bool {
    var size = 1.0
    // Near the maximum the rise drowns in the rounding of the sum.
    let noise = 1e-13 * max(1, abs(likelihood.value))
    for _ in 0..<60 {
      let nextGamma = gamma + size * step[problem.rank]
      if nextGamma > 0, nextGamma.isFinite {
        var nextDelta = delta
        for j in nextDelta.indices { nextDelta[j] += size * step[j] }
        let next = try TobitLikelihood(
          forms: Self.forms(columns, problem.design.response, nextGamma, nextDelta),
          gamma: nextGamma, censoring: censoring, weights: weights)
        if next.value >= likelihood.value + 1e-4 * size * decrement - noise {
          (gamma, delta, likelihood) = (nextGamma, nextDelta, next)
          return true
        }
      }
      size /= 2
    }
    return false
  }

  /// M with M'M = the covariance of (b, log sigma).
  func covarianceRoot() throws(RegressionError) -> Matrix {
    let (matrix, values) = rows()
    let solved = try SolvedProblem(
      matrix, values, what: "the information matrix of the censored regression", terms: names)
    var root = try solved.inverseRoot()
    let rank = problem.rank
    // b = delta / gamma and log sigma = -log gamma, by their derivatives.
    for k in 0..<root.rows {
      let last = root[k, rank]
      for j in 0..<rank { root[k, j] = (root[k, j] - delta[j] / gamma * last) / gamma }
      root[k, rank] = -last / gamma
    }
    return root
  }
}

/// A censored regression fitted to a design.
public struct TobitFit: LinearModelKind {
  public let model: LinearModelFit
  /// The standard deviation of the errors, on the scale of the formula's left side.
  public let sigma: Double
  /// Of log sigma; `nil` without convergence.
  public let logSigmaStandardError: Double?
  public let rightCensored: Int
  public let leftCensored: Int
  public let convergence: ConvergenceReport

  init(
    _ problem: BasisProblem, _ newton: TobitNewton, _ censoring: [Censoring], level: Double
  ) throws(RegressionError) {
    let design = problem.design
    let coefficients = newton.delta.map { $0 / newton.gamma }
    sigma = 1 / newton.gamma
    convergence = newton.report
    rightCensored = censoring.count { $0 == .right }
    leftCensored = censoring.count { $0 == .left }
    let full = newton.report.isConverged ? try newton.covarianceRoot() : nil
    logSigmaStandardError = full?.columnNorm(problem.rank)
    let root = full?.selectingColumns(Array(0..<problem.rank))
    let fitted = try algebra { () throws(LinearAlgebraError) in
      try newton.columns.multiplied(by: coefficients)
    }
    let mean = Self.meanFactor(ResponseScale(design.formula.response), sigma: sigma)
    guard mean.isFinite else {
      throw .outOfRange(term: "the mean of \(design.formula.response)")
    }
    let saved = SavedLinearPredictor(
      method: "censored regression", design: design, estimates: problem.spread(coefficients),
      aliases: problem.aliases, root: root, sigma: root == nil ? nil : sigma,
      degreesOfFreedom: nil, smearing: mean)
    var summary = KindSummary(nobs: problem.rows, rank: problem.rank)
    summary.degreesOfFreedom = Double(problem.rows - problem.rank - 1)
    summary.sigma = sigma
    summary.condition = problem.condition
    if newton.report.isConverged {
      summary.setLikelihood(newton.likelihood.value, parameters: Double(problem.rank + 1))
    }
    model = LinearModelFit(
      design: design, coefficients: try kindCoefficients(saved, .full, level: level),
      summary: summary, fitted: fitted,
      residuals: zip(design.response, fitted).map { $0 - $1 }, hat: nil, saved: saved,
      notes: newton.report.notes + design.kindNotes(saved)
        + Self.notes(design, rightCensored, leftCensored, mean), level: level, extras: [])
  }

  /// The mean of base^(sigma e), e standard normal: `exp((sigma log base)^2 / 2)`.
  private static func meanFactor(_ scale: ResponseScale, sigma: Double) -> Double {
    let base: Double
    switch scale.kind {
    case .identity: return 1
    case .log: base = 1
    case .log2: base = CMath.log(2)
    case .log10: base = CMath.log(10)
    }
    return CMath.exp(0.5 * (sigma * base) * (sigma * base))
  }

  private static func notes(
    _ design: Design, _ right: Int, _ left: Int, _ mean: Double
  ) -> [String] {
    var notes = [
      "\(right) of \(design.response.count) rows are censored on the right (the response is at "
        + "least what is recorded) and \(left) on the left; their residuals are bounds.",
      "predictions and intervals are of the response without censoring, for normal errors of one "
        + "variance; no r squared or errors, because censored responses are not known.",
    ]
    let scale = ResponseScale(design.formula.response)
    if scale.kind != .identity {
      let factor = shortestDecimal((mean * 1e4).rounded() / 1e4)
      notes.append(
        "predictions are of the mean of \(scale.name), the back-transform times \(factor), the "
          + "factor of the lognormal distribution; the median is the back-transform itself.")
    }
    return notes
  }
}

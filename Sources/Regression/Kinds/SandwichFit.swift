public import LinearAlgebra
import ModelCore

/// How the covariance of least squares coefficients is estimated.
public enum StandardErrorKind: Sendable, Equatable {
  /// `sigma^2 (X'WX)^-1`: errors of variance sigma^2 / w, independent.
  case classical
  /// White's: squared residuals in place of variances.
  case hc0
  /// HC0 times n / (n - p).
  case hc1
  /// Squared residuals divided by 1 - h.
  case hc2
  /// Squared residuals divided by (1 - h)^2: about the jackknife; the one to prefer below some
  /// 250 rows (Long and Ervin).
  case hc3
  /// CR1: rows of one value of a column may depend on each other in any way.
  case cluster(column: String)

  /// As a note names it.
  public var name: String {
    switch self {
    case .classical: "classical"
    case .hc0: "HC0"
    case .hc1: "HC1"
    case .hc2: "HC2"
    case .hc3: "HC3"
    case .cluster(let column): "cluster-robust (CR1, by \(column))"
    }
  }

  /// `classical`, `hc0` to `hc3`, `cluster:COLUMN`; `nil` for another word.
  public init?(parsing text: String) {
    switch text {
    case "classical": self = .classical
    case "hc0": self = .hc0
    case "hc1": self = .hc1
    case "hc2": self = .hc2
    case "hc3": self = .hc3
    default:
      guard text.hasPrefix("cluster:"), text.count > 8 else { return nil }
      self = .cluster(column: String(text.dropFirst(8)))
    }
  }
}

/// A least squares fit whose standard errors hold when the classical assumptions do not.
///
/// The coefficients are those of the fit. Their covariance is
/// `(X'WX)^-1 (sum_g u_g u_g') (X'WX)^-1` with the scores `u = w r x` of a row, or their sum over
/// the rows of a cluster, each times the factor of its kind; CR1's factor is
/// `G / (G - 1) (n - 1) / (n - p)`.
/// Sources: White, Econometrica 48 (1980); MacKinnon and White, J. Econometrics 29 (1985); Long
/// and Ervin, The American Statistician 54 (2000); Cameron and Miller, J. Human Resources 50
/// (2015), equations 11-12. As R's `sandwich::vcovHC` and `vcovCL`.
/// Tests use Student's t with n - p degrees of freedom, G - 1 for clusters. Prediction intervals
/// still take a new observation to have the variance sigma^2 of the fit.
public struct SandwichFit: LinearModelKind {
  public let model: LinearModelFit
  public let kind: StandardErrorKind
  /// The number of clusters; `nil` for another kind.
  public let clusters: Int?
  /// Of the coefficients in the fit's `basis`.
  public let covariance: Matrix

  init(_ fit: LinearFit, _ kind: StandardErrorKind) throws(RegressionError) {
    let design = fit.design
    let rank = fit.basis.count
    let count = design.response.count
    guard fit.summary.degreesOfFreedom > 0 else {
      throw .kind(
        .tooFewRows(method: "\(kind.name) standard errors", rows: count, needed: rank + 1))
    }
    let influence = try Self.influence(fit)
    let groups = try Self.groups(design, kind)
    let meat = try Self.meat(fit, influence, kind, groups)
    let parts = try algebra { () throws(LinearAlgebraError) in
      try SingularValueDecomposition(meat)
    }
    var root = parts.rightTransposed
    for k in parts.values.indices {
      for j in 0..<root.columns { root[k, j] *= parts.values[k] }
    }
    var covariance = Matrix(rows: rank, columns: rank)
    for i in 0..<rank {
      for j in 0..<rank {
        for k in 0..<root.rows { covariance[i, j] += root[k, i] * root[k, j] }
      }
    }
    self.covariance = covariance
    self.kind = kind
    clusters = groups?.count

    // The predictor's aliases follow its pivots; a saved one follows the ascending basis.
    let pivots = fit.predictor.pivots
    let places = Dictionary(uniqueKeysWithValues: pivots.enumerated().map { ($1, $0) })
    let aliases = fit.predictor.aliases.mapValues { values in
      fit.basis.map { values[places[$0] ?? 0] }
    }
    let degrees = clusters.map { $0 - 1 } ?? fit.summary.degreesOfFreedom
    let saved = SavedLinearPredictor(
      method: fit.method + " with \(kind.name) standard errors", design: design,
      estimates: fit.predictor.estimates, aliases: aliases, root: root, sigma: fit.summary.sigma,
      degreesOfFreedom: Double(degrees), smearing: fit.smearing)
    let old = fit.summary
    var summary = KindSummary(nobs: old.nobs, rank: old.rank)
    summary.degreesOfFreedom = Double(old.degreesOfFreedom)
    (summary.sigma, summary.rSquared) = (old.sigma, old.rSquared)
    summary.adjustedRSquared = old.adjustedRSquared
    (summary.rmse, summary.mae, summary.mdape) = (old.rmse, old.mae, old.mdape)
    (summary.logLikelihood, summary.aic, summary.bic) = (old.logLikelihood, old.aic, old.bic)
    summary.condition = old.condition
    model = LinearModelFit(
      design: design, coefficients: try kindCoefficients(saved, .full, level: fit.level),
      summary: summary, fitted: fit.fitted, residuals: fit.residuals, hat: fit.hat, saved: saved,
      notes: fit.notes + Self.notes(kind, groups?.count), level: fit.level, extras: [])
  }

  /// (X'WX)^-1 w^(1/2) x, a row each: what a weighted residual does to the coefficients.
  private static func influence(_ fit: LinearFit) throws(RegressionError) -> Matrix {
    let design = fit.design
    let roots =
      design.weights.map { $0.map { $0.squareRoot() } }
      ?? [Double](repeating: 1, count: design.response.count)
    return try algebra { () throws(LinearAlgebraError) in
      let pivots = fit.predictor.pivots
      let used = try design.matrix.selectingColumns(pivots).scalingRows(by: roots)
      let order = Dictionary(uniqueKeysWithValues: fit.basis.enumerated().map { ($1, $0) })
      var answer = Matrix(rows: used.rows, columns: used.columns)
      for i in 0..<used.rows {
        let step = try fit.predictor.triangle.solve(
          try fit.predictor.triangle.solveTransposed(used.row(i)))
        for (k, column) in pivots.enumerated() { answer[i, order[column] ?? 0] = step[k] }
      }
      return answer
    }
  }

  /// The rows of each cluster, in the order of their first row; `nil` for another kind.
  private static func groups(
    _ design: Design, _ kind: StandardErrorKind
  ) throws(RegressionError) -> [[Int]]? {
    guard case .cluster(let name) = kind else { return nil }
    guard design.table[name] != nil else {
      throw .table(.unknownColumn(name, nearest: design.table.nearestNames(to: name)))
    }
    var places: [String: Int] = [:]
    var groups: [[Int]] = []
    for (index, row) in design.rows.enumerated() {
      guard let label = design.table.label(name, row: row) else {
        let rows = TableRows(table: design.table, positions: design.rows)
        throw .kind(.missingMark(place: rows.place(index), column: name))
      }
      if let place = places[label] {
        groups[place].append(index)
      } else {
        places[label] = groups.count
        groups.append([index])
      }
    }
    guard groups.count > 1 else {
      throw .kind(.tooFewClusters(column: name, count: groups.count))
    }
    return groups
  }

  /// M with M'M = the covariance: a row per row of the data, or per cluster.
  private static func meat(
    _ fit: LinearFit, _ influence: Matrix, _ kind: StandardErrorKind, _ groups: [[Int]]?
  ) throws(RegressionError) -> Matrix {
    let count = influence.rows
    let rank = influence.columns
    let n = Double(count)
    let weights = fit.design.weights
    var errors = fit.residuals.indices.map { i in
      fit.residuals[i] * (weights?[i] ?? 1).squareRoot()
    }
    switch kind {
    case .classical:
      errors = [Double](repeating: fit.summary.sigma ?? 0, count: count)
    case .hc0: break
    case .hc1:
      let factor = (n / (n - Double(rank))).squareRoot()
      for i in errors.indices { errors[i] *= factor }
    case .hc2, .hc3:
      for i in errors.indices {
        guard fit.hat[i] < 1 - 10 * Double.ulpOfOne else {
          let rows = TableRows(table: fit.design.table, positions: fit.design.rows)
          throw .kind(.fullLeverage(place: rows.place(i), kind: kind.name))
        }
        let rest = 1 - fit.hat[i]
        errors[i] /= kind == .hc2 ? rest.squareRoot() : rest
      }
    case .cluster:
      let g = Double(groups?.count ?? 0)
      let factor = (g / (g - 1) * (n - 1) / (n - Double(rank))).squareRoot()
      for i in errors.indices { errors[i] *= factor }
    }
    let rows = groups ?? (0..<count).map { [$0] }
    var answer = Matrix(rows: rows.count, columns: rank)
    for (g, members) in rows.enumerated() {
      for j in 0..<rank {
        answer[g, j] = members.reduce(0) { $0 + influence[$1, j] * errors[$1] }
      }
    }
    return answer
  }

  private static func notes(_ kind: StandardErrorKind, _ clusters: Int?) -> [String] {
    var notes = ["standard errors, tests and confidence intervals are \(kind.name)."]
    if let clusters {
      notes.append("\(clusters) clusters, so tests use \(clusters - 1) degrees of freedom.")
      // Cameron and Miller (2015), VI: tests reject too often below some 20 to 50 clusters.
      if clusters < 30 {
        notes.append("with so few clusters (below 30) tests reject too often.")
      }
    }
    if kind != .classical {
      notes.append(
        "prediction intervals still take every new observation to have the same variance.")
    }
    return notes
  }
}

extension LinearFit {
  /// The same coefficients with another estimate of their covariance: see `SandwichFit`.
  ///
  /// - Throws: `KindError`: no degrees of freedom; for HC2 and HC3 a row of leverage 1; for
  ///   clusters an empty cell or fewer than two clusters. `RegressionError.table` for a column
  ///   that the table lacks.
  public func withStandardErrors(_ kind: StandardErrorKind) throws(RegressionError) -> SandwichFit {
    try SandwichFit(self, kind)
  }
}

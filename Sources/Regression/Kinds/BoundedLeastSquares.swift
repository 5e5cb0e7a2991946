import LinearAlgebra
import ModelCore

/// Least squares with bounds on the coefficients: min |sqrt(w) (y - Xb)|, l <= b <= u.
///
/// Non-negative least squares is the case l = 0. By an active set: terms at a bound are fixed
/// there, the others solve a least squares problem on QR with refined residuals; the bound whose
/// gradient pulls most is let go, until none pulls inwards.
/// Sources: Lawson and Hanson, Solving Least Squares Problems (1974), 23; Stark and Parker,
/// "Bounded-variable least squares", Comput. Statist. 10 (1995).
/// The conditions of Karush, Kuhn and Tucker are then measured on the answer and reported.
/// Standard errors, of the terms that are not at a bound, take the set of those as given: they are
/// too small where the data might have chosen another set, and there are no tests.
public struct BoundedLeastSquares: Sendable {
  /// Later bounds on a term add to earlier ones.
  public var bounds: [TermBound]
  /// Every coefficient but the intercept's is to be >= 0.
  public var isNonNegative: Bool
  public var level: Double

  public init(_ bounds: [TermBound] = [], isNonNegative: Bool = false, level: Double = 0.95) {
    self.bounds = bounds
    self.isNonNegative = isNonNegative
    self.level = level
  }

  /// Fits a design.
  ///
  /// - Throws: `KindError`: an unknown term, bounds that exclude every value or are no numbers;
  ///   `RegressionError.level`.
  public func fit(_ design: Design) throws(RegressionError) -> BoundedFit {
    guard level > 0, level < 1 else { throw .level(level) }
    let names = design.recipe.columnNames
    var lower = [Double](repeating: -.infinity, count: names.count)
    var upper = [Double](repeating: .infinity, count: names.count)
    if isNonNegative {
      for j in names.indices where names[j] != "(Intercept)" { lower[j] = 0 }
    }
    for bound in bounds {
      let j = try design.recipe.position(of: bound.term)
      for value in [bound.lower, bound.upper] {
        if let value, value.isNaN {
          throw .kind(
            .setting(name: "the bound of \(bound.term)", value: value, expected: "a number"))
        }
      }
      lower[j] = max(lower[j], bound.lower ?? -.infinity)
      upper[j] = min(upper[j], bound.upper ?? .infinity)
    }
    for j in names.indices
    where lower[j] > upper[j] || lower[j] == .infinity
      || upper[j] == -.infinity
    {
      throw .kind(.emptyBounds(term: names[j], lower: lower[j], upper: upper[j]))
    }
    return try BoundedFit(design, lower: lower, upper: upper, level: level)
  }
}

/// How well a bounded fit satisfies the conditions of an optimum, with columns of length 1.
public struct OptimalityCertificate: Sendable, Equatable {
  /// The largest |x_j'r| / |y| of a term that is not at a bound: 0 up to rounding.
  public let stationarity: Double
  /// The largest x_j'r / |y| that pulls a term away from its bound, into the allowed range.
  public let boundPull: Double
  /// Steps of the active set method.
  public let steps: Int

  /// The rounding of products of unit columns with refined residuals stays far below this.
  public static let tolerance = 1e-10

  public var holds: Bool { stationarity <= Self.tolerance && boundPull <= Self.tolerance }
}

/// A bounded least squares fit of a design.
public struct BoundedFit: LinearModelKind {
  public let model: LinearModelFit
  /// The terms whose coefficient lies at a bound.
  public let atBound: [String]
  public let certificate: OptimalityCertificate

  init(
    _ design: Design, lower: [Double], upper: [Double], level: Double
  ) throws(RegressionError) {
    let count = design.response.count
    let roots =
      design.weights.map { $0.map { $0.squareRoot() } } ?? [Double](repeating: 1, count: count)
    let full = try algebra { () throws(LinearAlgebraError) in
      try design.matrix.scalingRows(by: roots)
    }
    let response = zip(design.response, roots).map { $0 * $1 }
    let names = design.recipe.columnNames
    let unbounded = names.indices.filter { lower[$0] == -.infinity && upper[$0] == .infinity }
    let kept = try Self.independent(full, unbounded: unbounded)
    guard !kept.isEmpty else { throw .noColumns(formula: design.formula.description) }
    var search = try BoundedSearch(
      full.selectingColumns(kept), response, lower: kept.map { lower[$0] },
      upper: kept.map { upper[$0] })
    try search.run()

    var estimates = [Double?](repeating: nil, count: names.count)
    for (place, column) in kept.enumerated() { estimates[column] = search.coefficients[place] }
    certificate = search.certificate
    atBound = search.fixed.map { names[kept[$0]] }
    let free = search.free
    let degrees = count - free.count
    let squares = search.residuals.reduce(0) { $0 + $1 * $1 }
    let sigma = degrees > 0 ? (squares / Double(degrees)).squareRoot() : nil
    let residuals = zip(search.residuals, roots).map { $0 / $1 }
    let smearing = ResponseScale(design.formula.response)
      .smearing(residuals, weights: design.weights)
    // A column that depends on those with no bound follows them; with a term at a bound it need
    // not, so the relation is to the unbounded ones alone.
    let aliases = try Self.aliases(full, kept: kept, unbounded: unbounded)
    let root = try sigma.map { sigma throws(RegressionError) in
      try search.inverseRoot().scaled(by: sigma)
    }
    let saved = SavedLinearPredictor(
      method: "bounded least squares", design: design, estimates: estimates, aliases: aliases,
      root: root, sigma: sigma, degreesOfFreedom: sigma == nil ? nil : Double(degrees),
      smearing: smearing)
    let fitted = zip(design.response, residuals).map { $0 - $1 }
    var summary = KindSummary(nobs: count, rank: free.count)
    summary.degreesOfFreedom = Double(degrees)
    summary.sigma = sigma
    summary.rSquared = KindSummary.shareExplained(squares, design)
    summary.condition = search.condition
    summary.setLikelihood(
      degrees > 0 ? KindSummary.gaussianLogLikelihood(squares, design) : nil,
      parameters: Double(free.count + 1))
    try summary.setErrors(design, fitted: fitted, smearing: smearing)
    model = LinearModelFit(
      design: design, coefficients: try kindCoefficients(saved, .errorsOnly, level: level),
      summary: summary, fitted: fitted, residuals: residuals, hat: nil, saved: saved,
      notes: Self.notes(certificate, atBound) + design.kindNotes(saved)
        + design.smearingNotes(smearing, how: "Duan's smearing factor"),
      level: level, extras: [])
  }

  /// All columns but those without a bound that depend on others without one.
  private static func independent(
    _ matrix: Matrix, unbounded: [Int]
  ) throws(RegressionError) -> [Int] {
    guard !unbounded.isEmpty else { return Array(0..<matrix.columns) }
    let part = matrix.selectingColumns(unbounded)
    let independent = try algebra { () throws(LinearAlgebraError) -> Set<Int> in
      let factors = try PivotedQR(part)
      if factors.rank == part.columns { return Set(unbounded) }
      return Set(
        try independentColumns(of: part, tolerance: factors.tolerance).map { unbounded[$0] })
    }
    let free = Set(unbounded)
    return (0..<matrix.columns).filter { !free.contains($0) || independent.contains($0) }
  }

  private static func aliases(
    _ matrix: Matrix, kept: [Int], unbounded: [Int]
  ) throws(RegressionError) -> [Int: [Double]] {
    let missing = (0..<matrix.columns).filter { !kept.contains($0) }
    guard !missing.isEmpty else { return [:] }
    let basis = unbounded.filter { kept.contains($0) }
    let places = kept.map { basis.firstIndex(of: $0) }
    return try algebra { () throws(LinearAlgebraError) in
      var answer: [Int: [Double]] = [:]
      guard !basis.isEmpty else {
        for column in missing { answer[column] = kept.map { _ in 0 } }
        return answer
      }
      let used = matrix.selectingColumns(basis)
      let factors = try PivotedQR(used, tolerance: 0)
      for column in missing {
        let relation = try factors.solve(Array(matrix.column(column)), matrix: used)
        answer[column] = places.map { place in place.map { relation.coefficients[$0] } ?? 0 }
      }
      return answer
    }
  }

  private static func notes(
    _ certificate: OptimalityCertificate, _ atBound: [String]
  ) -> [String] {
    var notes: [String] = []
    if !certificate.holds {
      notes.append(
        "NOT PROVEN OPTIMAL after \(certificate.steps) steps: the conditions of an optimum miss by "
          + "\(shortestDecimal(max(certificate.stationarity, certificate.boundPull))); do not rely "
          + "on these numbers.")
    }
    notes.append(
      atBound.isEmpty
        ? "no coefficient is at a bound: the estimates are those of least squares."
        : "at a bound: \(atBound.joined(separator: ", ")); standard errors of the others take that "
          + "as given, so there are no tests.")
    return notes
  }
}

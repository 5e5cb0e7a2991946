import LinearAlgebra
import ModelCore

/// Least squares with linear equations among the coefficients: min |sqrt(w) (y - Xb)|, C b = d.
///
/// By the null space: C' = Q R gives one solution of the equations and a basis N of the changes
/// that keep them; the rest is least squares on X N, by QR.
/// Source: Golub and Van Loan, Matrix Computations, 6.2.3 (method LSE).
/// The equations may supply what the data lack (a factor with a column per level and an
/// intercept, with effects that sum to zero). Tests use Student's t with n - p + m degrees of
/// freedom, m the rank of C, and take the equations to be true.
public struct ConstrainedLeastSquares: Sendable {
  public var constraints: [EqualityConstraint]
  public var level: Double

  public init(_ constraints: [EqualityConstraint], level: Double = 0.95) {
    self.constraints = constraints
    self.level = level
  }

  /// Fits a design.
  ///
  /// - Throws: `KindError`: an unknown term, a factor that is not finite, equations that contradict
  ///   each other, data that cannot tell the remaining directions apart; `RegressionError.level`.
  public func fit(_ design: Design) throws(RegressionError) -> ConstrainedFit {
    guard level > 0, level < 1 else { throw .level(level) }
    return try ConstrainedFit(design, constraints, level: level)
  }
}

/// A least squares fit whose coefficients satisfy linear equations.
public struct ConstrainedFit: LinearModelKind {
  /// How far an equation may be missed, relative to the size of its parts: rounding.
  static let tolerance = 1e-10

  public let model: LinearModelFit
  /// The number of independent equations.
  public let constraintRank: Int
  /// The largest |c'b - d| by the size of its parts: 0 up to rounding.
  public let constraintResidual: Double

  init(
    _ design: Design, _ constraints: [EqualityConstraint], level: Double
  ) throws(RegressionError) {
    let count = design.response.count
    let names = design.recipe.columnNames
    let roots =
      design.weights.map { $0.map { $0.squareRoot() } } ?? [Double](repeating: 1, count: count)
    var matrix = try algebra { () throws(LinearAlgebraError) in
      try design.matrix.scalingRows(by: roots)
    }
    let response = zip(design.response, roots).map { $0 * $1 }
    let lengths = names.indices.map { j in
      let length = matrix.columnNorm(j)
      return length > 0 ? length : 1
    }
    for j in names.indices {
      for i in 0..<count { matrix[i, j] /= lengths[j] }
    }
    let system = try ConstraintSystem(constraints, design.recipe, lengths)
    let parts = try Self.solve(matrix, response, system, names)

    let estimates = names.indices.map { parts.z[$0] / lengths[$0] }
    let free = system.nullSpace.columns
    let degrees = count - free
    let squares = parts.residuals.reduce(0) { $0 + $1 * $1 }
    let sigma = degrees > 0 ? (squares / Double(degrees)).squareRoot() : nil
    let residuals = zip(parts.residuals, roots).map { $0 / $1 }
    let smearing = ResponseScale(design.formula.response)
      .smearing(residuals, weights: design.weights)
    var root = parts.root
    for k in 0..<root.rows {
      for j in names.indices { root[k, j] /= lengths[j] }
    }
    let saved = SavedLinearPredictor(
      method: "equality-constrained least squares", design: design, estimates: estimates,
      aliases: [:], root: sigma.map { root.scaled(by: $0) }, sigma: sigma,
      degreesOfFreedom: sigma == nil ? nil : Double(degrees), smearing: smearing)
    let fitted = zip(design.response, residuals).map { $0 - $1 }
    var summary = KindSummary(nobs: count, rank: free)
    summary.degreesOfFreedom = Double(degrees)
    summary.sigma = sigma
    summary.rSquared = KindSummary.shareExplained(squares, design)
    summary.condition = parts.condition
    summary.setLikelihood(
      degrees > 0 ? KindSummary.gaussianLogLikelihood(squares, design) : nil,
      parameters: Double(free + 1))
    try summary.setErrors(design, fitted: fitted, smearing: smearing)
    constraintRank = system.rank
    constraintResidual = system.residual(parts.z)
    let held = names.indices.filter { j in
      (0..<system.nullSpace.columns).allSatisfy { abs(system.nullSpace[j, $0]) < 1e-14 }
    }
    var notes = [
      "\(constraints.map(\.text).joined(separator: "; ")): \(system.rank) independent "
        + "equation\(system.rank == 1 ? "" : "s") that tests and intervals take to be true."
    ]
    if !held.isEmpty {
      notes.append(
        "fixed by the equations alone: \(held.map { names[$0] }.joined(separator: ", ")).")
    }
    model = LinearModelFit(
      design: design,
      coefficients: try kindCoefficients(
        saved.withoutError(at: held), .full, level: level),
      summary: summary, fitted: fitted, residuals: residuals, hat: parts.hat, saved: saved,
      notes: notes + design.kindNotes(saved)
        + design.smearingNotes(smearing, how: "Duan's smearing factor"),
      level: level, extras: [])
  }

  private struct Parts {
    var z: [Double]
    var residuals: [Double]
    var root: Matrix
    var hat: [Double]
    var condition: Double?
  }

  private static func solve(
    _ matrix: Matrix, _ y: [Double], _ system: ConstraintSystem, _ names: [String]
  ) throws(RegressionError) -> Parts {
    let offset = try algebra { () throws(LinearAlgebraError) in
      try matrix.multiplied(by: system.particular)
    }
    let rest = zip(y, offset).map { $0 - $1 }
    let free = system.nullSpace.columns
    guard free > 0 else {
      return Parts(
        z: system.particular, residuals: rest, root: Matrix(rows: 1, columns: names.count),
        hat: [Double](repeating: 0, count: y.count), condition: nil)
    }
    var directions = Matrix(rows: matrix.rows, columns: free)
    for k in 0..<free {
      let column = Array(system.nullSpace.column(k))
      let product = try algebra { () throws(LinearAlgebraError) in
        try matrix.multiplied(by: column)
      }
      for (i, value) in product.enumerated() { directions[i, k] = value }
    }
    let solved = try SolvedProblem(
      directions, rest, what: "the model matrix under the equations", terms: names)
    let step = try algebra { () throws(LinearAlgebraError) in
      try system.nullSpace.multiplied(by: solved.coefficients)
    }
    let part = try solved.inverseRoot()
    var root = Matrix(rows: part.rows, columns: names.count)
    for k in 0..<part.rows {
      for j in names.indices {
        for l in 0..<free { root[k, j] += part[k, l] * system.nullSpace[j, l] }
      }
    }
    let (hat, condition) = try algebra { () throws(LinearAlgebraError) in
      (try solved.factors.hatDiagonal(), try solved.factors.conditionEstimate())
    }
    return Parts(
      z: zip(system.particular, step).map { $0 + $1 }, residuals: solved.residuals, root: root,
      hat: hat, condition: condition)
  }
}

extension SavedLinearPredictor {
  /// The predictor with the rounding that a fixed coefficient has for an error taken to zero.
  func withoutError(at columns: [Int]) -> SavedLinearPredictor {
    guard let root, !columns.isEmpty else { return self }
    let places = basis
    let fixed = Set(columns)
    let cleaned = root.map { row in
      row.indices.map { fixed.contains(places[$0]) ? 0 : row[$0] }
    }
    return SavedLinearPredictor(self, root: cleaned)
  }

  private init(_ other: SavedLinearPredictor, root: [[Double]]) {
    self = other
    self.root = root
  }
}

/// C z = d over unit columns, solved: a particular solution, and what keeps it one.
struct ConstraintSystem {
  let rank: Int
  /// The shortest solution.
  let particular: [Double]
  /// An orthonormal basis of the z with C z = 0, a column each.
  let nullSpace: Matrix
  private let rows: [[Double]]
  private let values: [Double]

  init(
    _ constraints: [EqualityConstraint], _ recipe: DesignRecipe, _ lengths: [Double]
  ) throws(RegressionError) {
    let order = lengths.count
    var rows: [[Double]] = []
    for constraint in constraints {
      var row = [Double](repeating: 0, count: order)
      for (term, factor) in constraint.factors.sorted(by: { $0.key < $1.key }) {
        guard factor.isFinite else {
          throw .kind(
            .setting(name: "the factor of \(term)", value: factor, expected: "a finite number"))
        }
        let j = try recipe.position(of: term)
        row[j] = factor / lengths[j]
      }
      guard constraint.value.isFinite else {
        throw .kind(
          .setting(
            name: "the right side of an equation", value: constraint.value,
            expected: "a finite number"))
      }
      rows.append(row)
    }
    // An equation as long as 1 says the same, and its rank does not depend on units.
    let norms = rows.map { $0.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    for (k, norm) in norms.enumerated() where norm == 0 && constraints[k].value != 0 {
      throw .kind(.contradiction(constraints[k].text))
    }
    let used = rows.indices.filter { norms[$0] > 0 }
    let units = used.map { k in rows[k].map { $0 / norms[k] } }
    let values = used.map { constraints[$0].value / norms[$0] }
    self.rows = units
    self.values = values
    guard !units.isEmpty else {
      rank = 0
      particular = [Double](repeating: 0, count: order)
      var identity = Matrix(rows: order, columns: order)
      for j in 0..<order { identity[j, j] = 1 }
      nullSpace = identity
      return
    }
    let parts = try algebra { () throws(LinearAlgebraError) in
      let factors = try PivotedQR(Matrix(columns: units))
      let chosen = Array(factors.pivots.prefix(factors.rank))
      let solved = try factors.upperTriangle().solveTransposed(
        chosen.map { factors.columnScales[$0] * values[$0] })
      let point = try factors.applyingQ(
        to: solved + [Double](repeating: 0, count: order - factors.rank))
      var basis = Matrix(rows: order, columns: order - factors.rank)
      for k in 0..<(order - factors.rank) {
        var unit = [Double](repeating: 0, count: order)
        unit[factors.rank + k] = 1
        for (j, value) in try factors.applyingQ(to: unit).enumerated() { basis[j, k] = value }
      }
      return (factors.rank, point, basis)
    }
    (rank, particular, nullSpace) = parts
    guard residual(parts.1) <= ConstrainedFit.tolerance else {
      throw .kind(.contradiction(constraints.map(\.text).joined(separator: "; ")))
    }
  }

  /// The largest miss of an equation relative to the size of its parts.
  func residual(_ z: [Double]) -> Double {
    var worst = 0.0
    for (row, value) in zip(rows, values) {
      var gap = -value
      var size = abs(value)
      for (factor, part) in zip(row, z) {
        gap += factor * part
        size += abs(factor * part)
      }
      if size > 0 { worst = max(worst, abs(gap) / size) }
    }
    return worst
  }
}

import LinearAlgebra
public import ModelCore

/// The first pass that `poly(x, k)` needs: the recurrence of the polynomials that are orthogonal
/// over the values of x, found one row at a time.
///
/// Each row adds a node to a discrete measure, whose recurrence coefficients are updated by plane
/// rotations; only the first k + 1 of them are kept, which is O(k) per row and no memory.
/// Source: Gragg and Harrod, Numer. Math. 44 (1984); Gautschi, ACM Trans. Math. Softw. 20 (1994),
/// algorithm 726 (ORTHPOL), `lancz`. The polynomials agree with those of `Polynomial(_:degree:)`
/// up to rounding.
public struct PolynomialScan: Sendable {
  public let formula: Formula
  public let weights: Expression?
  /// Rows that count.
  public private(set) var rows = 0
  private var measures: [Variable: DiscreteMeasure] = [:]

  /// Whether a formula needs the pass at all.
  public static func isNeeded(for formula: Formula) -> Bool {
    formula.variables.contains {
      if case .polynomial = $0 { true } else { false }
    }
  }

  public init(_ formula: Formula, weights: Expression? = nil) {
    self.formula = formula
    self.weights = weights
    for case .polynomial(let expression, let degree) in formula.variables {
      measures[.polynomial(expression, degree: degree)] = DiscreteMeasure(size: degree + 1)
    }
  }

  /// Takes the rows of a batch that the fit will use.
  ///
  /// - Throws: `RegressionError` as a `Design` of these rows does.
  public mutating func add(_ table: Table) throws(RegressionError) {
    let selection = try RowSelection(formula, weights: weights, in: table)
    var learner = VariableLearner(rows: selection.rows)
    var found: [(Variable, [Double])] = []
    for variable in formula.variables {
      guard case .polynomial(let expression, _) = variable else { continue }
      found.append((variable, try learner.finite(expression)))
    }
    try learner.verdict()
    rows += selection.rows.positions.count
    for (variable, values) in found {
      for x in values { measures[variable]?.add(x) }
    }
  }

  /// - Throws: `RegressionError.polynomial` when there are too few different values,
  ///   `.outOfRange` when the values cannot be worked with in doubles.
  func polynomial(for variable: Variable) throws(RegressionError) -> Polynomial {
    guard case .polynomial(_, let degree) = variable, let measure = measures[variable] else {
      throw .stream(.polynomialNeedsFirstPass(term: variable.description))
    }
    guard measure.different.count > degree else {
      throw .polynomial(
        term: variable.description, degree: degree, differentValues: measure.different.count)
    }
    guard let polynomial = Polynomial(measure, degree: degree) else {
      throw .outOfRange(term: variable.description)
    }
    return polynomial
  }
}

/// Nodes of weight 1, seen through the first recurrence coefficients of their polynomials.
struct DiscreteMeasure: Sendable {
  /// The first value; nodes are taken from it, so that a mean far from 0 costs no digits.
  private(set) var origin = 0.0
  private(set) var count = 0
  private(set) var lower = Double.infinity
  private(set) var upper = -Double.infinity
  /// Different values, until there are enough.
  private(set) var different: Set<Double> = []
  /// p_(k+1) = (x - alpha_k) p_k - beta_k p_(k-1); beta_0 is the number of nodes.
  private(set) var alpha: [Double]
  private(set) var beta: [Double]

  init(size: Int) {
    alpha = [Double](repeating: 0, count: size)
    beta = alpha
  }

  mutating func add(_ value: Double) {
    if count == 0 { origin = value }
    if different.count < alpha.count { different.insert(value) }
    lower = min(lower, value)
    upper = max(upper, value)
    let node = value - origin
    if count < alpha.count { alpha[count] = node }
    var (mass, gamma, sigma, t) = (1.0, 1.0, 0.0, 0.0)
    for k in 0..<min(count + 1, alpha.count) {
      let rho = beta[k] + mass
      let updated = gamma * rho
      let before = sigma
      (gamma, sigma) = rho > 0 ? (beta[k] / rho, mass / rho) : (1, 0)
      let next = sigma * (alpha[k] - node) - gamma * t
      alpha[k] -= next - t
      t = next
      mass = sigma > 0 ? t * t / sigma : before * beta[k]
      beta[k] = updated
    }
    count += 1
  }
}

extension Polynomial {
  /// The polynomials of a measure, `nil` when they are beyond the range of doubles.
  init?(_ measure: DiscreteMeasure, degree: Int) {
    let mean = measure.origin + measure.alpha[0]
    let reach = max(measure.upper - mean, mean - measure.lower)
    guard mean.isFinite, reach.isFinite, reach > 0 else { return nil }
    var norms = [Double(measure.count)]
    for k in 1...degree { norms.append(norms[k - 1] * (measure.beta[k] / reach / reach)) }
    // From the mean as it was rounded: the polynomials then do not feel that rounding.
    let shift = measure.origin - mean
    self.init(
      degree: degree, centre: mean, scale: reach,
      shifts: (0..<degree).map { (measure.alpha[$0] + shift) / reach }, norms: norms)
    guard isConsistent else { return nil }
  }

  init(degree: Int, centre: Double, scale: Double, shifts: [Double], norms: [Double]) {
    self.degree = degree
    self.centre = centre
    self.scale = scale
    self.shifts = shifts
    self.norms = norms
  }
}

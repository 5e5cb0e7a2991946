/// How much a residual counts, as a function of z = (r/c)^2.
///
/// The objective is the sum of c^2 rho(z): for small residuals the sum of squares, for large ones
/// less. `scale` c is in the units of the residuals and says where "large" begins.
/// Source: Huber, Robust Statistics (1981), 7; Triggs et al., "Bundle adjustment" (2000), 4.3; the
/// four functions are those of SciPy's `least_squares`, whose cost is half of this objective.
public enum RobustLoss: Sendable, Equatable, Codable {
  /// rho = z: least squares.
  case squared
  /// rho = 2 (sqrt(1 + z) - 1).
  case softL1(scale: Double)
  /// rho = z up to z = 1, then 2 sqrt(z) - 1.
  case huber(scale: Double)
  /// rho = log(1 + z); may have several minima.
  case cauchy(scale: Double)

  /// Its name: `squared`, `soft_l1`, `huber` or `cauchy`.
  public var name: String {
    switch self {
    case .squared: "squared"
    case .softL1: "soft_l1"
    case .huber: "huber"
    case .cauchy: "cauchy"
    }
  }

  /// c; 1 for `squared`, where it has no effect.
  public var scale: Double {
    switch self {
    case .squared: 1
    case .softL1(let scale), .huber(let scale), .cauchy(let scale): scale
    }
  }

  /// rho and its first two derivatives by z >= 0.
  func rho(_ z: Double) -> (value: Double, first: Double, second: Double) {
    switch self {
    case .squared: return (z, 1, 0)
    case .softL1:
      let root = (1 + z).squareRoot()
      // 2 (root - 1) without cancellation for small z.
      return (2 * z / (root + 1), 1 / root, -0.5 / (root * root * root))
    case .huber:
      guard z > 1 else { return (z, 1, 0) }
      let root = z.squareRoot()
      return (2 * root - 1, 1 / root, -0.5 / (z * root))
    case .cauchy:
      let t = 1 / (1 + z)
      return (CMath.apply(.log1p, z), t, -t * t)
    }
  }

  /// The sum over the residuals; the sum of squares for `squared`.
  package func objective(_ residuals: [Double]) -> Double {
    if self == .squared { return residuals.reduce(0) { $0 + $1 * $1 } }
    let square = scale * scale
    return residuals.reduce(0) { $0 + square * rho($1 / scale * ($1 / scale)).value }
  }

  /// Factors for residuals and rows of the Jacobian that turn the loss into least squares, to
  /// second order: with a = rho' + 2 z rho'' (at least `smallestCurvature`; rho' where a is below
  /// zero), the row is multiplied by sqrt(a) and the residual by rho' / sqrt(a). `nil` for `squared`.
  func reweighting(_ residuals: [Double]) -> (residuals: [Double], rows: [Double])? {
    if self == .squared { return nil }
    var scaled: [Double] = []
    var rows: [Double] = []
    for residual in residuals {
      let z = residual / scale * (residual / scale)
      let (_, first, second) = rho(z)
      let curvature = first + 2 * z * second
      // Below zero the loss bends down: its weights of first order, whose parabola lies above it,
      // lead down as well, and no step gets out of hand.
      let root = (curvature < 0 ? first : max(curvature, Self.smallestCurvature)).squareRoot()
      scaled.append(residual * first / root)
      rows.append(root)
    }
    return (scaled, rows)
  }

  /// Roots of the weights rho' of iterated least squares: the first order of `reweighting`. `nil` for
  /// `squared`.
  func weightRoots(_ residuals: [Double]) -> [Double]? {
    if self == .squared { return nil }
    return residuals.map { rho($0 / scale * ($0 / scale)).first.squareRoot() }
  }

  /// Keeps a row in the model where the loss is straight, as Huber's is; the choice of SciPy.
  private static let smallestCurvature = Double.ulpOfOne
}

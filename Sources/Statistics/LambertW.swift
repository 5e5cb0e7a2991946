import CBoostMath

/// The real solutions w of w e^w = x. Computed by Boost.Math.
///
/// Near the branch point x = -1/e, where both branches meet at w = -1, w changes with the square
/// root of x: half of the digits of x + 1/e are all that any method can deliver there.
public enum LambertW {
  /// The double nearest to -1/e; Boost.Math answers -1 for it on both branches.
  private static let branchPoint = -0.36787944117144233

  /// W0, the branch with w >= -1.
  ///
  /// - Parameter x: >= -1/e; W0(infinity) is infinity.
  /// - Throws: `StatisticsError.domain` otherwise.
  public static func principal(_ x: Double) throws(StatisticsError) -> Double {
    try require(x >= branchPoint, "Lambert W0", "x", x, ">= -1/e")
    if x == .infinity { return x }
    return try converged("Lambert W0", cutover_lambert_w0(x))
  }

  /// W-1, the branch with w <= -1.
  ///
  /// - Parameter x: in [-1/e, 0); W-1 falls to minus infinity as x rises to 0.
  /// - Throws: `StatisticsError.domain` otherwise.
  public static func lower(_ x: Double) throws(StatisticsError) -> Double {
    try require(x >= branchPoint && x < 0, "Lambert W-1", "x", x, "-1/e to below 0")
    return try converged("Lambert W-1", cutover_lambert_wm1(x))
  }
}

/// The order statistics that conformal prediction takes, finite-sample corrections included.
///
/// For n exchangeable scores a new one is at most the k-th smallest, `k = ceil((n + 1) level)`,
/// with probability at least `level`, whatever the distribution.
/// Source: Vovk, Gammerman and Shafer, Algorithmic Learning in a Random World (2005); Lei et
/// al., JASA 113 (2018), theorem 2.2.
public enum ConformalQuantile {
  /// The 1-based position `ceil((n + 1) level)`; above n when n scores are too few for the
  /// level: then no finite bound covers.
  ///
  /// - Throws: `StatisticsError.domain` for a level outside (0, 1).
  public static func position(scores: Int, level: Double) throws(StatisticsError) -> Int {
    try require(level > 0 && level < 1, "conformal", "level", level, "above 0 and below 1")
    let exact = Double(scores + 1) * level
    // A product that is an integer but for its rounding is that integer.
    let nearest = exact.rounded()
    return abs(exact - nearest) <= 1e-9 ? Int(nearest) : Int(exact.rounded(.up))
  }

  /// The least number of scores that bounds a prediction at this level.
  ///
  /// - Throws: `StatisticsError.domain` for a level outside (0, 1).
  public static func leastScores(level: Double) throws(StatisticsError) -> Int {
    try require(level > 0 && level < 1, "conformal", "level", level, "above 0 and below 1")
    let exact = level / (1 - level)
    let nearest = exact.rounded()
    return max(abs(exact - nearest) <= 1e-9 * exact ? Int(nearest) : Int(exact.rounded(.up)), 1)
  }

  /// The `position`-th smallest score; `nil` when there are too few.
  ///
  /// - Throws: `StatisticsError.domain` for a level outside (0, 1) or a NaN.
  public static func upper(
    _ scores: [Double], level: Double
  ) throws(StatisticsError) -> Double? {
    for score in scores { try require(!score.isNaN, "conformal", "score", score, "a number") }
    let k = try position(scores: scores.count, level: level)
    return k <= scores.count ? scores.sorted()[max(k, 1) - 1] : nil
  }

  /// The mirror image: minus the `position`-th smallest of the negated scores.
  ///
  /// - Throws: `StatisticsError.domain` for a level outside (0, 1) or a NaN.
  public static func lower(
    _ scores: [Double], level: Double
  ) throws(StatisticsError) -> Double? {
    try upper(scores.map { -$0 }, level: level).map { -$0 }
  }
}

/// Quantiles of a sample by linear interpolation of the order statistics (type 7).
///
/// With the n values sorted and h = (n - 1) p, the quantile is
/// `x[floor(h)] + (h - floor(h)) (x[floor(h) + 1] - x[floor(h)])`: the default of R, NumPy and
/// spreadsheets. Source: Hyndman and Fan, The American Statistician 50 (1996), definition 7.
///
/// Positive infinity is a value and sorts last (an error measured against zero is infinite): a
/// quantile that interpolates towards it is infinite.
public struct Quantiles: Sendable, Equatable {
  /// The values, ascending.
  public let sorted: [Double]

  /// - Throws: `StatisticsError.empty` without values, `.domain` for a NaN or minus infinity.
  public init(_ values: some Sequence<Double>) throws(StatisticsError) {
    let list = Array(values)
    guard !list.isEmpty else { throw .empty(function: "quantile") }
    for value in list {
      try require(value > -.infinity, "quantile", "value", value, "a number or +infinity")
    }
    sorted = list.sorted()
  }

  /// The quantile for a probability.
  ///
  /// - Throws: `StatisticsError.domain` unless 0 <= p <= 1.
  public func callAsFunction(_ p: Double) throws(StatisticsError) -> Double {
    try require(p >= 0 && p <= 1, "quantile", "probability", p, "0 to 1")
    return Self.interpolate(p, count: sorted.count) { sorted[$0] }
  }

  /// The quantile of `count` values, given the one at each rank.
  static func interpolate(_ p: Double, count: Int, _ value: (Int) -> Double) -> Double {
    let position = Double(count - 1) * p
    let lower = Int(position)
    let part = position - Double(lower)
    guard part > 0, lower + 1 < count else { return value(lower) }
    let (left, right) = (value(lower), value(lower + 1))
    // Also keeps infinity - infinity, which is no number, from being formed.
    return left == right ? left : left + part * (right - left)
  }

  /// The quantile for 1/2.
  public var median: Double {
    let middle = sorted.count / 2
    let upper = sorted[middle]
    guard sorted.count % 2 == 0, sorted[middle - 1] != upper else { return upper }
    return sorted[middle - 1] + 0.5 * (upper - sorted[middle - 1])
  }
}

/// One quantile of a sample; see `Quantiles`.
///
/// - Throws: `StatisticsError.empty`, or `.domain` for a value or probability out of range.
public func quantile(
  _ values: some Sequence<Double>, _ p: Double
) throws(StatisticsError) -> Double {
  try Quantiles(values)(p)
}

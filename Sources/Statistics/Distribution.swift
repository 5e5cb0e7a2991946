/// A continuous distribution of one variable.
///
/// The upper tail has functions of its own because `1 - cdf(x)` loses every digit of a small
/// tail: p-values come from `upperTail`, and critical values from `upperQuantile`.
public protocol Distribution: Sendable, Equatable {
  /// The name that errors carry.
  static var name: String { get }
  /// The closed range outside which nothing lies.
  var support: ClosedRange<Double> { get }

  /// P(X <= x) for a finite x inside the support; NaN when it cannot be computed.
  func rawLowerTail(_ x: Double) -> Double
  /// P(X > x) for a finite x inside the support.
  func rawUpperTail(_ x: Double) -> Double
  /// The x with P(X <= x) = p, for 0 < p < 1.
  func rawQuantile(_ p: Double) -> Double
  /// The x with P(X > x) = p, for 0 < p < 1.
  func rawUpperQuantile(_ p: Double) -> Double
}

extension Distribution {
  /// P(X <= x), for any x, infinities included.
  ///
  /// - Throws: `StatisticsError.domain` for a NaN.
  public func cdf(_ x: Double) throws(StatisticsError) -> Double {
    try require(!x.isNaN, Self.name, "x", x, "a number")
    if x < support.lowerBound || x == -.infinity { return 0 }
    if x >= support.upperBound { return 1 }
    return try converged(Self.name, rawLowerTail(x))
  }

  /// P(X > x), accurate to the last digits for tails down to the smallest doubles.
  ///
  /// - Throws: `StatisticsError.domain` for a NaN.
  public func upperTail(_ x: Double) throws(StatisticsError) -> Double {
    try require(!x.isNaN, Self.name, "x", x, "a number")
    if x < support.lowerBound || x == -.infinity { return 1 }
    if x >= support.upperBound { return 0 }
    return try converged(Self.name, rawUpperTail(x))
  }

  /// The x with P(X <= x) = p; the ends of the support for p = 0 and p = 1.
  ///
  /// - Throws: `StatisticsError.domain` unless 0 <= p <= 1.
  public func quantile(_ p: Double) throws(StatisticsError) -> Double {
    try require(p >= 0 && p <= 1, Self.name, "probability", p, "0 to 1")
    if p == 0 { return support.lowerBound }
    if p == 1 { return support.upperBound }
    return try converged(Self.name, rawQuantile(p))
  }

  /// The x with P(X > x) = p; accurate for tiny p.
  ///
  /// - Throws: `StatisticsError.domain` unless 0 <= p <= 1.
  public func upperQuantile(_ p: Double) throws(StatisticsError) -> Double {
    try require(p >= 0 && p <= 1, Self.name, "probability", p, "0 to 1")
    if p == 0 { return support.upperBound }
    if p == 1 { return support.lowerBound }
    return try converged(Self.name, rawUpperQuantile(p))
  }
}

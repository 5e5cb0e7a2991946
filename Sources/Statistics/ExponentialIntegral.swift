import CBoostMath

/// e^x E1(x), the exponential integral scaled so that it neither overflows nor underflows.
///
/// `e^x E1(x) = integral from 0 to infinity of e^(-u) / (x + u) du`; it falls from infinity at
/// x = 0 like `-ln x` and goes to `1/x` for large x. The plain product `exp(x) * E1(x)` is NaN
/// from x = 710 on.
///
/// Source: Abramowitz and Stegun 5.1.22 (continued fraction, from x = 50); Boost.Math's E1 below.
/// - Parameter x: > 0; infinity gives 0.
/// - Throws: `StatisticsError.domain` otherwise.
public func scaledExponentialIntegral(_ x: Double) throws(StatisticsError) -> Double {
  try require(x > 0, "scaled exponential integral", "x", x, "> 0")
  if x == .infinity { return 0 }
  return try converged(
    "scaled exponential integral", cutover_scaled_exponential_integral(x))
}

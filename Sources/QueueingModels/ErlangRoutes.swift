internal import Foundation
internal import Statistics

/// Second routes to Erlang's loss function, which tests and `models verify` hold against
/// `ErlangLoss`: no code is shared with it.
public enum ErlangRoutes {
  /// The textbook recurrence `B(j) = a B(j-1) / (j + a B(j-1))`: O(c), stable, underflows where B
  /// does.
  ///
  /// - Parameters: whole servers >= 0, load >= 0 erlang; unchecked.
  public static func recurrence(servers: Int, offeredLoad a: Double) -> Double {
    var b = 1.0
    for j in 0..<max(servers, 0) { b = a * b / (Double(j + 1) + a * b) }
    return b
  }

  /// `B = a^c e^-a / Gamma(c+1, a)`, by the regularised functions of Boost.Math: Temme's uniform
  /// asymptotic expansion where c is large and near a. Real c.
  public static func incompleteGamma(servers c: Double, offeredLoad a: Double) -> Double {
    IncompleteGamma.density(c + 1, a) / IncompleteGamma.upper(c + 1, a)
  }

  /// `1 / integral of e^-t (1 + t/a)^c dt`, real c >= 0, a > 0, by quadrature about the peak at
  /// `max(c - a, 0)`.
  ///
  /// - Returns: ln B.
  /// - Throws: `QueueingError.noConvergence`.
  public static func logByIntegral(
    servers c: Double, offeredLoad a: Double
  ) throws(QueueingError) -> Double {
    try ErlangIntegral(c, a).logInverse { _ in 1 } * -1
  }
}

/// Integrals over the weight `e^-t (1 + t/a)^c` of Erlang's integral.
struct ErlangIntegral {
  let c: Double
  let a: Double
  let peak: Double
  let logPeak: Double
  /// The width of the peak on either side, in which the exponent falls by about 1.
  let width: Double

  init(_ c: Double, _ a: Double) {
    self.c = c
    self.a = a
    peak = max(c - a, 0)
    logPeak = -peak + c * log1p(peak / a)
    // Second derivative at the peak: -c/(a + t)^2, which is -1/c inside; the slope is
    // 1 - c/a at the edge t = 0.
    let slope = c < a ? 1 - c / a : 0
    let curvature = c > 0 ? (c / ((a + peak) * (a + peak))).squareRoot() : 0
    width = 1 / max(slope, curvature, 1e-300)
  }

  /// `ln of the integral of weight x factor`; the factor is positive.
  func logInverse(_ factor: @escaping (Double) -> Double) throws(QueueingError) -> Double {
    try logPeak + log(scaled(factor))
  }

  /// The integral of weight x factor, over the weight at the peak.
  func scaled(_ factor: @escaping (Double) -> Double) throws(QueueingError) -> Double {
    // Relative to the peak at p: -u + c ln((a+t)/(a+p)) with u = t - p, free of cancellation.
    let origin = a + peak
    let slope = peak > 0 ? 0 : (c - a) / a
    func weight(_ t: Double) -> Double {
      let u = t - peak
      return exp(c * IncompleteGamma.logOnePlusMinus(u / origin) + slope * u) * factor(t)
    }
    // A Gauss of this width near the peak, an exponential of scale 1 far from it: beyond the end
    // the weight is below e^-45 of the peak's.
    let end = max(45 * width, 12 * c.squareRoot() + 60)
    var total = 0.0
    for (from, to) in [(0, 4 * width), (4 * width, 12 * width), (12 * width, end)] {
      let part = { (x: Double) in weight(peak + x) / width }
      total += try numerically("Erlang's integral") { () throws(StatisticsError) in
        try Quadrature.integral("Erlang's integral", from: from, to: to, part)
      }
    }
    let below = min(peak / width, 45)
    if below > 0 {
      let part = { (x: Double) in weight(peak - x * width) }
      total += try numerically("Erlang's integral") { () throws(StatisticsError) in
        try Quadrature.integral("Erlang's integral", from: 0, to: below, part)
      }
    }
    return total * width
  }
}

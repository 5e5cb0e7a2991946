internal import Foundation
internal import Statistics

extension ServiceLaw {
  /// P(V + S > t) for an exponential V of a rate, independent of the S of this law.
  ///
  ///     e^(-eta t) + integral_0^t eta e^(-eta (t - x)) P(S > x) dx
  ///
  /// In closed form where there is one; the gamma and lognormal laws' integrals by
  /// quadrature.
  /// - Throws: `QueueingError.noConvergence`.
  func tailAfterExponential(rate: Double, _ t: Double) throws(QueueingError) -> Double {
    guard t > 0 else { return 1 }
    switch self {
    case .deterministic(let mean):
      return t < mean ? 1 : exp(-rate * (t - mean))
    case .exponential(let mean):
      return Self.sumTail(rate, 1 / mean, t)
    case .hyperexponential:
      return branches.reduce(0) { $0 + $1.weight * Self.sumTail(rate, 1 / $1.mean, t) }
    case .empirical(let times):
      return times.reduce(0) { $0 + ($1 > t ? 1 : exp(-rate * (t - $1))) } / Double(times.count)
    case .gamma, .lognormal:
      // From t backwards the weight falls from its peak: where it is 1e-20, nothing is left.
      let reach = min(t, 46 / rate)
      // Over the unit interval: the quadrature's error is a share of the integral there, however
      // short the stretch is.
      let integral = try numerically("response of GI/G/C") { () throws(StatisticsError) in
        try Quadrature.integral("response of GI/G/C", from: 0, to: 1) { x in
          rate * reach * exp(-rate * reach * x) * tail(t - reach * x)
        }
      }
      return min(exp(-rate * t) + integral, 1)
    }
  }

  /// The tail of the sum of two exponentials, `e^-at + a (e^-bt - e^-at)/(a - b)`, equal rates
  /// included.
  private static func sumTail(_ a: Double, _ b: Double, _ t: Double) -> Double {
    let (low, high) = (min(a, b), max(a, b))
    let d = (high - low) * t
    // (1 - e^-d)/d, 1 at 0.
    let ratio = d == 0 ? 1 : -expm1(-d) / d
    return min(exp(-high * t) + high * t * exp(-low * t) * ratio, 1)
  }
}

package import Statistics

/// log Phi and the inverse Mills ratio, where the distribution function itself has no digits left.
package enum NormalTail {
  /// Below this the asymptotic series has more digits than the distribution function.
  static let seriesBelow = -30.0

  /// log Phi(u) and phi(u) / Phi(u).
  ///
  /// For u < -30, `Phi(u) = phi(u) / |u| (1 - 1/u^2 + 3/u^4 - ...)`, whose seventh term is below
  /// 1e-14. Source: Abramowitz and Stegun (1964), 26.2.12.
  package static func logAndRatio(
    _ u: Double
  ) throws(StatisticsError) -> (log: Double, ratio: Double) {
    let logDensity = -0.5 * (u * u + CMath.log(2 * Double.pi))
    guard u < seriesBelow else {
      let tail = try Normal.standard.cdf(u)
      return (CMath.log(tail), CMath.exp(logDensity) / tail)
    }
    let s = 1 / (u * u)
    let series = 1 - s * (1 - 3 * s * (1 - 5 * s * (1 - 7 * s * (1 - 9 * s * (1 - 11 * s)))))
    return (logDensity - CMath.log(-u) + CMath.log(series), -u / series)
  }
}

/// What is known about the response of a row.
enum Censoring: Sendable, Equatable {
  /// The response itself.
  case none
  /// The true response is at least the recorded one.
  case right
  /// The true response is at most the recorded one.
  case left
}

/// The likelihood of a censored normal sample in Olsen's parameters: gamma = 1 / sigma and
/// delta = b / sigma.
///
/// `sum over observed (log gamma - (gamma y - x'delta)^2 / 2 - log(2 pi) / 2)
/// + sum over censored log Phi(u)`, u = `x'delta - gamma y` on the right, the negative on the left.
/// It is concave, and minus its Hessian is `Z' W Z + n gamma^-2 e e'` with rows `(x, -y)` in Z,
/// W = 1 for an observed row and `m (u + m)`, m = phi(u) / Phi(u), for a censored one: a step of
/// Newton is a least squares problem.
/// Source: Olsen, "Note on the uniqueness of the maximum likelihood estimator for the Tobit
/// model", Econometrica 46 (1978).
struct TobitLikelihood {
  let value: Double
  /// Of each row's linear form x'delta - gamma y: the derivative, and minus the second one.
  let slopes: [Double]
  let curvatures: [Double]
  /// The weight of all observed rows.
  let observed: Double

  init(
    forms: [Double], gamma: Double, censoring: [Censoring], weights: [Double]
  ) throws(RegressionError) {
    var value = 0.0
    var slopes = [Double](repeating: 0, count: forms.count)
    var curvatures = slopes
    var observed = 0.0
    let constant = CMath.log(gamma) - 0.5 * CMath.log(2 * Double.pi)
    for i in forms.indices {
      let form = forms[i]
      switch censoring[i] {
      case .none:
        value += weights[i] * (constant - 0.5 * form * form)
        slopes[i] = -weights[i] * form
        curvatures[i] = weights[i]
        observed += weights[i]
      case .right, .left:
        let sign = censoring[i] == .right ? 1.0 : -1.0
        let u = sign * form
        let (log, ratio) = try statistics { () throws(StatisticsError) in
          try NormalTail.logAndRatio(u)
        }
        value += weights[i] * log
        slopes[i] = weights[i] * sign * ratio
        // In (0, 1) by theory; rounding may leave it.
        curvatures[i] = weights[i] * min(max(ratio * (u + ratio), 0), 1)
      }
    }
    (self.value, self.slopes, self.curvatures) = (value, slopes, curvatures)
    self.observed = observed
  }
}

internal import Foundation
public import Statistics

/// A law of times: of services, of gaps between arrivals, of patience. It knows its moments,
/// its Laplace transform and how to draw from itself.
public enum ServiceLaw: Sendable, Hashable {
  /// Always the mean.
  case deterministic(mean: Double)
  case exponential(mean: Double)
  /// Gamma with a squared coefficient of variation; below 1 regular, above 1 bursty.
  case gamma(mean: Double, squaredVariation: Double)
  /// A mixture of two exponentials of a squared coefficient of variation >= 1, with balanced
  /// means (each branch carries half of the work).
  case hyperexponential(mean: Double, squaredVariation: Double)
  /// Its logarithm is normal: a squared coefficient of variation > 0, a tail between the
  /// exponential's and a power's, as file sizes and human tasks have.
  case lognormal(mean: Double, squaredVariation: Double)
  /// Equally likely times: a trace, or a fleet's predicted migrations.
  case empirical([Double])

  /// The law of a mean and a squared coefficient of variation: deterministic, gamma below 1,
  /// exponential, hyperexponential above.
  ///
  /// - Throws: `QueueingError.outOfDomain` unless mean > 0 and variation >= 0, both finite.
  public static func fitted(
    mean: Double, squaredVariation: Double
  ) throws(QueueingError) -> ServiceLaw {
    let law: ServiceLaw =
      if squaredVariation == 0 {
        .deterministic(mean: mean)
      } else if squaredVariation == 1 {
        .exponential(mean: mean)
      } else if squaredVariation < 1 {
        .gamma(mean: mean, squaredVariation: squaredVariation)
      } else {
        .hyperexponential(mean: mean, squaredVariation: squaredVariation)
      }
    try law.validate()
    return law
  }

  /// - Throws: `QueueingError.outOfDomain` for a law that is none.
  public func validate() throws(QueueingError) {
    if case .empirical(let times) = self {
      try require(!times.isEmpty, "service times", Double(times.count), "at least one")
      for time in times {
        try require(time >= 0 && time.isFinite, "service time", time, ">= 0 s, finite")
      }
    }
    try require(mean > 0 && mean.isFinite, "mean service time", mean, "> 0 s, finite")
    let variation = squaredVariation
    switch self {
    case .hyperexponential:
      try require(
        variation >= 1 && variation.isFinite, "squared coefficient of variation", variation, ">= 1")
    case .gamma, .lognormal:
      try require(
        variation > 0 && variation.isFinite, "squared coefficient of variation", variation, "> 0")
    default: break
    }
  }

  /// The mean, in seconds.
  public var mean: Double {
    switch self {
    case .deterministic(let mean), .exponential(let mean), .gamma(let mean, _),
      .hyperexponential(let mean, _), .lognormal(let mean, _):
      mean
    case .empirical(let times): times.reduce(0, +) / Double(times.count)
    }
  }

  /// Variance over squared mean.
  public var squaredVariation: Double {
    switch self {
    case .deterministic: return 0
    case .exponential: return 1
    case .gamma(_, let variation), .hyperexponential(_, let variation),
      .lognormal(_, let variation):
      return variation
    case .empirical(let times):
      let mean = mean
      let squares = times.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      return squares / Double(times.count) / (mean * mean)
    }
  }

  /// The same law with all times stretched to another mean.
  public func scaled(toMean target: Double) -> ServiceLaw {
    switch self {
    case .deterministic: .deterministic(mean: target)
    case .exponential: .exponential(mean: target)
    case .gamma(_, let v): .gamma(mean: target, squaredVariation: v)
    case .hyperexponential(_, let v): .hyperexponential(mean: target, squaredVariation: v)
    case .lognormal(_, let v): .lognormal(mean: target, squaredVariation: v)
    case .empirical(let times): .empirical(times.map { $0 * (target / mean) })
    }
  }

  /// `E[S^2]`.
  public var secondMoment: Double { mean * mean * (1 + squaredVariation) }

  /// `E[S^3]`.
  public var thirdMoment: Double {
    switch self {
    case .deterministic(let mean): return mean * mean * mean
    case .exponential(let mean): return 6 * mean * mean * mean
    case .gamma(let mean, let v): return mean * mean * mean * (1 + v) * (1 + 2 * v)
    case .hyperexponential:
      return branches.reduce(0) { $0 + $1.weight * 6 * $1.mean * $1.mean * $1.mean }
    case .lognormal(let mean, let v):
      return mean * mean * mean * (1 + v) * (1 + v) * (1 + v)
    case .empirical(let times):
      return times.reduce(0) { $0 + $1 * $1 * $1 } / Double(times.count)
    }
  }

  /// P(S > t).
  public func tail(_ t: Double) -> Double {
    guard t >= 0 else { return 1 }
    switch self {
    case .deterministic(let mean): return t < mean ? 1 : 0
    case .exponential(let mean): return exp(-t / mean)
    case .gamma(let mean, let v): return IncompleteGamma.upper(1 / v, t / (mean * v))
    case .hyperexponential:
      return branches.reduce(0) { $0 + $1.weight * exp(-t / $1.mean) }
    case .lognormal:
      guard t > 0 else { return 1 }
      let (median, spread) = lognormalShape
      return 0.5 * erfc(log(t / median) / spread * 0.5.squareRoot())
    case .empirical(let times):
      return Double(times.count { $0 > t }) / Double(times.count)
    }
  }

  /// `E[e^(-sS)]` for a complex s with real part >= 0.
  func transform(_ s: Complex) -> Complex {
    switch self {
    case .deterministic(let mean): return (s * -mean).exponential
    case .exponential(let mean): return 1 / (1 + s * mean)
    case .gamma(let mean, let v):
      return ((1 + s * (mean * v)).logarithm * (-1 / v)).exponential
    case .hyperexponential:
      return branches.reduce(Complex(0)) { $0 + $1.weight / (1 + s * $1.mean) }
    case .lognormal: return lognormalTransform(s)
    case .empirical(let times):
      return times.reduce(Complex(0)) { $0 + (s * -$1).exponential } / Double(times.count)
    }
  }

  /// The two exponentials of the balanced-means mixture.
  var branches: [(weight: Double, mean: Double)] {
    guard case .hyperexponential(let mean, let v) = self else { return [] }
    let p = 0.5 * (1 + ((v - 1) / (v + 1)).squareRoot())
    return [(p, mean / (2 * p)), (1 - p, mean / (2 * (1 - p)))]
  }

  /// The median, and the standard deviation of the logarithm.
  private var lognormalShape: (median: Double, spread: Double) {
    let growth = log1p(squaredVariation)
    return (mean * exp(-growth / 2), growth.squareRoot())
  }

  /// The trapezium rule over the normal logarithm: exact to roundings for a smooth integrand, and
  /// to 1e-9 for the frequencies of an inversion, whose terms swing.
  private func lognormalTransform(_ s: Complex) -> Complex {
    let (median, spread) = lognormalShape
    let (reach, count) = (8.5, 600)
    let step = 2 * reach / Double(count)
    return (0...count).reduce(Complex(0)) { sum, i in
      let z = Double(i) * step - reach
      let weight = step * exp(-z * z / 2) / (2 * Double.pi).squareRoot()
      return sum + (s * (-median * exp(spread * z))).exponential * weight
    }
  }

  /// A time drawn from the law.
  public func draw(_ random: inout Xoshiro256StarStar) -> Double {
    switch self {
    case .deterministic(let mean): return mean
    case .exponential(let mean): return mean * random.exponential()
    case .gamma(let mean, let v): return mean * v * random.gamma(shape: 1 / v)
    case .hyperexponential:
      let both = branches
      let branch = random.unitInterval() < both[0].weight ? both[0] : both[1]
      return branch.mean * random.exponential()
    case .lognormal:
      let (median, spread) = lognormalShape
      return median * exp(spread * random.normal())
    case .empirical(let times):
      let index = Int(random.unitInterval() * Double(times.count))
      return times[min(index, times.count - 1)]
    }
  }
}

extension Xoshiro256StarStar {
  /// A standard exponential; never infinite.
  mutating func exponential() -> Double { -log1p(-unitInterval()) }

  /// A standard normal, by the polar method.
  mutating func normal() -> Double {
    while true {
      let (u, v) = (2 * unitInterval() - 1, 2 * unitInterval() - 1)
      let s = u * u + v * v
      if s > 0, s < 1 { return u * (-2 * log(s) / s).squareRoot() }
    }
  }

  /// A gamma variate of scale 1.
  ///
  /// Source: Marsaglia and Tsang, "A simple method for generating gamma variables", ACM TOMS 26
  /// (2000); shapes below 1 by the power of a uniform.
  mutating func gamma(shape: Double) -> Double {
    if shape < 1 {
      return gamma(shape: shape + 1) * exp(-exponential() / shape)
    }
    let d = shape - 1.0 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = normal()
      let root = 1 + c * x
      guard root > 0 else { continue }
      let v = root * root * root
      if log1p(-unitInterval()) < 0.5 * x * x + d - d * v + d * log(v) { return d * v }
    }
  }
}

import CBoostMath

private let realLine = -Double.infinity...Double.infinity
private let halfLine = 0...Double.infinity

/// The normal distribution N(mean, standardDeviation^2). Computed by Boost.Math.
public struct Normal: Distribution {
  public static let name = "normal"
  /// The standard normal distribution.
  public static let standard = Normal()

  public let mean: Double
  public let standardDeviation: Double
  public var support: ClosedRange<Double> { realLine }

  private init() {
    mean = 0
    standardDeviation = 1
  }

  /// - Throws: `StatisticsError.domain` unless the mean is finite and the deviation finite, > 0.
  public init(mean: Double, standardDeviation: Double) throws(StatisticsError) {
    try require(mean.isFinite, Self.name, "mean", mean, "a finite number")
    try require(
      standardDeviation > 0 && standardDeviation.isFinite, Self.name, "standard deviation",
      standardDeviation, "> 0")
    self.mean = mean
    self.standardDeviation = standardDeviation
  }

  public func rawLowerTail(_ x: Double) -> Double {
    cutover_normal_cdf(mean, standardDeviation, x, 0)
  }
  public func rawUpperTail(_ x: Double) -> Double {
    cutover_normal_cdf(mean, standardDeviation, x, 1)
  }
  public func rawQuantile(_ p: Double) -> Double {
    cutover_normal_quantile(mean, standardDeviation, p, 0)
  }
  public func rawUpperQuantile(_ p: Double) -> Double {
    cutover_normal_quantile(mean, standardDeviation, p, 1)
  }
}

/// Student's t distribution. Computed by Boost.Math.
public struct StudentT: Distribution {
  public static let name = "Student t"

  public let degreesOfFreedom: Double
  public var support: ClosedRange<Double> { realLine }

  /// - Parameter degreesOfFreedom: > 0; infinity is the standard normal distribution.
  /// - Throws: `StatisticsError.domain` otherwise.
  public init(degreesOfFreedom: Double) throws(StatisticsError) {
    try require(degreesOfFreedom > 0, Self.name, "degrees of freedom", degreesOfFreedom, "> 0")
    self.degreesOfFreedom = degreesOfFreedom
  }

  public func rawLowerTail(_ x: Double) -> Double { cutover_student_t_cdf(degreesOfFreedom, x, 0) }
  public func rawUpperTail(_ x: Double) -> Double { cutover_student_t_cdf(degreesOfFreedom, x, 1) }
  public func rawQuantile(_ p: Double) -> Double {
    cutover_student_t_quantile(degreesOfFreedom, p, 0)
  }
  public func rawUpperQuantile(_ p: Double) -> Double {
    cutover_student_t_quantile(degreesOfFreedom, p, 1)
  }

  /// P(|T| > |t|): the p-value of a two-sided test.
  ///
  /// - Throws: `StatisticsError.domain` for a NaN.
  public func twoSidedTail(_ t: Double) throws(StatisticsError) -> Double {
    min(2 * (try upperTail(abs(t))), 1)
  }
}

/// Fisher's F distribution. Computed by Boost.Math.
public struct FisherF: Distribution {
  public static let name = "Fisher F"

  public let numeratorDegrees: Double
  public let denominatorDegrees: Double
  public var support: ClosedRange<Double> { halfLine }

  /// - Throws: `StatisticsError.domain` unless both are finite and > 0.
  public init(
    numeratorDegrees: Double, denominatorDegrees: Double
  ) throws(StatisticsError) {
    for degrees in [numeratorDegrees, denominatorDegrees] {
      try require(
        degrees > 0 && degrees.isFinite, Self.name, "degrees of freedom", degrees, "> 0")
    }
    self.numeratorDegrees = numeratorDegrees
    self.denominatorDegrees = denominatorDegrees
  }

  public func rawLowerTail(_ x: Double) -> Double {
    cutover_fisher_f_cdf(numeratorDegrees, denominatorDegrees, x, 0)
  }
  public func rawUpperTail(_ x: Double) -> Double {
    cutover_fisher_f_cdf(numeratorDegrees, denominatorDegrees, x, 1)
  }
  public func rawQuantile(_ p: Double) -> Double {
    cutover_fisher_f_quantile(numeratorDegrees, denominatorDegrees, p, 0)
  }
  public func rawUpperQuantile(_ p: Double) -> Double {
    cutover_fisher_f_quantile(numeratorDegrees, denominatorDegrees, p, 1)
  }
}

/// The chi-squared distribution. Computed by Boost.Math.
public struct ChiSquared: Distribution {
  public static let name = "chi-squared"

  public let degreesOfFreedom: Double
  public var support: ClosedRange<Double> { halfLine }

  /// - Throws: `StatisticsError.domain` unless the degrees of freedom are finite and > 0.
  public init(degreesOfFreedom: Double) throws(StatisticsError) {
    try require(
      degreesOfFreedom > 0 && degreesOfFreedom.isFinite, Self.name, "degrees of freedom",
      degreesOfFreedom, "> 0")
    self.degreesOfFreedom = degreesOfFreedom
  }

  public func rawLowerTail(_ x: Double) -> Double {
    cutover_chi_squared_cdf(degreesOfFreedom, x, 0)
  }
  public func rawUpperTail(_ x: Double) -> Double {
    cutover_chi_squared_cdf(degreesOfFreedom, x, 1)
  }
  public func rawQuantile(_ p: Double) -> Double {
    cutover_chi_squared_quantile(degreesOfFreedom, p, 0)
  }
  public func rawUpperQuantile(_ p: Double) -> Double {
    cutover_chi_squared_quantile(degreesOfFreedom, p, 1)
  }
}

/// The gamma distribution with density x^(shape-1) e^(-x/scale), normalised. By Boost.Math.
public struct Gamma: Distribution {
  public static let name = "gamma"

  public let shape: Double
  public let scale: Double
  public var support: ClosedRange<Double> { halfLine }

  /// - Throws: `StatisticsError.domain` unless shape and scale are finite and > 0.
  public init(shape: Double, scale: Double) throws(StatisticsError) {
    try require(shape > 0 && shape.isFinite, Self.name, "shape", shape, "> 0")
    try require(scale > 0 && scale.isFinite, Self.name, "scale", scale, "> 0")
    self.shape = shape
    self.scale = scale
  }

  public func rawLowerTail(_ x: Double) -> Double { cutover_gamma_cdf(shape, scale, x, 0) }
  public func rawUpperTail(_ x: Double) -> Double { cutover_gamma_cdf(shape, scale, x, 1) }
  public func rawQuantile(_ p: Double) -> Double { cutover_gamma_quantile(shape, scale, p, 0) }
  public func rawUpperQuantile(_ p: Double) -> Double {
    cutover_gamma_quantile(shape, scale, p, 1)
  }
}

import Statistics
import Testing

@Suite struct DistributionsTests {
  /// Boost's own bounds for these functions are some tens of epsilon; one more digit is lost to
  /// the condition of a far tail, whose relative change is x times that of x.
  static let minimumDigits = 12.5

  static func distribution(_ row: [String: String]) throws -> any Distribution {
    let a = try number(row, "a")
    switch row["distribution"] {
    case "normal": return try Normal(mean: a, standardDeviation: number(row, "b"))
    case "student_t": return try StudentT(degreesOfFreedom: a)
    case "fisher_f":
      return try FisherF(numeratorDegrees: a, denominatorDegrees: number(row, "b"))
    case "chi_squared": return try ChiSquared(degreesOfFreedom: a)
    default: return try Gamma(shape: a, scale: number(row, "b"))
    }
  }

  @Test(arguments: try fixture("statistics/distributions.csv"))
  func tailsAgreeWithMpmath(_ row: [String: String]) throws {
    let law = try Self.distribution(row)
    let x = try number(row, "x")
    #expect(digits(try law.cdf(x), try number(row, "lower")) >= Self.minimumDigits)
    #expect(digits(try law.upperTail(x), try number(row, "upper")) >= Self.minimumDigits)
  }

  /// The second route: the quantile of the smaller tail leads back to x.
  @Test(arguments: try fixture("statistics/distributions.csv"))
  func quantilesInvertTails(_ row: [String: String]) throws {
    let law = try Self.distribution(row)
    let x = try number(row, "x")
    let (lower, upper) = (try number(row, "lower"), try number(row, "upper"))
    let back = lower < upper ? try law.quantile(lower) : try law.upperQuantile(upper)
    // A quantile near 0 inherits the absolute error of its probability.
    #expect(digits(back, x) >= 11 || abs(back - x) < 1e-13)
  }

  /// Tables in every statistics book, to the digits printed there.
  @Test func publishedTables() throws {
    #expect(abs(try Normal.standard.quantile(0.975) - 1.95996) < 5e-6)
    #expect(abs(try StudentT(degreesOfFreedom: 9).quantile(0.975) - 2.262) < 5e-4)
    #expect(abs(try StudentT(degreesOfFreedom: 1).quantile(0.995) - 63.657) < 5e-4)
    #expect(
      abs(try FisherF(numeratorDegrees: 6, denominatorDegrees: 9).quantile(0.95) - 3.374) < 5e-4)
    #expect(abs(try ChiSquared(degreesOfFreedom: 4).quantile(0.95) - 9.488) < 5e-4)
    // An exponential distribution: P(X > x) = e^-x.
    #expect(digits(try Gamma(shape: 1, scale: 1).upperTail(30), 9.357622968840175e-14) > 14)
  }

  @Test func limits() throws {
    let t = try StudentT(degreesOfFreedom: .infinity)
    #expect(digits(try t.cdf(1.5), try Normal.standard.cdf(1.5)) > 15)
    #expect(try t.cdf(.infinity) == 1 && t.upperTail(.infinity) == 0)
    #expect(try t.cdf(-.infinity) == 0 && t.quantile(0) == -.infinity && t.quantile(1) == .infinity)
    let chi = try ChiSquared(degreesOfFreedom: 3)
    #expect(try chi.cdf(-1) == 0 && chi.upperTail(-1) == 1 && chi.upperQuantile(1) == 0)
    #expect(try chi.cdf(0) == 0 && chi.upperTail(0) == 1)
    #expect(try StudentT(degreesOfFreedom: 5).twoSidedTail(0) == 1)
    #expect(
      digits(
        try StudentT(degreesOfFreedom: 5).twoSidedTail(-2),
        2 * (try StudentT(degreesOfFreedom: 5).cdf(-2))) > 14)
  }

  @Test func parametersOutOfTheDomain() {
    for bad in [0, -1, Double.nan] {
      #expect(throws: StatisticsError.self) { try StudentT(degreesOfFreedom: bad) }
      #expect(throws: StatisticsError.self) { try ChiSquared(degreesOfFreedom: bad) }
      #expect(throws: StatisticsError.self) { try Gamma(shape: bad, scale: 1) }
      #expect(throws: StatisticsError.self) { try Gamma(shape: 1, scale: bad) }
      #expect(throws: StatisticsError.self) { try Normal(mean: 0, standardDeviation: bad) }
      #expect(throws: StatisticsError.self) {
        try FisherF(numeratorDegrees: 1, denominatorDegrees: bad)
      }
    }
    #expect(
      throws: StatisticsError.domain(
        function: "normal", argument: "probability", value: 1.5, expected: "0 to 1")
    ) { try Normal.standard.quantile(1.5) }
    #expect(throws: StatisticsError.self) { try Normal.standard.cdf(.nan) }
  }
}

import ModelCore
import Regression
import Testing

@Suite struct ResidualTestsTests {
  static func run(_ name: String, _ fit: LinearFit) throws -> TestResult? {
    switch name {
    case "breusch_pagan": try fit.breuschPagan()
    case "white": try fit.white()
    case "reset": try fit.reset()
    case "durbin_watson": try fit.durbinWatson()
    case "jarque_bera": try fit.jarqueBera()
    case "outlier": try fit.outlierTest()
    default: nil
    }
  }

  static let names = [
    "breusch_pagan", "white", "reset", "durbin_watson", "jarque_bera", "outlier",
  ]

  /// lmtest and car in R, statsmodels and scipy in Python.
  @Test(arguments: ReferenceCase.all("r.csv") + ReferenceCase.all("python.csv"))
  func agreeWithReferences(_ reference: ReferenceCase) throws {
    let fit = try reference.fit()
    var compared = 0
    for row in reference.rows("test") {
      guard let name = row["name"], Self.names.contains(name) else { continue }
      let test = try #require(try Self.run(name, fit))
      let value: Double?
      switch row["row"] {
      case "statistic": value = test.statistic
      case "df": value = test.degrees.map(Double.init)
      case "df_residual": value = test.residualDegrees.map(Double.init)
      default: value = test.pValue
      }
      let expected = try number(row, "value")
      #expect(closeRelative(value, expected, otherSolver * 10), "\(name): \(row)")
      compared += 1
    }
    #expect(compared > 0 || reference.name.hasSuffix("| w"))
  }

  /// Under the null a p value is uniform: of 400 about 20 lie below 0.05 (a standard deviation of
  /// 4.4; the tests are asymptotic, so five of them are allowed). Against it nearly all do.
  @Test func sizeAndPower() throws {
    var rejected: [String: Int] = [:]
    var found = 0
    for trial in 0..<400 {
      let seed = UInt64(1000 + trial)
      let sound = try RegressionTests.fit("y ~ x + z", simulated(rows: 100, seed: seed))
      for name in Self.names {
        if let test = try Self.run(name, sound), test.pValue < 0.05 {
          rejected[name, default: 0] += 1
        }
      }
      let uneven = try RegressionTests.fit(
        "y ~ x + z", simulated(rows: 100, seed: seed, spread: true))
      if let test = try uneven.breuschPagan(), test.pValue < 0.05 { found += 1 }
    }
    for name in ["breusch_pagan", "reset", "durbin_watson"] {
      #expect((2...42).contains(rejected[name] ?? 0), "\(name): \(rejected), seeds 1000 to 1399")
    }
    // Conservative on small samples, and with errors that are a sum of twelve uniforms.
    #expect((rejected["jarque_bera"] ?? 0) <= 42 && (rejected["outlier"] ?? 0) <= 42)
    #expect(found > 360, "found \(found)")
  }

  @Test func resetSeesACurve() throws {
    let x = (1...40).map { Double($0) / 10 }
    let noise = (0..<40).map { Double(($0 * 37) % 11) / 50 }
    let table = try Table([
      Column("x", numbers: x), Column("y", numbers: zip(x, noise).map { $0 * $0 + $1 }),
    ])
    let straight = try #require(try RegressionTests.fit("y ~ x", table).reset())
    let curved = try #require(try RegressionTests.fit("y ~ poly(x, 2)", table).reset())
    #expect(straight.pValue < 1e-10 && curved.pValue > 0.05)
  }

  /// Nothing to test: a perfect fit, a saturated factor, too few rows.
  @Test func nothingToTest() throws {
    let exact = try Table([
      Column("x", numbers: [1, 2, 3, 4, 5, 6]), Column("y", numbers: [2, 4, 6, 8, 10, 12]),
    ])
    let perfect = try RegressionTests.fit("y ~ x", exact)
    for name in Self.names { #expect(try Self.run(name, perfect) == nil, "\(name)") }
    let groups = try Table([
      Column("g", text: ["a", "a", "b", "b"]), Column("y", numbers: [1, 2, 3, 5]),
    ])
    // Powers of two different fitted values are combinations of the factor.
    #expect(try RegressionTests.fit("y ~ g", groups).reset() == nil)
    #expect(try RegressionTests.fit("y ~ g", groups).durbinWatson() == nil)
  }
}

import ModelCore
import Regression
import Statistics
import Testing

@Suite struct BootstrapTests {
  static let formula = "log(total_time_s) ~ log(memory_bytes/bandwidth_bytes_per_s)"

  /// 20000 replicates here, 20000 in R's boot with other draws. A standard deviation of B values
  /// has a relative error of 1/sqrt(2B), 0.5 %; a 5 % quantile one of about 2.1/sqrt(B) of a
  /// deviation, 1.5 %. Two such errors, four deviations.
  @Test func casesAgreeWithBoot() throws {
    let reference = try fixture("validation/bootstrap.csv")
    let fit = try RegressionTests.fit(Self.formula, referenceData())
    let bootstrap = try Bootstrap(.cases, replicates: 20_000, seed: 7).run(fit)
    #expect(bootstrap.failures == 0)
    for place in 0..<2 {
      let rows = reference.filter { $0["set"] == "cases\(place + 1)" }
      let values = try rows.map { try number($0, "value") }
      let distribution = try bootstrap.distribution(ofCoefficient: place)
      let error = try #require(distribution.standardError)
      #expect(closeRelative(error, values[0], 4 * 0.007), "seed 7: \(error), R has \(values[0])")
      let interval = try distribution.percentile(level: 0.9)
      #expect(abs(interval.lower - values[1]) < 4 * 0.021 * error, "seed 7: \(interval)")
      #expect(abs(interval.upper - values[2]) < 4 * 0.021 * error, "seed 7: \(interval)")
    }
  }

  /// The variance of wild replicates is that of HC2 (statsmodels), of residual replicates that of
  /// the textbook with the pool's own variance: exact for infinitely many replicates. 1/sqrt(2B),
  /// four deviations; Mammen's fourth moment of 2 instead of 1 changes little.
  @Test(arguments: ReferenceCase.all("python.csv"), WildWeights.allCases)
  func wildVarianceIsHC2(_ reference: ReferenceCase, _ weights: WildWeights) throws {
    let fit = try reference.fit()
    let bootstrap = try Bootstrap(
      .wild(weights, column: nil), replicates: 5_000, seed: 3
    ).run(fit)
    for row in reference.rows("HC2") {
      let place = Int(try number(row, "name"))
      let error = try bootstrap.distribution(ofCoefficient: place).standardError
      #expect(
        closeRelative(error, try number(row, "value"), 4 * 0.01 * 1.5), "seed 3: \(row)")
    }
  }

  @Test func residualVarianceIsTheTextbooks() throws {
    let fit = try RegressionTests.fit("y ~ x + z", simulated(rows: 60, seed: 31))
    let bootstrap = try Bootstrap(.residuals, replicates: 10_000, seed: 4).run(fit)
    let modified = zip(fit.residuals, fit.hat).map { $0 / (1 - $1).squareRoot() }
    let mean = modified.reduce(0, +) / 60
    let variance = modified.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 60
    let sigma = try #require(fit.summary.sigma)
    for place in fit.basis.indices {
      let textbook = try #require(fit.coefficients[place].standardError)
      let expected = textbook * variance.squareRoot() / sigma
      let distribution = try bootstrap.distribution(ofCoefficient: place)
      #expect(closeRelative(distribution.standardError, expected, 4 * 0.0071), "seed 4")
      // The mean of B replicates: four deviations of it.
      #expect(abs(distribution.bias) < 4 * expected / 100, "seed 4")
    }
  }

  /// With errors shared in groups, the bootstrap of rows is far too sure of the mean; that of
  /// groups agrees with the scatter of fits to fresh data.
  @Test func groupsMatter() throws {
    var means: [Double] = []
    for trial in 0..<200 {
      let table = try simulated(rows: 100, seed: UInt64(5000 + trial), groups: 20, shared: 2)
      means.append(
        try #require(RegressionTests.fit("y ~ I(x - 2)", table).coefficients[0].estimate))
    }
    let centre = means.reduce(0, +) / 200
    let truth = (means.reduce(0) { $0 + ($1 - centre) * ($1 - centre) } / 199).squareRoot()
    let table = try simulated(rows: 100, seed: 5000, groups: 20, shared: 2)
    let fit = try RegressionTests.fit("y ~ I(x - 2)", table)
    func error(_ scheme: BootstrapScheme) throws -> Double {
      let run = try Bootstrap(scheme, replicates: 2000, seed: 5).run(fit)
      return try #require(run.distribution(ofCoefficient: 0).standardError)
    }
    // 20 groups give a standard error to about 1/sqrt(40), 16 %, and one data set its own.
    for scheme in [
      .groupedCases(column: "g"), .wild(.rademacher, column: "g"),
    ] as [BootstrapScheme] {
      let value = try error(scheme)
      #expect(value > 0.6 * truth && value < 1.6 * truth, "\(scheme): \(value), truth \(truth)")
    }
    let rows = try error(.cases)
    #expect(rows < 0.8 * (try error(.groupedCases(column: "g"))), "\(rows), truth \(truth)")
  }

  @Test(
    arguments: [
      .cases, .groupedCases(column: "g"), .residuals, .wild(.mammen, column: "g"),
      .wild(.rademacher, column: nil),
    ] as [BootstrapScheme])
  func sameBitsOnAnyNumberOfThreads(_ scheme: BootstrapScheme) throws {
    let fit = try RegressionTests.fit(
      "y ~ x + z", simulated(rows: 40, seed: 32, groups: 8, shared: 1))
    let one = try Bootstrap(scheme, replicates: 101, seed: 6, threads: 1).run(fit)
    for threads in [2, 3, 16] {
      let many = try Bootstrap(scheme, replicates: 101, seed: 6, threads: threads).run(fit)
      #expect(many.coefficients == one.coefficients, "\(threads) threads")
    }
    let other = try Bootstrap(scheme, replicates: 101, seed: 7).run(fit)
    #expect(other.coefficients != one.coefficients)
    // Fewer replicates are the first ones of more.
    let fewer = try Bootstrap(scheme, replicates: 20, seed: 6).run(fit)
    #expect(fewer.coefficients == Array(one.coefficients.prefix(20)))
  }

  /// A replicate is the least-squares fit to the rows that were drawn, repeats and all.
  @Test func aReplicateIsARefit() throws {
    let table = try simulated(rows: 25, seed: 33)
    let fit = try RegressionTests.fit("y ~ x + z", table)
    let bootstrap = try Bootstrap(.cases, replicates: 5, seed: 8).run(fit)
    for index in 0..<5 {
      var random = Xoshiro256StarStar(seed: 8, stream: index)
      let drawn = try (0..<25).map { _ in try random.integer(below: 25) }
      let refit = try RegressionTests.fit("y ~ x + z", table.selecting(drawn))
      for place in fit.basis.indices {
        #expect(
          close(bootstrap.coefficients[index][place], refit.coefficients[place].estimate, ownRoutes)
        )
      }
    }
  }

  /// Predictions go through the same replicates, on the original scale, in order.
  @Test(arguments: BootstrapIntervalKind.allCases)
  func predictions(_ kind: BootstrapIntervalKind) throws {
    let data = try referenceData()
    let fit = try RegressionTests.fit(Self.formula, data)
    let bootstrap = try Bootstrap(.cases, replicates: 999, seed: 9).run(fit)
    let answers = try bootstrap.predict(data, level: 0.9, interval: kind)
    let plain = try fit.predict(data, level: 0.9, interval: .confidence)
    var compared = 0
    for (answer, textbook) in zip(answers, plain) {
      #expect(answer.value == textbook.value)
      guard let low = answer.lower, let high = answer.upper, let wanted = textbook.lower,
        let top = textbook.upper
      else {
        #expect(answer.reason != nil)
        continue
      }
      #expect(low < high)
      // Errors are alike here, so both intervals are of about the same length.
      #expect((high - low) / (top - wanted) > 0.5 && (high - low) / (top - wanted) < 2)
      compared += 1
    }
    #expect(compared > 40)
    let table = try bootstrap.tidy(level: 0.9, interval: kind)
    #expect(
      table.names == ["term", "estimate", "std_error", "bias", "conf_low", "conf_high"]
        && table.rowCount == 2)
    #expect(bootstrap.notes == ["bootstrap of rows, 999 replicates, seed 9."])
  }

  /// A rare level is missing from a third of the samples: counted, and said.
  @Test func failures() throws {
    var columns = try simulated(rows: 12, seed: 34).columns
    columns.append(Column("k", text: (0..<12).map { $0 == 3 ? "rare" : "usual" }))
    let fit = try RegressionTests.fit("y ~ x + k", Table(columns))
    let bootstrap = try Bootstrap(.cases, replicates: 400, seed: 10).run(fit)
    // (11/12)^12 = 35 % of the samples; a deviation is 9.5.
    #expect((100...180).contains(bootstrap.failures), "seed 10: \(bootstrap.failures)")
    #expect(bootstrap.replicateCount + bootstrap.failures == 400)
    #expect(bootstrap.notes.count == 3)
    #expect(bootstrap.jackknife.failures == 1)
    #expect(try bootstrap.tidy().numbers("conf_low")[1] != nil)
  }

  @Test func mistakes() throws {
    let fit = try RegressionTests.fit("y ~ x", simulated(rows: 12, seed: 35))
    #expect(throws: ValidationError.self) { try Bootstrap(.cases, replicates: 1).run(fit) }
    #expect(throws: ValidationError.self) { try Bootstrap(.groupedCases(column: "g")).run(fit) }
    #expect(throws: ValidationError.self) { try Bootstrap(.groupedCases(column: "h")).run(fit) }
    let bootstrap = try Bootstrap(.cases, replicates: 9).run(fit)
    #expect(throws: ValidationError.self) { try bootstrap.tidy(level: 1) }
    #expect(throws: ValidationError.self) { try bootstrap.predict(fit.design.table, level: 0) }
  }
}

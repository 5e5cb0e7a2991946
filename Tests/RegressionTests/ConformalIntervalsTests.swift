import ModelCore
import Regression
import Statistics
import Testing

@Suite struct ConformalIntervalsTests {
  /// The part of fresh rows whose response lies inside.
  static func coverage(
    _ intervals: ConformalIntervals, _ fresh: Table, level: Double
  ) throws -> (inside: Int, width: Double) {
    let observed = try fresh.numbers("y").storage
    var inside = 0
    var width = 0.0
    for (prediction, value) in zip(try intervals.predict(fresh, level: level), observed) {
      let (low, high) = (try #require(prediction.lower), try #require(prediction.upper))
      if low <= value, value <= high { inside += 1 }
      width += high - low
    }
    return (inside, width / Double(observed.count))
  }

  enum Method: String, CaseIterable { case split, scaled, jackknifePlus, crossValidationPlus }

  static func make(_ method: Method, _ fit: LinearFit) throws -> ConformalIntervals {
    switch method {
    case .split: try .split(fit.design, seed: 3)
    case .scaled: try .split(fit.design, seed: 3, scaled: true)
    case .jackknifePlus: try .jackknifePlus(fit)
    case .crossValidationPlus: try .crossValidationPlus(fit, .folds(5), seed: 3)
    }
  }

  /// 90 % +- 2 % of fresh rows lie inside, although errors are of unequal spread: over 180 data
  /// sets of 99 rows and 50 fresh rows each. The coverage of one data set varies by about 4 % (beta
  /// distribution of 50 scores); its mean over 180 by 0.3 %, and 9000 rows by 0.3 %.
  @Test(arguments: Method.allCases)
  func coverage(_ method: Method) throws {
    var inside = 0
    for trial in 0..<180 {
      let seed = UInt64(20_000 + 2 * trial)
      let fit = try RegressionTests.fit(
        "y ~ x + z", simulated(rows: 99, seed: seed, spread: true))
      let fresh = try simulated(rows: 50, seed: seed + 1, spread: true)
      inside += try Self.coverage(Self.make(method, fit), fresh, level: 0.9).inside
    }
    let share = Double(inside) / 9000
    #expect(abs(share - 0.9) <= 0.02, "\(method): \(share), seeds from 20000")
  }

  /// Where errors grow with x, scaled intervals are narrow at small x and wide at large x.
  @Test func scaledIntervalsFollowTheErrors() throws {
    let fit = try RegressionTests.fit("y ~ x + z", simulated(rows: 400, seed: 51, spread: true))
    let scaled = try Self.make(.scaled, fit)
    let plain = try Self.make(.split, fit)
    let rows = try Table([
      Column("x", numbers: [0.2, 3.8]), Column("z", numbers: [0, 0]),
    ])
    func widths(_ intervals: ConformalIntervals) throws -> [Double] {
      try intervals.predict(rows).map { try #require($0.upper) - (try #require($0.lower)) }
    }
    let (narrow, even) = (try widths(scaled), try widths(plain))
    // The spread is 0.3 at one end and 3.9 at the other.
    #expect(narrow[1] > 4 * narrow[0], "\(narrow)")
    #expect(abs(even[0] - even[1]) < 1e-12, "\(even)")
    #expect(narrow[0] < even[0] && narrow[1] > even[1])
  }

  /// Jackknife+ without refits is the same as with: CV+ where every row is a fold.
  @Test func jackknifePlusAgreesWithRefits() throws {
    let fit = try RegressionTests.fit("y ~ x + z", simulated(rows: 40, seed: 52))
    let fresh = try simulated(rows: 10, seed: 53)
    let closed = try ConformalIntervals.jackknifePlus(fit)
    let refits = try ConformalIntervals.crossValidationPlus(fit, .leaveOneOut)
    for (a, b) in zip(closed.scores, refits.scores) {
      #expect(close(a, b, ownRoutes))
    }
    for (a, b) in zip(try closed.predict(fresh), try refits.predict(fresh)) {
      #expect(a.value == b.value && close(a.lower, b.lower, ownRoutes))
      #expect(close(a.upper, b.upper, ownRoutes))
    }
  }

  /// By hand: of scores the ceil((n + 1) level)-th smallest, here of 20 scored rows the 19th.
  @Test func splitByHand() throws {
    let table = try simulated(rows: 40, seed: 54)
    let design = try Design(Formula("y ~ x + z"), table)
    let intervals = try ConformalIntervals.split(design, seed: 5)
    #expect(intervals.scores.count == 20 && intervals.fit.summary.nobs == 20)
    let reach = intervals.scores.sorted()[18]
    for prediction in try intervals.predict(table, level: 0.9) {
      let (value, low) = (try #require(prediction.value), try #require(prediction.lower))
      #expect(close(value - low, reach, 1e-13) && close(prediction.upper, value + reach, 1e-13))
    }
    // 21 times 0.96 is above 20: no finite interval covers so often.
    let none = try intervals.predict(table, level: 0.96)
    #expect(none.allSatisfy { $0.value != nil && $0.lower == nil && $0.upper == nil })
    #expect(try intervals.notes(level: 0.96).count == 2)
    #expect(try intervals.notes(level: 0.9) == ["split conformal intervals from 20 held-out rows."])
    #expect(intervals.scores == (try ConformalIntervals.split(design, seed: 5)).scores)
    #expect(intervals.scores != (try ConformalIntervals.split(design, seed: 6)).scores)
  }

  /// A logarithm is undone at the ends: they are positive and hold the same rows.
  @Test func logarithm() throws {
    let data = try referenceData()
    let fit = try RegressionTests.fit(
      "log(total_time_s) ~ log(memory_bytes/bandwidth_bytes_per_s)", data)
    let intervals = try ConformalIntervals.jackknifePlus(fit)
    let predictions = try intervals.predict(data, level: 0.8)
    var inside = 0
    for row in fit.design.rows {
      let (low, high) = (
        try #require(predictions[row].lower), try #require(predictions[row].upper)
      )
      #expect(low > 0 && low < high)
      let observed = try #require(try data.numbers("total_time_s")[row])
      if low <= observed, observed <= high { inside += 1 }
    }
    // In the sample itself somewhat more than 80 % of 46.
    #expect(inside >= 35 && inside <= 45, "\(inside)")
    let outside = try #require(data.numbers("total_time_s").storage.firstIndex { $0.isNaN })
    #expect(predictions[outside].value != nil)
  }

  /// Whole groups are held out, so no group both teaches and is scored.
  @Test func groupsStayTogether() throws {
    let table = try simulated(rows: 60, seed: 55, groups: 12, shared: 2)
    let design = try Design(Formula("y ~ x + z"), table)
    let intervals = try ConformalIntervals.split(design, share: 0.25, seed: 2, groups: "g")
    #expect(intervals.scores.count == 15)
    let taught = Set(try intervals.fit.design.groups("g"))
    #expect(taught.count == 9)
    let scheme = CrossValidation.Scheme.groupedFolds(4, column: "g")
    let fit = try RegressionTests.fit("y ~ x + z", table)
    #expect(try ConformalIntervals.crossValidationPlus(fit, scheme).scores.count == 60)
  }

  @Test func mistakes() throws {
    let fit = try RegressionTests.fit("y ~ x", simulated(rows: 12, seed: 56))
    #expect(throws: ValidationError.self) { try ConformalIntervals.split(fit.design, share: 1) }
    #expect(throws: ValidationError.self) {
      try ConformalIntervals.split(fit.design, share: 0.01)
    }
    #expect(throws: ValidationError.self) {
      try ConformalIntervals.split(fit.design, groups: "nothing")
    }
    let intervals = try ConformalIntervals.split(fit.design)
    #expect(throws: ValidationError.self) { try intervals.predict(fit.design.table, level: 1) }
    let full = try Table([Column("x", numbers: [1, 2]), Column("y", numbers: [3, 5])])
    #expect(throws: ValidationError.self) {
      try ConformalIntervals.jackknifePlus(RegressionTests.fit("y ~ x", full))
    }
    // A row without its input keeps its place, with the reason.
    let missing = try Table([Column("x", numbers: [nil, 1]), Column("z", numbers: [1, 1])])
    let answers = try intervals.predict(missing)
    #expect(answers[0].value == nil && answers[0].reason == "x is missing")
    #expect(answers[1].value != nil)
  }
}

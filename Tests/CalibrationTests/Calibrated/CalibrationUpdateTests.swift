import ModelCore
import TestSupport
import Testing

@testable import Calibration

/// Rows that come after a fit: refining it, and noticing that it no longer holds.
@Suite struct CalibrationUpdateTests {
  private static let seed: UInt64 = 71

  private static var truth: CalibratedParameters {
    var parameters = CalibratedParameters()
    parameters[.unbackedPages] = 1500
    parameters[.linkEfficiency] = 0.93
    return parameters
  }

  @Test func laterRowsRefineAnEarlierFit() throws {
    let first = try CalibratedEstimator(folds: 3).fit(
      CalibratedTrace.rows(16, seed: Self.seed, Self.truth), intervals: true)
    let later = CalibratedTrace.rows(8, seed: Self.seed + 1, Self.truth)
    let second = try CalibratedEstimator(previous: first).fit(later, intervals: true)
    let completed = later.count(where: \.isCompleted)
    #expect(second.trainingRows == first.trainingRows + completed)
    #expect(second.knowledge.donors.count == first.knowledge.donors.count + 8)
    for outcome in CalibratedOutcome.allCases {
      let before = first.intervals.scores[outcome.column]?.count ?? 0
      #expect(second.intervals.scores[outcome.column]?.count == before + completed)
    }
    // It stays near what made both, and is surer of it.
    let ratio = second.parameters[.unbackedPages] / Self.truth[.unbackedPages]
    #expect(abs(ratio - 1) < 0.2, "\(ratio), seed \(Self.seed)")
    let errors = zip(try #require(first.relativeErrors), try #require(second.relativeErrors))
    #expect(errors.allSatisfy { $0 >= $1 })
  }

  /// One row alone teaches nothing from scratch, and moves an earlier fit a little.
  @Test func oneRowIsEnoughForAWarmStart() throws {
    let first = try CalibratedEstimator(folds: 3).fit(
      CalibratedTrace.rows(16, seed: Self.seed, Self.truth), intervals: true)
    let one = CalibratedTrace.rows(1, seed: Self.seed + 2, Self.truth)
    #expect(throws: CalibrationError.self) {
      try CalibratedEstimator().fit(one, intervals: true)
    }
    let second = try CalibratedEstimator(previous: first).fit(one, intervals: true)
    for parameter in CalibratedParameter.allCases {
      let change = logarithm(second.parameters[parameter] / first.parameters[parameter])
      // Nothing known to a factor of e leaps by more than that.
      #expect(abs(change) < 1, "\(parameter.name): \(change), seed \(Self.seed)")
    }
  }

  /// A technique that an earlier fit had no rows of is learned from the first ones: nothing was known
  /// of its costs but their priors, and that is how sure the earlier fit says it is.
  @Test func laterRowsTellOfANewTechnique() throws {
    let first = try CalibratedEstimator(folds: 2).fit(
      CalibratedTrace.rows(12, seed: Self.seed, Self.truth), intervals: true)
    let index = CalibratedParameter.handOver.rawValue
    #expect(first.relativeErrors?[index] == CalibratedParameter.handOver.spread)
    let again = try CalibratedEstimator(previous: first).fit(
      CalibratedTrace.rows(3, seed: Self.seed + 1, Self.truth), intervals: true)
    // More rows that do not tell of it make nobody surer.
    #expect(again.relativeErrors?[index] == CalibratedParameter.handOver.spread)

    var slow = Self.truth
    slow[.handOver] *= 3
    let later = CalibratedTrace.rows(6, seed: Self.seed + 5, slow, technique: "precopy+compress")
    let second = try CalibratedEstimator(previous: again).fit(later, intervals: true)
    let ratio = second.parameters[.handOver] / slow[.handOver]
    #expect(abs(ratio - 1) < 0.1, "\(ratio), seed \(Self.seed)")
    #expect(try #require(second.relativeErrors)[index] < CalibratedParameter.handOver.spread)
  }

  @Test func aChangedSiteIsNoticed() throws {
    let model = try CalibratedEstimator(folds: 4).fit(
      CalibratedTrace.rows(24, seed: Self.seed, Self.truth), intervals: true)
    let same = try CalibrationDrift(
      model, try CalibratedTrace.table(CalibratedTrace.rows(24, seed: Self.seed + 3, Self.truth)))
    let time = try #require(same.lines.first { $0.outcome == .totalTime })
    #expect(abs(time.ratio - 1) < 0.05, "seed \(Self.seed)")
    // A link that gives half of what it says, and twice as many pages that turn out zero.
    var changed = Self.truth
    changed[.linkEfficiency] = 0.45
    changed[.unbackedPages] = 6000
    let drift = try CalibrationDrift(
      model, try CalibratedTrace.table(CalibratedTrace.rows(24, seed: Self.seed + 4, changed)))
    #expect(drift.hasDrifted)
    let bytes = try #require(drift.lines.first { $0.outcome == .transferredBytes })
    #expect(bytes.hasDrifted && bytes.ratio < 0.99)
    let table = try drift.table()
    #expect(table.rowCount == CalibratedOutcome.allCases.count)
  }
}

import Regression
import TestSupport
import Testing

@testable import Calibration

@Suite struct CompassSearchTests {
  private static let seed: UInt64 = 11
  private static let loss = CalibratedEstimator.loss
  private static let moving: [CalibratedParameter] = [.unbackedPages, .linkEfficiency]

  /// Rows whose written set lies half outside used memory, of which no input says so.
  private static func rows(_ truth: CalibratedParameters) -> [CalibratedRow] {
    CalibratedTrace.inputs(12, seed: seed).enumerated().map { index, inputs in
      let facts = Knowledge.facts(inputs, donor: nil, hidden: HiddenInputs(blankShare: 0.52))
      var run = QEMURun(facts, truth)
      let outcome = run.run()
      return CalibratedRow(
        inputs: inputs, group: "g\(index)", isCompleted: outcome.converged,
        outcomes: Dictionary(
          uniqueKeysWithValues: CalibratedOutcome.allCases.map { ($0, $0.value(of: outcome)) }))
    }
  }

  private static func end(
    _ rows: [CalibratedRow], readings: [Double]
  ) -> (unbacked: Double, efficiency: Double) {
    let hidden = readings.map { HiddenInputs(blankShare: $0) }
    let residuals = CalibrationResiduals(
      rows, hidden: rows.map { _ in hidden[0] }, moving: moving)
    let search = CompassSearch(residuals, readings: rows.map { _ in hidden }, loss: loss)
    let priors = moving.map { CalibratedParameters()[$0] }
    let logarithms = search.least(
      from: priors.map { logarithm($0) }, bounds: moving.map { _ in .free })
    return (exponential(logarithms[0]), exponential(logarithms[1]))
  }

  /// The parameters come back where one of the readings is the true one; they stand in for what is
  /// hidden where none is.
  @Test func rowsAreReadAsTheyAreExplainedBest() {
    var truth = CalibratedParameters()
    truth[.unbackedPages] = 1500
    truth[.linkEfficiency] = 0.9
    let rows = Self.rows(truth)
    let found = Self.end(rows, readings: [0, 0.25, 0.52])
    #expect(abs(found.unbacked / 1500 - 1) < 0.1, "\(found), seed \(Self.seed)")
    #expect(abs(found.efficiency / 0.9 - 1) < 0.02, "\(found), seed \(Self.seed)")
    let misled = Self.end(rows, readings: [0])
    #expect(abs(misled.unbacked / 1500 - 1) > 0.2, "\(misled), seed \(Self.seed)")
  }

  /// Three pauses in five are two to eight times as long as they should be: what a busy host adds is
  /// not taken for the way to a running guest.
  @Test func pausesOfABusyHostAreNotFollowed() {
    var truth = CalibratedParameters()
    truth[.resumeTime] = 0.004
    var random = TestRandom(seed: Self.seed)
    let rows = CalibratedTrace.rows(40, seed: Self.seed, truth).enumerated().compactMap {
      index, row -> CalibratedRow? in
      guard row.inputs[.cap] != nil else { return nil }
      var outcomes = row.outcomes
      let factor = index % 5 < 3 ? random.uniform(2, 8) : 1
      outcomes[.downtimeObserved] = (outcomes[.downtimeObserved] ?? 0) * factor
      return CalibratedRow(
        inputs: row.inputs, group: row.group, isCompleted: row.isCompleted, outcomes: outcomes)
    }
    let moving: [CalibratedParameter] = [.resumeTime]
    let hidden = rows.map { _ in HiddenInputs() }
    let residuals = CalibrationResiduals(rows, hidden: hidden, moving: moving)
    let search = CompassSearch(residuals, readings: hidden.map { [$0] }, loss: Self.loss)
    let end = search.least(
      from: moving.map { logarithm(CalibratedParameters()[$0]) },
      bounds: moving.map { _ in .free })
    for (parameter, value) in zip(moving, end) {
      let ratio = exponential(value) / truth[parameter]
      #expect(abs(ratio - 1) < 0.15, "\(parameter.name): \(ratio), seed \(Self.seed)")
    }
  }

  /// Six rows of eleven took a fifth to two thirds of the time, as if something kept their threads
  /// awake: the cost stays with the five that agree. A loss that counts linearly goes to the middle.
  @Test func aCostStaysWithTheRowsThatAgree() {
    var truth = CalibratedParameters()
    truth[.handOver] = 6e-5
    var random = TestRandom(seed: Self.seed)
    let rows = CalibratedTrace.inputs(11, seed: Self.seed).enumerated().map {
      index, given -> CalibratedRow in
      var inputs = given
      inputs.technique = "precopy+compress"
      var run = QEMURun(Knowledge.facts(inputs, donor: nil), truth)
      let outcome = run.run()
      let factor = index < 6 ? random.uniform(0.2, 0.67) : 1
      return CalibratedRow(
        inputs: inputs, group: "g\(index)", isCompleted: outcome.converged,
        outcomes: [.totalTime: outcome.totalTime * factor])
    }
    let moving = [CalibratedParameter.handOver]
    let hidden = rows.map { _ in HiddenInputs() }
    let residuals = CalibrationResiduals(rows, hidden: hidden, moving: moving)
    func ratio(_ loss: RobustLoss) -> Double {
      let search = CompassSearch(residuals, readings: hidden.map { [$0] }, loss: loss)
      let start = logarithm(CalibratedParameters()[.handOver])
      return exponential(search.least(from: [start], bounds: [.free])[0]) / truth[.handOver]
    }
    let found = ratio(Self.loss)
    #expect(abs(found - 1) < 0.05, "\(found), seed \(Self.seed)")
    let middle = ratio(.softL1(scale: 0.5))
    #expect(middle < 0.8, "\(middle), seed \(Self.seed)")
  }

  /// Near zero as it is; a pause that was longer than predicted counts less and less, a shorter one
  /// in full.
  @Test func longerPausesCountLess() {
    for residual in [1e-6, 0.3, 5] {
      #expect(CalibrationResiduals.delayed(residual) == residual)
      let longer = CalibrationResiduals.delayed(-residual)
      #expect(longer < 0 && -longer <= residual)
      let twice = CalibrationResiduals.delayed(-2 * residual)
      #expect(twice < longer && twice > 2 * longer)
    }
    #expect(abs(CalibrationResiduals.delayed(-1e-6) / -1e-6 - 1) < 1e-6)
  }

  @Test func boundsHold() {
    var truth = CalibratedParameters()
    truth[.unbackedPages] = 1500
    let rows = Self.rows(truth)
    let hidden = rows.map { _ in HiddenInputs(blankShare: 0.52) }
    let residuals = CalibrationResiduals(rows, hidden: hidden, moving: [.unbackedPages])
    let search = CompassSearch(residuals, readings: hidden.map { [$0] }, loss: Self.loss)
    let bounds = ParameterBounds(lower: logarithm(600), upper: logarithm(900))
    let end = search.least(from: [logarithm(700)], bounds: [bounds])
    #expect(abs(exponential(end[0]) / 900 - 1) < 1e-9)
  }
}

import Foundation
import ModelCore
import Statistics
import TestSupport
import Testing

@testable import Calibration

/// Rows that the physics itself made, so that the truth is known.
enum CalibratedTrace {
  static func inputs(_ count: Int, seed: UInt64) -> [CalibratedInputs] {
    var random = TestRandom(seed: seed)
    return (0..<count).map { index in
      var inputs = CalibratedInputs()
      let memory = random.logUniform(5e7, 1e8)
      inputs.technique = "precopy"
      inputs.workload = "uniform"
      inputs[.memory] = memory
      inputs[.used] = memory * random.uniform(0.3, 0.9)
      inputs[.bandwidth] = random.logUniform(2e7, 1e8)
      inputs[.cap] = index % 2 == 0 ? inputs[.bandwidth] : nil
      inputs[.link] = index % 2 == 0 ? nil : inputs[.bandwidth]
      inputs[.delay] = index % 2 == 0 ? nil : 0.002
      inputs[.downtimeLimit] = 0.1
      inputs[.writeRate] = random.logUniform(100, 3000)
      inputs[.workingSet] = memory * 0.1
      inputs[.dirtyRate] = 4096 * (inputs[.writeRate] ?? 0) * 0.5
      inputs[.pacedByCPU] = 0
      inputs[.incompressible] = 1
      inputs[.writeWords] = 16
      inputs[.timeLimit] = 20
      return inputs
    }
  }

  static func rows(
    _ count: Int, seed: UInt64, _ parameters: CalibratedParameters, technique: String = "precopy"
  ) -> [CalibratedRow] {
    inputs(count, seed: seed).enumerated().map { index, given in
      var inputs = given
      inputs.technique = technique
      var run = QEMURun(Knowledge.facts(inputs, donor: nil), parameters)
      let outcome = run.run()
      return CalibratedRow(
        inputs: inputs, group: "g\(index / 2)", isCompleted: outcome.converged,
        outcomes: Dictionary(
          uniqueKeysWithValues: CalibratedOutcome.allCases.map { ($0, $0.value(of: outcome)) }))
    }
  }

  static func table(_ rows: [CalibratedRow]) throws -> Table {
    var columns = CalibratedField.allCases.compactMap { field -> Column? in
      let values = rows.map { $0.inputs[field] }
      return values.contains { $0 != nil } ? Column(field.column, numbers: values) : nil
    }
    columns += [
      Column("id", text: rows.indices.map { "m\($0)" }),
      Column("group", text: rows.map(\.group)),
      Column("technique", text: rows.map(\.inputs.technique)),
      Column("workload", text: rows.map(\.inputs.workload)),
      Column("status", text: rows.map { $0.isCompleted ? "completed" : "timeout" }),
    ]
    for outcome in CalibratedOutcome.allCases {
      columns.append(Column(outcome.column, numbers: rows.map { $0.outcomes[outcome] }))
    }
    return try Table(columns)
  }
}

@Suite struct CalibratedEstimatorTests {
  private static let seed: UInt64 = 5

  private static var truth: CalibratedParameters {
    var parameters = CalibratedParameters()
    parameters[.unbackedPages] = 1500
    parameters[.linkEfficiency] = 0.93
    parameters[.stopTime] = 0.006
    return parameters
  }

  /// Parameters that the rows speak of come back; the others stay at their priors.
  @Test func recoversWhatMadeTheRows() throws {
    let rows = CalibratedTrace.rows(20, seed: Self.seed, Self.truth)
    let model = try CalibratedEstimator().fit(rows, intervals: false)
    for (parameter, tolerance) in [
      // Bytes and times determine these closely; the pause is shared with other parameters.
      (CalibratedParameter.unbackedPages, 0.15), (.linkEfficiency, 0.03),
    ] {
      let ratio = model.parameters[parameter] / Self.truth[parameter]
      #expect(abs(ratio - 1) < tolerance, "\(parameter.name): \(ratio), seed \(Self.seed)")
    }
    let untouched = CalibratedParameter.compressCost
    #expect(abs(model.parameters[untouched] / untouched.prior - 1) < 1e-6)
    var worst = 0.0
    for row in CalibratedTrace.rows(6, seed: Self.seed + 1, Self.truth) where row.isCompleted {
      let value = try #require(try model.predict(row.inputs).values[.totalTime])
      worst = max(worst, abs(value / (row.outcomes[.totalTime] ?? 0) - 1))
    }
    // A window of 100 ms more or less in a second or two, on rows it has not seen.
    #expect(worst < 0.12, "seed \(Self.seed)")
  }

  @Test func savedFitSaysTheSame() throws {
    let rows = CalibratedTrace.rows(8, seed: 9, CalibratedParameters())
    let model = CalibratedModel(
      parameters: Self.truth, relativeErrors: CalibratedParameter.allCases.map { _ in 0.1 },
      trainingRows: 8,
      knowledge: Knowledge(donors: rows.map { Knowledge.Donor(inputs: $0.inputs) }),
      intervals: ConformalScale([
        .totalTime: (0..<30).map {
          ConformalScale.HeldOut(
            stratum: "precopy (link)", error: 0.01 * Double($0 - 14), spread: 0)
        }
      ]))
    let bytes = try SavedFit.calibrated(model).encoded()
    guard case .calibrated(let loaded) = try SavedFit(bytes, name: "m.json") else {
      Issue.record("not a calibrated fit")
      return
    }
    #expect(try SavedFit.calibrated(loaded).encoded() == bytes)
    for row in rows {
      let (one, other) = (try model.predict(row.inputs), try loaded.predict(row.inputs))
      #expect(one.values == other.values && one.probability == other.probability)
      let interval = try #require(try model.interval(one, .totalTime, level: 0.9))
      #expect(interval.contains(try #require(one.values[.totalTime])))
      #expect(try loaded.interval(other, .totalTime, level: 0.9) == interval)
      // Too few scores for a tail of 0.5 %: no interval rather than a narrow one.
      #expect(try model.interval(one, .totalTime, level: 0.99) == nil)
    }
    // A file of which a part means nothing, or is outside its range, is refused.
    let text = String(decoding: bytes, as: UTF8.self)
    let least = try #require(model.intervals.scores["total_time_s"]?.first)
    for (old, new) in [
      ("\"stop_time_s\"", "\"stop_tide_s\""), ("0.93", "-0.93"),
      ("\"blank_share\" : 0", "\"blank_share\" : 7"), ("\"hidden\"", "\"bidden\""),
      ("\"training_rows\" : 8", "\"training_rows\" : 0"), ("\(least)", "\(-least)"),
      ("\"memory_bytes\" : ", "\"memory_bytes\" : -"),
    ] {
      try #require(text.contains(old), "\(old)")
      #expect(throws: CalibrationError.self) {
        try SavedFit(Array(text.replacing(old, with: new).utf8), name: "m.json")
      }
    }
  }

  @Test func plantedOutcomeIsRefused() throws {
    var rows = CalibratedTrace.rows(12, seed: 3, CalibratedParameters())
    #expect(throws: Never.self) { try OutcomeLeak.refuse(try CalibratedTrace.table(rows)) }
    rows = rows.map { row in
      var inputs = row.inputs
      inputs[.dirtyRate] = row.outcomes[.totalTime].map { $0 * 1e6 }
      return CalibratedRow(
        inputs: inputs, group: row.group, isCompleted: row.isCompleted, outcomes: row.outcomes)
    }
    let table = try CalibratedTrace.table(rows)
    let error = #expect(throws: CalibrationError.self) { try CalibratedEstimator().fit(table) }
    #expect(error?.description.contains("dirty_rate_bytes_per_s") == true)
    #expect(error?.description.contains("total_time_s") == true)
  }

  /// None of the columns that the model reads is an outcome by the glossary.
  @Test func readsNoOutcome() {
    for column in CalibratedInputs.columns {
      let role = Glossary.role(of: column)
      #expect(role == .input || role == .setting, "\(column)")
    }
  }

  @Test func lessKnowledgeIsAnsweredWithMoreSpread() throws {
    let donors = CalibratedTrace.inputs(30, seed: 21)
    let model = CalibratedModel(
      parameters: CalibratedParameters(), relativeErrors: nil, trainingRows: 30,
      knowledge: Knowledge(donors: donors.map { Knowledge.Donor(inputs: $0) }),
      intervals: ConformalScale([:]))
    var wider = 0
    for full in CalibratedTrace.inputs(10, seed: 22) {
      var planner = CalibratedInputs()
      planner[.memory] = full[.memory]
      planner[.link] = full[.bandwidth]
      let known = try model.predict(full)
      let guessed = try model.predict(planner)
      if guessed.spreads[.totalTime] ?? 0 > known.spreads[.totalTime] ?? 0 { wider += 1 }
    }
    // Chance may spare one of ten.
    #expect(wider >= 9)
    #expect(throws: CalibrationError.self) { try model.predict(CalibratedInputs()) }
  }

  @Test func tooFewRowsTeachNothing() throws {
    let rows = CalibratedTrace.rows(3, seed: 4, CalibratedParameters())
    let error = #expect(throws: CalibrationError.self) {
      try CalibratedEstimator().fit(rows, intervals: true)
    }
    #expect(error?.category == .cannotAnswer)
  }
}

@Suite struct ConformalScaleTests {
  /// New errors of the kind that was scored are covered as often as promised, in a stratum with
  /// small errors as in one with large ones.
  @Test func coversWhatItPromises() throws {
    let seed: UInt64 = 31
    var random = TestRandom(seed: seed)
    func draw(_ count: Int) -> [ConformalScale.HeldOut] {
      (0..<count).map { index in
        let isSmall = index % 2 == 0
        return ConformalScale.HeldOut(
          stratum: isSmall ? "small" : "large", error: (isSmall ? 0.01 : 0.3) * random.normal(),
          spread: 0)
      }
    }
    let scale = ConformalScale([.totalTime: draw(400)])
    for level in [0.5, 0.8, 0.9, 0.95] {
      for stratum in ["small", "large"] {
        let fresh = draw(2000).filter { $0.stratum == stratum }
        let interval = try #require(
          try scale.interval(.totalTime, at: 1, stratum: stratum, spread: 0, level: level))
        let inside = fresh.count { interval.contains(exponential($0.error)) }
        // Three standard errors of a share over 1000 rows, and as much for the 400 scores.
        #expect(abs(Double(inside) / Double(fresh.count) - level) < 0.1, "\(level), seed \(seed)")
      }
    }
    // Courses that disagree widen the interval.
    let narrow = try #require(
      try scale.interval(.totalTime, at: 1, stratum: "small", spread: 0, level: 0.9))
    let wide = try #require(
      try scale.interval(.totalTime, at: 1, stratum: "small", spread: 0.2, level: 0.9))
    #expect(wide.upperBound > narrow.upperBound && wide.lowerBound < narrow.lowerBound)
  }

  /// Many strata of few rows: a row that widened its own stratum's scale would make intervals narrow.
  @Test func fewRowsPerStratumAreCovered() throws {
    let seed: UInt64 = 32
    var random = TestRandom(seed: seed)
    var (inside, all) = (0, 0)
    for _ in 0..<20 {
      let sizes = (0..<40).map { _ in 0.05 * exponential(random.normal()) }
      func draw(_ stratum: Int) -> ConformalScale.HeldOut {
        .init(stratum: "\(stratum)", error: sizes[stratum] * random.normal(), spread: 0)
      }
      let scale = ConformalScale([
        .totalTime: sizes.indices.flatMap { stratum in (0..<4).map { _ in draw(stratum) } }
      ])
      for stratum in sizes.indices {
        let interval = try #require(
          try scale.interval(.totalTime, at: 1, stratum: "\(stratum)", spread: 0, level: 0.9))
        let fresh = (0..<10).map { _ in draw(stratum) }
        inside += fresh.count { interval.contains(exponential($0.error)) }
        all += fresh.count
      }
    }
    // Four standard errors of 8000 rows; with each row in its own scale it is 0.845.
    #expect(abs(Double(inside) / Double(all) - 0.9) < 0.015, "\(inside) of \(all), seed \(seed)")
  }

  /// Either end of a 90 % interval is a quantile at 95 %, which so many rows carry and no fewer.
  @Test func rowsEnoughCarryBothEnds() throws {
    #expect(try ConformalQuantile.leastScores(level: 0.95) == ConformalScale.leastOwn)
  }

  /// Two strata whose errors have the same typical size and other tails: each is covered by quantiles
  /// of its own, and a level that few rows cannot carry is not narrower than one that they can.
  @Test func strataWithRowsEnoughHaveTheirOwnTails() throws {
    let seed: UInt64 = 33
    var random = TestRandom(seed: seed)
    func draw(_ stratum: String) -> ConformalScale.HeldOut {
      let isOut = stratum == "heavy" && random.uniform(0, 1) < 0.2
      return .init(stratum: stratum, error: (isOut ? 1 : 0.05) * random.normal(), spread: 0)
    }
    let scale = ConformalScale([
      .totalTime: (0..<400).map { draw($0 % 2 == 0 ? "heavy" : "light") }
        + (0..<25).map { _ in draw("few") }
    ])
    for stratum in ["heavy", "light"] {
      let interval = try #require(
        try scale.interval(.totalTime, at: 1, stratum: stratum, spread: 0, level: 0.9))
      let inside = (0..<4000).count { _ in interval.contains(exponential(draw(stratum).error)) }
      // Three standard errors of 200 scores; with the quantiles of all rows the two are 0.07 off.
      #expect(abs(Double(inside) / 4000 - 0.9) < 0.03, "\(stratum) \(inside), seed \(seed)")
    }
    let few = try [0.9, 0.95, 0.99].map { level in
      try #require(try scale.interval(.totalTime, at: 1, stratum: "few", spread: 0, level: level))
    }
    #expect(few[1].contains(few[0].lowerBound) && few[1].contains(few[0].upperBound))
    #expect(few[2].contains(few[1].lowerBound) && few[2].contains(few[1].upperBound))
    let saved = try JSONDecoder().decode(ConformalScale.self, from: JSONEncoder().encode(scale))
    #expect(saved == scale)
  }
}

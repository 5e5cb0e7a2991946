import Calibration
import MigrationModels
import ModelCore
import TestSupport
import Testing

/// Traces that a model itself made, so that the truth is known.
enum SyntheticTrace {
  /// Rows whose outcomes are what `model` says, with noise on the times.
  static func table(
    of model: any MigrationModel, rows: Int, seed: UInt64, noise: Double = 0,
    energy: (alpha: Double, beta: Double)? = nil, censored: Int = 0
  ) throws -> Table {
    var random = TestRandom(seed: seed)
    var inputs: [[Double?]] = []
    for _ in 0..<rows {
      let memory = random.logUniform(1e8, 1e10)
      let bandwidth = random.logUniform(3e7, 1e9)
      inputs.append([
        memory, memory * random.uniform(0.3, 1), bandwidth, bandwidth * random.uniform(0.05, 0.7),
        random.uniform(0.02, 0.5),
      ])
    }
    let names = [
      "memory_bytes", "used_bytes", "bandwidth_bytes_per_s", "dirty_rate_bytes_per_s",
      "downtime_limit_s",
    ]
    let known = try Table(
      names.enumerated().map { i, name in Column(name, numbers: inputs.map { $0[i] }) })
    let answers = try Scenario.all(in: known).map { try model.predict($0) }
    func noisy(_ value: Double?) -> Double? { value.map { max(0, $0 + noise * random.normal()) } }
    return try known.appending([
      Column("id", text: (0..<rows).map { "m\($0)" }),
      Column("group", text: (0..<rows).map { "g\($0 / 2)" }),
      Column("status", text: (0..<rows).map { $0 < censored ? "timeout" : "completed" }),
      Column("total_time_s", numbers: answers.map { noisy(Target.totalTime.value(of: $0)) }),
      Column("downtime_s", numbers: answers.map { noisy(Target.downtime.value(of: $0)) }),
      Column(
        "transferred_bytes", numbers: answers.map { Target.transferredBytes.value(of: $0) }),
      Column(
        "energy_j",
        numbers: answers.map { answer in
          energy.flatMap { law in
            Target.transferredBytes.value(of: answer).map { law.alpha * $0 + law.beta }
          }
        }),
    ])
  }
}

@Suite struct EstimatorTests {
  /// Exact data give the parameters back.
  @Test(arguments: [
    ("akoush.avg", ["pre_overhead_s": 2.5, "post_overhead_s": 0.3]),
    ("akoush.avg+used", ["pre_overhead_s": 0.25, "post_overhead_s": 0.03]),
    ("qemu.precopy", ["setup_time_s": 0.05, "switchover_time_s": 0.012]),
  ])
  func overheads(_ id: String, _ truth: [String: Double]) throws {
    let table = try SyntheticTrace.table(
      of: try ModelCatalogue.model(id, parameters: truth), rows: 60, seed: 5)
    let fit = try ModelFit(id, table)
    for parameter in fit.fitted.parameters {
      let expected = try #require(truth[parameter.term])
      // Residuals of times of up to minutes: the subtraction leaves 1e-12 of a hundred seconds.
      #expect(abs(parameter.estimate - expected) < 1e-9, "\(parameter.term)")
      let interval = try #require(parameter.confidence)
      #expect(interval.lowerBound - 1e-9 <= expected && expected <= interval.upperBound + 1e-9)
    }
    #expect(fit.fitted.parameters.count == truth.count && fit.fitted.model.id == id)
  }

  /// The interval of a median covers it as often as it says.
  @Test func intervalCovers() throws {
    let seed: UInt64 = 77
    let truth = ["pre_overhead_s": 5.0, "post_overhead_s": 3.0]
    let model = try ModelCatalogue.model("akoush.avg", parameters: truth)
    var covered = 0
    let trials = 200
    for trial in 0..<trials {
      let table = try SyntheticTrace.table(
        of: model, rows: 40, seed: seed + UInt64(trial), noise: 0.5)
      let fit = try ModelFit("akoush.avg", table)
      let post = try #require(fit.fitted.parameters.first { $0.term == "post_overhead_s" })
      if post.confidence?.contains(3) ?? false { covered += 1 }
    }
    // 95 % of 200 is 190; three standard deviations of a binomial are 9.
    #expect(covered >= 181, "seed \(seed): \(covered) of \(trials)")
  }

  @Test func overheadsDoNotGoBelowZero() throws {
    let table = try SyntheticTrace.table(
      of: try ModelCatalogue.model("liu.capped+used"), rows: 30, seed: 3)
    let fit = try ModelFit("akoush.avg", table)
    #expect(fit.fitted.parameters.allSatisfy { $0.estimate >= 0 })
  }

  /// With constant gamma the inversion finds it in each row, and least squares keeps it.
  @Test(arguments: [0.0, 0.1, 0.3])
  func constantGamma(_ gamma: Double) throws {
    let truth = try ModelCatalogue.model(
      "liu.refined",
      parameters: ["gamma_constant": gamma, "gamma_per_s": 0, "gamma_per_byte_per_s": 0])
    let table = try SyntheticTrace.table(of: truth, rows: 80, seed: 11)
    let fit = try ModelFit("liu.refined", table)
    let predictions = try Scenario.all(in: table).map { try fit.fitted.model.predict($0) }
    let sent = try table.numbers("transferred_bytes")
    let errors = try predictions.enumerated().map { row, prediction in
      abs(try #require(Target.transferredBytes.value(of: prediction)) / #require(sent[row]) - 1)
    }
    // Rounds end at a threshold: a gamma a little off adds or saves the last, small rounds, and
    // where traffic is near its minimum over gamma many gammas send nearly the same.
    #expect(errors.reduce(0, +) / Double(errors.count) < 0.02)
    let constant = try #require(fit.fitted.parameters.first { $0.term == "gamma_constant" })
    #expect(abs(constant.estimate - gamma) < 0.05)
  }

  /// The law that made the energies comes back to the digits of least squares.
  @Test func energyLaw() throws {
    let table = try SyntheticTrace.table(
      of: try ModelCatalogue.model("liu.basic"), rows: 40, seed: 9,
      energy: (alpha: 5.12e-7, beta: 20.165))
    let fit = try ModelFit("liu.energy", table)
    let found = Dictionary(
      uniqueKeysWithValues: fit.fitted.parameters.map { ($0.term, $0.estimate) })
    #expect(abs((found["energy_alpha"] ?? 0) / 5.12e-7 - 1) < 1e-9)
    #expect(abs((found["energy_beta"] ?? 0) / 20.165 - 1) < 1e-9)
  }

  @Test func censoredRowsTeachNothing() throws {
    let truth = ["pre_overhead_s": 1.0, "post_overhead_s": 0.1]
    let model = try ModelCatalogue.model("akoush.avg", parameters: truth)
    let table = try SyntheticTrace.table(of: model, rows: 60, seed: 5, censored: 20)
    #expect(try ModelFit("akoush.avg", table).fitted.trainingRows == 40)
  }

  @Test func refusals() throws {
    let table = try SyntheticTrace.table(
      of: try ModelCatalogue.model("liu.basic"), rows: 10, seed: 1)
    #expect(
      throws: CalibrationError.notFitted(
        model: "liu.basic", reason: "it has no parameters; predict with it as it is")
    ) {
      try ModelFit("liu.basic", table)
    }
    #expect(throws: CalibrationError.self) { try ModelFit("akoush.bounds", table) }
    #expect(
      throws: CalibrationError.tooFewRows(
        what: "completed rows with energy_j and transferred_bytes", found: 0, needed: 3)
    ) {
      try ModelFit("liu.energy", table)
    }
  }
}

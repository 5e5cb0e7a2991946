import Foundation
import MigrationModels
import ModelCore
import Quantities
import TestSupport
import Testing

@Suite struct ZhangTests {
  /// At the least bandwidth the model of the catalogue makes the very rounds of the plan.
  @Test func modelsAgreeWithTheSearch() throws {
    let seed: UInt64 = 2014
    var random = TestRandom(seed: seed)
    for trial in 0..<60 {
      let memory = Bytes(siValue: random.logUniform(1e8, 1e12))
      let window = Seconds(siValue: random.logUniform(0.1, 10))
      let rate = memory * random.uniform(0.001, 0.3) / window
      let time = Seconds(siValue: window.siValue * random.logUniform(3, 100))
      let downtime = time * random.logUniform(1e-3, 0.3)
      let processes: [(String, any DirtyProcess)] = [
        ("zhang.deterministic", ConstantDirtyProcess(rate: rate, ceiling: memory)),
        (
          "zhang.bernoulli",
          BernoulliDirtyProcess(memory: memory, measuredRate: rate, over: window)
        ),
        (
          "zhang.reciprocal",
          ReciprocalDirtyProcess(memory: memory, measuredRate: rate, over: window)
        ),
        (
          "zhang.reciprocal-poisson",
          PoissonReciprocalDirtyProcess(memory: memory, measuredRate: rate, over: window)
        ),
      ]
      for (id, process) in processes {
        let plan = try LeastBandwidth(
          memory: memory, process: process, totalTimeLimit: time, downtimeLimit: downtime
        ).solve()
        var scenario = Scenario()
        scenario.memory = memory
        scenario.dirtyRate = rate
        scenario.dirtyRateWindow = window
        scenario.downtimeLimit = downtime
        scenario.roundLimit = .rounds(200)
        // A shade more than the least, so that a rounding does not add a round.
        scenario.bandwidth = plan.bandwidth * (1 + 1e-9)
        let answer = try ModelCatalogue.model(id).predict(scenario)
        let context: Comment = "\(id), seed \(seed), trial \(trial)"
        #expect(answer.converged, context)
        #expect((answer.totalMigrationTime ?? .zero) <= time, context)
        #expect((answer.downtime ?? .zero) <= downtime, context)
        // And a shade less misses one of the limits.
        scenario.bandwidth = plan.bandwidth * (1 - 1e-9)
        let less = try ModelCatalogue.model(id).predict(scenario)
        #expect(
          !less.converged || (less.totalMigrationTime ?? .zero) > time
            || (less.downtime ?? .zero) > downtime, context)
      }
    }
  }

  /// More bandwidth never lengthens the migration, and all times scale with the units.
  @Test func laws() throws {
    let seed: UInt64 = 2017
    var random = TestRandom(seed: seed)
    let ids = [
      "zhang.deterministic", "zhang.bernoulli", "zhang.reciprocal",
      "zhang.reciprocal-poisson",
    ]
    for trial in 0..<300 {
      var scenario = Scenario()
      scenario.memory = Bytes(siValue: random.logUniform(1e8, 1e12))
      scenario.dirtyRateWindow = Seconds(siValue: 1)
      scenario.dirtyRate = ByteRate(
        siValue: (scenario.memory?.siValue ?? 0) * random.uniform(0.001, 0.5))
      scenario.bandwidth = ByteRate(
        siValue: (scenario.dirtyRate?.siValue ?? 0) * random.logUniform(0.3, 30))
      scenario.downtimeLimit = Seconds(siValue: random.logUniform(0.01, 10))
      for id in ids {
        let model = try ModelCatalogue.model(id)
        let context: Comment = "\(id), seed \(seed), trial \(trial)"
        let answer = try model.predict(scenario, recordingRounds: true)
        var faster = scenario
        faster.bandwidth = ByteRate(siValue: (scenario.bandwidth?.siValue ?? 0) * 1.1)
        let quick = try model.predict(faster)
        if answer.converged {
          #expect(quick.converged, context)
          #expect(
            (quick.totalMigrationTime ?? .zero) <= (answer.totalMigrationTime ?? .zero), context)
        }
        // Ten times the bytes everywhere: the same times.
        var scaled = scenario
        scaled.memory = scenario.memory.map { $0 * 10 }
        scaled.dirtyRate = scenario.dirtyRate.map { $0 * 10 }
        scaled.bandwidth = scenario.bandwidth.map { $0 * 10 }
        let other = try model.predict(scaled)
        #expect(other.termination == answer.termination, context)
        if let total = answer.totalMigrationTime?.siValue {
          // Two hundred rounds at a fixed point each add a rounding.
          #expect(
            abs((other.totalMigrationTime?.siValue ?? .nan) - total) <= 1e-9 * total, context)
          let parts = answer.rounds.reduce(0) { $0 + $1.duration.siValue }
          #expect(abs(parts - total) <= 1e-12 * total, context)
        }
      }
    }
  }

  @Test func remarksOnAMissingWindow() throws {
    var scenario = Scenario()
    #expect(try ModelCatalogue.model("zhang.bernoulli").remark(on: scenario) != nil)
    #expect(try ModelCatalogue.model("zhang.deterministic").remark(on: scenario) == nil)
    scenario.dirtyRateWindow = Seconds(siValue: 2)
    #expect(try ModelCatalogue.model("zhang.bernoulli").remark(on: scenario) == nil)
  }
}

import Foundation
import MigrationModels
import ModelCore
import Quantities
import TestSupport
import Testing

/// What has to hold whatever the inputs: 100 000 random scenarios per law, the models in turn.
@Suite struct MigrationLawsTests {
  static let trials = 100_000

  /// Two sums of up to some hundred rounds, added in another order or by a closed form.
  static let sums = Tolerance(relative: 1e-12, reason: "sums of up to a few hundred rounds")

  /// Models that stop at a threshold in bytes and nothing else.
  static let thresholdModels = [
    "liu.basic", "liu.capped", "aldhalaan.uniform", "aldhalaan.saturating", "aldhalaan.hot",
    "aldhalaan.hot-deferred", "cerroni.single", "nathan.skip",
  ]

  /// A scenario in which D is below B, or far above it.
  static func scenario(_ random: inout TestRandom, dirtyRatio: ClosedRange<Double>) -> Scenario {
    var scenario = Scenario()
    let memory = random.logUniform(1e6, 1e13)
    let bandwidth = random.logUniform(1e5, 1e11)
    scenario.memory = Bytes(siValue: memory)
    scenario.bandwidth = ByteRate(siValue: bandwidth)
    scenario.dirtyRate = ByteRate(
      siValue: bandwidth * random.logUniform(dirtyRatio.lowerBound, dirtyRatio.upperBound))
    scenario.threshold = Bytes(siValue: memory * random.logUniform(1e-5, 1.5))
    scenario.hotSet = Bytes(siValue: memory * random.uniform(0, 0.3))
    scenario.hotWriteFraction = random.uniform(0, 1)
    scenario.roundLimit = .unlimited
    scenario.resumeTime = Seconds(siValue: random.uniform(0, 0.2))
    return scenario
  }

  /// Runs a law on random scenarios until it fails, and says on which.
  static func check(
    _ law: String, seed: UInt64, dirtyRatio: ClosedRange<Double> = 1e-4...0.9,
    models: [String], _ holds: (any MigrationModel, Scenario, inout TestRandom) throws -> Bool
  ) throws {
    var random = TestRandom(seed: seed)
    let models = try models.map { try ModelCatalogue.model($0) }
    for trial in 0..<trials {
      let scenario = scenario(&random, dirtyRatio: dirtyRatio)
      let model = models[trial % models.count]
      guard try holds(model, scenario, &random) else {
        Issue.record("\(law): \(model.id), seed \(seed), trial \(trial): \(scenario)")
        return
      }
    }
  }

  /// The closed form of the geometric recursion, rounds and convergence included.
  @Test func closedFormOfTheRoundsEqualsTheRecursion() throws {
    try Self.check(
      "closed form", seed: 1, dirtyRatio: 1e-4...1.5,
      models: ["liu.basic", "cerroni.single", "aldhalaan.uniform"]
    ) { model, scenario, random in
      var scenario = scenario
      let cap = Int(random.uniform(0, 60))
      scenario.roundLimit = .rounds(cap)
      let bandwidth = scenario.bandwidth?.siValue ?? .nan
      let closed = GeometricRounds(
        memory: scenario.memory?.siValue ?? .nan, bandwidth: bandwidth,
        dirtyRate: scenario.dirtyRate?.siValue ?? .nan,
        threshold: scenario.threshold?.siValue ?? .nan, roundCap: cap)
      let answer = try model.predict(scenario)
      let resume = scenario.resumeTime?.siValue ?? .nan
      return answer.roundCount == closed.lastIndex + 1 && answer.converged == closed.converged
        && Self.sums.accepts(answer.transferredBytes?.siValue ?? .nan, closed.volume)
        && Self.sums.accepts(
          answer.totalMigrationTime?.siValue ?? .nan, closed.volume / bandwidth + resume)
        && Self.sums.accepts(
          answer.downtime?.siValue ?? .nan, closed.lastVolume / bandwidth + resume)
    }
  }

  /// Aldhalaan's iterations by logarithms, against the engine's rounds.
  @Test func thresholdOutcomesEqualTheRecursion() throws {
    try Self.check("threshold", seed: 2, models: ["aldhalaan.uniform"]) { model, scenario, _ in
      let memory = scenario.memory ?? .zero
      let choice = ThresholdChoice(
        memory: memory, bandwidth: scenario.bandwidth ?? .zero,
        dirtyRate: scenario.dirtyRate ?? .zero, resumeTime: scenario.resumeTime ?? .zero)
      let fraction = (scenario.threshold ?? .zero) / memory
      let answer = try model.predict(scenario)
      guard let outcome = choice.outcome(stopFraction: min(1, fraction.siValue)) else {
        return false
      }
      return answer.roundCount == outcome.iterations + 1
        && Self.sums.accepts(
          answer.totalMigrationTime?.siValue ?? .nan, outcome.totalMigrationTime.siValue)
        && Self.sums.accepts(answer.downtime?.siValue ?? .nan, outcome.downtime.siValue)
    }
  }

  /// When the budget is what the last round really takes, the relaxed time is the exact one; for
  /// any larger budget within the round it is smaller.
  @Test func relaxedTimeMeetsTheRecursionAtWholeRounds() throws {
    try Self.check("relaxed", seed: 3, models: ["liu.basic"]) { model, scenario, _ in
      var scenario = scenario
      scenario.resumeTime = nil
      let answer = try model.predict(scenario)
      guard let total = answer.totalMigrationTime?.siValue, let down = answer.downtime?.siValue,
        let bandwidth = scenario.bandwidth?.siValue, let dirtyRate = scenario.dirtyRate?.siValue,
        let memory = scenario.memory?.siValue
      else { return false }
      func relaxed(_ budget: Double) -> Double {
        relaxedTotalTime(
          memory: memory, bandwidth: bandwidth, dirtyRate: dirtyRate, downtimeBudget: budget)
          ?? .nan
      }
      let wider = min(down * bandwidth / dirtyRate, memory / bandwidth) * (1 - 1e-9)
      return Self.sums.accepts(relaxed(down), total)
        && (wider <= down || relaxed(wider) <= total * (1 + 1e-9))
    }
  }

  @Test func moreBandwidthNeverLengthensTotalTime() throws {
    try Self.check("bandwidth", seed: 4, models: Self.thresholdModels) { model, scenario, random in
      var faster = scenario
      faster.bandwidth = scenario.bandwidth.map { $0 * random.logUniform(1, 100) }
      guard let slow = try model.predict(scenario).totalMigrationTime else { return true }
      guard let fast = try model.predict(faster).totalMigrationTime else { return false }
      return fast.siValue <= slow.siValue * (1 + Self.sums.relative)
    }
  }

  @Test func lowerDowntimeLimitNeverLowersTotalTime() throws {
    let models = Self.thresholdModels + ["qemu.precopy", "simgrid", "precopy.relaxed"]
    try Self.check("downtime limit", seed: 5, models: models) { model, scenario, random in
      var (strict, lax) = (scenario, scenario)
      let limit = (scenario.threshold ?? .zero) / (scenario.bandwidth ?? .zero)
      (strict.threshold, lax.threshold) = (nil, nil)
      lax.downtimeLimit = limit
      strict.downtimeLimit = limit * random.uniform(0.001, 1)
      guard let long = try model.predict(strict).totalMigrationTime else { return true }
      guard let short = try model.predict(lax).totalMigrationTime else { return false }
      return short.siValue <= long.siValue * (1 + Self.sums.relative)
    }
  }

  @Test func boundsAndAPageContainTheRecursion() throws {
    let bounds = try ModelCatalogue.model("akoush.bounds")
    try Self.check("bounds", seed: 6, dirtyRatio: 1e-4...30, models: ["akoush.avg"]) {
      model, scenario, _ in
      var scenario = scenario
      scenario.roundLimit = nil
      let answer = try model.predict(scenario)
      let limits = try bounds.predict(scenario)
      guard let total = answer.totalMigrationTime, let down = answer.downtime,
        let range = limits.totalMigrationTimeBounds, let pause = limits.downtimeBounds,
        let bandwidth = scenario.bandwidth
      else { return false }
      let slack = 1 + Self.sums.relative
      let page = scenario.effectivePageSize / bandwidth
      return total.siValue >= range.lower.siValue / slack
        && total.siValue <= (range.upper + page).siValue * slack
        && down.siValue >= pause.lower.siValue / slack
        && down.siValue <= pause.upper.siValue * slack
    }
  }

  /// Powers of two scale doubles exactly, so the answers are equal to the last bit.
  @Test func unitsScaledTogetherScaleTheAnswer() throws {
    let models = Self.thresholdModels + ["akoush.avg", "qemu.precopy", "simgrid", "btrplace"]
    try Self.check("units", seed: 7, models: models) { model, scenario, _ in
      var scaled = scenario
      if model.id == "qemu.precopy" { scaled.downtimeLimit = Seconds(siValue: 0.5) }
      // qemu.precopy has headers of so many bytes, btrplace a hot set of so many where none is
      // given: at this page size the headers are nothing.
      scaled.pageSize = Bytes(siValue: 0x1p60)
      var base = scaled
      base.hotSet = scaled.hotSet.map { max($0, Bytes(siValue: 1)) }
      scaled = base
      for field in [
        ScenarioField.memory, .pageSize, .dirtyRate, .bandwidth, .threshold, .hotSet,
      ] {
        scaled[field] = base[field].map { $0 * 8 }
      }
      let (first, second) = (try model.predict(base), try model.predict(scaled))
      // A header stays what it is; its share is below a double's last bit.
      let close = Tolerance(relative: 1e-12, reason: "headers of a page of 2^60 bytes")
      func agree(_ left: Double?, _ right: Double?, _ factor: Double) -> Bool {
        guard let left, let right else { return left == nil && right == nil }
        return model.id == "qemu.precopy" || model.id == "nathan.skip"
          ? close.accepts(left * factor, right) : left * factor == right
      }
      return first.roundCount == second.roundCount && first.termination == second.termination
        && agree(first.totalMigrationTime?.siValue, second.totalMigrationTime?.siValue, 1)
        && agree(first.downtime?.siValue, second.downtime?.siValue, 1)
        && agree(first.transferredBytes?.siValue, second.transferredBytes?.siValue, 8)
    }
  }

  @Test func totalIsTheSumOfItsParts() throws {
    let models = Self.thresholdModels + ["liu.refined", "akoush.avg", "simgrid"]
    try Self.check("parts", seed: 8, models: models) { model, scenario, _ in
      let answer = try model.predict(scenario, recordingRounds: true)
      guard let total = answer.totalMigrationTime?.siValue, let last = answer.rounds.last else {
        return answer.termination == .notConvergent
      }
      let resume = scenario.resumeTime?.siValue ?? 0
      let durations = answer.rounds.reduce(0) { $0 + $1.duration.siValue }
      let bytes = answer.rounds.reduce(0) { $0 + $1.transferredBytes.siValue }
      return answer.rounds.count == answer.roundCount
        && Self.sums.accepts(durations + resume, total)
        && Self.sums.accepts(bytes, answer.transferredBytes?.siValue ?? .nan)
        && Self.sums.accepts(last.duration.siValue + resume, answer.downtime?.siValue ?? .nan)
    }
  }

  /// D -> 0 sends the memory once more than nothing; D -> B takes `V / (B - D)` in the relaxed
  /// sense; D >= B never ends without a cap.
  @Test func limitsOfTheDirtyRate() throws {
    let uncapped = ["liu.basic", "cerroni.single", "aldhalaan.uniform"]
    try Self.check("limits", seed: 9, models: uncapped) { model, scenario, random in
      guard let memory = scenario.memory?.siValue, let bandwidth = scenario.bandwidth?.siValue,
        let threshold = scenario.threshold?.siValue, threshold < memory
      else { return true }
      let copy = memory / bandwidth
      var idle = scenario
      idle.resumeTime = nil
      idle.dirtyRate = ByteRate(siValue: 0)
      let still = try model.predict(idle)
      guard still.totalMigrationTime?.siValue == copy, still.downtime == .zero,
        still.roundCount == 2
      else { return false }
      idle.dirtyRate = ByteRate(siValue: bandwidth * 1e-12)
      let nearly = try model.predict(idle)
      guard
        Tolerance(relative: 2e-12, reason: "the limit's distance").accepts(
          nearly.totalMigrationTime?.siValue ?? .nan, copy)
      else { return false }
      var beyond = scenario
      beyond.dirtyRate = ByteRate(siValue: bandwidth * random.uniform(1, 3))
      let never = try model.predict(beyond)
      // Cerroni's cap of ten rounds stands where none is given; here it was lifted.
      return never.termination == .notConvergent && never.totalMigrationTime == nil
    }
  }
}

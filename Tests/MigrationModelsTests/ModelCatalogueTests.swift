import MigrationModels
import ModelCore
import Quantities
import TestSupport
import Testing

/// The battery that every model of the catalogue has to pass.
@Suite struct ModelCatalogueTests {
  static func example() -> Scenario {
    var scenario = Scenario()
    scenario.memory = Bytes(siValue: 8_589_934_592)
    scenario.used = Bytes(siValue: 3_000_000_000)
    scenario.bandwidth = ByteRate(siValue: 125_000_000)
    scenario.dirtyRate = ByteRate(siValue: 20_000_000)
    scenario.workingSet = Bytes(siValue: 500_000_000)
    scenario.hotSet = Bytes(siValue: 100_000_000)
    scenario.hotWriteFraction = 0.9
    scenario.downtimeLimit = Seconds(siValue: 0.3)
    scenario.threshold = Bytes(siValue: 37_500_000)
    return scenario
  }

  @Test func idsAreUniqueAndSorted() {
    let ids = ModelCatalogue.all.map { $0.descriptor.id }
    #expect(ids == ids.sorted() && Set(ids).count == ids.count)
  }

  @Test(arguments: ModelCatalogue.ids)
  func describesItself(_ id: String) throws {
    let descriptor = try ModelCatalogue.resolve(id).type.descriptor
    #expect(!descriptor.title.isEmpty && !descriptor.equations.isEmpty)
    #expect(!descriptor.source.isEmpty && !descriptor.assumptions.isEmpty)
    #expect(!descriptor.provenance.isEmpty && !descriptor.reading.isEmpty)
    #expect(descriptor.limits.count >= 2, "\(id)")
    for column in descriptor.requiredInputs + descriptor.optionalInputs {
      let definition = try #require(Glossary.definition(of: column), "\(column)")
      #expect(definition.role == .input || definition.role == .setting, "\(column)")
    }
    for column in descriptor.outputs {
      #expect(Glossary.explanation(of: column)?.role == .outcome, "\(column)")
    }
    for technique in descriptor.techniques {
      #expect(Glossary.techniques.contains(technique))
    }
    // What memory could not confirm is never sold as published.
    let unsure: Set<Provenance> = [.recalled, .derived, .uncertain]
    if !unsure.isDisjoint(with: descriptor.provenance) {
      #expect(!descriptor.caveat.isEmpty, "\(id)")
    }
  }

  @Test(arguments: ModelCatalogue.ids)
  func answersItsExampleTwiceAlike(_ id: String) throws {
    let model = try ModelCatalogue.model(id)
    #expect(model.id == id)
    let first = try model.predict(Self.example(), recordingRounds: true)
    #expect(try model.predict(Self.example(), recordingRounds: true) == first)
    #expect(
      first.totalMigrationTime != nil || first.totalMigrationTimeBounds != nil
        || first.downtime != nil)
  }

  /// Each required input, taken away, is named.
  @Test(arguments: ModelCatalogue.ids)
  func namesWhatIsMissing(_ id: String) throws {
    let model = try ModelCatalogue.model(id)
    for column in type(of: model).descriptor.requiredInputs {
      guard let field = ScenarioField(rawValue: column) else {
        Issue.record("\(id): \(column) is not a field of a scenario")
        continue
      }
      if column == "memory_bytes", id.hasSuffix("+used") { continue }
      var scenario = Self.example()
      scenario[field] = nil
      #expect(throws: ModelError.missingInput(column)) { try model.predict(scenario) }
    }
  }

  /// On the whole domain: a finite non-negative number or none, and times that fit together.
  @Test(arguments: ModelCatalogue.ids)
  func answersOnTheDomain(_ id: String) throws {
    let seed: UInt64 = 4711
    var random = TestRandom(seed: seed)
    let model = try ModelCatalogue.model(id)
    for trial in 0..<400 {
      var scenario = Scenario()
      let memory = random.logUniform(1, 1e14)
      scenario.memory = Bytes(siValue: memory)
      scenario.used = Bytes(siValue: memory * random.uniform(0, 1))
      scenario.bandwidth = ByteRate(siValue: random.logUniform(1, 1e12))
      scenario.dirtyRate = ByteRate(siValue: trial % 7 == 0 ? 0 : random.logUniform(1e-3, 1e13))
      scenario.hotSet = Bytes(siValue: memory * random.uniform(0, 1) * 0.01)
      scenario.used = max(scenario.used ?? .zero, scenario.hotSet ?? .zero)
      scenario.hotWriteFraction = random.uniform(0, 1)
      let needsThreshold = type(of: model).descriptor.requiredInputs.contains("threshold_bytes")
      scenario.threshold =
        trial % 5 == 0 || needsThreshold ? Bytes(siValue: memory * random.uniform(0, 1)) : nil
      scenario.workingSet = trial % 3 == 0 ? nil : Bytes(siValue: memory * random.uniform(0, 1.5))
      scenario.downtimeLimit = Seconds(siValue: random.logUniform(1e-4, 1e3))
      scenario.roundLimit = [nil, .unlimited, .rounds(trial % 40)][trial % 3]
      try scenario.validate()
      let answer = try model.predict(scenario)
      let context: Comment = "\(id), seed \(seed), trial \(trial)"
      for value in [
        answer.totalMigrationTime?.siValue, answer.downtime?.siValue,
        answer.transferredBytes?.siValue, answer.totalMigrationTimeBounds?.upper.siValue,
      ] {
        if let value { #expect(value.isFinite && value >= 0, context) }
      }
      if let total = answer.totalMigrationTime, let down = answer.downtime,
        type(of: model) != MemoryOverBandwidth.self
      {
        #expect(down <= total, context)
      }
      if answer.termination == .notConvergent { #expect(!answer.converged, context) }
    }
  }

  @Test func unknownModelsNameTheNearest() {
    #expect(throws: ModelError.unknownModel("liu.basc", nearest: ["liu.basic"])) {
      do {
        _ = try ModelCatalogue.model("liu.basc")
      } catch ModelError.unknownModel(let id, let nearest) {
        throw ModelError.unknownModel(id, nearest: Array(nearest.prefix(1)))
      }
    }
    #expect(throws: ModelError.noVariant("used", model: "dirty-curve")) {
      try ModelCatalogue.model("dirty-curve+used")
    }
    #expect(throws: ModelError.noVariant("usd", model: "liu.basic")) {
      try ModelCatalogue.model("liu.basic+usd")
    }
  }

  @Test func parametersAreChecked() {
    #expect(
      throws: ModelError.unknownParameter(
        "pre_overhead", model: "akoush.avg", nearest: ["pre_overhead_s", "post_overhead_s"])
    ) {
      try ModelCatalogue.model("akoush.avg", parameters: ["pre_overhead": 1])
    }
    #expect(throws: ModelError.parameterOutOfDomain("pre_overhead_s", value: -1, expected: ">= 0"))
    {
      try ModelCatalogue.model("akoush.avg", parameters: ["pre_overhead_s": -1])
    }
  }

  @Test func scenariosAreChecked() {
    var scenario = Self.example()
    scenario.used = Bytes(siValue: 1e10)
    #expect(throws: ModelError.self) { try scenario.validate() }
    scenario = Self.example()
    scenario.bandwidth = ByteRate(siValue: 0)
    #expect(throws: ModelError.outOfDomain("bandwidth_bytes_per_s", value: 0, expected: "> 0")) {
      try scenario.validate()
    }
  }

  @Test func rowsBecomeScenarios() throws {
    let table = try Table([
      Column("memory_bytes", numbers: [100, nil]), Column("zero_fraction", numbers: [0.25, 0.5]),
      Column("technique", text: ["precopy", nil]), Column("max_rounds", numbers: [3, 1e300]),
      Column("link_bytes_per_s", numbers: [10, 20]),
      Column("bandwidth_cap_bytes_per_s", numbers: [5, nil]),
    ])
    let scenarios = Scenario.all(in: table)
    #expect(scenarios == [Scenario(table: table, row: 0), Scenario(table: table, row: 1)])
    #expect(scenarios[0].effectiveUsed == Bytes(siValue: 75) && scenarios[1].effectiveUsed == nil)
    #expect(scenarios[0].roundLimit == .rounds(3) && scenarios[1].roundLimit == .unlimited)
    #expect(scenarios.map(\.effectiveBandwidth) == [ByteRate(siValue: 5), ByteRate(siValue: 20)])
    #expect(scenarios[0].technique == "precopy")
  }
}

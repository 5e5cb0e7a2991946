import ModelCore
import TestSupport
import Testing

@testable import Calibration

@Suite struct HiddenInputsTests {
  /// Rows whose written set lies outside used memory by a known share.
  private func rows(_ count: Int, seed: UInt64, share: (Int) -> Double) -> [CalibratedRow] {
    CalibratedTrace.inputs(count, seed: seed).enumerated().map { index, inputs in
      var run = QEMURun(
        Knowledge.facts(inputs, donor: nil, hidden: HiddenInputs(blankShare: share(index))),
        CalibratedParameters())
      let outcome = run.run()
      return CalibratedRow(
        inputs: inputs, group: "g\(index)", isCompleted: outcome.converged,
        outcomes: Dictionary(
          uniqueKeysWithValues: CalibratedOutcome.allCases.map { ($0, $0.value(of: outcome)) }))
    }
  }

  @Test func whatIsHiddenIsReadFromFinishedRows() throws {
    let seed: UInt64 = 41
    let truth = { $0 % 3 == 0 ? 0.64 : 0 }
    let rows = rows(18, seed: seed, share: truth)
    let model = try CalibratedEstimator().fit(rows, intervals: false)
    let found = model.knowledge.donors.map(\.hidden.blankShare)
    let high = found.indices.filter { $0 % 3 == 0 }.map { found[$0] }
    let low = found.indices.filter { $0 % 3 != 0 }.map { found[$0] }
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
    // The two kinds are told apart; a row may be off by a step or two of the grid.
    #expect(mean(high) > 0.4, "seed \(seed): \(high)")
    #expect(mean(low) < 0.15, "seed \(seed): \(low)")
  }

  /// What the inputs withhold is told apart from what the physics misses.
  @Test func errorsWithHiddenInputsRevealed() throws {
    let seed: UInt64 = 53
    let rows = rows(18, seed: seed) { $0 % 3 == 0 ? 0.64 : 0 }
    let fit = try CalibratedFit(try CalibratedTrace.table(rows))
    let table = try fit.hiddenErrors()
    let targets = (0..<table.rowCount).map { table.label("target", row: $0) }
    #expect(targets == CalibratedOutcome.allCases.map(\.column))
    let bytes = try #require(CalibratedOutcome.allCases.firstIndex(of: .transferredBytes))
    let stated = try table.numbers("p90_ape").storage[bytes]
    let revealed = try table.numbers("p90_ape_revealed").storage[bytes]
    #expect(revealed < stated / 2, "seed \(seed): \(revealed), \(stated)")
    #expect(revealed < 0.05, "seed \(seed)")
    #expect(try table.numbers("n").storage == Array(repeating: Double(rows.count), count: 4))
  }

  /// With the set at twice what the window saw, D w = W (1 - exp(-r w / W)) has r = 2 D ln 2.
  @Test func anUnknownSetIsTwiceWhatAWindowSaw() {
    var inputs = CalibratedInputs()
    inputs[.memory] = 4e9
    inputs[.used] = 2e9
    inputs[.bandwidth] = 1e9
    inputs[.dirtyRate] = 4096e4
    inputs[.dirtyRateWindow] = 0.5
    let writes = Knowledge.facts(inputs, donor: nil, hidden: HiddenInputs(setShare: 0.001)).writes
    #expect(writes.classes.map(\.pages) == [1e4])
    #expect(abs(writes.rate / (2e4 * 0.693147180559945) - 1) < 1e-12)
  }

  @Test func theOrderOfTheRowsDoesNotMatter() throws {
    let rows = rows(12, seed: 43) { $0 % 2 == 0 ? 0.5 : 0 }
    let model = try CalibratedEstimator().fit(rows, intervals: false)
    // A row does not find itself among the donors by its place.
    let exchanged = CalibratedModel(
      parameters: model.parameters, relativeErrors: nil, trainingRows: model.trainingRows,
      knowledge: Knowledge(donors: model.knowledge.donors.reversed()),
      intervals: model.intervals)
    for row in rows {
      #expect(try model.predict(row.inputs).values == exchanged.predict(row.inputs).values)
    }
  }

  /// A set that nobody can place is uncertain; one that all rows place alike is not.
  @Test func disagreeingRowsWidenTheSpread() throws {
    func spread(_ share: (Int) -> Double) throws -> Double {
      let inputs = CalibratedTrace.inputs(12, seed: 43)
      let donors = inputs.indices.map {
        Knowledge.Donor(inputs: inputs[$0], hidden: HiddenInputs(blankShare: share($0)))
      }
      let model = CalibratedModel(
        parameters: CalibratedParameters(), relativeErrors: nil, trainingRows: 12,
        knowledge: Knowledge(donors: donors), intervals: ConformalScale([:]))
      return try inputs.map { try model.predict($0).spreads[.transferredBytes] ?? 0 }
        .reduce(0, +) / 12
    }
    let (agreed, open) = (try spread { _ in 0.3 }, try spread { $0 % 2 == 0 ? 0.6 : 0 })
    #expect(open > 2 * agreed, "\(open), \(agreed)")
  }

  /// A lone bandwidth is a link's where the rows of the technique had links, whatever else is near.
  @Test func aLoneBandwidthIsWhatTheTechniqueHad() throws {
    let inputs = CalibratedTrace.inputs(20, seed: 47)
    let donors = inputs.indices.map { index -> Knowledge.Donor in
      var donor = inputs[index]
      donor.technique = index < 10 ? "postcopy" : "precopy"
      donor[.link] = index < 10 ? 30e6 : nil
      donor[.cap] = index < 10 ? nil : 30e6
      return Knowledge.Donor(inputs: donor)
    }
    let chances = Chance.courses(25)
    func links(_ technique: String, reversed: Bool = false) -> Int {
      var asked = inputs[12]
      asked.technique = technique
      (asked[.link], asked[.cap], asked[.bandwidth]) = (nil, nil, 30e6)
      let knowledge = Knowledge(donors: reversed ? donors.reversed() : donors)
      return knowledge.courses(for: asked, chances).count { $0.link != nil }
    }
    #expect(links("postcopy") == 25)
    #expect(links("precopy") == 0)
    // Of no row like it, the nearest rows of all tell.
    #expect((1..<25).contains(links("precopy+xbzrle")))
    #expect(links("postcopy", reversed: true) == 25)
  }

  /// Where the courses part in two, the answer lies between.
  @Test func theAnswerIsTheMiddleOfTheCourses() throws {
    var inputs = CalibratedTrace.inputs(2, seed: 1)[1]
    inputs.workload = "idle"
    inputs[.link] = nil
    func facts(_ cap: Double) -> MigrationFacts {
      inputs[.cap] = cap
      return Knowledge.facts(inputs, donor: nil)
    }
    let (slow, fast) = (facts(10e6), facts(40e6))
    let chances = Chance.courses(24)
    func time(_ courses: [MigrationFacts]) -> Double {
      Ensemble(courses, chances, CalibratedParameters()).centre(.totalTime, within: nil).value
    }
    let (long, short) = (
      time([MigrationFacts](repeating: slow, count: 24)),
      time([MigrationFacts](repeating: fast, count: 24))
    )
    let mixed = time((0..<24).map { $0 % 2 == 0 ? slow : fast })
    // Half of each in the middle half, so the geometric mean; 1 % of used pages either way.
    #expect(abs(mixed / (long * short).squareRoot() - 1) < 0.02)
    #expect(long > 3 * short)
  }

  @Test func possibleValuesFollowWhatTheRowSays() {
    var inputs = CalibratedTrace.inputs(2, seed: 1)[1]
    #expect(HiddenInputs.possible(for: inputs).allSatisfy { $0.isLink == nil })
    #expect(HiddenInputs.possible(for: inputs).count == 12)
    inputs[.workingSet] = nil
    inputs[.link] = nil
    let open = HiddenInputs.possible(for: inputs)
    #expect(open.count == 2 * 2 * 6)
    #expect(Set(open.map(\.isLink)) == [true, false])
    inputs.technique = "precopy+multifd-zstd"
    inputs[.incompressible] = nil
    #expect(HiddenInputs.possible(for: inputs).count == 2 * 2 * 6 * 5)
    inputs.workload = "idle"
    #expect(HiddenInputs.possible(for: inputs).allSatisfy { $0.blankShare == 0 })
  }
}

@Suite struct ResidualRegressionTests {
  private func rows(_ count: Int, seed: UInt64, effect: Double) -> [ResidualRegression.Row] {
    var random = TestRandom(seed: seed)
    return CalibratedTrace.inputs(count, seed: seed).map { inputs in
      let isLink = inputs[.link] != nil
      return ResidualRegression.Row(
        inputs: inputs, error: (isLink ? effect : 0) + 0.05 * random.normal())
    }
  }

  @Test func findsAPlantedTermAndNoOther() throws {
    let seed: UInt64 = 51
    let found = try ResidualRegression([.totalTime: rows(200, seed: seed, effect: 0.3)])
    let terms = try #require(found.terms["total_time_s"])
    #expect(terms.map(\.name) == ["link"], "seed \(seed)")
    // Five standard errors: 0.05 / sqrt(100), a tenth more for Huber's loss.
    #expect(abs((terms.first?.coefficient ?? 0) - 0.3) < 0.03)
    let none = try ResidualRegression([.totalTime: rows(200, seed: seed + 1, effect: 0)])
    #expect(none.terms["total_time_s"]?.isEmpty == true)
    let inputs = CalibratedTrace.inputs(2, seed: 2)
    #expect(none.factor(.totalTime, inputs[1]) == 1)
    #expect(abs(found.factor(.totalTime, inputs[1]) - exponential(0.3)) < 0.05)
    #expect(found.factor(.totalTime, inputs[0]) == 1)
  }

  @Test func fewRowsTeachNoTerm() throws {
    let found = try ResidualRegression([.totalTime: rows(20, seed: 3, effect: 5)])
    #expect(found.terms.isEmpty)
  }

  /// Downtimes: a factor below the median of o / p, which makes |p - o| / o smaller.
  @Test func downtimesLeanLow() throws {
    var random = TestRandom(seed: 61)
    let rows = CalibratedTrace.inputs(400, seed: 61).map {
      ResidualRegression.Row(inputs: $0, error: 0.6 * random.normal())
    }
    let found = try ResidualRegression([.downtimeObserved: rows])
    let factor = found.factor(.downtimeObserved, rows[0].inputs)
    func loss(_ c: Double) -> Double {
      rows.reduce(0) { $0 + abs(c * exponential(-$1.error) - 1) } / Double(rows.count)
    }
    #expect(factor < 0.95 && factor > 0.6)
    #expect(loss(factor) < loss(1))
  }
}

@Suite struct CalibratedPhysicsSwitchTests {
  private var busy: MigrationFacts {
    MigrationFacts(
      memoryPages: 80_000, usedPages: 40_000, pageSize: 4096, incompressible: 0.5,
      wordsPerWrite: 16,
      writes: GuestWrites(
        rate: 6000,
        classes: [WriteClass(pages: 500, share: 0.7), WriteClass(pages: 8000, share: 0.3)],
        isSweep: false, isPacedByCPU: true),
      blankShare: 0.3, cap: 60e6, link: nil, delay: 0, isDirectTCP: false, downtimeLimit: 0.1,
      encoding: .plain, throttle: nil, switchAfterRounds: nil, postcopyCap: nil, horizon: 60)
  }

  /// Each part that says what happens in a run changes one that it is about.
  @Test(arguments: CalibratedPhysics.allCases.filter { $0 != .chance && $0 != .residuals })
  func leavingAPartOutShows(_ part: CalibratedPhysics) {
    var facts = busy
    switch part {
    case .queue:
      facts.link = 40e6
      facts.cap = nil
    case .destination:
      facts.isDirectTCP = true
      facts.writes.rate = 10
      facts.memoryPages = 300_000
    case .throttle:
      facts.throttle = ThrottleSchedule(initial: 0.2, increment: 0.1, trigger: 0.5)
      facts.writes.rate = 40_000
      facts.cap = 30e6
    case .deltas: facts.encoding = .delta(cachePages: 20_000)
    case .compression: facts.encoding = .compressed
    case .postcopyEnd:
      facts.switchAfterRounds = 0
      facts.postcopyCap = 30e6
      facts.downtimeLimit = 0.5
    default: break
    }
    var parameters = CalibratedParameters()
    var whole = QEMURun(facts, parameters)
    parameters.without = [part]
    var reduced = QEMURun(facts, parameters)
    let (one, other) = (whole.run(), reduced.run())
    let isSame =
      one.totalTime == other.totalTime && one.transferredBytes == other.transferredBytes
      && one.downtimeObserved == other.downtimeObserved
    #expect(!isSame, "\(part.rawValue)")
  }
}

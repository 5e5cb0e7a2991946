import Foundation
import MigrationModels
import ModelCore
import Quantities
import Statistics
import TestSupport
import Testing

/// The search against its references; the oracle's unit of data is taken as a byte.
@Suite struct LeastBandwidthTests {
  /// Fifteen printed digits of a root that both sides bracket to the last of them.
  static let searched = Tolerance(
    relative: 1e-9, reason: "a root of a sum over up to 200 rounds; the oracle prints 15 digits")

  static func search(_ test: OracleCase, _ process: any DirtyProcess) throws -> LeastBandwidth {
    try LeastBandwidth(
      memory: Bytes(siValue: test.input("M")), process: process,
      totalTimeLimit: Seconds(siValue: test.input("T_max")),
      downtimeLimit: Seconds(siValue: test.input("Td_max")),
      maximumIndex: Int(test.input("n_max")))
  }

  static func check(_ test: OracleCase, _ process: any DirtyProcess) throws {
    let search = try search(test, process)
    let plan = try search.solve()
    #expect(searched.accepts(plan.bandwidth.siValue, test.output("B_min")), "\(test)")
    #expect(plan.lastIndex == Int(test.output("n")), "\(test)")
    #expect(searched.accepts(plan.totalTime.siValue, test.output("T_mig")), "\(test)")
    #expect(searched.accepts(plan.downtime.siValue, test.output("T_down")), "\(test)")
    #expect(plan.totalTime <= search.totalTimeLimit && plan.downtime <= search.downtimeLimit)
  }

  @Test(arguments: Oracle.cases("zhang_det"))
  func deterministic(_ test: OracleCase) throws {
    let memory = Bytes(siValue: test.input("M"))
    let rate = ByteRate(siValue: test.input("d"))
    try Self.check(test, ConstantDirtyProcess(rate: rate, ceiling: memory))
    let search = try Self.search(test, ConstantDirtyProcess(rate: rate))
    #expect(
      Tolerance.oracle.accepts(search.stopAndCopyBandwidth.siValue, test.output("B_stopcopy")))
    let relaxed = LeastBandwidth.relaxed(
      memory: memory, dirtyRate: rate, totalTimeLimit: search.totalTimeLimit,
      downtimeLimit: search.downtimeLimit)
    #expect(Tolerance.oracle.accepts(relaxed.siValue, test.output("B_relaxed")))
  }

  @Test(arguments: Oracle.cases("zhang_bernoulli"))
  func bernoulli(_ test: OracleCase) throws {
    let process = BernoulliDirtyProcess(
      memory: Bytes(siValue: test.input("M")), probability: test.input("q"),
      slot: Seconds(siValue: test.input("slot")))
    try Self.check(test, process)
    #expect(Tolerance.oracle.accepts(process.hazard.siValue, test.output("theta")))
    #expect(
      Tolerance.oracle.accepts(process.dirtyRate(at: 0), test.output("B_convergence")))
  }

  @Test(arguments: Oracle.cases("zhang_reciprocal"))
  func reciprocal(_ test: OracleCase) throws {
    let scale = Frequency(siValue: test.input("c"))
    let memory = Bytes(siValue: test.input("M"))
    try Self.check(test, ReciprocalDirtyProcess(memory: memory, scale: scale))
    let rounds = ReciprocalRounds(
      memory: memory.siValue, bandwidth: test.output("B_min"), scale: scale.siValue)
    #expect(Tolerance.oracle.accepts(rounds.ratio, test.output("k")))
    #expect(
      Self.searched.accepts(
        rounds.downtime(Int(test.output("n"))), test.output("T_down_closed_form")))
  }

  @Test(arguments: Oracle.cases("zhang_reciprocal_poisson"))
  func poissonReciprocal(_ test: OracleCase) throws {
    try Self.check(
      test,
      PoissonReciprocalDirtyProcess(
        memory: Bytes(siValue: test.input("M")), scale: Frequency(siValue: test.input("c"))))
  }

  @Test(arguments: Oracle.cases("zhang_reciprocal_eval"))
  func reciprocalRounds(_ test: OracleCase) {
    let rounds = ReciprocalRounds(
      memory: test.input("M"), bandwidth: test.input("B"), scale: test.input("c"))
    let n = Int(test.input("n"))
    let accepts = Tolerance.oracle.accepts
    #expect(accepts(rounds.ratio, test.output("k")))
    #expect(accepts(rounds.share(n) * test.input("M"), test.output("V_n")))
    #expect(accepts(rounds.downtime(n), test.output("T_down")))
    #expect(accepts(rounds.totalTime(n), test.output("T_mig")))
  }

  /// Reciprocal law: closed form against the recursion of u(t).
  @Test func reciprocalClosedFormIsTheRecursion() {
    let seed: UInt64 = 100_001
    var random = TestRandom(seed: seed)
    var worst = 0.0
    for trial in 0..<100_000 {
      let memory = random.logUniform(1e6, 1e13)
      let bandwidth = random.logUniform(1e6, 1e11)
      // A third of the trials next to k = 1, where the naive form loses its digits.
      let k =
        trial % 3 == 0
        ? 1 + random.normal() * pow(10, -random.uniform(1, 15))
        : random.logUniform(1e-3, 1e3)
      let scale = k * bandwidth / memory
      let process = ReciprocalDirtyProcess(
        memory: Bytes(siValue: memory), scale: Frequency(siValue: scale))
      let rounds = ReciprocalRounds(memory: memory, bandwidth: bandwidth, scale: scale)
      let n = Int(random.uniform(0, 30))
      var volume = memory
      for _ in 0..<n { volume = process.dirtyBytes(after: volume / bandwidth) }
      let error = abs(rounds.downtime(n) - volume / bandwidth) / (volume / bandwidth)
      worst = max(worst, error)
      #expect(
        error <= Tolerance.closedForm.relative, "seed \(seed), trial \(trial), k \(k), n \(n)")
    }
    #expect(worst > 0)
  }

  /// Deterministic law: least over n of the larger of two closed forms against the search.
  @Test func deterministicClosedFormIsTheSearch() throws {
    let seed: UInt64 = 100_002
    var random = TestRandom(seed: seed)
    for trial in 0..<300 {
      let memory = random.logUniform(1e8, 1e12)
      let time = random.logUniform(1, 1e3)
      let downtime = time * random.logUniform(1e-4, 2)
      let rate = memory / time * random.logUniform(1e-3, 3)
      let plan = try LeastBandwidth(
        memory: Bytes(siValue: memory),
        process: ConstantDirtyProcess(
          rate: ByteRate(siValue: rate), ceiling: Bytes(siValue: memory)),
        totalTimeLimit: Seconds(siValue: time), downtimeLimit: Seconds(siValue: downtime),
        maximumIndex: 60
      ).solve()
      var least = memory / min(time, downtime)
      for n in 1...60 {
        let forTime = try #require(
          ZhangDeterministicRounds.bandwidth(
            forTotalTime: time, memory: memory, dirtyRate: rate, index: n))
        least = min(
          least,
          max(
            forTime,
            ZhangDeterministicRounds.bandwidth(
              forDowntime: downtime, memory: memory, dirtyRate: rate, index: n)))
      }
      // The logarithms of the closed form cost two digits, the root finder one.
      #expect(
        abs(plan.bandwidth.siValue - least) <= 1e-11 * least, "seed \(seed), trial \(trial)")
    }
  }

  static func laws(_ random: inout TestRandom, memory: Bytes) throws -> [any DirtyProcess] {
    let scale = Frequency(siValue: random.logUniform(1e-3, 1))
    return [
      ConstantDirtyProcess(rate: memory * scale.siValue / Seconds(siValue: 1), ceiling: memory),
      BernoulliDirtyProcess(memory: memory, hazard: scale),
      ReciprocalDirtyProcess(memory: memory, scale: scale),
      try TruncatedReciprocalDirtyProcess(
        memory: memory, lowest: scale * 0.1, highest: scale * 100),
      PoissonReciprocalDirtyProcess(memory: memory, scale: scale),
    ]
  }

  /// The answer serves, a shade less does not, and sharper limits never ask for less.
  @Test func certifiedAndMonotone() throws {
    let seed: UInt64 = 100_003
    var random = TestRandom(seed: seed)
    for trial in 0..<60 {
      let memory = Bytes(siValue: random.logUniform(1e8, 1e12))
      let time = Seconds(siValue: random.logUniform(1, 1e3))
      let downtime = time * random.logUniform(1e-3, 2)
      for process in try Self.laws(&random, memory: memory) {
        func search(_ time: Seconds, _ downtime: Seconds) throws -> LeastBandwidth {
          try LeastBandwidth(
            memory: memory, process: process, totalTimeLimit: time, downtimeLimit: downtime)
        }
        let problem = try search(time, downtime)
        let plan = try problem.solve()
        let context: Comment = "\(type(of: process)), seed \(seed), trial \(trial)"
        let rounds = try #require(problem.plan(at: plan.bandwidth), context)
        #expect(rounds.lastIndex <= plan.lastIndex, context)
        #expect(problem.plan(at: plan.bandwidth * (1 - 1e-12)) == nil, context)
        #expect(plan.bandwidth <= problem.stopAndCopyBandwidth * (1 + 1e-12), context)
        #expect(plan.bandwidth >= memory / time * (1 - 1e-12), context)
        let sharper = try search(time * 0.8, downtime).solve()
        // Two searches end within a few roundings of their exact answers.
        let less = plan.bandwidth * (1 - 1e-12)
        #expect(sharper.bandwidth >= less, context)
        #expect(try search(time, downtime * 0.5).solve().bandwidth >= less, context)
        // Feasible bandwidths are a half-line.
        for factor in [1.001, 1.5, 10, 1e6] {
          #expect(problem.plan(at: plan.bandwidth * factor) != nil, context)
        }
        // Without rounds there is one copy.
        let copy = try LeastBandwidth(
          memory: memory, process: process, totalTimeLimit: time, downtimeLimit: downtime,
          maximumIndex: 0
        ).solve()
        #expect(
          Tolerance.closedForm.accepts(
            copy.bandwidth.siValue, problem.stopAndCopyBandwidth.siValue), context)
      }
    }
  }

  /// Floors: fixed points in closed form, and the bandwidth at which the floor is the limit.
  @Test func floors() throws {
    let seed: UInt64 = 100_004
    var random = TestRandom(seed: seed)
    for trial in 0..<200 {
      let memory = Bytes(siValue: random.logUniform(1e8, 1e12))
      let scale = Frequency(siValue: random.logUniform(1e-3, 1))
      let bandwidth = memory * scale.siValue / Seconds(siValue: 1) / random.uniform(1.05, 20)
      let limits = (Seconds(siValue: 1e6), Seconds(siValue: random.logUniform(0.01, 10)))
      let context: Comment = "seed \(seed), trial \(trial)"
      let reciprocal = try LeastBandwidth(
        memory: memory, process: ReciprocalDirtyProcess(memory: memory, scale: scale),
        totalTimeLimit: limits.0, downtimeLimit: limits.1)
      let rounds = ReciprocalRounds(
        memory: memory.siValue, bandwidth: bandwidth.siValue, scale: scale.siValue)
      // Geometric convergence stops a few hundred roundings before the fixed point.
      let near = Tolerance(relative: 1e-10, reason: "the rounds end when they stop shrinking")
      #expect(
        near.accepts(reciprocal.downtimeFloor(at: bandwidth).siValue, rounds.downtimeFloor), context
      )
      #expect(
        Tolerance.closedForm.accepts(
          reciprocal.floorBandwidth.siValue,
          memory.siValue / (limits.1.siValue + 1 / scale.siValue)), context)
      let bernoulli = try LeastBandwidth(
        memory: memory, process: BernoulliDirtyProcess(memory: memory, hazard: scale),
        totalTimeLimit: limits.0, downtimeLimit: limits.1)
      #expect(
        near.accepts(
          bernoulli.downtimeFloor(at: bandwidth).siValue,
          bernoulliDowntimeFloor(
            memory: memory.siValue, bandwidth: bandwidth.siValue, hazard: scale.siValue)), context)
      // At the floor bandwidth the floor is the limit itself.
      let floor = bernoulli.floorBandwidth
      let down = bernoulli.downtimeFloor(at: floor * 0.99)
      #expect(down > limits.1, context)
      #expect(bernoulli.downtimeFloor(at: floor * 1.01) <= limits.1, context)
      // The Poisson variant never gets to nothing.
      let poisson = try LeastBandwidth(
        memory: memory, process: PoissonReciprocalDirtyProcess(memory: memory, scale: scale),
        totalTimeLimit: limits.0, downtimeLimit: limits.1)
      #expect(poisson.downtimeFloor(at: bandwidth * 3) > .zero, context)
    }
    #expect(bernoulliDowntimeFloor(memory: 10, bandwidth: 10, hazard: 0.5) == 0)
  }

  @Test func edges() throws {
    let memory = Bytes(siValue: 1000)
    let limits = (Seconds(siValue: 10), Seconds(siValue: 1))
    func solve(_ process: any DirtyProcess) throws -> LeastBandwidth.Plan {
      try LeastBandwidth(
        memory: memory, process: process, totalTimeLimit: limits.0, downtimeLimit: limits.1
      ).solve()
    }
    // q = 1: nothing but one copy helps.
    let certain = try solve(
      BernoulliDirtyProcess(memory: memory, probability: 1, slot: Seconds(siValue: 1)))
    #expect(certain.bandwidth.siValue == 1000 && certain.lastIndex == 0)
    let idle = try solve(ConstantDirtyProcess(rate: .zero))
    #expect(idle.bandwidth.siValue == 100 && idle.lastIndex == 1 && idle.downtime == .zero)
    let any = try LeastBandwidth(
      memory: memory, process: ConstantDirtyProcess(rate: ByteRate(siValue: 5)),
      totalTimeLimit: limits.0, downtimeLimit: Seconds(siValue: .infinity)
    ).solve()
    #expect(any.bandwidth.siValue == 100 && any.lastIndex == 0)
    // At the edge of the doubles: an answer or a refusal, never a search without end.
    for (m, t, d) in [(1e300, 1e-10, 1e-10), (1e-300, 1e300, 1.0), (1e-250, 1.0, 1e-50)] {
      let search = try LeastBandwidth(
        memory: Bytes(siValue: m), process: ConstantDirtyProcess(rate: .zero),
        totalTimeLimit: Seconds(siValue: t), downtimeLimit: Seconds(siValue: d))
      if let plan = try? search.solve() {
        #expect(Tolerance.closedForm.accepts(plan.bandwidth.siValue, m / t))
      } else {
        #expect(!(m / min(t, d)).isFinite || !(m / t).isNormal)
      }
    }
    for (m, t, d) in [
      (0.0, 1.0, 1.0), (1, 0, 1), (1, 1, 0), (1, .infinity, 1), (.nan, 1, 1), (1, 1, .nan),
    ] {
      #expect(throws: ModelError.self) {
        try LeastBandwidth(
          memory: Bytes(siValue: m), process: ConstantDirtyProcess(rate: .zero),
          totalTimeLimit: Seconds(siValue: t), downtimeLimit: Seconds(siValue: d))
      }
    }
  }
}

@Suite struct BinomialGuaranteeTests {
  static let memory = Bytes(siValue: 1_073_741_824)
  static let process = BernoulliDirtyProcess(
    memory: memory, probability: 0.02, slot: Seconds(siValue: 1))

  static func search(_ guarantee: BinomialGuarantee?) throws -> LeastBandwidth {
    try LeastBandwidth(
      memory: memory, process: process, totalTimeLimit: Seconds(siValue: 20),
      downtimeLimit: Seconds(siValue: 0.1), guarantee: guarantee)
  }

  /// More certainty costs more bandwidth; all of it little, as 262144 pages average out.
  @Test func certaintyCosts() throws {
    let page = Bytes(siValue: 4096)
    let expected = try Self.search(nil).solve().bandwidth
    var last = expected
    for probability in [0.9, 0.99, 0.999999] {
      let plan = try Self.search(
        BinomialGuarantee(probability: probability, pageSize: page)
      ).solve()
      #expect(plan.bandwidth > last && plan.bandwidth < expected * 1.05)
      last = plan.bandwidth
    }
  }

  /// Simulated rounds keep the limits as often as was promised.
  @Test func keepsItsPromise() throws {
    let seed: UInt64 = 777
    var random = TestRandom(seed: seed)
    // Few and large pages, so that chance matters.
    let page = Bytes(siValue: 1_048_576)
    let promise = 0.9
    let plan = try Self.search(
      BinomialGuarantee(probability: promise, pageSize: page)
    ).solve()
    let trials = 2000
    var kept = 0
    for _ in 0..<trials {
      var pages = 1024
      var (total, last) = (0.0, 0.0)
      for index in 0...plan.lastIndex {
        last = Double(pages) * page.siValue / plan.bandwidth.siValue
        total += last
        guard index < plan.lastIndex else { break }
        let share = Self.process.dirtyBytes(after: last) / Self.memory.siValue
        pages = (0..<1024).reduce(0) { sum, _ in sum + (random.uniform(0, 1) < share ? 1 : 0) }
      }
      if total <= 20, last <= 0.1 { kept += 1 }
    }
    // Four deviations of a binomial share below the promise.
    let slack = 4 * (promise * (1 - promise) / Double(trials)).squareRoot()
    #expect(Double(kept) / Double(trials) >= promise - slack, "seed \(seed), kept \(kept)")
  }

  /// Round i is provided for by the least count that is exceeded with (1 - P) 6 / (pi i)^2.
  @Test func sharesOfTheRounds() throws {
    let page = Bytes(siValue: 4096)
    let guarantee = try BinomialGuarantee(probability: 0.9, pageSize: page)
    let memory = 262_144 * page.siValue
    var sum = 0.0
    for round in 1...50 {
      let expected = memory * 0.01
      let count = guarantee.volume(expected: expected, of: memory, round: round) / page.siValue
      let share = 0.1 * 6 / (Double.pi * Double.pi * Double(round * round))
      sum += share
      let counts = try Binomial(trials: 262_144, probability: 0.01)
      #expect(try counts.probabilityOfAtLeast(count + 1) <= share, "round \(round)")
      #expect(try counts.probabilityOfAtLeast(count) > share, "round \(round)")
    }
    #expect(sum < 0.1 && sum > 0.098)
  }

  @Test func domain() {
    for probability in [0, 1, -0.5, 2, Double.nan] {
      #expect(throws: ModelError.self) {
        try BinomialGuarantee(probability: probability, pageSize: Bytes(siValue: 4096))
      }
    }
    #expect(throws: ModelError.self) {
      try BinomialGuarantee(probability: 0.5, pageSize: .zero)
    }
  }
}

import Foundation
import MigrationModels
import Quantities
import TestSupport
import Testing

@Suite struct RateSplitTests {
  /// A root in the logarithm of a rate, and the final scaling to the link.
  static let conditions = Tolerance(relative: 1e-11, reason: "two nested roots in logarithms")

  static func group(_ sizes: [(Double, Double, Int)]) -> [RateSplit.Machine] {
    sizes.map {
      RateSplit.Machine(
        memory: Bytes(siValue: $0.0), dirtyRate: ByteRate(siValue: $0.1), rounds: $0.2)
    }
  }

  /// The program's cost, term by term as it is written.
  static func cost(
    _ machines: [RateSplit.Machine], _ rates: [Double], _ time: Double, _ downtime: Double
  ) -> Double {
    zip(machines, rates).reduce(0) { sum, pair in
      let (machine, rate) = pair
      let (v, d) = (machine.memory.siValue, machine.dirtyRate.siValue)
      let total = (0...machine.rounds).reduce(0) { $0 + v / rate * pow(d / rate, Double($1)) }
      return sum + time * total
        + downtime * v * pow(d, Double(machine.rounds)) / pow(rate, Double(machine.rounds) + 1)
    }
  }

  @Test func equalMachinesShareAlike() throws {
    let machines = Self.group(Array(repeating: (1e9, 10.24e6, 8), count: 4))
    let split = try RateSplit(machines, link: ByteRate(siValue: 125e6))
    for rate in split.rates {
      #expect(Self.conditions.accepts(rate.siValue, 125e6 / 4))
    }
  }

  /// Without dirtying `V_1/R_1 + V_2/R_2` is least at `R_1/R_2 = sqrt(V_1/V_2)`.
  @Test func idleMachinesShareByTheSquareRoot() throws {
    let machines = Self.group([(9e9, 0, 1), (1e9, 0, 1)])
    let split = try RateSplit(machines, link: ByteRate(siValue: 4e8), downtimeWeight: 0)
    #expect(Self.conditions.accepts(split.rates[0].siValue, 3e8))
    #expect(Self.conditions.accepts(split.rates[1].siValue, 1e8))
    #expect(Self.conditions.accepts(split.cost, 40))
  }

  /// SciPy's SLSQP on the program in logarithms (Tests/Reference/rate_split.py).
  @Test func agreesWithANonlinearProgrammingSolver() throws {
    let url = Fixtures.directory.appending(path: "models/rate_split.csv")
    let lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n").dropFirst()
    #expect(lines.count >= 5)
    for line in lines {
      let fields = line.split(separator: ",").map(String.init)
      let numbers = fields.map { $0.split(separator: " ").compactMap { Double($0) } }
      let machines = Self.group(
        zip(numbers[0], zip(numbers[1], numbers[2])).map { ($0, $1.0, Int($1.1)) })
      let split = try RateSplit(
        machines, link: ByteRate(siValue: numbers[3][0]), timeWeight: numbers[4][0],
        downtimeWeight: numbers[4][1])
      // The solver stops at about eight digits of the rates, sixteen of the cost.
      for (rate, expected) in zip(split.rates, numbers[5]) {
        #expect(
          Tolerance(relative: 1e-5, reason: "SLSQP").accepts(rate.siValue, expected), "\(line)")
      }
      #expect(Tolerance(relative: 1e-9, reason: "SLSQP").accepts(split.cost, numbers[6][0]))
      #expect(split.cost <= numbers[6][0] * (1 + 1e-12))
    }
  }

  /// The conditions of optimality hold, and no other split that was tried costs less.
  @Test func nothingElseIsCheaper() throws {
    let seed: UInt64 = 60_602
    var random = TestRandom(seed: seed)
    for trial in 0..<300 {
      let count = 1 + trial % 6
      let machines = Self.group(
        (0..<count).map { _ in
          (
            random.logUniform(1e7, 1e12), trial % 5 == 0 ? 0 : random.logUniform(1e3, 1e8),
            Int(random.uniform(0, 30))
          )
        })
      let least = machines.reduce(0) { $0 + $1.dirtyRate.siValue }
      let link = max(1e6, least) * random.logUniform(1.01, 100)
      let weights = (random.logUniform(1e-2, 1e2), random.logUniform(1e-2, 1e2))
      let split = try RateSplit(
        machines, link: ByteRate(siValue: link), timeWeight: weights.0, downtimeWeight: weights.1)
      let rates = split.rates.map(\.siValue)
      let context: Comment = "seed \(seed), trial \(trial)"
      #expect(split.residual < Self.conditions.relative, "residual \(split.residual), \(context)")
      #expect(Self.conditions.accepts(rates.reduce(0, +), link), context)
      #expect(zip(rates, machines).allSatisfy { $0 >= $1.dirtyRate.siValue }, context)
      let cost = Self.cost(machines, rates, weights.0, weights.1)
      #expect(
        Tolerance(relative: 1e-10, reason: "sums of powers").accepts(split.cost, cost), context)
      for _ in 0..<20 where count > 1 {
        let (from, to) = (
          Int.random(in: 0..<count, using: &random), Int.random(in: 0..<count, using: &random)
        )
        var other = rates
        let moved = (rates[from] - machines[from].dirtyRate.siValue) * random.logUniform(1e-4, 0.9)
        other[from] -= moved
        other[to] += moved
        #expect(Self.cost(machines, other, weights.0, weights.1) >= cost * (1 - 1e-12), context)
      }
    }
  }

  @Test func impossibleGroupsAreRefused() {
    let machines = Self.group([(1e9, 60e6, 8), (1e9, 70e6, 8)])
    #expect(
      throws: RateSplitError.linkTooSmall(
        link: ByteRate(siValue: 125e6), dirtyRates: ByteRate(siValue: 130e6))
    ) {
      try RateSplit(machines, link: ByteRate(siValue: 125e6))
    }
    #expect(throws: RateSplitError.noMachines) { try RateSplit([], link: ByteRate(siValue: 1)) }
    #expect(throws: RateSplitError.weights) {
      try RateSplit(machines, link: ByteRate(siValue: 1e9), timeWeight: 0, downtimeWeight: 0)
    }
    #expect(throws: RateSplitError.memory) {
      try RateSplit(Self.group([(0, 0, 1)]), link: ByteRate(siValue: 1e9))
    }
  }
}

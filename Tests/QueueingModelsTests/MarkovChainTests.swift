import Foundation
import LinearAlgebra
import QueueingModels
import TestSupport
import Testing

@Suite struct MarkovChainTests {
  static let seed: UInt64 = 4711
  static let gth = Tolerance(relative: 1e-13, reason: "elimination without subtraction")

  /// Birth and death over 200 orders of magnitude: products of ratios are exact.
  @Test func stationaryKeepsTinyProbabilities() throws {
    let states = 41
    let transitions = (1..<states).flatMap { n in
      [
        Transition(from: n - 1, to: n, rate: 1e-5), Transition(from: n, to: n - 1, rate: 1),
      ]
    }
    let p = try MarkovChain(stateCount: states, transitions: transitions).stationaryDistribution()
    for n in 1..<states { #expect(Self.gth.accepts(p[n] / p[n - 1], 1e-5), "state \(n)") }
    #expect(p[40] < 1e-199)
  }

  @Test func stationaryBalancesRandomChains() throws {
    for trial in 0..<20 {
      var random = TestRandom(seed: Self.seed + UInt64(trial))
      let count = 3 + trial * 3
      var transitions = (0..<count).map {
        Transition(from: $0, to: ($0 + 1) % count, rate: random.logUniform(1e-3, 1e3))
      }
      for _ in 0..<(3 * count) {
        transitions.append(
          Transition(
            from: Int(random.uniform(0, Double(count))), to: Int(random.uniform(0, Double(count))),
            rate: random.logUniform(1e-3, 1e3)))
      }
      let chain = try MarkovChain(stateCount: count, transitions: transitions)
      let p = try chain.stationaryDistribution()
      // Flow in = flow out, state by state.
      var inflow = [Double](repeating: 0, count: count)
      for item in chain.transitions { inflow[item.to] += p[item.from] * item.rate }
      for state in 0..<count {
        #expect(
          Tolerance(relative: 1e-12, reason: "a hundred roundings").accepts(
            inflow[state], p[state] * chain.exitRate(state)),
          "seed \(Self.seed), trial \(trial), state \(state)")
      }
      #expect(Self.gth.accepts(p.reduce(0, +), 1))
      try againstLeastSquares(chain, p)
    }
  }

  /// The second route: Q' pi = 0 with the sum, by QR of the whole system.
  private func againstLeastSquares(_ chain: MarkovChain, _ p: [Double]) throws {
    let n = chain.stateCount
    var columns = [[Double]](repeating: [Double](repeating: 0, count: n + 1), count: n)
    for state in 0..<n {
      columns[state][state] -= chain.exitRate(state)
      columns[state][n] = 1
    }
    for item in chain.transitions { columns[item.from][item.to] += item.rate }
    var right = [Double](repeating: 0, count: n + 1)
    right[n] = 1
    let matrix = try Matrix(columns: columns)
    let solution = try PivotedQR(matrix).solve(right, matrix: matrix)
    for state in 0..<n {
      // QR keeps digits relative to the largest probability and the condition, not to each.
      #expect(abs(solution.coefficients[state] - p[state]) < 1e-8)
    }
  }

  @Test func transientOfTwoStates() throws {
    let chain = try MarkovChain(
      stateCount: 2,
      transitions: [Transition(from: 0, to: 1, rate: 3), Transition(from: 1, to: 0, rate: 2)])
    for t in [0, 1e-6, 0.1, 1, 10, 1000] {
      let answer = try chain.transient(from: [1, 0], after: t)
      let expected = 0.4 + 0.6 * exp(-5 * t)
      #expect(abs(answer.probabilities[0] - expected) < 1e-13, "t = \(t)")
      #expect(answer.truncation <= 1e-14)
      let stayed = 0.4 * t + 0.6 * -expm1(-5 * t) / 5
      #expect(
        Tolerance(relative: 1e-11, reason: "sums over the Poisson steps").accepts(
          answer.occupation[0], stayed), "t = \(t)")
    }
  }

  /// What is left out is what is missing: the bound is reached and kept.
  @Test func truncationIsProven() throws {
    let chain = try MarkovChain(
      stateCount: 3,
      transitions: [
        Transition(from: 0, to: 1, rate: 1), Transition(from: 1, to: 2, rate: 5),
        Transition(from: 2, to: 0, rate: 2),
      ])
    for tolerance in [1e-2, 1e-5, 1e-9] {
      let answer = try chain.transient(from: [0, 1, 0], after: 7, tolerance: tolerance)
      let missing = 1 - answer.probabilities.reduce(0, +)
      #expect(answer.truncation <= tolerance)
      #expect(abs(missing - answer.truncation) < 1e-14, "\(missing) for \(answer.truncation)")
    }
  }

  @Test func absorptionOfAPureDeath() throws {
    // n left, each finishing at rate 0.2: the time to drain is a sum of 1/(0.2 k).
    let chain = try MarkovChain(
      stateCount: 6,
      transitions: (1...5).map { Transition(from: $0, to: $0 - 1, rate: 0.2 * Double($0)) })
    let answer = try chain.absorption(rewards: (0...5).map(Double.init))
    let expected = (1...5).reduce(0) { $0 + 5 / Double($1) }
    #expect(Self.gth.accepts(answer.meanTimes[5], expected))
    #expect(Self.gth.accepts(answer.meanRewards[5], 25))
    #expect(answer.probabilities[0].allSatisfy { Self.gth.accepts($0, 1) })
  }

  @Test func ruinOfAGambler() throws {
    let (up, down) = (2.0, 3.0)
    let chain = try MarkovChain(
      stateCount: 21,
      transitions: (1..<20).flatMap {
        [Transition(from: $0, to: $0 + 1, rate: up), Transition(from: $0, to: $0 - 1, rate: down)]
      })
    let answer = try chain.absorption()
    #expect(answer.ends == [0, 20])
    for start in 1..<20 {
      let r = down / up
      let win = (pow(r, Double(start)) - 1) / (pow(r, 20) - 1)
      #expect(
        Tolerance(relative: 1e-12, reason: "the closed form's own roundings").accepts(
          answer.probabilities[1][start], win))
    }
  }

  @Test func questionsWithoutAnswer() throws {
    let absorbing = try MarkovChain(
      stateCount: 2, transitions: [Transition(from: 0, to: 1, rate: 1)])
    #expect { try absorbing.stationaryDistribution() } throws: {
      "\($0)".contains("state 1 absorbs")
    }
    let apart = try MarkovChain(
      stateCount: 4,
      transitions: [
        Transition(from: 0, to: 1, rate: 1), Transition(from: 1, to: 0, rate: 1),
        Transition(from: 2, to: 3, rate: 1), Transition(from: 3, to: 2, rate: 1),
      ])
    #expect { try apart.stationaryDistribution() } throws: {
      "\($0)".contains("state 2 cannot be reached")
    }
    #expect(throws: QueueingError.self) { try apart.absorption() }
    #expect(throws: QueueingError.self) {
      try MarkovChain(stateCount: 2, transitions: [Transition(from: 0, to: 5, rate: 1)])
    }
    #expect(throws: QueueingError.self) {
      try MarkovChain(stateCount: 2, transitions: [Transition(from: 0, to: 1, rate: -1)])
    }
  }

  @Test(arguments: Oracle.cases("ctmc_sender"))
  func senderMatchesTheOracle(_ item: OracleCase) throws {
    let sender = try MigrationSender(
      arrivalRate: item.input("lam"), serviceRate: item.input("mu"),
      slots: Int(item.input("slots")), capacity: Int(item.input("cap")),
      sharesLink: item.inputs["share"] == "True")
    let queue = try sender.queue()
    let m = queue.metrics
    let values: [String: Double?] = [
      "P_loss": m.blockingProbability, "L": m.meanInSystem, "Lq": m.meanQueueLength,
      "throughput": m.throughput, "response": m.meanResponse,
      "P_empty": try queue.stateProbability(0),
    ]
    for (name, text) in item.outputs {
      let value = try #require(values[name] ?? nil)
      #expect(Tolerance.closedForm.accepts(value, Double(text) ?? .nan), "\(item) \(name)")
    }
    // The general chain says the same to the last digits.
    let p = try queue.chain().stationaryDistribution()
    #expect(Self.gth.accepts(p[0], try #require(try queue.stateProbability(0))))
  }

  @Test func concurrentMigrationsReduceToOneSender() throws {
    let both = try ConcurrentMigrations(
      pending: [0], arrivalRate: 0.03, serviceRate: 0.05, senderSlots: 3, receiverSlots: [50],
      capacity: 10, sharesLinks: false)
    let model = try both.model()
    let p = try model.chain.stationaryDistribution()
    let one = try MigrationSender(
      arrivalRate: 0.03, serviceRate: 0.05, slots: 3, capacity: 10, sharesLink: false
    ).queue()
    let full = model.probability(try #require(model.labels["full"]), p)
    #expect(Self.gth.accepts(full, try #require(one.metrics.blockingProbability)))
    let waiting = model.mean(try #require(model.rewards["waiting"]), p)
    #expect(Tolerance.closedForm.accepts(waiting, try #require(one.metrics.meanQueueLength)))
  }

  @Test func bothEndsNeedASlot() throws {
    // Two senders with two slots each, one receiver with one: one migration at a time.
    let queue = try ConcurrentMigrations(
      pending: [3, 2], serviceRate: 0.1, senderSlots: 2, receiverSlots: [1], sharesLinks: true)
    let model = try queue.model()
    let drain = try model.chain.absorption()
    #expect(Self.gth.accepts(drain.meanTimes[model.initial], 50))
    // Finished by t: an Erlang law of five stages.
    let at = try model.chain.transient(from: model.start, after: 60)
    let done = model.probability(try #require(model.labels["drained"]), at.probabilities)
    let stages: [Double] = (0...4).map { exp(-6) * pow(6, Double($0)) / tgamma(Double($0) + 1) }
    let erlang = 1 - stages.reduce(0, +)
    #expect(abs(done - erlang) < 1e-12)
    // A wider receiver with links of its own: all four slots at first.
    let wide = try ConcurrentMigrations(
      pending: [2, 2], serviceRate: 0.1, senderSlots: 2, receiverSlots: [4], sharesLinks: false)
    let faster = try wide.model()
    let expected = (1...4).reduce(0) { $0 + 10 / Double($1) }
    #expect(Self.gth.accepts(try faster.chain.absorption().meanTimes[faster.initial], expected))
  }
}

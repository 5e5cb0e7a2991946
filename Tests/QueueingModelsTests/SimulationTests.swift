import Foundation
import QueueingModels
import TestSupport
import Testing

/// The simulator beside every formula: an independent second opinion with its interval.
@Suite struct SimulationTests {
  /// One seed for the grid; printed with every failure.
  static let seed: UInt64 = 20_261_121

  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var model: any QueueModel
    var queue: SimulatedQueue
    var testDescription: String { name }
  }

  static func cases() throws -> [Case] {
    var cases: [Case] = []
    for load in [0.3, 0.7, 0.9] {
      for c in [1, 4] {
        let lambda = load * Double(c)
        let arrivals = SimulatedQueue.Arrivals.renewal(.exponential(mean: 1 / lambda))
        func plain(_ capacity: Int? = nil) throws -> SimulatedQueue {
          try SimulatedQueue(
            arrivals: arrivals, service: .exponential(mean: 1), servers: c, capacity: capacity)
        }
        cases.append(
          Case(
            name: "M/M/C \(c) \(load)",
            model: try DelayQueue(arrivalRate: lambda, serviceRate: 1, servers: c),
            queue: try plain()))
        cases.append(
          Case(
            name: "M/M/C/C \(c) \(load)",
            model: try LossQueue(arrivalRate: lambda, serviceRate: 1, servers: c),
            queue: try plain(c)))
        cases.append(
          Case(
            name: "M/M/C/K \(c) \(load)",
            model: try FiniteQueue(
              arrivalRate: lambda, serviceRate: 1, servers: c, capacity: c + 5),
            queue: try plain(c + 5)))
        var abandoning = try plain()
        abandoning.patience = .exponential(mean: 2)
        cases.append(
          Case(
            name: "M/M/C+M \(c) \(load)",
            model: try AbandonmentQueue(
              arrivalRate: lambda, serviceRate: 1, servers: c, abandonmentRate: 0.5),
            queue: abandoning))
        var retrying = try plain(c)
        retrying.retry = .exponential(mean: 0.5)
        cases.append(
          Case(
            name: "retrial \(c) \(load)",
            model: try RetrialQueue(
              arrivalRate: lambda, serviceRate: 1, servers: c, retryRate: 2),
            queue: retrying))
        var groups = try SimulatedQueue(
          arrivals: .renewal(.exponential(mean: 2 / lambda)), service: .exponential(mean: 1),
          servers: c, capacity: c + 6)
        groups.groupSizes = [0.25, 0.5, 0.25]
        cases.append(
          Case(
            name: "M[X]/M/C/K \(c) \(load)",
            model: try BatchArrivalQueue(
              groupRate: lambda / 2, sizes: [0.25, 0.5, 0.25], serviceRate: 1, servers: c,
              capacity: c + 6),
            queue: groups))
        cases.append(
          Case(
            name: "Engset \(c) \(load)",
            model: try FiniteSourceQueue(
              sources: 3 * c + 2, requestRate: load / 2, serviceRate: 1, servers: c,
              capacity: c + 1),
            queue: try SimulatedQueue(
              arrivals: .sources(count: 3 * c + 2, requestRate: load / 2),
              service: .exponential(mean: 1), servers: c, capacity: c + 1)))
      }
      let arrivals = SimulatedQueue.Arrivals.renewal(.exponential(mean: 1 / load))
      var shared = try SimulatedQueue(
        arrivals: arrivals, service: .deterministic(mean: 1), servers: 1)
      shared.discipline = .processorSharing
      cases.append(
        Case(
          name: "M/D/1-PS \(load)",
          model: try SharedLinkQueue(arrivalRate: load, serviceRate: 1), queue: shared))
      for variation in [0, 0.4, 3] {
        let law = try ServiceLaw.fitted(mean: 1, squaredVariation: variation)
        cases.append(
          Case(
            name: "M/G/1 \(load) \(variation)",
            model: try SingleServerQueue(arrivalRate: load, service: law),
            queue: try SimulatedQueue(arrivals: arrivals, service: law, servers: 1)))
      }
      // Insensitivity: Erlang B with fixed services.
      cases.append(
        Case(
          name: "M/D/C/C \(load)",
          model: try LossQueue(arrivalRate: 4 * load, serviceRate: 1, servers: 4),
          queue: try SimulatedQueue(
            arrivals: .renewal(.exponential(mean: 0.25 / load)), service: .deterministic(mean: 1),
            servers: 4, capacity: 4)))
    }
    return cases
  }

  @Test func everyFormulaLiesInsideItsInterval() throws {
    var inside = 0
    var outside: [String] = []
    for item in try Self.cases() {
      let plan = try SimulationPlan(
        customers: 2500, warmUp: 1000, replications: 10, seed: Self.seed)
      let result = try item.queue.simulate(plan)
      #expect(result.isConserved, "\(item.name)")
      // The areas are sums of some ten thousand steps.
      #expect(result.littleError < 1e-9, "\(item.name): \(result.littleError)")
      let m = item.model.metrics
      let pairs: [(String, Double?, SimulationEstimate?)] = [
        ("blocking", m.blockingProbability, result.blockingProbability),
        ("wait", m.meanWait, result.meanWait), ("response", m.meanResponse, result.meanResponse),
        ("in system", m.meanInSystem, result.meanInSystem),
        ("queue", m.meanQueueLength, result.meanQueueLength),
        ("utilisation", m.utilization, result.utilization),
        ("throughput", m.throughput, result.throughput),
        ("waiting", m.waitingProbability, result.waitingProbability),
        ("abandoned", m.abandonmentProbability, result.abandonmentProbability),
      ]
      for (name, formula, estimate) in pairs {
        guard let formula, let estimate else { continue }
        if estimate.contains(formula) {
          inside += 1
        } else {
          outside.append(
            "\(item.name), \(name): \(formula), \(estimate.lower) ... \(estimate.upper)")
          // An interval of 99 % misses one time in a hundred; none may miss by as much again.
          let wide = abs(formula - estimate.mean) <= 2 * estimate.halfWidth + 1e-9
          #expect(wide, "seed \(Self.seed): \(outside.last ?? "")")
        }
      }
    }
    // Of n intervals of 99 %, n/100 miss; four standard deviations more would be no chance.
    let count = Double(inside + outside.count)
    let bound = count * 0.01 + 4 * (count * 0.01).squareRoot()
    #expect(
      Double(outside.count) <= bound,
      "seed \(Self.seed): \(outside.count) of \(Int(count)) outside: \(outside)")
    #expect(count > 250)
  }

  /// Poisson arrivals see time averages; arrivals from finite sources do not.
  @Test func poissonArrivalsSeeTimeAverages() throws {
    let queue = try SimulatedQueue(
      arrivals: .renewal(.exponential(mean: 1.25)), service: .gamma(mean: 1, squaredVariation: 0.5),
      servers: 1)
    let plan = try SimulationPlan(customers: 20_000, replications: 20, seed: Self.seed)
    let result = try queue.simulate(plan)
    let difference = abs(result.seenByArrivals.mean - result.meanInSystem.mean)
    #expect(difference < result.seenByArrivals.halfWidth + result.meanInSystem.halfWidth)
    let sources = try SimulatedQueue(
      arrivals: .sources(count: 3, requestRate: 1), service: .exponential(mean: 1), servers: 1)
    let finite = try sources.simulate(plan)
    #expect(
      finite.seenByArrivals.upper < finite.meanInSystem.lower,
      "arrivals from three sources see the others only")
  }

  @Test func sameSeedSameResult() throws {
    let queue = try SimulatedQueue(
      arrivals: .renewal(.exponential(mean: 1)), service: .exponential(mean: 0.5), servers: 1)
    let plan = try SimulationPlan(customers: 1000, replications: 6, seed: 5, percentiles: [0.9])
    let first = try queue.simulate(plan)
    #expect(try queue.simulate(plan) == first)
    #expect(
      try queue.simulate(SimulationPlan(customers: 1000, replications: 6, seed: 6)) != first)
  }

  /// Cobham's formula for priorities that do not interrupt: W_k = R / ((1 - s_(k-1)) (1 - s_k)).
  @Test func prioritiesWaitAsCobhamSays() throws {
    var queue = try SimulatedQueue(
      arrivals: .renewal(.exponential(mean: 1 / 0.8)), service: .deterministic(mean: 1), servers: 1)
    queue.discipline = .priority(shares: [0.3, 0.7])
    let result = try queue.simulate(
      try SimulationPlan(customers: 30_000, replications: 20, seed: Self.seed))
    let residual = 0.8 / 2
    #expect(result.classWaits[0].contains(residual / (1 - 0.24)), "\(result.classWaits)")
    #expect(
      result.classWaits[1].contains(residual / ((1 - 0.24) * (1 - 0.8))), "\(result.classWaits)")
  }

  /// One server that breaks down and goes on afterwards is M/G/1 in completion times: Gaver 1962.
  @Test func breakdownsLengthenTheWait() throws {
    var queue = try SimulatedQueue(
      arrivals: .renewal(.exponential(mean: 2)), service: .exponential(mean: 1), servers: 1)
    queue.breakdowns = .init(meanUptime: 10, meanRepair: 2)
    let result = try queue.simulate(
      try SimulationPlan(customers: 30_000, replications: 20, seed: Self.seed))
    // Breakdowns also while idle: L solves the chain of (number, up or down).
    let chain = try MarkovChain(
      stateCount: 800,
      transitions: (0..<400).flatMap { n -> [Transition] in
        var arrows = [
          Transition(from: 2 * n, to: 2 * n + 1, rate: 0.1),
          Transition(from: 2 * n + 1, to: 2 * n, rate: 0.5),
        ]
        if n < 399 {
          arrows.append(Transition(from: 2 * n, to: 2 * n + 2, rate: 0.5))
          arrows.append(Transition(from: 2 * n + 1, to: 2 * n + 3, rate: 0.5))
        }
        if n > 0 { arrows.append(Transition(from: 2 * n, to: 2 * n - 2, rate: 1)) }
        return arrows
      })
    let p = try chain.stationaryDistribution()
    let mean = p.enumerated().reduce(0) { $0 + Double($1.offset / 2) * $1.element }
    #expect(result.meanInSystem.contains(mean), "\(mean), \(result.meanInSystem)")
  }

  /// How far the moment approximations may be trusted, beside the simulator.
  @Test(arguments: [(4, 0.8, 0.0), (4, 0.8, 0.3), (8, 0.9, 0.0), (2, 0.6, 0.5)])
  func generalServiceIsNearTheSimulator(_ c: Int, _ load: Double, _ variation: Double) throws {
    let lambda = load * Double(c)
    let formula = try GeneralServiceQueue(
      arrivalRate: lambda, serviceRate: 1, servers: c, serviceVariation: variation)
    let queue = try SimulatedQueue(
      arrivals: .renewal(.exponential(mean: 1 / lambda)),
      service: try .fitted(mean: 1, squaredVariation: variation), servers: c)
    let result = try queue.simulate(
      try SimulationPlan(customers: 30_000, replications: 20, seed: Self.seed))
    let wait = try #require(formula.metrics.meanWait)
    // Published errors of the two-moment form are a few per cent at these loads.
    #expect(
      abs(wait - result.meanWait.mean) < 0.05 * result.meanWait.mean + result.meanWait.halfWidth,
      "\(wait), \(result.meanWait)")
  }

  @Test func refusesWhatItCannotSimulate() throws {
    #expect(throws: QueueingError.self) {
      try SimulatedQueue(
        arrivals: .renewal(.exponential(mean: 0)), service: .deterministic(mean: 1), servers: 1)
    }
    #expect(throws: QueueingError.self) { try SimulationPlan(replications: 1) }
    var queue = try SimulatedQueue(
      arrivals: .renewal(.exponential(mean: 1)), service: .deterministic(mean: 1), servers: 1)
    queue.discipline = .processorSharing
    queue.patience = .deterministic(mean: 1)
    let patient = queue
    #expect(throws: QueueingError.self) { try patient.simulate(SimulationPlan()) }
  }
}

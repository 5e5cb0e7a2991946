import QueueingModels
import Testing

/// The formulas beside the simulator's other assumptions: classes, and servers that fail.
@Suite struct PriorityAndBreakdownTests {
  static let seed: UInt64 = 20_261_123

  /// Cobham's waits beside the simulator's; their mean is that of the line without classes.
  @Test func prioritiesOfSeveralServers() throws {
    let queue = try DelayQueue(arrivalRate: 2.4, serviceRate: 1, servers: 3)
    let shares = [0.2, 0.3, 0.5]
    let waits = try PriorityWaits(queue, shares: shares).meanWaits
    let mean = zip(waits, shares).reduce(0) { $0 + ($1.0 ?? .nan) * $1.1 }
    #expect(abs(mean - (try #require(queue.metrics.meanWait))) < 1e-12)
    var simulated = try SimulatedQueue(
      arrivals: .renewal(.exponential(mean: 1 / 2.4)), service: .exponential(mean: 1), servers: 3)
    simulated.discipline = .priority(shares: shares)
    let result = try simulated.simulate(
      try SimulationPlan(customers: 8_000, replications: 10, seed: Self.seed))
    for (wait, estimate) in zip(waits, result.classWaits) {
      #expect(estimate.contains(try #require(wait)), "seed \(Self.seed): \(waits), \(estimate)")
    }
    // A load that is too high for all leaves the first class its wait.
    let flooded = try DelayQueue(arrivalRate: 4, serviceRate: 1, servers: 3)
    let first = try PriorityWaits(flooded, shares: [0.25, 0.75]).meanWaits
    // R = 1/3, s_1 = 1/3.
    #expect(abs(try #require(first[0]) - 0.5) < 1e-15)
    #expect(first[1] == nil)
    let single = try SingleServerQueue(
      arrivalRate: 0.8, service: .gamma(mean: 1, squaredVariation: 0.5))
    let both = try PriorityWaits(single, shares: [0.3, 0.7]).meanWaits
    let (high, low) = (try #require(both[0]), try #require(both[1]))
    let average: Double = 0.3 * high + 0.7 * low
    #expect(abs(average - (try #require(single.metrics.meanWait))) < 1e-12)
    #expect(throws: QueueingError.self) { try PriorityWaits(single, shares: [0.3, 0.3]) }
  }

  /// White and Christie's number against the chain of (number, up or down).
  @Test(arguments: [(0.5, 10.0, 2.0), (0.2, 1.0, 1.0), (0.05, 100.0, 0.1)])
  func breakdownsAgainstTheChain(_ lambda: Double, _ up: Double, _ repair: Double) throws {
    let queue = try BreakdownQueue(
      arrivalRate: lambda, serviceRate: 1, meanUptime: up, meanRepair: repair)
    let room = 400
    var transitions: [Transition] = []
    for n in 0...room {
      transitions.append(Transition(from: 2 * n, to: 2 * n + 1, rate: 1 / up))
      transitions.append(Transition(from: 2 * n + 1, to: 2 * n, rate: 1 / repair))
      if n < room {
        transitions.append(Transition(from: 2 * n, to: 2 * n + 2, rate: lambda))
        transitions.append(Transition(from: 2 * n + 1, to: 2 * n + 3, rate: lambda))
      }
      if n > 0 { transitions.append(Transition(from: 2 * n, to: 2 * n - 2, rate: 1)) }
    }
    let p = try MarkovChain(stateCount: 2 * room + 2, transitions: transitions)
      .stationaryDistribution()
    let mean = p.enumerated().reduce(0) { $0 + Double($1.offset / 2) * $1.element }
    let m = queue.metrics
    #expect(abs(try #require(m.meanInSystem) / mean - 1) < 1e-11)
    #expect(abs(try #require(m.meanResponse) * lambda / mean - 1) < 1e-11)
    // Who holds the server is beyond the chain: the simulator's.
    var simulated = try SimulatedQueue(
      arrivals: .renewal(.exponential(mean: 1 / lambda)), service: .exponential(mean: 1),
      servers: 1)
    simulated.breakdowns = .init(meanUptime: up, meanRepair: repair)
    let result = try simulated.simulate(
      try SimulationPlan(customers: 5000, replications: 10, seed: Self.seed))
    #expect(result.utilization.contains(try #require(m.utilization)), "seed \(Self.seed)")
    #expect(result.meanWait.contains(try #require(m.meanWait)), "seed \(Self.seed)")
    #expect(
      try !BreakdownQueue(arrivalRate: 0.9, serviceRate: 1, meanUptime: 10, meanRepair: 2)
        .metrics.isStable)
  }
}

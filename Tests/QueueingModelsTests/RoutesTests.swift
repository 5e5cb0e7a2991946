import Foundation
import QueueingModels
import Statistics
import TestSupport
import Testing

/// Erlang's function by every route, and the laws that hold whatever the numbers.
@Suite struct RoutesTests {
  static let seed: UInt64 = 20_260_501

  /// 10^-12 for routes of a few thousand roundings; the incomplete gamma of the library is held to
  /// what its documentation promises at large orders.
  static let sums = Tolerance(relative: 1e-12, reason: "sums of positive terms")
  static let library = Tolerance(
    relative: 5e-11, reason: "Boost.Math's incomplete gamma at orders up to 10^6")

  @Test func recurrenceAgrees() throws {
    var random = TestRandom(seed: Self.seed)
    for trial in 0..<300 {
      let c = Int(random.logUniform(1, 3000))
      let a = Double(c) * random.logUniform(0.2, 20)
      let loss = try ErlangLoss(servers: Double(c), offeredLoad: a)
      let other = ErlangRoutes.recurrence(servers: c, offeredLoad: a)
      guard other > 1e-290 else { continue }
      // The recurrence rounds at every step.
      let close = Tolerance(
        relative: 1e-13 + Double(c) * 4e-16, reason: "one rounding per server")
      #expect(
        close.accepts(loss.blocking, other),
        "seed \(Self.seed), trial \(trial): c \(c), a \(a): \(loss.blocking), \(other)")
    }
  }

  @Test func incompleteGammaAgreesForRealServers() throws {
    var random = TestRandom(seed: Self.seed)
    for trial in 0..<400 {
      let c = random.logUniform(0.01, 1e6)
      // About the peak on the scale of sqrt(c), where no route has an easy time.
      let a = max(c + random.uniform(-6, 12) * c.squareRoot(), c * 0.05)
      let loss = try ErlangLoss(servers: c, offeredLoad: a)
      let other = ErlangRoutes.incompleteGamma(servers: c, offeredLoad: a)
      #expect(
        Self.library.accepts(loss.blocking, other),
        "seed \(Self.seed), trial \(trial): c \(c), a \(a): \(loss.blocking), \(other)")
    }
  }

  @Test func integralAgreesForRealServersAndTinyBlocking() throws {
    var random = TestRandom(seed: Self.seed)
    for trial in 0..<200 {
      let c = random.logUniform(0.01, 1e7)
      // Below one server and load the integrand has a branch point next to its range.
      let a = random.logUniform(c < 2 ? 0.1 : 1e-12, 1e12)
      let loss = try ErlangLoss(servers: c, offeredLoad: a)
      let other = try ErlangRoutes.logByIntegral(servers: c, offeredLoad: a)
      // Absolute in the logarithm: relative in B; the exponent itself is rounded.
      let bound = 1e-11 + 4e-16 * abs(other) + 4e-16 * c * abs(log(a / c))
      #expect(
        abs(loss.logBlocking - other) <= bound,
        "seed \(Self.seed), trial \(trial): c \(c), a \(a): \(loss.logBlocking), \(other)")
    }
  }

  @Test func recursionOverServersHoldsForRealServers() throws {
    var random = TestRandom(seed: Self.seed)
    for trial in 0..<300 {
      let c = random.logUniform(1, 1e7)
      let a = c * random.logUniform(0.8, 1.3)
      let here = try ErlangLoss(servers: c, offeredLoad: a)
      let below = try ErlangLoss(servers: c - 1, offeredLoad: a)
      // 1/B(c) = 1 + (c/a) / B(c-1), in logarithms where B underflows.
      let expected = log(1 + c / a * exp(-below.logBlocking))
      guard expected.isFinite, expected < 600 else { continue }
      #expect(
        abs(-here.logBlocking - expected) < 1e-9,
        "seed \(Self.seed), trial \(trial): c \(c), a \(a)")
    }
  }

  @Test func acceptanceKeepsItsDigitsUnderHugeLoad() throws {
    let loss = try ErlangLoss(servers: 3, offeredLoad: 1e12)
    // 1 - B = c/a - c/a^2 + ...
    #expect(RoutesTests.sums.accepts(loss.acceptance, 3e-12 - 3e-24))
    let real = try ErlangLoss(servers: 0.5, offeredLoad: 1e12)
    #expect(RoutesTests.sums.accepts(real.acceptance, 0.5e-12 - 0.5e-24))
  }

  @Test(arguments: [(1e5, 0.9), (1e6, 1.0), (1e7, 0.99999), (1e7, 1.2), (1e7, 1e-3)])
  func blockingAtTheLargestSizes(_ c: Double, _ ratio: Double) throws {
    let loss = try ErlangLoss(servers: c, offeredLoad: c * ratio)
    let other = try ErlangRoutes.logByIntegral(servers: c, offeredLoad: c * ratio)
    #expect(abs(loss.logBlocking - other) <= 1e-9 * max(1, abs(other)))
    // B ~ sqrt(2/(pi c)) at a = c, to 1/c^(1/2).
    if ratio == 1 {
      #expect(abs(loss.blocking / (2 / (.pi * c)).squareRoot() - 1) < 2 / c.squareRoot())
    }
  }

  @Test func littleAndConservationHold() throws {
    var random = TestRandom(seed: Self.seed)
    for trial in 0..<300 {
      let servers = Int(random.logUniform(1, 2000))
      let mu = random.logUniform(1e-3, 10)
      let lambda = Double(servers) * mu * random.logUniform(0.05, 0.999)
      let queues: [any QueueModel] = [
        try LossQueue(arrivalRate: lambda, serviceRate: mu, servers: servers),
        try DelayQueue(arrivalRate: lambda, serviceRate: mu, servers: servers),
        try FiniteQueue(
          arrivalRate: lambda * random.uniform(0.5, 2), serviceRate: mu, servers: servers,
          capacity: servers + Int(random.logUniform(1, 3000))),
        try SharedLinkQueue(arrivalRate: lambda / Double(servers), serviceRate: mu),
      ]
      for queue in queues {
        let m = queue.metrics
        let rate = try #require(m.throughput)
        let inSystem = try #require(m.meanInSystem)
        #expect(
          Self.sums.accepts(rate * (try #require(m.meanResponse)), inSystem),
          "L = lambda W, seed \(Self.seed), trial \(trial): \(queue)")
        // Subnormal waits have no digits to compare.
        guard m.meanQueueLength == 0 || m.meanWait ?? 0 > 1e-300 else { continue }
        #expect(
          Self.sums.accepts(rate * (try #require(m.meanWait)), try #require(m.meanQueueLength)),
          "Lq = lambda Wq, seed \(Self.seed), trial \(trial): \(m)")
      }
    }
  }

  @Test func stateProbabilitiesSumToOneAndGiveTheMeans() throws {
    let queues: [any QueueModel] = [
      try LossQueue(arrivalRate: 90, serviceRate: 1, servers: 100),
      try DelayQueue(arrivalRate: 9, serviceRate: 1, servers: 10),
      try FiniteQueue(arrivalRate: 12, serviceRate: 1, servers: 10, capacity: 40),
      try AbandonmentQueue(arrivalRate: 12, serviceRate: 1, servers: 10, abandonmentRate: 0.3),
      try FiniteSourceQueue(
        sources: 40, requestRate: 0.2, serviceRate: 1, servers: 6, capacity: 12),
      try SharedLinkQueue(arrivalRate: 0.8, serviceRate: 1),
      try InfiniteServers(arrivalRate: 30, serviceRate: 1),
      try BatchArrivalQueue(
        groupRate: 1, sizes: [0.5, 0.25, 0.25], serviceRate: 1, servers: 3),
    ]
    for queue in queues {
      var (total, mean) = (0.0, 0.0)
      for n in 0..<600 {
        let p = try #require(try queue.stateProbability(n))
        total += p
        mean += Double(n) * p
      }
      #expect(Self.sums.accepts(total, 1), "\(type(of: queue).kendall): \(total)")
      #expect(
        Self.sums.accepts(mean, try #require(queue.metrics.meanInSystem)),
        "\(type(of: queue).kendall)")
    }
  }
}

@Suite struct ErlangBatchTests {
  @Test func columnsAnswerAsSingles() throws {
    let servers = (0..<10_000).map { Double($0 % 1000) }
    let loads = (0..<10_000).map { Double($0) * 0.13 }
    let batch = try ErlangBatch.blocking(servers: servers, offeredLoads: loads)
    for index in servers.indices {
      let single = try ErlangLoss(servers: servers[index], offeredLoad: loads[index])
      #expect(batch[index].bitPattern == single.blocking.bitPattern, "pair \(index)")
    }
    #expect { try ErlangBatch.blocking(servers: [1, -1], offeredLoads: [1, 1]) } throws: {
      "\($0)".contains("servers at 1")
    }
  }
}

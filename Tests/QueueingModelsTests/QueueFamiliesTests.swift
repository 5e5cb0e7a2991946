import Foundation
import QueueingModels
import TestSupport
import Testing

/// Each family of queues against a second route: state by state, a chain, a limit.
@Suite struct QueueFamiliesTests {
  static let sums = Tolerance(relative: 1e-12, reason: "sums of positive terms")
  static let gth = Tolerance(relative: 1e-13, reason: "elimination without subtraction")
  static let inverted = Tolerance(relative: 1e-6, reason: "transform inverted to 1e-8 absolute")

  @Test(arguments: [(1, 5, 0.4), (3, 10, 2.5), (10, 12, 9), (50, 300, 49.9), (4, 60, 9.0)])
  func finiteQueueStateByState(_ c: Int, _ k: Int, _ a: Double) throws {
    let closed = try FiniteQueue(arrivalRate: a, serviceRate: 1, servers: c, capacity: k)
    let listed = try BirthDeathQueue(
      births: (0...k).map { _ in a }, deaths: (0...k).map { Double(min($0, c)) }, servers: c)
    let solved = try listed.chain().stationaryDistribution()
    for n in 0...k {
      let p = try #require(try closed.stateProbability(n))
      #expect(Self.gth.accepts(p, solved[n]), "p_\(n): \(p), GTH \(solved[n])")
    }
    let (m, other) = (closed.metrics, listed.metrics)
    for (x, y) in [
      (m.blockingProbability, other.blockingProbability), (m.meanWait, other.meanWait),
      (m.waitingProbability, other.waitingProbability), (m.utilization, other.utilization),
      (m.meanInSystem, other.meanInSystem), (m.throughput, other.throughput),
    ] {
      #expect(Self.sums.accepts(try #require(x), try #require(y)))
    }
  }

  @Test func finiteQueueWaitsIntegrateToTheirMeans() throws {
    for (c, k, a) in [(1, 6, 0.9), (3, 10, 2.5), (3, 40, 4.0), (8, 9, 7.0), (20, 900, 22)] {
      let queue = try FiniteQueue(arrivalRate: a, serviceRate: 2, servers: c, capacity: k)
      let wait = integral { queue.waitTail($0) ?? .nan }
      let response = integral { queue.responseTail($0) ?? .nan }
      let trapezium = Tolerance(relative: 1e-5, reason: "Simpson's rule over the tail")
      #expect(trapezium.accepts(wait, try #require(queue.metrics.meanWait)), "\(c) \(k) \(a)")
      #expect(
        trapezium.accepts(response, try #require(queue.metrics.meanResponse)), "\(c) \(k) \(a)")
    }
  }

  /// Simpson's rule on [0, 60].
  private func integral(_ f: (Double) throws -> Double) rethrows -> Double {
    let steps = 6000
    let h = 60.0 / Double(steps)
    var sum = try f(0) + f(60)
    for i in 1..<steps { sum += try f(Double(i) * h) * (i % 2 == 1 ? 4 : 2) }
    return sum * h / 3
  }

  @Test func delayQueueDistributionsIntegrateToTheirMeans() throws {
    for (c, a) in [(1, 0.7), (2, 1.0), (5, 4.0), (5, 3.9999999), (20, 12.0)] {
      let queue = try DelayQueue(arrivalRate: a, serviceRate: 1, servers: c)
      let simpson = Tolerance(relative: 1e-6, reason: "Simpson's rule over the tail")
      #expect(
        simpson.accepts(
          integral { queue.responseTail($0) ?? .nan },
          try #require(queue.metrics.meanResponse)))
      let p95 = try #require(try queue.waitQuantile(0.95))
      let tail = try #require(queue.waitTail(p95))
      #expect(p95 == 0 ? tail <= 0.05 : Self.sums.accepts(tail, 0.05))
    }
  }

  /// Long queues under overload: the full end is as accurate as the empty one.
  @Test func overloadKeepsItsDigits() throws {
    let finite = try FiniteQueue(arrivalRate: 22, serviceRate: 1, servers: 20, capacity: 100_000)
    let m = finite.metrics
    #expect(Self.gth.accepts(try #require(m.blockingProbability), 1 - 20.0 / 22))
    #expect(Self.gth.accepts(try #require(m.utilization), 1))
    // The queue is full but for a geometric gap of mean 10: 1/(rho - 1).
    #expect(Self.gth.accepts(try #require(m.meanQueueLength), 99_980 - 10))
    let crowd = try AbandonmentQueue(
      arrivalRate: 1e4, serviceRate: 1, servers: 5000, abandonmentRate: 1e-3)
    let close = Tolerance(relative: 1e-11, reason: "millions of terms, each rounded")
    #expect(close.accepts(try #require(crowd.metrics.abandonmentProbability), 0.5))
    #expect(close.accepts(try #require(crowd.metrics.meanQueueLength), 5e6))
  }

  @Test func capacityWithoutLimitIsTheDelayQueue() throws {
    let finite = try FiniteQueue(
      arrivalRate: 9, serviceRate: 1, servers: 10, capacity: 5000)
    let infinite = try DelayQueue(arrivalRate: 9, serviceRate: 1, servers: 10)
    #expect(
      Self.sums.accepts(
        try #require(finite.metrics.meanWait), try #require(infinite.metrics.meanWait)))
    #expect(
      Self.sums.accepts(
        try #require(finite.metrics.waitingProbability),
        try #require(infinite.metrics.waitingProbability)))
  }

  @Test func engsetApproachesErlangAndRefusesNobodyWithAServerEach() throws {
    let many = try FiniteSourceQueue(
      sources: 200_000, requestRate: 8.0 / 200_000, serviceRate: 1, servers: 10)
    let erlang = try ErlangLoss(servers: 10, offeredLoad: 8)
    let limit = Tolerance(relative: 1e-3, reason: "N = 200000 stands for infinity")
    #expect(limit.accepts(try #require(many.metrics.blockingProbability), erlang.blocking))
    let few = try FiniteSourceQueue(sources: 5, requestRate: 1, serviceRate: 1, servers: 5)
    #expect(few.metrics.blockingProbability == 0)
    // Call congestion is time congestion with a source less.
    let ten = try FiniteSourceQueue(sources: 10, requestRate: 0.3, serviceRate: 1, servers: 3)
    let nine = try FiniteSourceQueue(sources: 9, requestRate: 0.3, serviceRate: 1, servers: 3)
    #expect(Self.sums.accepts(try #require(ten.metrics.blockingProbability), nine.timeCongestion))
  }

  @Test(arguments: Oracle.cases("kaufman_roberts"))
  func multiRateMatchesTheOracle(_ item: OracleCase) throws {
    let classes = try #require(item.inputs["classes"]).split(separator: "/").map { text in
      let parts = text.split(separator: "x").compactMap { Double($0) }
      return TrafficClass(offeredLoad: parts[0], channels: Int(parts[1]))
    }
    let loss = try MultiRateLoss(channels: Int(item.input("C")), classes: classes)
    for index in classes.indices where item.outputs["P_block_\(index + 1)"] != nil {
      #expect(
        Self.sums.accepts(loss.blocking(index), item.output("P_block_\(index + 1)")), "\(item)")
    }
    let carried = classes.indices.reduce(0) { $0 + loss.carried($1) * Double(classes[$1].channels) }
    #expect(Self.sums.accepts(carried, loss.meanOccupancy))
  }

  @Test func multiRateLogarithmsReachBelowTheDoubles() throws {
    let loss = try MultiRateLoss(
      channels: 20_000, classes: [TrafficClass(offeredLoad: 8000, channels: 1)])
    let erlang = try ErlangLoss(servers: 20_000, offeredLoad: 8000)
    #expect(loss.blocking(0) == 0)
    // 20000 products, each rounded once, in a logarithm of size 8000.
    #expect(abs(loss.logBlocking(0) - erlang.logBlocking) < 1e-9)
  }

  @Test(arguments: [(1, 0.6, 0.5), (3, 2.4, 0.2), (5, 4.0, 3.0), (2, 0.01, 10)])
  func retrialsAgainstTheChainAndTheClosedForm(_ c: Int, _ a: Double, _ theta: Double) throws {
    let queue = try RetrialQueue(
      arrivalRate: a, serviceRate: 1, servers: c, retryRate: theta)
    let orbit = try #require(queue.meanOrbit)
    if c == 1 {
      let closed = a * a / (1 - a) * (1 + 1 / theta)
      #expect(Self.sums.accepts(orbit, closed), "\(orbit), Falin and Templeton \(closed)")
    }
    let levels = 400
    let p = try queue.chain(orbit: levels).stationaryDistribution()
    var mean = 0.0
    var full = 0.0
    for (state, share) in p.enumerated() {
      mean += Double(state / (c + 1)) * share
      if state % (c + 1) == c { full += share }
    }
    #expect(Self.sums.accepts(orbit, mean))
    #expect(Self.sums.accepts(queue.busyProbabilities[c], full))
    // Servers are busy for a = lambda/mu on average, orbit or not.
    let busy = queue.busyProbabilities.enumerated().reduce(0) { $0 + Double($1.0) * $1.1 }
    #expect(Self.sums.accepts(busy, a))
    // Attempts that succeed are arrivals: everyone is served in the end.
    let attempts = a + theta * orbit
    let blocked = try #require(queue.attemptBlocking)
    #expect(Self.sums.accepts(attempts * (1 - blocked), a))
  }

  @Test func impatientRetriesAreTheDelayQueue() throws {
    let queue = try RetrialQueue(arrivalRate: 4, serviceRate: 1, servers: 5, retryRate: 1e7)
    let delay = try DelayQueue(arrivalRate: 4, serviceRate: 1, servers: 5)
    let limit = Tolerance(relative: 1e-5, reason: "a retry rate of 10^7 stands for infinity")
    #expect(
      limit.accepts(
        try #require(queue.metrics.meanQueueLength), try #require(delay.metrics.meanQueueLength)))
  }

  @Test(arguments: [(5, 4.0, 1.0), (5, 9.0, 0.1), (50, 60, 2), (200, 190, 0.01), (3, 0.5, 7)])
  func abandonmentByThreeRoutes(_ c: Int, _ lambda: Double, _ theta: Double) throws {
    let queue = try AbandonmentQueue(
      arrivalRate: lambda, serviceRate: 1, servers: c, abandonmentRate: theta)
    let m = queue.metrics
    // The library's incomplete gamma, where its prefactor does not overflow.
    if lambda / theta < 300 {
      let library = Tolerance(relative: 1e-9, reason: "a small difference of large powers")
      #expect(
        library.accepts(queue.queuedInUnitsOfFull + 1, queue.queuedByIncompleteGamma + 1))
    }
    let k = c + 200 + Int(max(lambda - Double(c), 0) / theta + 12 * (lambda / theta).squareRoot())
    let listed = try BirthDeathQueue(
      births: (0...k).map { _ in lambda },
      deaths: (0...k).map { Double(min($0, c)) + Double(max($0 - c, 0)) * theta }, servers: c)
    #expect(
      Self.sums.accepts(
        try #require(m.meanQueueLength), try #require(listed.metrics.meanQueueLength)))
    #expect(
      Self.sums.accepts(
        try #require(m.waitingProbability), try #require(listed.metrics.waitingProbability)))
    // What comes in goes out, served or not.
    let out = try #require(m.throughput) + lambda * (try #require(m.abandonmentProbability))
    #expect(Self.sums.accepts(out, lambda))
    let mean = try integral { try queue.waitTail($0) ?? .nan }
    if try queue.waitTail(60) ?? 1 < 1e-12 {
      let simpson = Tolerance(relative: 1e-6, reason: "Simpson's rule over the tail")
      #expect(simpson.accepts(mean, try #require(m.meanWait)))
    }
  }

  @Test func batchesAgainstClosedForms() throws {
    let sizes = [0.2, 0.0, 0.5, 0.3]
    let queue = try BatchArrivalQueue(
      groupRate: 0.2, sizes: sizes, serviceRate: 1, servers: 1)
    let mean = queue.meanSize
    let second = sizes.enumerated().reduce(0) { $0 + pow(Double($1.0 + 1), 2) * $1.1 }
    let rho = 0.2 * mean
    let closed = rho * (1 + second / mean) / (2 * (1 - rho))
    #expect(Self.sums.accepts(try #require(queue.metrics.meanInSystem), closed))
    // Groups of one.
    let single = try BatchArrivalQueue(
      groupRate: 6, sizes: [1], serviceRate: 1, servers: 8, capacity: 8)
    #expect(
      Self.gth.accepts(
        try #require(single.metrics.blockingProbability),
        try ErlangLoss(servers: 8, offeredLoad: 6).blocking))
  }

  @Test func wholeGroupsThatLeaveStatesUnreached() throws {
    // Groups of 4 into room for 10: 9 and 10 can be reached only by way of 5 or 6.
    let queue = try BatchArrivalQueue(
      groupRate: 1, sizes: [0, 0, 0, 1], serviceRate: 1, servers: 3, capacity: 10)
    let total = (0...10).compactMap { queue.logStateProbability($0).map { exp($0) } }.reduce(0, +)
    #expect(Self.sums.accepts(total, 1))
    // Members in = members out.
    let m = queue.metrics
    #expect(
      Self.sums.accepts(
        4 * (1 - (try #require(m.blockingProbability))), try #require(m.throughput)))
  }

  @Test func oneServerOfAnyLaw() throws {
    let exponential = try SingleServerQueue(arrivalRate: 0.7, service: .exponential(mean: 1))
    let delay = try DelayQueue(arrivalRate: 0.7, serviceRate: 1, servers: 1)
    #expect(
      Self.sums.accepts(
        try #require(exponential.metrics.meanWait), try #require(delay.metrics.meanWait)))
    for t in [0.1, 1, 5, 20] {
      #expect(
        abs((exponential.waitTail(t) ?? .nan) - (delay.waitTail(t) ?? .nan)) < 1e-7)
      #expect(
        abs((exponential.responseTail(t) ?? .nan) - (delay.responseTail(t) ?? .nan)) < 1e-7)
    }
    let laws: [ServiceLaw] = [
      .deterministic(mean: 1), .gamma(mean: 1, squaredVariation: 0.3),
      .gamma(mean: 1, squaredVariation: 2), .hyperexponential(mean: 1, squaredVariation: 4),
      .empirical([0.5, 0.5, 2]),
    ]
    for law in laws {
      let queue = try SingleServerQueue(arrivalRate: 0.6, service: law)
      let simpson = Tolerance(
        relative: 1e-3, reason: "Simpson over an inverted transform, cut at 60 services")
      #expect(
        simpson.accepts(
          integral { queue.waitTail($0) ?? .nan }, try #require(queue.metrics.meanWait)),
        "\(law)"
      )
    }
  }

  @Test func sharedLinkResponseIntegratesToItsMean() throws {
    for (rate, limit) in [(0.5, nil), (0.8, nil), (1.5, 6)] as [(Double, Int?)] {
      let queue = try SharedLinkQueue(arrivalRate: rate, serviceRate: 1, limit: limit)
      let steps = 240
      // Simpson on a coarse grid of an analytic tail.
      var sum = 0.0
      for i in 0...steps {
        let weight = i == 0 || i == steps ? 1.0 : (i % 2 == 1 ? 4 : 2)
        sum += weight * (try #require(try queue.responseTail(Double(i) * 0.5)))
      }
      let coarse = Tolerance(relative: 1e-3, reason: "Simpson's rule with steps of 0.5")
      #expect(
        coarse.accepts(sum * 0.5 / 3, try #require(queue.metrics.meanResponse)), "\(rate)")
    }
  }

  @Test func generalServiceKeepsItsExactCases() throws {
    let exact = try SingleServerQueue(
      arrivalRate: 0.6, service: .gamma(mean: 1, squaredVariation: 0.4))
    for method in GeneralServiceQueue.Method.allCases {
      let one = try GeneralServiceQueue(
        arrivalRate: 0.6, serviceRate: 1, servers: 1, serviceVariation: 0.4, method: method)
      #expect(
        Self.sums.accepts(
          try #require(one.metrics.meanWait), try #require(exact.metrics.meanWait)))
      let markov = try GeneralServiceQueue(
        arrivalRate: 6, serviceRate: 1, servers: 8, serviceVariation: 1, method: method)
      #expect(
        Self.sums.accepts(
          try #require(markov.metrics.meanWait),
          try #require(markov.exponential.metrics.meanWait)))
    }
  }

  @Test func unstableQueuesAreAnswers() throws {
    let delay = try DelayQueue(arrivalRate: 3, serviceRate: 1, servers: 2)
    #expect(!delay.metrics.isStable && delay.metrics.meanWait == nil)
    #expect(try delay.waitQuantile(0.5) == nil)
    let link = try SharedLinkQueue(arrivalRate: 2, serviceRate: 1)
    #expect(!link.metrics.isStable && link.metrics.meanResponse == nil)
    let retrial = try RetrialQueue(arrivalRate: 3, serviceRate: 1, servers: 2, retryRate: 1)
    #expect(!retrial.metrics.isStable && retrial.meanOrbit == nil)
    let batch = try BatchArrivalQueue(groupRate: 2, sizes: [0, 1], serviceRate: 1, servers: 2)
    #expect(!batch.metrics.isStable)
  }

  @Test func badArgumentsAreRefused() {
    #expect(throws: QueueingError.self) {
      try DelayQueue(arrivalRate: 1, serviceRate: 1, servers: 0)
    }
    #expect(throws: QueueingError.self) {
      try LossQueue(arrivalRate: -1, serviceRate: 1, servers: 2)
    }
    #expect(throws: QueueingError.self) {
      try FiniteQueue(arrivalRate: 1, serviceRate: 1, servers: 5, capacity: 4)
    }
    #expect(throws: QueueingError.self) {
      try LossQueue(arrivalRate: .nan, serviceRate: 1, servers: 2)
    }
    #expect(throws: QueueingError.self) {
      try ErlangLoss(servers: 1e9, offeredLoad: 1)
    }
  }
}

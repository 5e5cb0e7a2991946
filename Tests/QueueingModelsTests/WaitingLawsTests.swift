import Foundation
import Statistics
import TestSupport
import Testing

@testable import QueueingModels

/// The laws of waits, responses and numbers: against their means, a second formula, a chain, and
/// the simulator.
@Suite struct WaitingLawsTests {
  static let seed: UInt64 = 20_261_122

  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var model: any QueueModel
    var simulated: SimulatedQueue
    var testDescription: String { name }
  }

  static func cases() throws -> [Case] {
    let exponential = ServiceLaw.exponential(mean: 1)
    var cases: [Case] = []
    for (c, load) in [(1, 0.5), (3, 0.7)] {
      let lambda = load * Double(c)
      let arrivals = SimulatedQueue.Arrivals.renewal(.exponential(mean: 1 / lambda))
      cases.append(
        Case(
          name: "Engset \(c)",
          model: try FiniteSourceQueue(
            sources: 4 * c, requestRate: load / 2, serviceRate: 1, servers: c, capacity: 3 * c),
          simulated: try SimulatedQueue(
            arrivals: .sources(count: 4 * c, requestRate: load / 2), service: exponential,
            servers: c, capacity: 3 * c)))
      for whole in [true, false] {
        var groups = try SimulatedQueue(
          arrivals: .renewal(.exponential(mean: 2 / lambda)), service: exponential, servers: c,
          capacity: c + 4)
        groups.groupSizes = [0.25, 0.5, 0.25]
        groups.wholeGroups = whole
        cases.append(
          Case(
            name: "batch \(c) \(whole)",
            model: try BatchArrivalQueue(
              groupRate: lambda / 2, sizes: [0.25, 0.5, 0.25], serviceRate: 1, servers: c,
              capacity: c + 4, wholeGroups: whole), simulated: groups))
      }
      var impatient = try SimulatedQueue(arrivals: arrivals, service: exponential, servers: c)
      impatient.patience = .exponential(mean: 2)
      cases.append(
        Case(
          name: "abandonment \(c)",
          model: try AbandonmentQueue(
            arrivalRate: lambda, serviceRate: 1, servers: c, abandonmentRate: 0.5),
          simulated: impatient))
      var retrying = try SimulatedQueue(
        arrivals: arrivals, service: exponential, servers: c, capacity: c)
      retrying.retry = .exponential(mean: 1)
      cases.append(
        Case(
          name: "retrial \(c)",
          model: try RetrialQueue(
            arrivalRate: lambda, serviceRate: 1, servers: c, retryRate: 1),
          simulated: retrying))
    }
    var shared = try SimulatedQueue(
      arrivals: .renewal(.exponential(mean: 1.25)), service: exponential, servers: 1)
    shared.discipline = .processorSharing
    cases.append(
      Case(
        name: "shared link", model: try SharedLinkQueue(arrivalRate: 0.8, serviceRate: 1),
        simulated: shared))
    return cases
  }

  static let percentiles = [0.5, 0.9, 0.98]

  @Test(arguments: try cases())
  func percentilesLieInTheSimulatorsInterval(_ item: Case) throws {
    let plan = try SimulationPlan(
      customers: 3000, warmUp: 1000, replications: 10, seed: Self.seed,
      percentiles: Self.percentiles)
    let result = try item.simulated.simulate(plan)
    for (index, p) in Self.percentiles.enumerated() {
      let wait = try #require(try item.model.waitQuantile(p))
      let response = try #require(try item.model.responseQuantile(p))
      for (name, value, estimate) in [
        ("wait", wait, result.waitQuantiles[index]),
        ("response", response, result.responseQuantiles[index]),
      ] {
        // 66 intervals of 99 %: one may miss by chance, none by as much again.
        #expect(
          abs(value - estimate.mean) <= 1.5 * estimate.halfWidth + 1e-9,
          "seed \(Self.seed), \(item.name), \(name) \(p): \(value), \(estimate)")
      }
    }
  }

  /// The integral of a tail is the mean, which each queue finds on another way.
  @Test(arguments: try cases())
  func tailsIntegrateToTheirMeans(_ item: Case) throws {
    let simpson = Tolerance(relative: 1e-5, reason: "Simpson's rule with 400 steps")
    let (m, model) = (item.model.metrics, item.model)
    let (waitTail, responseTail) = try tails(model)
    let wait = try integral { try waitTail($0) }
    let response = try integral { try responseTail($0) }
    #expect(simpson.accepts(wait, try #require(m.meanWait)), "\(item.name)")
    #expect(simpson.accepts(response, try #require(m.meanResponse)), "\(item.name)")
    if let waiting = m.waitingProbability {
      #expect(abs(try #require(try model.waitTail(0)) - waiting) < 1e-12, "\(item.name)")
    }
  }

  /// The tails of a model; those that take a run of a chain, from one run.
  private func tails(
    _ model: any QueueModel
  ) throws -> ((Double) throws -> Double, (Double) throws -> Double) {
    if let retrial = model as? RetrialQueue {
      return (
        try #require(try retrial.tail(untilServed: false)),
        try #require(try retrial.tail(untilServed: true))
      )
    }
    if let shared = model as? SharedLinkQueue {
      return ({ _ in 0 }, try #require(try shared.responseLaw()))
    }
    return ({ try model.waitTail($0) ?? .nan }, { try model.responseTail($0) ?? .nan })
  }

  /// Simpson's rule in u with t = 1500 u^3: fine where the tails bend, far where they end.
  private func integral(_ f: (Double) throws -> Double) rethrows -> Double {
    let steps = 400
    func value(_ i: Int) throws -> Double {
      let u = Double(i) / Double(steps)
      return try i == 0 ? 0 : f(1500 * u * u * u) * 4500 * u * u
    }
    var sum = try value(steps)
    for i in 1..<steps { sum += try value(i) * (i % 2 == 1 ? 4 : 2) }
    return sum / Double(3 * steps)
  }

  /// Erlang A: a tagged arrival's chain of those ahead of it, until it is served or has left.
  @Test(arguments: [(1, 0.7, 0.3, 2.0), (3, 3.6, 0.5, 1.0), (4, 2.0, 4.0, 3.0), (2, 5.0, 0.1, 8)])
  func abandonmentAgainstTheTaggedChain(
    _ c: Int, _ lambda: Double, _ theta: Double, _ t: Double
  ) throws {
    let queue = try AbandonmentQueue(
      arrivalRate: lambda, serviceRate: 1, servers: c, abandonmentRate: theta)
    // States: j ahead in line, then in service, then gone.
    let most = 200
    var transitions = [Transition(from: most, to: most + 1, rate: 1)]
    for j in 0..<most {
      transitions.append(Transition(from: j, to: most + 1, rate: theta))
      transitions.append(
        Transition(from: j, to: j == 0 ? most : j - 1, rate: Double(c) + Double(j) * theta))
    }
    var start = [Double](repeating: 0, count: most + 2)
    for n in 0..<c { start[most] += try #require(try queue.stateProbability(n)) }
    for j in 0..<most { start[j] = try #require(try queue.stateProbability(c + j)) }
    let chain = try MarkovChain(stateCount: most + 2, transitions: transitions)
    let p = try chain.transient(from: start, after: t).probabilities
    let quadrature = Tolerance(relative: 1e-8, reason: "quadrature to 1e-9 of its integral")
    #expect(quadrature.accepts(try #require(try queue.waitTail(t)), p[..<most].reduce(0, +)))
    #expect(
      quadrature.accepts(try #require(try queue.responseTail(t)), p[...most].reduce(0, +)))
  }

  @Test(arguments: [0.3, 0.8, 0.97])
  func sharedLinksTransformAgainstTheChain(_ load: Double) throws {
    let queue = try SharedLinkQueue(arrivalRate: load, serviceRate: 1)
    let transform = SharedLinkTransform(arrivalRate: load, serviceRate: 1)
    for t in [0.1, 1, 5, 40] {
      let chain = try #require(try queue.responseTail(t))
      #expect(abs(transform.responseTail(t) - chain) < 2e-8, "\(load) \(t)")
    }
  }

  @Test(arguments: [0.985, 0.9999])
  func sharedLinksNearSaturation(_ load: Double) throws {
    let queue = try SharedLinkQueue(arrivalRate: load, serviceRate: 1)
    let transform = SharedLinkTransform(arrivalRate: load, serviceRate: 1)
    let mean = try #require(queue.metrics.meanResponse)
    // (1 - f(s))/s = E[T] - s E[T^2]/2 + ...: at this s the second term is below 1e-4.
    let s = 1e-5 / mean
    let slope = (1 - transform.transform(Complex(s)).real) / s
    #expect(abs(slope / mean - 1) < 1e-4)
    let p95 = try #require(try queue.responseQuantile(0.95))
    #expect(abs(try #require(try queue.responseTail(p95)) - 0.05) < 1e-7)
    // Heavy traffic: T / E[T] is the product of two unit exponentials, P(T > t) = 2 sqrt(t) K1(2
    // sqrt(t)) (Yashkov 1993 [recalled]), whose 95th percentile is 3.997.
    if load > 0.999 { #expect(abs(p95 / mean - 3.997) < 0.01, "\(p95 / mean)") }
  }

  /// Closed form against the states one by one, waiting room or none.
  @Test(arguments: [(10, 3, 3, 0.3), (40, 5, 40, 0.2), (300, 20, 60, 0.1), (7, 9, 12, 2.0)])
  func engsetStateByState(_ n: Int, _ c: Int, _ k: Int, _ gamma: Double) throws {
    let closed = try FiniteSourceQueue(
      sources: n, requestRate: gamma, serviceRate: 1, servers: c, capacity: k)
    let states = 0...min(n, k)
    let listed = try BirthDeathQueue(
      births: states.map { Double(n - $0) * gamma }, deaths: states.map { Double(min($0, c)) },
      servers: c)
    let sums = Tolerance(relative: 1e-12, reason: "sums of positive terms")
    for state in states {
      let (x, y) = (closed.logStateProbability(state), listed.logStateProbability(state))
      #expect(abs(try #require(x) - #require(y)) < 1e-11, "\(state)")
    }
    let (m, other) = (closed.metrics, listed.metrics)
    for (x, y) in [
      (m.waitingProbability, other.waitingProbability), (m.meanWait, other.meanWait),
      (m.meanResponse, other.meanResponse), (m.throughput, other.throughput),
      (m.meanInSystem, other.meanInSystem), (m.utilization, other.utilization),
    ] {
      #expect(sums.accepts(try #require(x), y ?? 0))
    }
    if n > k {
      #expect(
        sums.accepts(try #require(m.blockingProbability), try #require(other.blockingProbability)))
    }
  }

  /// A hundred million machines, and a refusal of 1e-1000 of them.
  @Test func engsetOfManySources() throws {
    let many = try FiniteSourceQueue(
      sources: 100_000_000, requestRate: 1e-4, serviceRate: 1, servers: 10_050, capacity: 1_000_000)
    let m = many.metrics
    // Little's law over the sources: accepted = gamma (N - L).
    let balance = 1e-4 * (1e8 - (try #require(m.meanInSystem)))
    #expect(abs(try #require(m.throughput) / balance - 1) < 1e-12)
    #expect(try #require(m.waitingProbability) > 0.1)
    #expect(try #require(try many.waitQuantile(0.95)) > 0)
    let tiny = try FiniteSourceQueue(
      sources: 1_000_000, requestRate: 1e-6, serviceRate: 1, servers: 500)
    let log10 = try #require(tiny.metrics.logBlockingProbability) / log(10)
    // Poisson(1) at 500 over its sum, the binomial's correction (500^2 / 2N) of 5 % in the digits.
    let poisson = -1 - lgamma(501.0)
    #expect(abs(log10 - (poisson + 0) / log(10)) < 0.2, "\(log10)")
  }

  /// The percentile of the number: the least state that reaches it.
  @Test func numberPercentiles() throws {
    let models: [any QueueModel] = [
      try DelayQueue(arrivalRate: 3.5, serviceRate: 1, servers: 4),
      try LossQueue(arrivalRate: 3.5, serviceRate: 1, servers: 4),
      try FiniteQueue(arrivalRate: 5, serviceRate: 1, servers: 4, capacity: 20),
      try InfiniteServers(arrivalRate: 30, serviceRate: 1),
      try SharedLinkQueue(arrivalRate: 0.9, serviceRate: 1),
      try SharedLinkQueue(arrivalRate: 2, serviceRate: 1, limit: 12),
      try FiniteSourceQueue(
        sources: 50, requestRate: 0.1, serviceRate: 1, servers: 4, capacity: 30),
      try RetrialQueue(arrivalRate: 1.2, serviceRate: 1, servers: 2, retryRate: 1),
      try AbandonmentQueue(arrivalRate: 6, serviceRate: 1, servers: 4, abandonmentRate: 0.2),
      try BatchArrivalQueue(groupRate: 1, sizes: [0, 0, 1], serviceRate: 1, servers: 4),
    ]
    for model in models {
      for p in [0, 0.01, 0.5, 0.9, 0.999] {
        let n = try #require(try model.numberQuantile(p))
        var (below, least) = (0.0, 0)
        while true {
          below += try #require(try model.stateProbability(least))
          if below >= p - 1e-13 { break }
          least += 1
        }
        #expect(n == least, "\(type(of: model)) \(p)")
      }
    }
    // The mean of the states is the mean number: the law is the right one.
    for model in models {
      let mean = try (0...400).reduce(0.0) { sum, n in
        sum + Double(n) * (try model.stateProbability(n) ?? .nan)
      }
      #expect(abs(mean - (model.metrics.meanInSystem ?? .nan)) < 1e-9, "\(type(of: model))")
    }
    #expect(try InfiniteServers(arrivalRate: 1e12, serviceRate: 1).numberQuantile(0.5) ?? 0 > 0)
    #expect(try DelayQueue(arrivalRate: 5, serviceRate: 1, servers: 4).numberQuantile(0.5) == nil)
  }

  /// The approximated law of GI/G/C beside the simulator, and its response beside the transform.
  @Test(arguments: [(2, 0.8, 1.0, 0.25), (4, 0.8, 1.0, 0.0), (3, 0.85, 1.0, 2.5), (4, 0.8, 0.5, 1)])
  func generalServiceLaws(_ c: Int, _ load: Double, _ ca: Double, _ cs: Double) throws {
    let lambda = load * Double(c)
    let formula = try GeneralServiceQueue(
      arrivalRate: lambda, serviceRate: 1, servers: c, arrivalVariation: ca, serviceVariation: cs)
    let law = try ServiceLaw.fitted(mean: 1, squaredVariation: cs)
    let simulated = try SimulatedQueue(
      arrivals: .renewal(.fitted(mean: 1 / lambda, squaredVariation: ca)), service: law, servers: c)
    let result = try simulated.simulate(
      try SimulationPlan(
        customers: 10_000, replications: 10, seed: Self.seed, percentiles: [0.95]))
    let wait = try #require(try formula.waitQuantile(0.95))
    let response = try #require(try formula.responseQuantile(0.95))
    // What Queues.md says about it.
    #expect(
      abs(wait - result.waitQuantiles[0].mean)
        < 0.12 * result.waitQuantiles[0].mean + result.waitQuantiles[0].halfWidth,
      "\(wait), \(result.waitQuantiles)")
    #expect(
      abs(response - result.responseQuantiles[0].mean)
        < 0.08 * result.responseQuantiles[0].mean + result.responseQuantiles[0].halfWidth,
      "\(response), \(result.responseQuantiles)")
    // The second route to the response: the product of the transforms.
    let (pi, eta) = (
      formula.exponential.waiting,
      formula.exponential.waiting / (try #require(formula.metrics.meanWait))
    )
    // Not for fixed times: the inversion swings about their law's jump.
    for t in cs == 0 ? [] : [0.4, 1.7, 6] {
      let inverted = invertedTransform(at: t) { s in
        (1 - (Complex(1 - pi) + pi * eta / (Complex(eta) + s)) * law.transform(s)) / s
      }
      #expect(abs(inverted - (try #require(try formula.responseTail(t)))) < 1e-6, "\(t)")
    }
  }

  @Test func fleetsTimesAreTheResponsesOfAnIdleQueue() throws {
    let law = ServiceLaw.empirical([1, 2, 3, 10])
    let queue = try GeneralServiceQueue(
      arrivalRate: 1e-9, serviceRate: 0.25, servers: 2, serviceVariation: law.squaredVariation,
      service: law)
    for (t, tail) in [(0.5, 1.0), (1.5, 0.75), (5, 0.25), (11, 0)] {
      #expect(abs(try #require(try queue.responseTail(t)) - tail) < 1e-8)
    }
  }

  /// Laws of times: the moments of the tail and of the draws, and the transform's, agree.
  @Test(arguments: [
    ServiceLaw.lognormal(mean: 2, squaredVariation: 0.5),
    .lognormal(mean: 0.1, squaredVariation: 4), .gamma(mean: 3, squaredVariation: 0.2),
    .hyperexponential(mean: 1, squaredVariation: 2),
  ])
  func lawsOfTimes(_ law: ServiceLaw) throws {
    let m = law.mean
    let mean = integral { law.tail($0 * m) } * m
    let second = integral { 2 * $0 * m * law.tail($0 * m) } * m
    let simpson = Tolerance(relative: 1e-4, reason: "Simpson's rule with 400 steps")
    #expect(simpson.accepts(mean, m))
    #expect(simpson.accepts(second, law.secondMoment))
    // f(s) = 1 - s m + s^2 E[S^2]/2 - s^3 E[S^3]/6 + ...
    let s = 1e-3 / m
    let series = 1 - s * m + s * s * law.secondMoment / 2 - s * s * s * law.thirdMoment / 6
    #expect(abs(law.transform(Complex(s)).real - series) < 1e-8)
    var random = Xoshiro256StarStar(seed: Self.seed)
    let count = 20_000
    let average = (0..<count).reduce(0.0) { sum, _ in sum + law.draw(&random) } / Double(count)
    // Four standard errors of the mean of the draws.
    let error = m * (law.squaredVariation / Double(count)).squareRoot()
    #expect(abs(average - m) < 4 * error, "seed \(Self.seed)")
  }

  /// Any parameters: percentiles rise with the share, responses are above waits, nothing throws.
  @Test func percentilesOfAnyQueueAreInOrder() throws {
    var random = Xoshiro256StarStar(seed: Self.seed)
    print("seed \(Self.seed)")
    func logUniform(_ low: Double, _ high: Double) -> Double {
      low * pow(high / low, random.unitInterval())
    }
    var answered = 0
    for _ in 0..<60 {
      let c = Int(logUniform(1, 200))
      let mu = logUniform(1e-4, 1e3)
      let load = logUniform(1e-6, 0.999)
      let lambda = load * Double(c) * mu
      let flood = lambda * logUniform(0.1, 5)
      let theta = mu * logUniform(1e-4, 1e4)
      let sources = c + Int(logUniform(1, 1e6))
      let models: [any QueueModel] = [
        try AbandonmentQueue(
          arrivalRate: flood, serviceRate: mu, servers: c, abandonmentRate: theta),
        try FiniteSourceQueue(
          sources: sources, requestRate: flood / Double(sources), serviceRate: mu, servers: c,
          capacity: c + Int(logUniform(1, 1000))),
        try GeneralServiceQueue(
          arrivalRate: lambda, serviceRate: mu, servers: c,
          arrivalVariation: logUniform(0.01, 10), serviceVariation: logUniform(0.001, 10)),
        try SharedLinkQueue(arrivalRate: load * mu, serviceRate: mu, limit: c > 9 ? c : nil),
        try FiniteQueue(
          arrivalRate: flood, serviceRate: mu, servers: c, capacity: c + Int(logUniform(1, 1000))),
      ]
      for model in models {
        let words = "\(model)"
        var before = (0.0, 0.0)
        for p in [0.1, 0.5, 0.95, 0.9999] {
          // No `try` here: a failure is to name its queue.
          guard let wait = try? model.waitQuantile(p), let response = try? model.responseQuantile(p)
          else {
            Issue.record("no percentile \(p) of \(words)")
            continue
          }
          // Roots are found to a few roundings.
          let slack = 1e-9 * response
          #expect(wait >= before.0 - slack && response >= before.1 - slack, "\(p) \(words)")
          #expect(response >= wait - slack && response > 0 && response.isFinite, "\(p) \(words)")
          before = (wait, response)
          answered += 1
        }
      }
    }
    #expect(answered == 60 * 5 * 4)
  }
}

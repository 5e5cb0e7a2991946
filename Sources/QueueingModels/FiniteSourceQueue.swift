internal import Foundation

/// Engset: N sources (virtual machines that may ask to be moved), each asking at rate gamma while
/// it is not being served or waiting; C servers and room for K in all.
///
///     p_n ~ product_{k<n} (N - k) gamma / (min(k+1, C) mu)
///
/// An arrival sees the system as it would be with N - 1 sources (arrival theorem): the share of
/// refused requests (call congestion) is below the share of time in which all servers are busy
/// (`timeCongestion`). In closed form the states up to C are binomial, those beyond are Poisson in
/// the number of idle sources, both by `PoissonKernel`: any state costs the same, and sums take
/// only the states around the likeliest one, O(sqrt N) of them.
///
///     n <= C:  p_n ~ Poisson(n; N p) Poisson(N-n; N q),  p = gamma/(gamma + mu), q = 1 - p
///     n >= C:  p_n ~ Poisson(N-n; z) (z/y)^(n-C),  y = C mu/gamma, any z
///
/// Source: Engset 1918; textbook [derived]. K = C is Engset's loss system, insensitive to the
/// service law; K = N is the machine-repair queue.
/// Limits: N <= C refuses nobody; N -> infinity with N gamma fixed is M/M/C/K.
public struct FiniteSourceQueue: QueueModel, Hashable {
  public static let kendall = "M/M/C/K/N"
  /// The probabilities' closed form holds far beyond; nobody owns more machines.
  public static let maximumSources = 100_000_000

  public let sources: Int
  /// Requests per second of one idle source.
  public let requestRate: Double
  public let serviceRate: Double
  public let servers: Int
  public let capacity: Int
  /// ln of the sum of the states, in units of state min(C, K, N).
  private var logTotal = 0.0

  /// - Parameter capacity: servers ... ; the servers alone unless given.
  /// - Throws: `QueueingError.outOfDomain`.
  public init(
    sources: Int, requestRate: Double, serviceRate: Double, servers: Int, capacity: Int? = nil
  ) throws(QueueingError) {
    try require(
      sources >= 1 && sources <= Self.maximumSources, "sources", Double(sources),
      "1 to \(Self.maximumSources)")
    try requireRates(arrivalRate: requestRate, serviceRate: serviceRate)
    try requireServers(servers)
    let room = capacity ?? servers
    try require(
      room >= servers, "capacity", Double(room),
      ">= servers (\(servers)), those in service included")
    self.sources = sources
    self.requestRate = requestRate
    self.serviceRate = serviceRate
    self.servers = servers
    self.capacity = room
    guard requestRate > 0 else { return }
    let all = part(0, last)
    logTotal = all.logUnit + log(all.weights.reduce(0, +))
  }

  /// The most that can be in the system.
  private var last: Int { min(capacity, sources) }

  /// Where the two forms meet.
  private var joint: Int { min(servers, last) }

  /// ln(p_n / p_joint), for requests > 0.
  private func logWeight(_ n: Int) -> Double {
    let count = Double(sources)
    if n <= joint {
      // With shares that round to 0 the other one is exact.
      let busy = count * (requestRate / (requestRate + serviceRate))
      let idle = count * (serviceRate / (requestRate + serviceRate))
      func binomial(_ n: Int) -> Double {
        PoissonKernel.logProbability(Double(n), busy)
          + PoissonKernel.logProbability(Double(sources - n), idle)
      }
      return binomial(n) - binomial(joint)
    }
    let y = Double(servers) * (serviceRate / requestRate)
    // z near the counts at hand keeps the logarithms small.
    let z = min(y, Double(sources - joint))
    return PoissonKernel.logProbability(Double(sources - n), z)
      - PoissonKernel.logProbability(Double(sources - joint), z)
      + Double(n - joint) * log(z / y)
  }

  /// The states of a range that count beside its likeliest one: weights in units of e^logUnit.
  private func part(
    _ from: Int, _ to: Int
  ) -> (first: Int, weights: [Double], logUnit: Double) {
    guard from <= to else { return (from, [], 0) }
    // p_(n+1)/p_n falls with n.
    func rises(_ n: Int) -> Bool {
      Double(sources - n) * requestRate > Double(min(n + 1, servers)) * serviceRate
    }
    func firstState(_ low: Int, _ high: Int, _ holds: (Int) -> Bool) -> Int {
      var (low, high) = (low, high)
      while low < high {
        let middle = low + (high - low) / 2
        if holds(middle) { high = middle } else { low = middle + 1 }
      }
      return low
    }
    let mode = firstState(from, to) { !rises($0) }
    let unit = logWeight(mode)
    let first = firstState(from, mode) { logWeight($0) - unit >= Self.logNegligible }
    let end = firstState(mode, to) { $0 == to || logWeight($0 + 1) - unit < Self.logNegligible }
    return (first, (first...end).map { exp(logWeight($0) - unit) }, unit)
  }

  /// States of 1e-30 of the likeliest one's probability: as many as a double counts do not sum to a
  /// rounding.
  private static let logNegligible = -69.0

  /// `sum p_n f(n)` over a range of states.
  private func mean(_ from: Int, _ to: Int, _ value: (Int) -> Double) -> Double {
    let states = part(from, to)
    let sum = states.weights.enumerated().reduce(0) {
      $0 + $1.element * value(states.first + $1.offset)
    }
    return sum * exp(states.logUnit - logTotal)
  }

  /// Share of time in which an arrival would be refused.
  public var timeCongestion: Double {
    sources < capacity || requestRate == 0 ? 0 : exp(logWeight(capacity) - logTotal)
  }

  public var metrics: QueueMetrics {
    var answer = QueueMetrics(offeredLoad: Double(sources) * (requestRate / serviceRate))
    answer.blockingProbability = 0
    answer.waitingProbability = 0
    guard requestRate > 0 else {
      answer.meanQueueLength = 0
      answer.meanInSystem = 0
      answer.utilization = 0
      answer.throughput = 0
      return answer
    }
    func idle(_ n: Int) -> Double { Double(sources - n) }
    let accepted = requestRate * mean(0, min(last, capacity - 1), idle)
    let queue = mean(servers + 1, last) { Double($0 - servers) }
    // Accepted requests over the service rate, by the flow balance of the servers.
    let busy = accepted / serviceRate
    answer.meanQueueLength = queue
    answer.meanInSystem = queue + busy
    answer.utilization = busy / Double(servers)
    answer.throughput = accepted
    if sources > capacity {
      let logRefused = log(idle(capacity) * requestRate) + logWeight(capacity) - logTotal
      let offered = accepted + exp(logRefused)
      answer.logBlockingProbability = logRefused - log(offered)
      answer.blockingProbability = exp(logRefused - log(offered))
    }
    if servers < capacity, servers < sources {
      answer.waitingProbability = requestRate * mean(servers, capacity - 1, idle) / accepted
    }
    answer.meanWait = queue / accepted
    answer.meanResponse = (queue + busy) / accepted
    return answer
  }

  public func logStateProbability(_ n: Int) -> Double? {
    guard n >= 0, n <= last else { return -.infinity }
    if requestRate == 0 { return n == 0 ? 0 : -.infinity }
    return logWeight(n) - logTotal
  }

  /// Summed from the first state that counts.
  public func numberQuantile(_ p: Double) throws(QueueingError) -> Int? {
    try require(p >= 0 && p < 1, "percentile", p, "0 to below 1")
    guard requestRate > 0 else { return 0 }
    return try summedQuantile(p, from: part(0, last).first, below: 0)
  }

  /// An accepted arrival finds n with a share `p_n (N - n)`: what one source fewer would leave.
  private var law: PositionLaw? {
    guard requestRate > 0 else { return nil }
    let end = min(capacity, sources) - 1
    let served = mean(0, min(end, servers - 1)) { Double(sources - $0) }
    let line = part(servers, end)
    let unit = exp(line.logUnit - logTotal)
    return PositionLaw(
      servers: servers, serviceRate: serviceRate, prompt: served,
      queued: line.weights.enumerated().map {
        $1 * unit * Double(sources - line.first - $0)
      }, offset: line.first - servers)
  }

  /// Exponential services, first come first served.
  public func waitTail(_ t: Double) -> Double? { law?.waitTail(t) ?? 0 }

  public func responseTail(_ t: Double) -> Double? {
    law?.responseTail(t) ?? exp(-serviceRate * max(t, 0))
  }

  public func waitQuantile(_ p: Double) throws(QueueingError) -> Double? {
    let law = law
    return try quantile(p, scale: metrics.meanWait) { (t) throws(QueueingError) in
      law?.waitTail(t) ?? 0
    }
  }

  public func responseQuantile(_ p: Double) throws(QueueingError) -> Double? {
    let law = law
    return try quantile(p, scale: metrics.meanResponse ?? 1 / serviceRate) {
      (t) throws(QueueingError) in law?.responseTail(t) ?? exp(-serviceRate * t)
    }
  }
}

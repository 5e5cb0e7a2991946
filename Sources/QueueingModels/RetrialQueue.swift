internal import Foundation

/// M/M/C/C with retrials: who finds all servers busy goes into orbit and tries again after an
/// exponential time of rate theta, each on its own, until served.
///
///     M/M/1: L_orbit = rho^2/(1-rho) (1 + mu/theta),  P(first try refused) = rho
///     states (busy, orbit): orbit levels solved from the top, pi_(j+1) = pi_j(c) r_j
///
/// Source: Falin and Templeton, "Retrial queues", 1997 [recalled, derived]. The orbit is cut where
/// the mass left is negligible; only a full system sends anyone into orbit, so a level depends on
/// the level below by one number, and each level is a tridiagonal system of positive terms: O(C)
/// per level. Stable for a < C. Limits: theta -> infinity is M/M/C; theta -> 0 refuses as Erlang B
/// does at the load inflated by returns.
public struct RetrialQueue: QueueModel, Hashable {
  public static let kendall = "M/M/C/C retrial"
  /// Levels times servers that are kept.
  public static let maximumStates = 20_000_000

  public let arrivalRate: Double
  public let serviceRate: Double
  public let servers: Int
  public let retryRate: Double
  /// P(n busy, any orbit).
  public let busyProbabilities: [Double]
  /// Mean number in orbit; absent when unstable.
  public let meanOrbit: Double?
  /// P(orbit j), j = 0, 1, ...
  public let orbitProbabilities: [Double]
  /// P(all busy and orbit j): what sends an arrival into orbit.
  private let fullProbabilities: [Double]
  /// P(n busy or in orbit).
  private let systemProbabilities: [Double]
  /// P(an attempt of either kind finds all busy).
  public let attemptBlocking: Double?

  /// - Throws: `QueueingError.outOfDomain`; `.tooLarge` when the orbit that matters has more than
  ///   2 x 10^7 states.
  public init(
    arrivalRate: Double, serviceRate: Double, servers: Int, retryRate: Double
  ) throws(QueueingError) {
    try requireRates(arrivalRate: arrivalRate, serviceRate: serviceRate)
    try requireServers(servers)
    try require(
      retryRate > 0 && retryRate.isFinite, "retry rate", retryRate, "> 0 per second")
    self.arrivalRate = arrivalRate
    self.serviceRate = serviceRate
    self.servers = servers
    self.retryRate = retryRate
    guard arrivalRate > 0, arrivalRate < Double(servers) * serviceRate else {
      busyProbabilities = arrivalRate == 0 ? [1] : []
      orbitProbabilities = arrivalRate == 0 ? [1] : []
      systemProbabilities = arrivalRate == 0 ? [1] : []
      fullProbabilities = []
      meanOrbit = arrivalRate == 0 ? 0 : nil
      attemptBlocking = arrivalRate == 0 ? 0 : nil
      return
    }
    let levels = try OrbitLevels(
      arrivalRate, serviceRate, servers, retryRate, limit: Self.maximumStates)
    busyProbabilities = levels.busy
    orbitProbabilities = levels.orbit
    systemProbabilities = levels.system
    fullProbabilities = levels.full
    meanOrbit = levels.meanOrbit
    attemptBlocking = levels.attemptBlocking
  }

  public var metrics: QueueMetrics {
    let a = arrivalRate / serviceRate
    var answer = QueueMetrics(offeredLoad: a)
    answer.isStable = meanOrbit != nil
    answer.blockingProbability = 0
    answer.utilization = min(a / Double(servers), 1)
    answer.throughput = min(arrivalRate, Double(servers) * serviceRate)
    guard let meanOrbit else {
      answer.waitingProbability = 1
      return answer
    }
    answer.waitingProbability = arrivalRate == 0 ? 0 : busyProbabilities[servers]
    answer.meanQueueLength = meanOrbit
    answer.meanInSystem = meanOrbit + a
    answer.meanWait = arrivalRate == 0 ? 0 : meanOrbit / arrivalRate
    answer.meanResponse = (arrivalRate == 0 ? 0 : meanOrbit / arrivalRate) + 1 / serviceRate
    return answer
  }

  public func logStateProbability(_ n: Int) -> Double? {
    guard meanOrbit != nil else { return nil }
    return systemProbabilities.indices.contains(n) ? log(systemProbabilities[n]) : -.infinity
  }

  /// The time from the first try to the one that succeeds: a tagged migration's chain of busy
  /// servers and others in orbit, by uniformisation. Absent when that takes more than seconds.
  public func waitTail(_ t: Double) throws(QueueingError) -> Double? {
    try tail(untilServed: false)?(t)
  }

  /// The same with the service, which is exponential.
  public func responseTail(_ t: Double) throws(QueueingError) -> Double? {
    try tail(untilServed: true)?(t)
  }

  /// One run of the chain serves all the tails that a percentile asks for.
  public func waitQuantile(_ p: Double) throws(QueueingError) -> Double? {
    guard let tail = try tail(untilServed: false) else { return nil }
    return try quantile(p, scale: metrics.meanWait) { (t) throws(QueueingError) in tail(t) }
  }

  public func responseQuantile(_ p: Double) throws(QueueingError) -> Double? {
    guard let tail = try tail(untilServed: true) else { return nil }
    return try quantile(p, scale: metrics.meanResponse) { (t) throws(QueueingError) in tail(t) }
  }

  func tail(untilServed: Bool) throws(QueueingError) -> ((Double) -> Double)? {
    guard meanOrbit != nil else { return nil }
    guard arrivalRate > 0 else {
      return { untilServed ? exp(-serviceRate * max($0, 0)) : 0 }
    }
    let waiting = busyProbabilities[servers]
    // What is cut off above is lost from the law; a margin for an orbit that grows meanwhile.
    var (others, left) = (fullProbabilities.count - 1, 0.0)
    while others > 0, left + fullProbabilities[others] < 1e-14 * waiting {
      left += fullProbabilities[others]
      others -= 1
    }
    let width = servers + 1
    guard (others + 1) * width <= Self.maximumTaggedStates else { return nil }
    // States (others in orbit) x (C + 1) + busy, then "in service", then the end.
    let service = (others + 1) * width
    var transitions: [Transition] = []
    for j in 0...others {
      for i in 0...servers {
        let state = j * width + i
        func add(_ to: Int, _ rate: Double) {
          transitions.append(Transition(from: state, to: to, rate: rate))
        }
        if i < servers {
          add(state + 1, arrivalRate)
          if j > 0 { add(state - width + 1, Double(j) * retryRate) }
          add(untilServed ? service : service + 1, retryRate)
        } else if j < others {
          add(state + width, arrivalRate)
        }
        if i > 0 { add(state - 1, Double(i) * serviceRate) }
      }
    }
    transitions.append(Transition(from: service, to: service + 1, rate: serviceRate))
    var start = [Double](repeating: 0, count: service + 2)
    for j in 0...others { start[j * width + servers] = fullProbabilities[j] }
    if untilServed { start[service] = 1 - waiting }
    let chain = MarkovChain(unchecked: service + 2, transitions)
    guard let curve = SurvivalCurve(chain, from: start) else { return nil }
    return { $0 > 0 ? curve.tail($0) : (untilServed ? 1 : waiting) }
  }

  private static let maximumTaggedStates = 200_000

  /// The same queue with at most `orbit` in orbit, further ones lost, as a chain: the second route,
  /// solved by `stationaryDistribution`. State = orbit x (C + 1) + busy.
  public func chain(orbit: Int) throws(QueueingError) -> MarkovChain {
    let width = servers + 1
    var transitions: [Transition] = []
    for j in 0...orbit {
      for i in 0...servers {
        let state = j * width + i
        if i < servers {
          transitions.append(Transition(from: state, to: state + 1, rate: arrivalRate))
          if j > 0 {
            transitions.append(
              Transition(from: state, to: state - width + 1, rate: Double(j) * retryRate))
          }
        } else if j < orbit {
          transitions.append(Transition(from: state, to: state + width, rate: arrivalRate))
        }
        if i > 0 {
          transitions.append(Transition(from: state, to: state - 1, rate: Double(i) * serviceRate))
        }
      }
    }
    return try MarkovChain(stateCount: (orbit + 1) * width, transitions: transitions)
  }
}

/// The levels of the orbit, solved from the top down.
private struct OrbitLevels {
  var busy: [Double] = []
  var orbit: [Double] = []
  var full: [Double] = []
  var system: [Double] = []
  var meanOrbit = 0.0
  var attemptBlocking = 0.0

  init(
    _ lambda: Double, _ mu: Double, _ c: Int, _ theta: Double, limit: Int
  ) throws(QueueingError) {
    var top = 64
    while true {
      guard top + 1 <= limit / (c + 1) else {
        throw QueueingError.tooLarge(
          "more than \(limit) states of servers and orbit matter: the load is too near the "
            + "servers, or retries are too rare")
      }
      assemble(lambda, c, theta, Self.shapes(lambda, mu, c, theta, top))
      // Beyond the top, levels shrink at least as fast as the last two did.
      let last = orbit[top]
      let ratio = orbit[top - 1] > 0 ? last / orbit[top - 1] : 0
      let left = last * Double(top) / ((1 - ratio) * (1 - ratio))
      if ratio < 1, left <= 1e-17 * meanOrbit { return }
      top *= 2
    }
  }

  /// The shape of each level: its states in units of the mass of those below c.
  ///
  /// For i < c:  x_i (lambda + i mu + j theta) = lambda x_(i-1) + (i+1) mu x_(i+1) + u_i x_c, where
  /// `u_i` comes down from the level above, whose mass below c is `lambda x_c / ((j+1) theta)` by
  /// the cut between levels. Eliminated upwards as `x_i = e_i x_(i+1) + f_i x_c` with
  /// `D_i = lambda + G_i`, `G_i = j theta + i mu G_(i-1) / D_(i-1)`: no subtraction.
  private static func shapes(
    _ lambda: Double, _ mu: Double, _ c: Int, _ theta: Double, _ top: Int
  ) -> [[Double]] {
    var levels = [[Double]](repeating: [], count: top + 1)
    var above = [Double](repeating: 0, count: c + 1)
    for j in stride(from: top, through: 0, by: -1) {
      let leave = Double(j) * theta
      var e = [Double](repeating: 0, count: c)
      var f = e
      var (kept, exits) = (leave, lambda + leave)
      for i in 0..<c {
        if i > 0 {
          kept = leave + Double(i) * mu * kept / exits
          exits = lambda + kept
          // (j+1) theta x (lambda / ((j+1) theta)) x shape: the rates of the retries cancel.
          f[i] = (lambda * f[i - 1] + (j < top ? lambda * above[i - 1] : 0)) / exits
        }
        e[i] = Double(i + 1) * mu / exits
      }
      above = shape(e, f)
      levels[j] = above
    }
    return levels
  }

  /// `x_i = e_i x_(i+1) + f_i x_c` from the full state down, in units of the sum below c.
  private static func shape(_ e: [Double], _ f: [Double]) -> [Double] {
    let c = e.count
    var x = [Double](repeating: 0, count: c + 1)
    x[c] = 1
    for i in stride(from: c - 1, through: 0, by: -1) {
      x[i] = e[i] * x[i + 1] + f[i] * x[c]
      if x[i] > 1e200 {
        for k in stride(from: c, through: i, by: -1) { x[k] *= 1e-200 }
      }
    }
    let below = x.dropLast().reduce(0, +)
    return x.map { $0 / below }
  }

  private mutating func assemble(
    _ lambda: Double, _ c: Int, _ theta: Double, _ levels: [[Double]]
  ) {
    busy = [Double](repeating: 0, count: c + 1)
    orbit = []
    full = []
    system = [Double](repeating: 0, count: c + levels.count)
    var (mass, total, mean, fullAttempts) = (1.0, 0.0, 0.0, 0.0)
    for (j, level) in levels.enumerated() {
      if j > 0 { mass *= lambda * levels[j - 1][c] / (Double(j) * theta) }
      for i in 0...c {
        busy[i] += mass * level[i]
        system[i + j] += mass * level[i]
      }
      full.append(mass * level[c])
      let weight = mass * (1 + level[c])
      orbit.append(weight)
      total += weight
      mean += Double(j) * weight
      fullAttempts += (lambda + Double(j) * theta) * mass * level[c]
    }
    busy = busy.map { $0 / total }
    orbit = orbit.map { $0 / total }
    full = full.map { $0 / total }
    system = system.map { $0 / total }
    meanOrbit = mean / total
    attemptBlocking = fullAttempts / total / (lambda + theta * meanOrbit)
  }
}

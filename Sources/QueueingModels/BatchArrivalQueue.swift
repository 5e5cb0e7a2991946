internal import Foundation

/// M^[X]/M/C/K: groups of migrations arrive together and their members are served one by one.
///
/// A chain of the number in the system: from n to n + b at rate `lambda P(X = b)`, down at
/// `min(n, C) mu`. Where the room is too small, a group is refused whole (`wholeGroups`) or its
/// last members are. Solved by GTH; without a capacity the chain is cut where the mass left is
/// below 1e-15. For C = 1 without capacity `L = rho (1 + E[X^2]/E[X]) / (2 (1 - rho))`. Source:
/// textbook (Chaudhry and Templeton 1983) [recalled, derived]. Probabilities are those of members:
/// `blockingProbability` is the share of migrations refused. With the whole group holding one slot
/// for its whole time, see `MultiRateLoss` and `InterDatacentre` instead. Limits: groups of one are
/// M/M/C/K.
public struct BatchArrivalQueue: QueueModel, Hashable {
  public static let kendall = "M[X]/M/C/K"
  /// The states of one chain.
  public static let maximumStates = 100_000

  /// Groups per second.
  public let groupRate: Double
  /// P(X = 1), P(X = 2), ...
  public let sizes: [Double]
  public let serviceRate: Double
  public let servers: Int
  public let capacity: Int?
  public let wholeGroups: Bool
  private let probabilities: [Double]

  /// - Throws: `QueueingError.outOfDomain`; `.tooLarge` above 10^5 states.
  public init(
    groupRate: Double, sizes: [Double], serviceRate: Double, servers: Int, capacity: Int? = nil,
    wholeGroups: Bool = true
  ) throws(QueueingError) {
    try requireRates(arrivalRate: groupRate, serviceRate: serviceRate)
    try requireServers(servers)
    try require(!sizes.isEmpty, "group sizes", Double(sizes.count), "at least one")
    for share in sizes { try require(share >= 0 && share <= 1, "share of a size", share, "0 to 1") }
    let sum = sizes.reduce(0, +)
    try require(abs(sum - 1) < 1e-9, "sum of the shares of sizes", sum, "1")
    if let capacity {
      try require(
        capacity >= servers && capacity < Self.maximumStates, "capacity", Double(capacity),
        "servers (\(servers)) to \(Self.maximumStates - 1)")
    }
    self.groupRate = groupRate
    self.sizes = sizes
    self.serviceRate = serviceRate
    self.servers = servers
    self.capacity = capacity
    self.wholeGroups = wholeGroups
    let mean = sizes.enumerated().reduce(0) { $0 + Double($1.offset + 1) * $1.element }
    if let capacity {
      probabilities = try Self.solve(groupRate, sizes, serviceRate, servers, capacity, wholeGroups)
    } else if groupRate * mean < Double(servers) * serviceRate {
      var room = max(4 * servers, 16 * sizes.count, 64)
      var solved: [Double] = []
      repeat {
        room *= 2
        guard room < Self.maximumStates else {
          throw .tooLarge(
            "more than \(Self.maximumStates) states matter: the load is too near the servers")
        }
        solved = try Self.solve(groupRate, sizes, serviceRate, servers, room, false)
      } while solved[room] * Double(room) > 1e-15
      probabilities = solved
    } else {
      probabilities = []
    }
  }

  private static func solve(
    _ rate: Double, _ sizes: [Double], _ mu: Double, _ servers: Int, _ room: Int, _ whole: Bool
  ) throws(QueueingError) -> [Double] {
    guard rate > 0 else { return [1] + [Double](repeating: 0, count: room) }
    var transitions: [Transition] = []
    for n in 0...room {
      if n > 0 {
        transitions.append(Transition(from: n, to: n - 1, rate: Double(min(n, servers)) * mu))
      }
      for (index, share) in sizes.enumerated() where n < room {
        let size = index + 1
        if n + size <= room {
          transitions.append(Transition(from: n, to: n + size, rate: rate * share))
        } else if !whole {
          transitions.append(Transition(from: n, to: room, rate: rate * share))
        }
      }
    }
    // A state that no group leads to (all sizes even, room odd) is still passed on the way down.
    let chain = MarkovChain(unchecked: room + 1, transitions)
    let reached = chain.reachable(from: [0])
    guard let first = reached.firstIndex(of: false) else {
      return try chain.stationaryDistribution()
    }
    let kept = MarkovChain(
      unchecked: first, transitions.filter { $0.from < first && $0.to < first })
    let answer = try kept.stationaryDistribution()
    return answer + [Double](repeating: 0, count: room + 1 - first)
  }

  /// Mean size of a group.
  public var meanSize: Double {
    sizes.enumerated().reduce(0) { $0 + Double($1.offset + 1) * $1.element }
  }

  public var metrics: QueueMetrics {
    let offered = groupRate * meanSize
    var answer = QueueMetrics(offeredLoad: offered / serviceRate)
    answer.isStable = !probabilities.isEmpty
    guard answer.isStable else {
      answer.blockingProbability = 0
      answer.utilization = 1
      answer.throughput = Double(servers) * serviceRate
      return answer
    }
    var (queue, busy) = (0.0, 0.0)
    for (n, p) in probabilities.enumerated() {
      queue += Double(max(n - servers, 0)) * p
      busy += Double(min(n, servers)) * p
    }
    let throughput = busy * serviceRate
    answer.meanQueueLength = queue
    answer.meanInSystem = queue + busy
    answer.utilization = busy / Double(servers)
    answer.throughput = throughput
    guard offered > 0 else {
      answer.blockingProbability = 0
      return answer
    }
    let refused = refusedShare
    answer.blockingProbability = refused
    answer.logBlockingProbability = refused > 0 ? log(refused) : nil
    answer.waitingProbability = law?.waiting
    answer.meanWait = queue / throughput
    answer.meanResponse = (queue + busy) / throughput
    return answer
  }

  /// Members refused over members offered.
  private var refusedShare: Double {
    guard let capacity else { return 0 }
    var refused = 0.0
    for (n, p) in probabilities.enumerated() {
      for (index, share) in sizes.enumerated() {
        let over = n + index + 1 - capacity
        if over > 0 { refused += p * share * Double(wholeGroups ? index + 1 : over) }
      }
    }
    return refused / meanSize
  }

  /// What an accepted member finds ahead of it: those there, and its group's members before it.
  private var law: PositionLaw? {
    guard !probabilities.isEmpty, groupRate > 0 else { return nil }
    let largest = probabilities.count + sizes.count
    // Members of a group find n, n + 1, ... : begin and end of each run, summed up afterwards.
    var changes = [Double](repeating: 0, count: largest + 1)
    for (n, p) in probabilities.enumerated() {
      for (index, share) in sizes.enumerated() where share > 0 {
        let room = capacity.map { max($0 - n, 0) } ?? .max
        let size = index + 1
        let accepted = size <= room ? size : (wholeGroups ? 0 : room)
        changes[n] += p * share
        changes[n + accepted] -= p * share
      }
    }
    var (found, running) = ([Double](), 0.0)
    for change in changes.dropLast() {
      running += change
      // The runs' ends leave roundings behind.
      found.append(max(running, 0))
    }
    return PositionLaw(
      servers: servers, serviceRate: serviceRate, prompt: found.prefix(servers).reduce(0, +),
      queued: Array(found.dropFirst(servers)))
  }

  /// Exponential services, first come first served, a group's members in order.
  public func waitTail(_ t: Double) -> Double? {
    groupRate == 0 ? 0 : law?.waitTail(t)
  }

  public func responseTail(_ t: Double) -> Double? {
    groupRate == 0 ? exp(-serviceRate * max(t, 0)) : law?.responseTail(t)
  }

  public func waitQuantile(_ p: Double) throws(QueueingError) -> Double? {
    guard let law else { return groupRate == 0 ? 0 : nil }
    return try quantile(p, scale: metrics.meanWait) { (t) throws(QueueingError) in
      law.waitTail(t)
    }
  }

  public func responseQuantile(_ p: Double) throws(QueueingError) -> Double? {
    guard let law else { return groupRate == 0 ? -log1p(-p) / serviceRate : nil }
    return try quantile(p, scale: metrics.meanResponse) { (t) throws(QueueingError) in
      law.responseTail(t)
    }
  }

  public func logStateProbability(_ n: Int) -> Double? {
    guard !probabilities.isEmpty else { return nil }
    return probabilities.indices.contains(n) ? log(probabilities[n]) : -.infinity
  }
}

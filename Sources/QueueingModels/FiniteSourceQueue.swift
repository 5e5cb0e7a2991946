internal import Foundation

/// Engset: N sources (virtual machines that may ask to be moved), each asking at rate gamma while
/// it is not being served or waiting; C servers and room for K in all.
///
///     p_n ~ product_{k<n} (N - k) gamma / (min(k+1, C) mu)
///
/// An arrival sees the system as it would be with N - 1 sources (arrival theorem): the share of
/// refused requests (call congestion) is below the share of time in which all servers are busy
/// (`timeCongestion`).
/// Source: Engset 1918; textbook [derived]. K = C is Engset's loss system, insensitive to the
/// service law; K = N is the machine-repair queue.
/// Limits: N <= C refuses nobody; N -> infinity with N gamma fixed is M/M/C/K.
public struct FiniteSourceQueue: QueueModel, Hashable {
  public static let kendall = "M/M/C/K/N"
  /// States are listed one by one.
  public static let maximumSources = 1_000_000

  public let sources: Int
  /// Requests per second of one idle source.
  public let requestRate: Double
  public let serviceRate: Double
  public let servers: Int
  public let capacity: Int
  private let queue: BirthDeathQueue

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
    let states = 0...min(room, sources)
    queue = try BirthDeathQueue(
      births: states.map { Double(sources - $0) * requestRate },
      deaths: states.map { Double(min($0, servers)) * serviceRate }, servers: servers)
  }

  /// Share of time in which an arrival would be refused.
  public var timeCongestion: Double {
    sources < capacity ? 0 : exp(queue.logStateProbability(capacity) ?? -.infinity)
  }

  public var metrics: QueueMetrics {
    var answer = queue.metrics
    answer.offeredLoad = Double(sources) * requestRate / serviceRate
    guard requestRate > 0 else {
      answer.blockingProbability = 0
      answer.waitingProbability = 0
      return answer
    }
    if sources <= capacity {
      answer.blockingProbability = 0
      answer.logBlockingProbability = nil
    }
    return answer
  }

  public func logStateProbability(_ n: Int) -> Double? { queue.logStateProbability(n) }

  /// An accepted arrival finds n with a share `p_n (N - n)` and waits for n - C + 1 departures of
  /// rate C mu each.
  public func waitTail(_ t: Double) -> Double? {
    guard requestRate > 0, servers < capacity else { return 0 }
    let x = Double(servers) * serviceRate * max(t, 0)
    var (poisson, sum, accepted) = (0.0, 0.0, 0.0)
    for n in 0..<min(capacity, sources) {
      let weight = exp(queue.logStateProbability(n) ?? -.infinity) * Double(sources - n)
      accepted += weight
      guard n >= servers else { continue }
      poisson += exp(PoissonKernel.logProbability(Double(n - servers), x))
      sum += weight * min(poisson, 1)
    }
    return sum / accepted
  }
}

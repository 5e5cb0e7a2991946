/// A queue for the simulator: the assumptions that formulas cannot hold are choices here.
public struct SimulatedQueue: Sendable, Hashable {
  /// Who asks for service.
  public enum Arrivals: Sendable, Hashable {
    /// Gaps between arrivals are independent draws of a law; exponential gaps are Poisson.
    case renewal(ServiceLaw)
    /// N sources, each asking again after an exponential time of this rate once it was served or
    /// refused.
    case sources(count: Int, requestRate: Double)
  }

  /// Who is served next.
  public enum Discipline: Sendable, Hashable {
    case firstComeFirstServed
    /// All share the servers equally, none gets more than one.
    case processorSharing
    /// Classes by their shares of the arrivals, the first class first; nobody is interrupted.
    case priority(shares: [Double])
  }

  /// Each server breaks down and is repaired after exponential times, busy or not; a service that
  /// is interrupted goes on afterwards.
  public struct Breakdowns: Sendable, Hashable {
    public var meanUptime: Double
    public var meanRepair: Double
    public init(meanUptime: Double, meanRepair: Double) {
      self.meanUptime = meanUptime
      self.meanRepair = meanRepair
    }
  }

  public var arrivals: Arrivals
  public var service: ServiceLaw
  public var servers: Int
  /// Room in all; `nil` without limit.
  public var capacity: Int?
  public var discipline = Discipline.firstComeFirstServed
  /// Shares of group sizes 1, 2, ...; `nil`: one by one.
  public var groupSizes: [Double]?
  /// Whether a group that does not fit is refused whole.
  public var wholeGroups = true
  /// How long one waits before leaving; `nil`: for ever.
  public var patience: ServiceLaw?
  /// When one who was refused tries again; `nil`: never.
  public var retry: ServiceLaw?
  public var breakdowns: Breakdowns?

  /// - Throws: `QueueingError.outOfDomain`.
  public init(
    arrivals: Arrivals, service: ServiceLaw, servers: Int, capacity: Int? = nil
  ) throws(QueueingError) {
    try requireServers(servers)
    try service.validate()
    if case .renewal(let law) = arrivals { try law.validate() }
    if case .sources(let count, let rate) = arrivals {
      try require(count >= 1 && count <= 1_000_000, "sources", Double(count), "1 to 1000000")
      try require(rate > 0 && rate.isFinite, "request rate", rate, "> 0 per second")
    }
    if let capacity {
      try require(capacity >= 1, "capacity", Double(capacity), ">= 1, those in service included")
    }
    self.arrivals = arrivals
    self.service = service
    self.servers = servers
    self.capacity = capacity
  }
}

/// How long, how often and from which seed a simulation runs.
public struct SimulationPlan: Sendable, Hashable {
  /// Arrivals counted in each replication.
  public var customers: Int
  /// Arrivals before counting starts: the empty start is forgotten.
  public var warmUp: Int
  public var replications: Int
  public var seed: UInt64
  /// Coverage of the intervals.
  public var confidence: Double
  /// Percentiles of wait and response to estimate.
  public var percentiles: [Double]

  /// - Throws: `QueueingError.outOfDomain`.
  public init(
    customers: Int = 20_000, warmUp: Int? = nil, replications: Int = 20, seed: UInt64 = 1,
    confidence: Double = 0.99, percentiles: [Double] = []
  ) throws(QueueingError) {
    try require(
      customers >= 10 && customers <= 100_000_000, "customers", Double(customers), "10 to 10^8")
    try require(
      replications >= 2 && replications <= 10_000, "replications", Double(replications),
      "2 to 10000")
    try require(confidence > 0 && confidence < 1, "confidence", confidence, "above 0, below 1")
    for p in percentiles { try require(p >= 0 && p < 1, "percentile", p, "0 to below 1") }
    let before = warmUp ?? customers / 5
    try require(before >= 0, "warm-up", Double(before), ">= 0")
    self.customers = customers
    self.warmUp = before
    self.replications = replications
    self.seed = seed
    self.confidence = confidence
    self.percentiles = percentiles
  }
}

internal import Foundation
internal import Statistics

/// A mean over replications and its interval.
public struct SimulationEstimate: Sendable, Hashable {
  public let mean: Double
  /// Half of the confidence interval, by Student's t over the replications.
  public let halfWidth: Double

  public var lower: Double { mean - halfWidth }
  public var upper: Double { mean + halfWidth }

  /// Whether a value lies inside the interval.
  public func contains(_ value: Double) -> Bool { value >= lower && value <= upper }

  init(_ values: [Double], confidence: Double) throws(QueueingError) {
    let count = Double(values.count)
    let average = values.reduce(0, +) / count
    let squares = values.reduce(0) { $0 + ($1 - average) * ($1 - average) }
    let quantile = try numerically("Student t") { () throws(StatisticsError) in
      try StudentT(degreesOfFreedom: count - 1).upperQuantile((1 - confidence) / 2)
    }
    mean = average
    halfWidth = quantile * (squares / (count - 1) / count).squareRoot()
  }
}

/// What a simulation found. Metrics as in `QueueMetrics`; absent ones do not apply.
public struct SimulationResult: Sendable, Hashable {
  public var blockingProbability: SimulationEstimate?
  public var waitingProbability: SimulationEstimate?
  public var abandonmentProbability: SimulationEstimate?
  public var meanWait: SimulationEstimate
  public var meanResponse: SimulationEstimate
  public var meanQueueLength: SimulationEstimate
  public var meanInSystem: SimulationEstimate
  public var utilization: SimulationEstimate
  public var throughput: SimulationEstimate
  /// Mean number in the system as arrivals see it: equals `meanInSystem` for Poisson arrivals.
  public var seenByArrivals: SimulationEstimate
  public var waitQuantiles: [SimulationEstimate]
  public var responseQuantiles: [SimulationEstimate]
  /// Mean wait per priority class.
  public var classWaits: [SimulationEstimate]
  /// The largest relative difference, over the replications, between the time integral of the
  /// number in the system and the sum of the times spent there: Little's law, exact to rounding.
  public var littleError: Double
  /// Whether arrivals = served + refused + gone + still there in every replication.
  public var isConserved: Bool
  /// Seeds of the replications.
  public var seeds: [UInt64]
}

/// Counts of one replication.
struct ReplicationCounts: Sendable {
  var offered = 0.0
  var refused = 0.0
  var abandoned = 0.0
  var waited = 0.0
  var accepted = 0.0
  var served = 0.0
  var waitSum = 0.0
  var responseSum = 0.0
  /// Those whose time is in `responseSum`: some are still there at the end.
  var responded = 0.0
  var seenSum = 0.0
  var time = 0.0
  var queueArea = 0.0
  var systemArea = 0.0
  var busyArea = 0.0
  var waits: [Double] = []
  var responses: [Double] = []
  var classWaitSums: [Double] = []
  var classCounts: [Double] = []
  /// Time integral of the number in system over the whole run, and the same by customers.
  var wholeArea = 0.0
  var wholeSojourn = 0.0
  var isConserved = true
}

extension SimulatedQueue {
  /// Runs the replications on all cores; the same seed gives the same result on any number.
  ///
  /// - Throws: `QueueingError.outOfDomain` for a law that is none, `.noSolution` when a replication
  ///   counts nobody, `.tooLarge` when the queue grows without bound.
  public func simulate(_ plan: SimulationPlan) throws(QueueingError) -> SimulationResult {
    for law in [patience, retry].compactMap({ $0 }) { try law.validate() }
    if discipline == .processorSharing, patience != nil || breakdowns != nil {
      throw .noSolution("processor sharing is simulated without patience and breakdowns")
    }
    if let sizes = groupSizes {
      let sum = sizes.reduce(0, +)
      try require(abs(sum - 1) < 1e-9, "sum of the shares of sizes", sum, "1")
    }
    if let breakdowns {
      for time in [breakdowns.meanUptime, breakdowns.meanRepair] {
        try require(time > 0 && time.isFinite, "mean time of a breakdown", time, "> 0 s")
      }
    }
    var source = SplitMix64(seed: plan.seed)
    let seeds = (0..<plan.replications).map { _ in source.next() }
    let runs = concurrentMap(seeds) { seed in
      Result { () throws(QueueingError) in
        var replication = Replication(self, plan, seed: seed)
        return try replication.run()
      }
    }
    var counts: [ReplicationCounts] = []
    for run in runs {
      switch run {
      case .success(let count): counts.append(count)
      case .failure(let error): throw error
      }
    }
    return try SimulationResult(counts, plan, seeds, self)
  }
}

/// Maps on all cores, in order.
func concurrentMap<Input: Sendable, Output: Sendable>(
  _ inputs: [Input], _ body: @Sendable (Input) -> Output
) -> [Output] {
  var outputs = [Output?](repeating: nil, count: inputs.count)
  outputs.withUnsafeMutableBufferPointer { buffer in
    // Each iteration writes its own element: no two threads touch the same memory.
    nonisolated(unsafe) let slots = buffer
    DispatchQueue.concurrentPerform(iterations: inputs.count) { index in
      slots[index] = body(inputs[index])
    }
  }
  return outputs.compactMap { $0 }
}

extension SimulationResult {
  init(
    _ counts: [ReplicationCounts], _ plan: SimulationPlan, _ seeds: [UInt64],
    _ queue: SimulatedQueue
  ) throws(QueueingError) {
    guard counts.allSatisfy({ $0.offered > 0 && $0.served > 0 && $0.time > 0 }) else {
      throw .noSolution("a replication served nobody: simulate more customers")
    }
    func estimate(
      _ value: (ReplicationCounts) -> Double
    ) throws(QueueingError) -> SimulationEstimate {
      try SimulationEstimate(counts.map(value), confidence: plan.confidence)
    }
    let canRefuse = queue.capacity != nil && queue.retry == nil
    blockingProbability = canRefuse ? try estimate { $0.refused / $0.offered } : nil
    waitingProbability =
      queue.discipline == .processorSharing
      ? nil : try estimate { $0.waited / max($0.accepted, 1) }
    abandonmentProbability =
      queue.patience == nil ? nil : try estimate { $0.abandoned / $0.offered }
    meanWait = try estimate { $0.waitSum / max($0.accepted, 1) }
    meanResponse = try estimate { $0.responseSum / max($0.responded, 1) }
    meanQueueLength = try estimate { $0.queueArea / $0.time }
    meanInSystem = try estimate { $0.systemArea / $0.time }
    utilization = try estimate { $0.busyArea / $0.time / Double(queue.servers) }
    throughput = try estimate { $0.served / $0.time }
    seenByArrivals = try estimate { $0.seenSum / $0.offered }
    let sorted = counts.map { ($0.waits.sorted(), $0.responses.sorted()) }
    func quantile(_ values: [Double], _ p: Double) -> Double {
      values.isEmpty ? 0 : values[min(Int(p * Double(values.count)), values.count - 1)]
    }
    waitQuantiles = []
    responseQuantiles = []
    for p in plan.percentiles {
      waitQuantiles.append(
        try SimulationEstimate(
          sorted.map { quantile($0.0, p) }, confidence: plan.confidence))
      responseQuantiles.append(
        try SimulationEstimate(
          sorted.map { quantile($0.1, p) }, confidence: plan.confidence))
    }
    classWaits = []
    if case .priority(let shares) = queue.discipline {
      for index in shares.indices {
        classWaits.append(
          try estimate { $0.classWaitSums[index] / max($0.classCounts[index], 1) })
      }
    }
    littleError =
      counts.map {
        abs($0.wholeArea - $0.wholeSojourn) / max($0.wholeArea, .leastNormalMagnitude)
      }.max() ?? 0
    isConserved = counts.allSatisfy(\.isConserved)
    self.seeds = seeds
  }
}

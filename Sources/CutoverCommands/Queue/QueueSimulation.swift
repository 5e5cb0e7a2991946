import Foundation
import ModelCore
import Quantities
import QueueingModels
import Reporting

/// The simulator's second opinion beside the formula.
struct QueueSimulation {
  let answer: QueueAnswer
  let plan: SimulationPlan
  let result: SimulationResult
  let formula: FittingFormula
  private let shares: [Double]

  init(_ answer: QueueAnswer, _ options: QueueReportOptions) throws {
    self.answer = answer
    guard answer.metrics.isStable else {
      throw CannotAnswer(description: "an unstable queue has no steady state to simulate")
    }
    guard answer.parameters.arrivalRate > 0 else {
      throw UsageError("--simulate needs arrivals; --arrival-rate is 0")
    }
    let assumptions = try QueueAssumptions(options.assumptions)
    try assumptions.check(answer.kind, answer.parameters)
    formula = try FittingFormula(answer, assumptions)
    shares = assumptions.shares ?? []
    plan = try SimulationPlan(
      customers: options.customers, replications: options.replications, seed: options.seed,
      percentiles: [options.percentile])
    let queue = assumptions.applied(
      to: try answer.kind.simulated(answer.parameters), answer.parameters)
    result = try queue.simulate(plan)
  }

  func table() throws -> Table {
    let m = formula.model?.metrics
    var rows: [(String, Double?, SimulationEstimate?)] = [
      ("blocking_probability", m?.blockingProbability, result.blockingProbability),
      ("waiting_probability", m?.waitingProbability, result.waitingProbability),
      ("abandonment_probability", m?.abandonmentProbability, result.abandonmentProbability),
      ("utilization", m?.utilization, result.utilization),
      ("completions_per_s", m?.throughput, result.throughput),
      ("mean_wait_s", m?.meanWait, result.meanWait),
      ("mean_response_s", m?.meanResponse, result.meanResponse),
      ("mean_queue_length", m?.meanQueueLength, result.meanQueueLength),
      ("mean_in_system", m?.meanInSystem, result.meanInSystem),
      (
        "wait_percentile_s",
        formula.hasWaitLaw ? try formula.model?.waitQuantile(answer.percentile) : nil,
        result.waitQuantiles.first
      ),
      (
        "response_percentile_s",
        formula.hasResponseLaw ? try formula.model?.responseQuantile(answer.percentile) : nil,
        result.responseQuantiles.first
      ),
    ].filter { $0.2 != nil }
    for (index, estimate) in result.classWaits.enumerated() {
      rows.append(
        (
          "mean_wait_s, class \(index + 1) (\(QueueText.digits(100 * shares[index])) %)",
          formula.classWaits[index], estimate
        ))
    }
    return try Table([
      Column("metric", text: rows.map(\.0)), Column("formula", numbers: rows.map(\.1)),
      Column("simulated", numbers: rows.map { $0.2?.mean }),
      Column("conf_low", numbers: rows.map { $0.2?.lower }),
      Column("conf_high", numbers: rows.map { $0.2?.upper }),
      Column(
        "inside",
        flags: rows.map { row in
          row.1.flatMap { value in row.2.map { $0.contains(value) } }
        }),
    ])
  }

  var notes: [String] {
    [
      "simulated: \(plan.replications) replications of \(plan.customers) arrivals after "
        + "\(plan.warmUp) to warm up, seed \(plan.seed); intervals cover 99 % each"
    ] + formula.notes
  }
}

/// The formula that has the assumptions of the simulated queue, as far as there is one.
struct FittingFormula {
  private(set) var model: (any QueueModel)?
  /// Whether its laws, not only its means, are those of the simulated queue.
  private(set) var hasWaitLaw = true
  private(set) var hasResponseLaw = true
  /// One per class.
  private(set) var classWaits: [Double?] = []
  private(set) var notes: [String] = []

  init(_ answer: QueueAnswer, _ assumptions: QueueAssumptions) throws {
    model = answer.model
    let p = answer.parameters
    if let breakdowns = assumptions.breakdowns {
      try useBreakdowns(answer, assumptions, breakdowns)
    } else if assumptions.gaps != nil || assumptions.services != nil {
      try useLaws(answer.kind, p, assumptions)
    }
    guard let shares = assumptions.shares else { return }
    classWaits = [Double?](repeating: nil, count: shares.count)
    hasWaitLaw = false
    hasResponseLaw = false
    if let queue = model as? DelayQueue {
      classWaits = try PriorityWaits(queue, shares: shares).meanWaits
    } else if let queue = model as? SingleServerQueue {
      classWaits = try PriorityWaits(queue, shares: shares).meanWaits
    } else {
      notes.append("no formula for the waits of classes in this queue; the simulation stands alone")
      return
    }
    notes.append("classes: Cobham's formula; the mean over the classes is that of one line")
  }

  private mutating func useBreakdowns(
    _ answer: QueueAnswer, _ assumptions: QueueAssumptions,
    _ breakdowns: SimulatedQueue.Breakdowns
  ) throws {
    let p = answer.parameters
    let up = breakdowns.meanUptime / (breakdowns.meanUptime + breakdowns.meanRepair)
    let servers = answer.usesServers ? p.servers : 1
    // With patience, room or sources that run dry there is always a steady state.
    let grows: Bool
    switch answer.kind {
    case .delay, .general, .singleServer: grows = true
    case .batch: grows = p.capacity == nil
    default: grows = false
    }
    if grows, answer.metrics.offeredLoad >= Double(servers) * up {
      throw CannotAnswer(
        description: "servers are up \(QueueText.digits(100 * up)) % of the time: the offered load "
          + "of \(QueueText.digits(answer.metrics.offeredLoad)) erlang is not below "
          + "\(QueueText.digits(Double(servers) * up)), the queue grows without end")
    }
    model = nil
    let isPlain = assumptions.gaps == nil && assumptions.services == nil && p.law == nil
    if grows, servers == 1, isPlain, assumptions.shares == nil, !isBatch(answer.kind) {
      model = try BreakdownQueue(
        arrivalRate: p.arrivalRate, serviceRate: p.serviceRate,
        meanUptime: breakdowns.meanUptime, meanRepair: breakdowns.meanRepair)
      notes.append(
        "formula: M/M/1 with breakdowns (White and Christie); an interrupted service goes on after "
          + "the repair")
    } else {
      notes.append("no formula for this queue with breakdowns; the simulation stands alone")
    }
  }

  private func isBatch(_ kind: QueueKind) -> Bool {
    switch kind {
    // Whose services need not be exponential is not M/M/1.
    case .batch, .general: true
    default: false
    }
  }

  private mutating func useLaws(
    _ kind: QueueKind, _ p: QueueParameters, _ assumptions: QueueAssumptions
  ) throws {
    let gaps = assumptions.gaps?.squaredVariation ?? 1
    var service = assumptions.services?.scaled(toMean: p.serviceTime) ?? p.law
    var ownGaps = gaps
    if case .general(let arrivals, let variation, _) = kind {
      if assumptions.gaps == nil { ownGaps = arrivals }
      if service == nil {
        service = try .fitted(mean: p.serviceTime, squaredVariation: variation)
      }
    }
    let law = service ?? .exponential(mean: p.serviceTime)
    switch kind {
    case .singleServer where assumptions.gaps == nil:
      model = try SingleServerQueue(arrivalRate: p.arrivalRate, service: law)
      notes.append("formula: M/G/1 with that law of service")
    case .delay, .general, .singleServer:
      var method = GeneralServiceQueue.Method.kimura
      if case .general(_, _, let chosen) = kind { method = chosen }
      model = try GeneralServiceQueue(
        arrivalRate: p.arrivalRate, serviceRate: p.serviceRate, servers: p.servers,
        arrivalVariation: ownGaps, serviceVariation: law.squaredVariation, method: method,
        service: law)
      notes.append(
        "formula: GI/G/C by two moments (\(method.rawValue)), an approximation; see 'cutover queue "
          + "mgc'")
    case .loss where assumptions.gaps == nil, .sharedLink where assumptions.gaps == nil,
      .finiteSources where p.capacity == nil || p.capacity == p.servers:
      // Insensitive: all but the response's law need only the mean.
      hasResponseLaw = false
      notes.append("the formula needs only the mean time of service, whatever its law")
    default:
      model = nil
      notes.append("no formula for these laws in this queue; the simulation stands alone")
    }
  }
}

import Foundation
import MigrationModels
import ModelCore
import QueueingModels

/// `mmcc`, `mmc`, `mmck`, `erlang_b_inverse`, `kaufman_roberts`, `interdc_blocking`, `ctmc_sender`.
enum QueueEvaluators {
  static let all = [
    Evaluator("mmcc", .closedForm) { (inputs) throws(EvaluationError) in
      let (servers, a, mu) = try load(&inputs)
      return try queueing { () throws(QueueingError) in
        let m = try LossQueue(arrivalRate: a * mu, serviceRate: mu, servers: servers).metrics
        return [
          "blocking": number(m.blockingProbability), "L": number(m.meanInSystem),
          "carried": number(m.meanInSystem), "throughput": number(m.throughput),
          "utilisation": number(m.utilization),
          "log10_blocking": .number((m.logBlockingProbability ?? -.infinity) / log(10)),
        ]
      }
    },
    Evaluator("mmc", .closedForm) { (inputs) throws(EvaluationError) in
      let spare = spareLoad(&inputs)
      let (servers, a, mu) = try load(&inputs)
      return try queueing { () throws(QueueingError) in
        let queue = try DelayQueue(
          arrivalRate: a * mu, serviceRate: mu, servers: servers, spareLoad: spare)
        let m = queue.metrics
        // An unstable queue's waits and lengths grow without bound.
        let none = queue.isStable ? 0.0 : .infinity
        return [
          "P_wait": number(m.waitingProbability), "Wq": .number(m.meanWait ?? none),
          "W": .number(m.meanResponse ?? none), "Lq": .number(m.meanQueueLength ?? none),
          "L": .number(m.meanInSystem ?? none),
          "log10_P_wait": .number((m.logWaitingProbability ?? -.infinity) / log(10)),
        ]
      }
    },
    Evaluator("mmck", .closedForm) { (inputs) throws(EvaluationError) in
      let (servers, a, mu) = try load(&inputs)
      let capacity = try inputs.count("K")
      return try queueing { () throws(QueueingError) in
        let m = try FiniteQueue(
          arrivalRate: a * mu, serviceRate: mu, servers: servers, capacity: capacity
        ).metrics
        return [
          "P_loss": number(m.blockingProbability), "Lq": number(m.meanQueueLength),
          "L": number(m.meanInSystem), "Wq": number(m.meanWait),
          "P_wait_accepted": number(m.waitingProbability),
        ]
      }
    },
    Evaluator("erlang_b_inverse", .closedForm) { (inputs) throws(EvaluationError) in
      let (a, target) = (try inputs.number("a"), try inputs.number("target"))
      return try queueing { () throws(QueueingError) in
        let servers = try Dimensioning.servers(offeredLoad: a, blocking: target)
        let loss = try ErlangLoss(servers: Double(servers), offeredLoad: a)
        return ["c_min": .count(servers), "blocking": .number(loss.blocking)]
      }
    },
    Evaluator("kaufman_roberts", .closedForm) { (inputs) throws(EvaluationError) in
      let channels = try inputs.count("C")
      let classes = try trafficClasses(&inputs)
      return try queueing { () throws(QueueingError) in
        let loss = try MultiRateLoss(channels: channels, classes: classes)
        return Dictionary(
          uniqueKeysWithValues: classes.indices.map {
            ("P_block_\($0 + 1)", OracleValue.number(loss.blocking($0)))
          })
      }
    },
    Evaluator("interdc_blocking", .closedForm) { (inputs) throws(EvaluationError) in
      let group = try GroupLink(&inputs)
      return try queueing { () throws(QueueingError) in try group.values() }
    },
    Evaluator("ctmc_sender", .closedForm) { (inputs) throws(EvaluationError) in
      let (lambda, mu) = (try inputs.number("lam"), try inputs.number("mu", .positive))
      let (capacity, slots) = (try inputs.count("cap"), try inputs.count("slots"))
      guard let share = inputs.word("share") else { throw .missing("share") }
      return try queueing { () throws(QueueingError) in
        let queue = try MigrationSender(
          arrivalRate: lambda, serviceRate: mu, slots: slots, capacity: capacity,
          sharesLink: share == "True"
        ).queue()
        let m = queue.metrics
        return [
          "P_loss": number(m.blockingProbability), "L": number(m.meanInSystem),
          "Lq": number(m.meanQueueLength), "throughput": number(m.throughput),
          "response": number(m.meanResponse), "P_empty": number(try queue.stateProbability(0)),
        ]
      }
    },
  ]

  private static func number(_ value: Double?) -> OracleValue { .number(orNone: value) }

  private static func load(
    _ inputs: inout OracleInputs
  ) throws(EvaluationError) -> (servers: Int, load: Double, serviceRate: Double) {
    (try inputs.count("c"), try inputs.number("a"), try inputs.number("mu", .positive))
  }

  /// c - a of the decimals as they stand: next to saturation waits hang on digits that the nearest
  /// double to a no longer has.
  private static func spareLoad(_ inputs: inout OracleInputs) -> Double? {
    guard let servers = inputs.word("c").flatMap({ Decimal(string: $0) }),
      let load = inputs.word("a").flatMap({ Decimal(string: $0) })
    else { return nil }
    return Double("\(servers - load)")
  }

  /// `5x1/2x4`: 5 erlang of requests for 1 channel, 2 erlang of requests for 4.
  private static func trafficClasses(
    _ inputs: inout OracleInputs
  ) throws(EvaluationError) -> [TrafficClass] {
    guard let text = inputs.word("classes") else { throw .missing("classes") }
    var answer: [TrafficClass] = []
    for part in text.split(separator: "/", omittingEmptySubsequences: false) {
      let pair = part.split(separator: "x", omittingEmptySubsequences: false)
      guard pair.count == 2, let load = Double(pair[0]), let channels = Int(pair[1]) else {
        throw .notANumber("classes", String(part))
      }
      answer.append(TrafficClass(offeredLoad: load, channels: channels))
    }
    return answer
  }

  private static func queueing(
    _ body: () throws(QueueingError) -> [String: OracleValue]
  ) throws(EvaluationError) -> [String: OracleValue] {
    do throws(QueueingError) {
      return try body()
    } catch {
      throw .refused("\(error)")
    }
  }
}

/// A group of equal machines over one link: Cerroni's geometric rounds give the times.
private struct GroupLink {
  let channels: Int
  let size: Int
  let gap: Double
  let alone: Double
  let shared: Double

  init(_ inputs: inout OracleInputs) throws(EvaluationError) {
    channels = try inputs.count("channels")
    size = try inputs.count("M")
    gap = try inputs.number("mean_interarrival", .positive)
    let (memory, rate) = (try inputs.number("V_mem"), try inputs.number("R", .positive))
    let (dirty, threshold) = (try inputs.number("D"), try inputs.number("V_thd"))
    let (rounds, resume) = (try inputs.count("n_max"), try inputs.number("T_resume"))
    func time(_ share: Double) -> Double {
      let volume = GeometricRounds(
        memory: memory, bandwidth: rate / share, dirtyRate: dirty, threshold: threshold,
        roundCap: rounds
      ).volume
      return volume / (rate / share) + resume
    }
    alone = time(1)
    shared = time(Double(max(size, 1)))
  }

  func values() throws(QueueingError) -> [String: OracleValue] {
    let link = try InterDatacentre(
      channels: channels, groupSize: size, groupRate: 1 / gap,
      sequentialTime: Double(size) * alone, singleTime: alone, sharedTime: shared)
    let (sequential, rigid) = (try link.sequential(), try link.rigid())
    let together = try link.shared()
    return [
      "A_seq": .number(sequential.offeredLoad), "P_block_seq": .number(sequential.blocking),
      "A_par_rigid": .number(rigid.offeredLoad), "servers_par_rigid": .number(rigid.servers),
      "P_block_par_rigid": .number(rigid.blocking),
      "A_par_shared": .number(orNone: together?.offeredLoad),
      "P_block_par_shared": .number(orNone: together?.blocking),
    ]
  }
}

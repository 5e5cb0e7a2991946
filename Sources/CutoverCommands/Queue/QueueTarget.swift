import Foundation
import ModelCore
import Quantities
import QueueingModels
import Reporting

/// The question turned round: servers, load or service time for a target.
struct QueueTarget {
  let run: QueueRun

  func answer() throws {
    let arrival = run.rates.arrivalRate?.siValue
    let service = try run.rates.service()?.mean
    switch (arrival, service, run.servers) {
    case (let arrival?, let service?, nil): try servers(arrival, service)
    case (nil, let service?, let servers?): try arrivalRate(service, servers)
    case (let arrival?, nil, let servers?): try serviceTime(arrival, servers)
    case (let arrival?, let service?, let servers?): try verdict(arrival, service, servers)
    default:
      throw UsageError(
        "a target needs two of --arrival-rate, --service-time and --servers: the third is answered")
    }
  }

  private var blocking: Double? { run.report.targetBlocking }
  private var wait: Double { run.report.targetWait?.siValue ?? 0 }
  private var percentile: Double { run.report.percentile }
  private var column: String { blocking == nil ? "late_probability" : "blocking_probability" }
  /// What may be refused or late.
  private var allowed: Double { blocking ?? 1 - percentile }

  private func parameters(_ arrival: Double, _ service: Double, _ servers: Int) -> QueueParameters {
    QueueParameters(
      arrivalRate: arrival, serviceTime: service, servers: servers, capacity: run.capacity)
  }

  /// The share refused, or waiting beyond the target.
  private func missed(_ p: QueueParameters) throws(QueueingError) -> Double {
    let queue = try run.kind.queue(p)
    if blocking != nil { return queue.metrics.blockingProbability ?? 0 }
    guard queue.metrics.isStable else { return 1 }
    guard let tail = try queue.waitTail(wait) else {
      throw .tooLarge("the law of the wait takes more than seconds with \(p.servers) servers")
    }
    return tail
  }

  private func requireMeaning(_ p: QueueParameters) throws {
    if blocking != nil, !run.kind.refuses(p) {
      throw UsageError(
        "--target-blocking: \(run.kind.name) refuses nobody; give --target-wait, or ask 'cutover "
          + "queue mmcc'")
    }
    if let blocking, blocking == 0 {
      throw UsageError("--target-blocking: 0 is met by no number of servers; write for example 1%")
    }
    switch run.kind {
    case .loss, .infinite, .sharedLink:
      if blocking == nil {
        throw UsageError("--target-wait: \(run.kind.name) has no law of waiting to aim at")
      }
    default: break
    }
  }

  private func servers(_ arrival: Double, _ service: Double) throws {
    let least = run.capacity.map { min($0, 1) } ?? 1
    try requireMeaning(parameters(arrival, service, max(run.capacity ?? 1, 1)))
    if case .sharedLink = run.kind {
      throw UsageError("--target-blocking: a shared link is one server; ask for --capacity instead")
    }
    let limit = run.capacity ?? ErlangLoss.maximumServers
    let allowed = allowed
    let count: Int
    if case .loss = run.kind, let blocking {
      count = max(1, try Dimensioning.servers(offeredLoad: arrival * service, blocking: blocking))
    } else {
      count = try Dimensioning.least(from: least, through: limit) { (n) throws(QueueingError) in
        try self.missed(parameters(arrival, service, n)) <= allowed
      }
    }
    var counts = [count]
    if count > 1 { counts.insert(count - 1, at: 0) }
    if count < limit { counts.append(count + 1) }
    let missed = try counts.map { try self.missed(parameters(arrival, service, $0)) }
    let table = try Table([
      Column("servers", numbers: counts.map(Double.init)),
      Column(column, numbers: missed),
      Column("margin", numbers: missed.map { allowed - $0 }),
      Column(
        "choice",
        text: counts.map { $0 < count ? "smaller" : $0 == count ? "answer" : "larger" }),
    ])
    try run.report.output.write(Report(table, name: "servers", notes: notes(arrival * service)))
  }

  private func notes(_ load: Double) -> [String] {
    let goal =
      blocking.map { "at most \(QueueText.digits($0)) refused" }
      ?? "\(QueueText.digits(percentile)) wait at most \(QueueText.digits(wait)) s"
    return ["\(run.kind.name), \(QueueText.digits(load)) erlang offered, target: \(goal)"]
  }

  private func arrivalRate(_ service: Double, _ servers: Int) throws {
    try requireMeaning(parameters(0.5 / service, service, servers))
    let rate: Double
    switch (run.kind, blocking) {
    case (.loss, let blocking?):
      rate = try Dimensioning.offeredLoad(servers: servers, blocking: blocking) / service
    case (.delay, nil):
      rate = try Dimensioning.arrivalRate(
        servers: servers, serviceRate: 1 / service, wait: wait, percentile: percentile)
    default: rate = try largest(from: Double(servers) / service) { ($0, service, servers) }
    }
    try write(rate, service, servers, unknown: "arrival_rate_per_s")
  }

  private func serviceTime(_ arrival: Double, _ servers: Int) throws {
    guard arrival > 0 else {
      throw UsageError("--arrival-rate: with 0/s every service time meets the target")
    }
    try requireMeaning(parameters(arrival, 0.5 / arrival, servers))
    let time: Double
    switch (run.kind, blocking) {
    case (.loss, let blocking?):
      time = try Dimensioning.serviceTime(
        arrivalRate: arrival, servers: servers, blocking: blocking)
    case (.delay, nil):
      time = try Dimensioning.serviceTime(
        arrivalRate: arrival, servers: servers, wait: wait, percentile: percentile)
    default: time = try largest(from: Double(servers) / arrival) { (arrival, $0, servers) }
    }
    try write(time, arrival, servers, unknown: "service_time_s")
  }

  /// The largest value that meets the target, by bisection in the logarithm: what is missed grows
  /// with arrivals and with service times.
  private func largest(
    from start: Double, _ values: (Double) -> (Double, Double, Int)
  ) throws -> Double {
    func meets(_ x: Double) throws -> Bool {
      let (arrival, service, servers) = values(x)
      return try missed(parameters(arrival, service, servers)) <= allowed
    }
    var (low, high) = (start, start)
    var steps = 0
    while try meets(high), steps < 60 {
      low = high
      high *= 4
      steps += 1
    }
    while try !meets(low), steps < 200 {
      high = low
      low /= 4
      steps += 1
    }
    guard steps < 200, low > 0 else {
      throw CannotAnswer(description: "no positive value meets the target")
    }
    for _ in 0..<80 {
      let middle = (low * high).squareRoot()
      if try meets(middle) { low = middle } else { high = middle }
    }
    return low
  }

  private func write(_ value: Double, _ other: Double, _ servers: Int, unknown: String) throws {
    let isRate = unknown == "arrival_rate_per_s"
    let (arrival, service) = isRate ? (value, other) : (other, value)
    let missed = try self.missed(parameters(arrival, service, servers))
    let table = try Table([
      Column("unknown", text: [unknown]),
      Column("arrival_rate_per_s", numbers: [arrival]),
      Column("service_time_s", numbers: [service]),
      Column("servers", numbers: [Double(servers)]),
      Column("offered_load_erlang", numbers: [arrival * service]),
      Column(column, numbers: [missed]),
      Column("margin", numbers: [allowed - missed]),
    ])
    try run.report.output.write(Report(table, name: "answer", notes: notes(arrival * service)))
  }

  private func verdict(_ arrival: Double, _ service: Double, _ servers: Int) throws {
    let p = parameters(arrival, service, servers)
    try requireMeaning(p)
    let missed = try self.missed(p)
    let table = try Table([
      Column("servers", numbers: [Double(servers)]),
      Column(column, numbers: [missed]),
      Column("margin", numbers: [allowed - missed]),
      Column("meets_target", flags: [missed <= allowed]),
    ])
    try run.report.output.write(Report(table, name: "verdict", notes: notes(arrival * service)))
    if run.report.strict, missed > allowed {
      throw NegativeVerdict(message: "\(servers) servers miss the target")
    }
  }
}

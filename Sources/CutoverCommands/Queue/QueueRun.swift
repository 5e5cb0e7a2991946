import Foundation
import ModelCore
import Quantities
import QueueingModels
import Reporting

/// Answers one queue subcommand from its options.
struct QueueRun {
  let kind: QueueKind
  let rates: QueueRateOptions
  let servers: Int?
  let capacity: Int?
  let report: QueueReportOptions
  /// Squared coefficient of variation of the services, where only their mean is given.
  var serviceVariation: Double?

  func run() throws {
    try report.check()
    if report.targetBlocking != nil || report.targetWait != nil {
      try QueueTarget(run: self).answer()
      return
    }
    let parameters = try parameters()
    if let sweep = report.sweep {
      try answer(sweep: try QueueSweep(sweep), parameters)
    } else {
      try answer(parameters)
    }
  }

  /// All that a plain question needs; what is missing is named. What a sweep gives may be left
  /// out.
  func parameters() throws -> QueueParameters {
    let swept = try report.sweep.map { try QueueSweep($0).name }
    let assumed = try QueueAssumptions(report.assumptions)
    guard
      let arrival = rates.arrivalRate?.siValue ?? (swept == .arrivalRate ? 1 : nil)
        ?? assumed.tracedGaps.map({ 1 / $0.mean })
    else {
      throw UsageError("Say how many arrive: --arrival-rate, such as 0.5/s")
    }
    guard
      let service = try rates.service() ?? (swept == .serviceTime ? (1, nil) : nil)
        ?? assumed.tracedServices.map({ ($0.mean, nil) })
    else {
      throw UsageError("Say how long one takes: --service-time, such as 40s")
    }
    let varied = try serviceVariation.map {
      try ServiceLaw.fitted(mean: service.mean, squaredVariation: $0)
    }
    if assumed.services != nil, serviceVariation != nil || service.law != nil {
      throw UsageError("--services excludes --service-variation and --fleet: each is a law")
    }
    var law = varied ?? service.law
    // M/G/1 holds any law: its formula takes what the simulation takes.
    if case .singleServer = kind {
      law = law ?? assumed.services?.scaled(toMean: service.mean)
    }
    return QueueParameters(
      arrivalRate: arrival, serviceTime: service.mean,
      servers: try serverCount(swept == .servers), capacity: capacity, law: law)
  }

  private func serverCount(_ isSwept: Bool) throws -> Int {
    switch kind {
    case .infinite, .singleServer, .sharedLink: return 1
    default:
      guard let count = servers ?? (isSwept ? 1 : nil) else {
        throw UsageError("Say how many servers there are: --servers N, or give a target")
      }
      return count
    }
  }

  private func answer(_ parameters: QueueParameters) throws {
    let answer = try QueueAnswer(kind, parameters, percentile: report.percentile)
    let table = try QueueAnswer.table([answer])
    let format = try report.output.resolvedFormat()
    var page = Report()
    let isSheet = format == .text || format == .markdown
    try page.add(isSheet ? try QueueAnswer.sheet(table) : table, name: "queue")
    if report.sensitivity {
      try page.add(try QueueSensitivity(answer).table(), name: "sensitivity")
    }
    var notes = notes(answer)
    if report.simulates {
      let simulation = try QueueSimulation(answer, report)
      try page.add(try simulation.table(), name: "simulation")
      notes += simulation.notes
    }
    page.add(notes: notes)
    try report.output.write(page)
    if format == .csv, page.tables.count > 1 {
      say("CSV holds the first table alone; --format json has all of them")
    }
    if let reason = answer.instability {
      if format == .csv || format == .json { say(reason) }
      if report.strict { throw NegativeVerdict(message: "the queue is unstable") }
    }
  }

  private func notes(_ answer: QueueAnswer) -> [String] {
    var notes = answer.instability.map { [$0] } ?? []
    if let law = answer.parameters.law {
      let variation = QueueText.digits(law.squaredVariation)
      switch kind {
      case .loss, .infinite, .sharedLink:
        notes.append(
          "services have a squared coefficient of variation of \(variation); the formula needs "
            + "only their mean")
      case .singleServer:
        notes.append("services have a squared coefficient of variation of \(variation)")
      default:
        notes.append(
          "services have a squared coefficient of variation of \(variation), the formula takes 1: "
            + "see 'cutover queue mgc', or --simulate")
      }
    }
    return notes
  }

  private func answer(sweep: QueueSweep, _ parameters: QueueParameters) throws {
    let answers = try sweep.applied(to: parameters).map {
      try QueueAnswer(kind, $0, percentile: report.percentile)
    }
    let table = try QueueAnswer.table(answers)
    if let path = report.plot { try QueuePlot(sweep, answers).write(to: path) }
    let format = try report.output.resolvedFormat()
    let isSheet = format == .text || format == .markdown
    try report.output.write(
      Report(isSheet ? try narrow(table, sweep) : table, name: "queue"))
    let unstable = answers.count { !$0.metrics.isStable }
    if unstable > 0 {
      say("\(unstable) of \(answers.count) queues are unstable: their waits are empty")
      if report.strict { throw NegativeVerdict(message: "\(unstable) queues are unstable") }
    }
  }

  /// The columns that fit a terminal.
  private func narrow(_ table: Table, _ sweep: QueueSweep) throws -> Table {
    let first =
      switch sweep.name {
      case .arrivalRate: "arrival_rate_per_s"
      case .serviceTime: "service_time_s"
      case .servers: "servers"
      case .capacity: "capacity"
      }
    let names = [
      first, "stable", "blocking_probability", "waiting_probability", "utilization",
      "mean_wait_s", "mean_response_s", "wait_percentile_s",
    ]
    return try Table(names.compactMap { table[$0] })
  }
}

enum QueueText {
  /// Four digits, as notes for people have.
  static func digits(_ value: Double) -> String { String(format: "%.4g", value) }
}

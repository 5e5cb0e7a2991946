import Foundation
import ModelCore
import QueueingModels

/// One queue with its parameters: a row of the answer.
struct QueueAnswer {
  let kind: QueueKind
  let parameters: QueueParameters
  let model: any QueueModel
  let metrics: QueueMetrics
  let percentile: Double

  init(_ kind: QueueKind, _ parameters: QueueParameters, percentile: Double) throws {
    self.kind = kind
    self.parameters = parameters
    self.percentile = percentile
    model = try kind.queue(parameters)
    metrics = model.metrics
  }

  var usesServers: Bool {
    switch kind {
    case .infinite, .singleServer, .sharedLink: false
    default: true
    }
  }

  /// The answers as one wide table, one row each.
  static func table(_ answers: [QueueAnswer]) throws -> Table {
    func metric(_ value: (QueueMetrics) -> Double?) -> [Double?] {
      answers.map { value($0.metrics) }
    }
    let waits = try answers.map { try $0.model.waitQuantile($0.percentile) }
    let responses = try answers.map { try $0.model.responseQuantile($0.percentile) }
    let numbers = try answers.map { try $0.model.numberQuantile($0.percentile) }
    let columns = [
      Column("queue", text: answers.map(\.kind.name)),
      Column("arrival_rate_per_s", numbers: answers.map(\.parameters.arrivalRate)),
      Column("service_time_s", numbers: answers.map(\.parameters.serviceTime)),
      Column(
        "servers", numbers: answers.map { $0.usesServers ? Double($0.parameters.servers) : nil }),
      Column("capacity", numbers: answers.map { $0.parameters.capacity.map(Double.init) }),
      Column("offered_load_erlang", numbers: metric(\.offeredLoad)),
      Column("stable", flags: answers.map(\.metrics.isStable)),
      Column("blocking_probability", numbers: metric(\.blockingProbability)),
      Column(
        "log10_blocking_probability",
        numbers: metric { $0.logBlockingProbability.map { $0 / log(10) } }),
      Column("waiting_probability", numbers: metric(\.waitingProbability)),
      Column(
        "log10_waiting_probability",
        numbers: metric { $0.logWaitingProbability.map { $0 / log(10) } }),
      Column("abandonment_probability", numbers: metric(\.abandonmentProbability)),
      Column("utilization", numbers: metric(\.utilization)),
      Column("completions_per_s", numbers: metric(\.throughput)),
      Column("mean_wait_s", numbers: metric(\.meanWait)),
      Column("mean_response_s", numbers: metric(\.meanResponse)),
      Column("mean_queue_length", numbers: metric(\.meanQueueLength)),
      Column("mean_in_system", numbers: metric(\.meanInSystem)),
      Column("percentile", numbers: answers.map(\.percentile)),
      Column("wait_percentile_s", numbers: waits),
      Column("response_percentile_s", numbers: responses),
      Column("in_system_percentile", numbers: numbers.map { $0.map(Double.init) }),
    ]
    return try Table(columns)
  }

  /// One row turned on its side, with the glossary's words: what a person reads.
  static func sheet(_ table: Table) throws -> Table {
    var (names, values, meanings): ([String], [String?], [String?]) = ([], [], [])
    for column in table.columns {
      guard let value = table.label(column.name, row: 0) else { continue }
      names.append(column.name)
      values.append(Double(value).map { rounded($0) } ?? value)
      meanings.append(Glossary.explanation(of: column.name)?.meaning)
    }
    return try Table([
      Column("metric", text: names), Column("value", text: values),
      Column("meaning", text: meanings),
    ])
  }

  /// Six digits, as tables for people have.
  private static func rounded(_ value: Double) -> String { String(format: "%.6g", value) }

  /// Why there is no steady state.
  var instability: String? {
    guard !metrics.isStable else { return nil }
    let servers = usesServers ? "\(parameters.servers) servers" : "one link"
    return
      "the offered load of \(Self.rounded(metrics.offeredLoad)) erlang is not below \(servers): "
      + "the queue grows without end, waits have no mean"
  }
}

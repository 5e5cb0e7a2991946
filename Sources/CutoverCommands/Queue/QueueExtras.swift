import Foundation
import ModelCore
import Quantities
import QueueingModels
import Reporting

/// How metrics move: derivatives by rate and time, differences by one server more.
struct QueueSensitivity {
  let answer: QueueAnswer

  init(_ answer: QueueAnswer) { self.answer = answer }

  private static let metrics: [(String, @Sendable (QueueMetrics) -> Double?)] = [
    ("blocking_probability", { $0.blockingProbability }),
    ("waiting_probability", { $0.waitingProbability }),
    ("abandonment_probability", { $0.abandonmentProbability }),
    ("utilization", { $0.utilization }), ("completions_per_s", { $0.throughput }),
    ("mean_wait_s", { $0.meanWait }), ("mean_response_s", { $0.meanResponse }),
    ("mean_queue_length", { $0.meanQueueLength }), ("mean_in_system", { $0.meanInSystem }),
  ]

  func table() throws -> Table {
    var (names, values, byArrival, byService, oneMore):
      ([String], [Double], [Double?], [Double?], [Double?]) = ([], [], [], [], [])
    for (name, metric) in Self.metrics {
      guard let value = metric(answer.metrics) else { continue }
      names.append(name)
      values.append(value)
      byArrival.append(derivative(answer.parameters.arrivalRate, metric) { $0.arrivalRate = $1 })
      byService.append(
        derivative(answer.parameters.serviceTime, metric) { $0.serviceTime = $1 })
      oneMore.append(difference(metric).map { $0 - value })
    }
    return try Table([
      Column("metric", text: names), Column("at", numbers: values),
      Column("per_arrival_rate", numbers: byArrival),
      Column("per_service_time", numbers: byService),
      Column("one_server_more", numbers: oneMore),
    ])
  }

  private func derivative(
    _ x: Double, _ metric: (QueueMetrics) -> Double?,
    _ change: (inout QueueParameters, Double) -> Void
  ) -> Double? {
    guard x > 0 else { return nil }
    return NumericalDerivative(at: x) { value in
      var parameters = answer.parameters
      change(&parameters, value)
      guard let metrics = try? answer.kind.queue(parameters).metrics, metrics.isStable else {
        return nil
      }
      return metric(metrics)
    }?.value
  }

  private func difference(_ metric: (QueueMetrics) -> Double?) -> Double? {
    guard answer.usesServers else { return nil }
    var parameters = answer.parameters
    parameters.servers += 1
    if let capacity = parameters.capacity {
      parameters.capacity = max(capacity, parameters.servers)
    }
    return (try? answer.kind.queue(parameters).metrics).flatMap(metric)
  }
}

/// A sweep as a picture: probabilities above, times below.
struct QueuePlot {
  let sweep: QueueSweep
  let answers: [QueueAnswer]

  init(_ sweep: QueueSweep, _ answers: [QueueAnswer]) {
    self.sweep = sweep
    self.answers = answers
  }

  func write(to path: String) throws {
    let x = sweep.values
    func line(_ name: String, _ value: (QueueMetrics) -> Double?) -> Plot.Series {
      Plot.Series(name, .line, x: x, y: answers.map { value($0.metrics) })
    }
    let unit: PlotUnit = sweep.name == .serviceTime ? .seconds : .plain
    let label =
      sweep.name == .arrivalRate
      ? "arrivals per second" : sweep.name.rawValue.replacing("-", with: " ")
    func panel(_ y: Plot.Axis, _ series: [Plot.Series]) -> Plot.Panel? {
      let drawn = series.filter { $0.y.contains { $0 != nil } }
      return drawn.isEmpty ? nil : Plot.Panel(x: Plot.Axis(label, unit), y: y, series: drawn)
    }
    let panels = [
      panel(
        Plot.Axis("probability", .percent),
        [
          line("blocking", { $0.blockingProbability }), line("waiting", { $0.waitingProbability }),
          line("utilisation", { $0.utilization }),
        ]),
      panel(
        Plot.Axis("time", .seconds),
        [line("mean wait", { $0.meanWait }), line("mean response", { $0.meanResponse })]),
    ].compactMap { $0 }
    let plot = Plot(title: answers.first.map { $0.kind.name } ?? "queue", panels: panels)
    try PlotRenderer.check(path: path)
    let file = try OutputFile(path: path)
    try file.append(Array(try PlotRenderer().svg(plot).utf8))
    try file.commit()
  }
}

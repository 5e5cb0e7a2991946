import MigrationModels
import ModelCore
import Quantities

/// `dirty_curve`: the dirty-curve predictor on the sample that was published with it.
enum DirtyCurveEvaluators {
  static let all = [
    Evaluator("dirty_curve", .closedForm) { (inputs) throws(EvaluationError) in
      let data = inputs.word("data")
      guard data == PublishedSample.name else {
        throw .refused("the only data that is known is \(PublishedSample.name)")
      }
      var scenario = try PublishedSample.scenario()
      scenario.bandwidth = ByteRate(siValue: try inputs.number("bandwidth_Bps", .positive))
      if inputs.word("downtime_ms") != "unlim" {
        scenario.downtimeLimit = Seconds(
          siValue: try inputs.number("downtime_ms", .positive) / 1000)
      }
      let deadline = try inputs.numberIfPresent("deadline_ms", .positive) ?? 3_600_000
      let answer = try predict(
        "dirty-curve", ["deadline_s": deadline / 1000], scenario, recordingRounds: true)
      let total = answer.totalMigrationTime.map { $0.siValue * 1000 }
      // Shown as published: rounded up to milliseconds, then to seconds.
      let shown = total.map { ($0.rounded(.up) / 1000).rounded(.up) }
      return [
        "rounds": .number(orNone: answer.roundCount.map(Double.init)),
        "T_total_ms": .number(orNone: total),
        "T_down_ms": .number(orNone: answer.rounds.last.map { $0.duration.siValue * 1000 }),
        "shown_s": shown.map(OracleValue.number) ?? .text("-"),
      ]
    }
  ]

  /// A. Gudkov, QEMU mailing list, 2023-02-28: 16392 of 8392704 pages sampled, 10060 of them zero.
  private enum PublishedSample {
    static let name = "QEMU list 2023-02-28 sample"
    static let windowsInMilliseconds = [
      125.0, 250, 375, 500, 750, 1000, 1500, 2000, 3000, 4001, 6000, 8000, 10000, 15000, 20000,
      25000, 30000, 35000, 40000, 45000, 50000, 60000,
    ]
    static let dirtySamples = [
      33.0, 78, 119, 151, 217, 236, 293, 336, 425, 505, 620, 756, 898, 1204, 1457, 1723, 1934,
      2141, 2328, 2522, 2675, 2958,
    ]

    static func scenario() throws(EvaluationError) -> Scenario {
      let page = 4096.0
      let pages = 8_392_704.0
      let scale = pages / 16_392
      let normal = Bytes(siValue: (16_392 - 10_060) * scale * page)
      var scenario = Scenario()
      scenario.memory = Bytes(siValue: pages * page)
      scenario.used = normal
      do {
        scenario.dirtyCurve = try DirtyCurve(
          points: zip(windowsInMilliseconds, dirtySamples).map {
            DirtyCurve.Point(
              window: Seconds(siValue: $0 / 1000), dirty: Bytes(siValue: $1 * scale * page))
          },
          ceiling: normal)
      } catch {
        throw .refused("\(error)")
      }
      return scenario
    }
  }
}

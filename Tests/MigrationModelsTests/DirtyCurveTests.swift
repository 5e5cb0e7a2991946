import Foundation
import MigrationModels
import ModelCore
import Quantities
import TestSupport
import Testing

/// The published sample: 16392 of 8392704 pages sampled, 10060 of them zero.
enum PublishedCurve {
  static let windows = [
    125.0, 250, 375, 500, 750, 1000, 1500, 2000, 3000, 4001, 6000, 8000, 10000, 15000, 20000,
    25000, 30000, 35000, 40000, 45000, 50000, 60000,
  ]
  static let dirty = [
    33.0, 78, 119, 151, 217, 236, 293, 336, 425, 505, 620, 756, 898, 1204, 1457, 1723, 1934, 2141,
    2328, 2522, 2675, 2958,
  ]
  static let page = 4096.0
  static let scale = 8_392_704.0 / 16_392.0

  static func scenario() throws -> Scenario {
    var scenario = Scenario()
    scenario.memory = Bytes(siValue: 8_392_704 * page)
    scenario.used = Bytes(siValue: (16_392 - 10_060) * scale * page)
    scenario.dirtyCurve = try DirtyCurve(
      points: zip(windows, dirty).map {
        DirtyCurve.Point(
          window: Seconds(siValue: $0 / 1000), dirty: Bytes(siValue: $1 * scale * page))
      },
      ceiling: Bytes(siValue: (16_392 - 10_060) * scale * page))
    return scenario
  }
}

@Suite struct DirtyCurveTests {
  @Test(arguments: Oracle.cases("dirty_curve"))
  func published(_ test: OracleCase) throws {
    var scenario = try PublishedCurve.scenario()
    scenario.bandwidth = ByteRate(siValue: test.input("bandwidth_Bps"))
    if test.inputs["downtime_ms"] != "unlim" {
      scenario.downtimeLimit = Seconds(siValue: test.input("downtime_ms") / 1000)
    }
    let answer = try ModelCatalogue.model("dirty-curve").predict(scenario, recordingRounds: true)
    let accepts = Tolerance.oracle.accepts
    #expect(answer.roundCount == Int(test.output("rounds")))
    #expect(
      accepts((answer.rounds.last?.duration.siValue ?? .nan) * 1000, test.output("T_down_ms")))
    if test.outputs["T_total_ms"] == "no_convergence" {
      #expect(answer.termination == .deadline && answer.totalMigrationTime == nil)
      #expect(!answer.converged)
    } else {
      let total = try #require(answer.totalMigrationTime).siValue * 1000
      #expect(accepts(total, test.output("T_total_ms")))
      // Shown as published: rounded up to milliseconds, then to seconds.
      #expect(Int((total.rounded(.up) / 1000).rounded(.up)) == Int(test.output("shown_s")))
    }
  }

  @Test func theTableHasAllItsCells() {
    #expect(Oracle.cases("dirty_curve").count == 48)
  }

  @Test func extensions() throws {
    let points = [(1.0, 30.0), (2, 50), (4, 60)].map {
      DirtyCurve.Point(window: Seconds(siValue: $0), dirty: Bytes(siValue: $1))
    }
    let curve = try DirtyCurve(points: points, ceiling: Bytes(siValue: 70))
    // Left: line through the first two points meets zero window at 10.
    #expect(curve.dirtyBytes(after: 0) == 10)
    #expect(curve.dirtyBytes(after: 0.5) == 20)
    #expect(curve.dirtyBytes(after: 1) == 30)
    #expect(curve.dirtyBytes(after: 3) == 55)
    // Right: slope 5 until the ceiling.
    #expect(curve.dirtyBytes(after: 5) == 65)
    #expect(curve.dirtyBytes(after: 100) == 70)
  }

  @Test(arguments: [
    [], [(0.0, 1.0)], [(1, -1)], [(1, 5), (1, 6)], [(1, 5), (2, 4)], [(.nan, 1)],
  ])
  func badCurves(_ pairs: [(Double, Double)]) {
    let points = pairs.map {
      DirtyCurve.Point(window: Seconds(siValue: $0.0), dirty: Bytes(siValue: $0.1))
    }
    #expect(throws: ModelError.self) {
      try DirtyCurve(points: points, ceiling: Bytes(siValue: 10))
    }
  }
}

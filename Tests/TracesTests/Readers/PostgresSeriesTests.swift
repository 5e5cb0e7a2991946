import Foundation
import ModelCore
import Testing

@testable import Traces

/// The polls of 100 real migrations against the table that their owner's records were condensed
/// to by another program.
@Suite struct PostgresSeriesTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Notebooks-data/lordwicked-qemu-postgres")

  /// A column of ours, one of theirs, and what one of theirs is in ours.
  static let columns: [(ours: String, theirs: String, unit: Double)] = [
    ("setup_time_s", "setup_time_ms", 1e-3), ("total_time_s", "total_time_ms", 1e-3),
    ("downtime_s", "downtime_ms", 1e-3), ("transferred_bytes", "ram_transferred", 1),
    ("precopy_bytes", "ram_precopy_bytes", 1), ("downtime_bytes", "ram_downtime_bytes", 1),
    ("postcopy_bytes", "ram_postcopy_bytes", 1), ("normal_pages", "ram_normal", 1),
    ("zero_pages", "ram_duplicate", 1), ("dirty_syncs", "ram_dirty_sync_count", 1),
    ("page_size_bytes", "ram_page_size", 1), ("memory_bytes", "ram_total", 1),
    ("postcopy_requests", "ram_postcopy_requests", 1),
    ("throttle_max", "max_cpu_throttle_percentage", 1e-2),
    ("observed_postcopy_blocktime_s", "postcopy_blocktime_ms", 1e-3),
  ]

  /// Two roundings: theirs to milliseconds or percent, and the product with the unit.
  private static let rounding = 1e-12
  /// Their median is printed in thousandths of a Mbit/s.
  private static let printedMedian = 0.001 * 125_000

  @Test func rowsAgreeWithTheOwnersTable() throws {
    let names = try FileManager.default.contentsOfDirectory(
      atPath: Self.folder.appending(path: "mig-stats").path
    ).sorted()
    #expect(names.count == 100)
    let paths = names.map { Self.folder.appending(path: "mig-stats/\($0)").path }
    let sources = zip(paths, LogSource.ids(paths: paths)).map {
      LogSource(path: $0, id: $1, size: 1 << 17)
    }
    var logs: [LogRead] = []
    func take(_ position: Int, _ outcome: Result<LogRead, TraceError>) {
      #expect(position == logs.count)
      switch outcome {
      case .success(let log): logs.append(log)
      case .failure(let error): Issue.record("\(error)")
      }
    }
    LogConverter().convert(sources, samples: { _, _ in }, finished: take)
    // The destination's last line is no migration.
    #expect(logs.allSatisfy { $0.rows.count == 1 })
    #expect(logs.reduce(0) { $0 + $1.summary.recordCount } == 18_402)
    let rows = logs.flatMap(\.rows)

    // Its columns have names of their own, and one of ours with other words.
    var options = TraceOptions()
    options.definitions = []
    let table = try TraceReader(
      path: Self.folder.appending(path: "runs.csv").path, options: options
    ).readTable().table
    #expect(table.rowCount == 100 && rows.count == 100)
    let byID = Dictionary(uniqueKeysWithValues: rows.map { ($0.id, $0) })
    var compared = 0
    for line in 0..<table.rowCount {
      let run = try #require(table.numbers("run")[line])
      let scenario = try #require(table.label("scenario", row: line))
      let id = "\(scenario).run" + (run < 10 ? "0" : "") + "\(Int(run))"
      let row = try #require(byID[id], "\(id)")
      #expect(row.text("status") == table.label("status", row: line))
      for (ours, theirs, unit) in Self.columns {
        let expected = try table.numbers(theirs)[line].map { $0 * unit }
        let found = row.number(ours)
        compared += 1
        guard let expected, let found else {
          #expect(expected == nil && found == nil, "\(id) \(ours)")
          continue
        }
        #expect(abs(found - expected) <= Self.rounding * abs(expected), "\(id) \(ours)")
      }
      // Told by the log: a throttle, and a guest that was paused all the time.
      let technique =
        scenario.hasPrefix("Autoconverge")
        ? "precopy+autoconverge" : scenario.hasPrefix("Stop_Copy") ? "stop-and-copy" : nil
      #expect(row.text("technique") == technique, "\(id)")
      #expect(row.number("downtime_limit_s") == 0.3, "\(id)")
      // Where the owner had active samples, so had we; never the final record's rate.
      if let median = try table.numbers("median_precopy_mbps")[line] {
        let rate = try #require(row.number("bandwidth_bytes_per_s"), "\(id)")
        #expect(abs(rate - median * 125_000) <= Self.printedMedian, "\(id)")
      } else {
        #expect(row.number("bandwidth_bytes_per_s") == nil, "\(id)")
      }
    }
    #expect(compared == 1500)
  }
}

import Foundation

/// A gigabyte of QEMU's replies, one a line, to the trace table.
enum ConvertPolls {
  /// What is written; the goal is 300 MB/s on two cores, so at most a third of this in seconds.
  private static let bytes = 1_000_000_000
  /// Polls of one migration.
  private static let pollsPerMigration = 200

  /// `trace convert` against the least that a script does with such a log: parse each line, and
  /// keep the record that says how a migration ended.
  static func measure(_ settings: BenchmarkSettings) throws -> [Measurement] {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "cutover-benchmark-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let log = folder.appending(path: "polls.ndjson")
    try write(log)
    let target = folder.appending(path: "trace.csv").path
    let pair = TimedPair(
      name: "convert 1 GB of QEMU replies", goal: 0,
      ours: Side(
        name: "cutover",
        command: [settings.cutover, "trace", "convert", log.path, "-o", target], clock: .process),
      peer: settings.peers.map { peers in
        Side(
          name: "python3 json, line by line",
          command: [peers.python, peers.script, "convert", log.path],
          clock: .process)
      }, input: log.path)
    return try pair.measure(rounds: settings.rounds)
  }

  /// Migrations one after the other, in the fields of QEMU 10.2.
  private static func write(_ url: URL) throws {
    try Data().write(to: url)
    let file = try FileHandle(forWritingTo: url)
    defer { try? file.close() }
    var written = 0
    var clock = 1000.0
    var block = Data()
    while written < bytes {
      for poll in 1...pollsPerMigration {
        clock += 0.2
        let line = Self.line(poll, clock: clock)
        block.append(contentsOf: line.utf8)
        written += line.utf8.count
      }
      if block.count > 1 << 22 {
        try file.write(contentsOf: block)
        block.removeAll(keepingCapacity: true)
      }
    }
    try file.write(contentsOf: block)
  }

  private static func line(_ poll: Int, clock: Double) -> String {
    let isEnd = poll == pollsPerMigration
    let sent = poll * 27_054_285
    let status =
      isEnd
      ? "\"status\":\"completed\",\"downtime\":23"
      : "\"expected-downtime\":300,\"status\":\"active\""
    return """
      {"t_monotonic":\(clock),"t_since_run_start":\(clock - 900),"query_migrate":{\(status),\
      "setup-time":1,"total-time":\(poll * 201),"ram":{"total":8607571968,"postcopy-requests":0,\
      "dirty-sync-count":\(1 + poll / 40),"multifd-bytes":0,"pages-per-second":32960,\
      "downtime-bytes":0,"page-size":4096,"remaining":\(isEnd ? 0 : 8_607_571_968 - sent),\
      "postcopy-bytes":0,"mbps":1082.14416,"transferred":\(sent),"dirty-sync-missed-zero-copy":0,\
      "precopy-bytes":\(sent - 1482),"duplicate":\(poll * 7_824),\
      "dirty-pages-rate":\(poll < 40 || isEnd ? 0 : 30_167),"normal-bytes":\(sent - 100_000),\
      "normal":\(poll * 6_604)}}}

      """
  }
}

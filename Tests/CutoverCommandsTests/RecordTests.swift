import Foundation
import ModelCore
import TestSupport
import Testing
import Traces

/// Real migrations between two QEMUs under emulation, recorded by the command.
@Suite(.serialized) struct RecordTests {
  /// About 40 MiB to send, 2 MiB written again and again.
  private static let calm = QEMUPair.Guest(fill: 8192, set: 512, rate: 500)
  /// 16 MiB written again and again, ten times as fast as they are sent.
  private static let busy = QEMUPair.Guest(fill: 8192, set: 4096, rate: 20_000)

  private struct Recorded {
    let result: CommandResult
    let row: [String: String]
    let samples: [[String: String]]
    let replies: [[String: Any]]
  }

  /// Runs `record` into a folder of the runner's and reads what it wrote.
  private func record(_ runner: CommandRunner, _ words: String) throws -> Recorded {
    let result = try runner.run("cutover trace record \(words) -o \"$TMP/run\"")
    let folder = runner.scratch.appending(path: "run")
    let replies = try String(contentsOf: folder.appending(path: "replies.ndjson"), encoding: .utf8)
      .split(separator: "\n").compactMap {
        try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
      }
    return Recorded(
      result: result, row: try #require(rows(folder.appending(path: "trace.csv")).first),
      samples: try rows(folder.appending(path: "samples.csv")), replies: replies)
  }

  /// The rows of a CSV file without line ends inside cells.
  private func rows(_ file: URL) throws -> [[String: String]] {
    var options = TraceOptions()
    // Statuses of polls are QEMU's words, not those of the trace table.
    options.definitions = []
    let table = try TraceReader(path: file.path, options: options).readTable().table
    return (0..<table.rowCount).map { row in
      Dictionary(
        uniqueKeysWithValues: table.names.map { ($0, table.label($0, row: row) ?? "") })
    }
  }

  private func reply(_ line: [String: Any]) -> [String: Any]? {
    (line["query-migrate"] as? [String: Any])?["return"] as? [String: Any]
  }

  private func number(_ value: Any?) -> Double? { (value as? NSNumber)?.doubleValue }

  @Test func aMigrationThatCompletes() throws {
    let machines = try QEMUPair(Self.calm)
    defer { machines.remove() }
    let runner = try CommandRunner()
    defer { runner.remove() }
    let recorded = try record(
      runner,
      "\(machines.sourceMonitor) --destination \(machines.destinationMonitor) --id one "
        + "--dirty-rate-window 1s --start \(machines.uri) --bandwidth-cap 16MiB/s "
        + "--downtime-limit 200ms")
    #expect(recorded.result.status == 0, "\(recorded.result.errors)")
    let row = recorded.row
    #expect(row["id"] == "one" && row["status"] == "completed" && row["technique"] == "precopy")
    #expect(row["bandwidth_cap_bytes_per_s"] == "16777216")
    #expect(row["downtime_limit_s"] == "0.2")

    // QEMU's own last word.
    let last = try #require(recorded.replies.compactMap(reply).last)
    let ram = try #require(last["ram"] as? [String: Any])
    #expect(last["status"] as? String == "completed")
    let agreed: [(String, Any?, Double)] = [
      ("total_time_s", last["total-time"], 1e-3), ("downtime_s", last["downtime"], 1e-3),
      ("setup_time_s", last["setup-time"], 1e-3), ("transferred_bytes", ram["transferred"], 1),
      ("normal_pages", ram["normal"], 1), ("zero_pages", ram["duplicate"], 1),
      ("dirty_syncs", ram["dirty-sync-count"], 1), ("memory_bytes", ram["total"], 1),
      ("downtime_bytes", ram["downtime-bytes"], 1),
    ]
    for (column, value, unit) in agreed {
      let expected = try #require(number(value), "\(column)") * unit
      let found = try #require(row[column].flatMap(Double.init), "\(column)")
      #expect(abs(found - expected) <= 1e-12 * abs(expected), "\(column)")
    }
    // The rate of the completed record is an outcome; the input is that of earlier polls.
    #expect(row["bandwidth_bytes_per_s"] != nil && row["mbps"] == nil)

    // The events of both ends.
    func time(_ event: [String: Any]?) -> Double? {
      guard let stamp = event?["timestamp"] as? [String: Any],
        let seconds = number(stamp["seconds"]),
        let more = number(stamp["microseconds"])
      else { return nil }
      return seconds + more / 1e6
    }
    let stop = time(recorded.replies.first { $0["event"] as? String == "STOP" })
    let resume = time(
      recorded.replies.compactMap { $0["destination"] as? [String: Any] }
        .first { $0["event"] as? String == "RESUME" })
    let observed = try #require(row["downtime_observed_s"].flatMap(Double.init))
    // Event times are doubles of 2^31 seconds: a quarter of a microsecond.
    #expect(abs(observed - (try #require(resume) - (try #require(stop)))) < 2e-6)

    // Polls: in order, and converting the raw record gives the same row.
    let sent = recorded.samples.compactMap { $0["transferred_bytes"].flatMap(Double.init) }
    #expect(sent.count > 5 && sent == sent.sorted())
    let converted = try runner.run(
      "cutover trace convert \"$TMP/run/replies.ndjson\" -o \"$TMP/again.csv\"")
    #expect(converted.status == 0, "\(converted.errors)")
    var again = try #require(rows(runner.scratch.appending(path: "again.csv")).first)
    // The id is the file's name there, and events of two machines are no part of a log.
    for column in ["id", "downtime_observed_s"] { again[column] = row[column] }
    #expect(again == row)
    #expect(
      try rows(runner.scratch.appending(path: "run/dirty-rates.csv")).map { $0["window_s"] } == [
        "1"
      ])
    // The record is not overwritten.
    let second = try runner.run(
      "cutover trace record \(machines.sourceMonitor) -o \"$TMP/run\" --wait 1s")
    #expect(second.status == 73 && second.errors.contains("replies.ndjson"))
  }

  @Test func aMigrationThatDoesNotConverge() throws {
    let machines = try QEMUPair(Self.busy)
    defer { machines.remove() }
    let runner = try CommandRunner()
    defer { runner.remove() }
    let recorded = try record(
      runner,
      "\(machines.sourceMonitor) --start \(machines.uri) --bandwidth-cap 8MiB/s "
        + "--downtime-limit 50ms --time-limit 9s")
    #expect(recorded.result.status == 1)
    #expect(recorded.result.errors.contains("the migration was cancelled"))
    #expect(recorded.row["status"] == "cancelled" && recorded.row["time_limit_s"] == "9")
    #expect(recorded.row["downtime_s"] ?? "" == "")
    // The verdict was said while it ran.
    #expect(recorded.result.errors.contains("converge"), "\(recorded.result.errors)")
  }

  @Test func aSourceThatDies() throws {
    let machines = try QEMUPair(Self.busy)
    defer { machines.remove() }
    let runner = try CommandRunner()
    defer { runner.remove() }
    let samples = runner.scratch.appending(path: "run/samples.csv")
    let source = machines.sourceProcess
    let killer = Thread {
      // Half way: some polls are in the file.
      while ((try? String(contentsOf: samples, encoding: .utf8)) ?? "").split(separator: "\n").count
        < 8
      { Thread.sleep(forTimeInterval: 0.05) }
      kill(source, SIGKILL)
    }
    killer.start()
    let recorded = try record(
      runner, "\(machines.sourceMonitor) --start \(machines.uri) --bandwidth-cap 8MiB/s")
    #expect(recorded.result.status == 1)
    #expect(recorded.row["status"] == "failed")
    #expect(recorded.row["failure_reason"]?.contains("closed the connection") ?? false)
    #expect(recorded.samples.count >= 7)
    #expect((recorded.row["transferred_bytes"].flatMap(Double.init) ?? 0) > 0)
  }

  /// One recorder starts it on one monitor, another watches it on the other through `virsh`.
  @Test func watchingThroughVirsh() throws {
    let machines = try QEMUPair(Self.calm)
    defer { machines.remove() }
    let runner = try CommandRunner()
    defer { runner.remove() }
    // What virsh does, for one domain: a command to the monitor, the reply on stdout.
    let virsh = """
      #!/usr/bin/python3
      import socket, sys
      assert sys.argv[1:3] == ["qemu-monitor-command", "web1"], sys.argv
      link = socket.socket(socket.AF_UNIX)
      link.connect("\(machines.otherSourceMonitor)")
      lines = link.makefile("rw")
      lines.readline()
      def ask(text):
          lines.write(text + "\\n")
          lines.flush()
          while True:
              reply = lines.readline()
              if '"event"' not in reply:
                  return reply
      ask('{"execute": "qmp_capabilities"}')
      print(ask(sys.argv[3]), end="")
      """
    let program = runner.scratch.appending(path: "bin/virsh")
    try FileManager.default.createDirectory(
      at: program.deletingLastPathComponent(), withIntermediateDirectories: true)
    try virsh.write(to: program, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program.path)
    let result = try runner.run(
      """
      export PATH="$TMP/bin:$PATH"
      cutover trace record --from-virsh web1 -o "$TMP/watched" --wait 60s --format csv &
      sleep 1
      cutover trace record \(machines.sourceMonitor) --start \(machines.uri) \
        --bandwidth-cap 16MiB/s -o "$TMP/started" > /dev/null
      wait $!
      """)
    #expect(result.status == 0, "\(result.errors)")
    let watched = try #require(rows(runner.scratch.appending(path: "watched/trace.csv")).first)
    let started = try #require(rows(runner.scratch.appending(path: "started/trace.csv")).first)
    for column in ["status", "total_time_s", "transferred_bytes", "dirty_syncs", "downtime_s"] {
      #expect(watched[column] == started[column], "\(column)")
    }
  }
}

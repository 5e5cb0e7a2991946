import ModelCore

/// Answers of OpenStack Nova's `GET /servers/{id}/migrations` and `/os-migrations`: one, or one a
/// line.
///
/// Only counters and the times of the record are there: no rate, no downtime. From creation to the
/// last update queueing and preparation are included, and cannot be told apart.
struct NovaReader: LogReader {
  static let kind = LogKind.nova

  static func evidence(in head: LogHead) -> LogEvidence? {
    guard head.lines.contains(where: { $0.after("\"migration") != nil }) else { return nil }
    return head.first {
      $0.after("\"memory_processed_bytes\"") != nil || $0.after("\"dest_compute\"") != nil
    }.map { LogEvidence(line: $0.number, why: "has \"memory_processed_bytes\" of Nova's API") }
  }

  static func read(_ input: LogInput, into output: inout LogOutput) throws(TraceError) {
    let parser = try JSONParser()
    var machines = MigrationSeriesSet(format: kind)
    var hosts: [String: (source: String?, destination: String?)] = [:]
    func take(_ answer: JSONValue, _ line: Int, _ output: inout LogOutput) {
      let list = answer["migrations"]?.list ?? answer["migration"].map { [$0] } ?? []
      if list.isEmpty {
        output.recordCount += 1
        output.skip("an answer without a migration", line: line)
      }
      for migration in list {
        if let type = migration["migration_type"]?.string, type != "live-migration" {
          output.recordCount += 1
          output.skip("a migration that is not live (\(cleanText(type)))", line: line)
          continue
        }
        let id =
          migration["uuid"]?.string.map(cleanText)
          ?? migration["id"]?.double.map { "\(input.id)/\(shortestDecimal($0))" } ?? input.id
        hosts[id] = (
          migration["source_compute"]?.string ?? migration["source_node"]?.string,
          migration["dest_compute"]?.string ?? migration["dest_node"]?.string
        )
        let machine = machines.position(id)
        if let sample = sample(migration, line, &output) {
          output.add(sample, to: &machines[machine], line: line)
        }
      }
    }
    try readDocuments(input, parser, into: &output, take)
    machines.finish(into: &output)
    output.rows = output.rows.map { row in
      var row = row
      row.set("source_host", hosts[row.id]?.source)
      row.set("destination_host", hosts[row.id]?.destination)
      return row
    }
  }

  private static func sample(
    _ migration: JSONValue, _ line: Int, _ output: inout LogOutput
  ) -> MigrationSample? {
    func moment(_ key: String) -> Double? {
      guard let time = migration[key]?.string.flatMap({ LogTime($0) }) else { return nil }
      // Nova's times are UTC, and do not say so.
      return time.seconds
    }
    let status = migration["status"]?.string ?? ""
    var sample = MigrationSample(stage: stage(status))
    sample.status = status
    let created = moment("created_at")
    let updated = moment("updated_at")
    sample.time = updated ?? created
    sample.memoryBytes = migration["memory_total_bytes"]?.double
    sample.transferredBytes = migration["memory_processed_bytes"]?.double
    sample.remainingBytes = migration["memory_remaining_bytes"]?.double
    if migration["disk_total_bytes"]?.double ?? 0 > 0 {
      sample.diskBytes = migration["disk_processed_bytes"]?.double
    }
    if let created, let updated, updated >= created { sample.elapsed = updated - created }
    if sample.stage.isTerminal, sample.elapsed != nil {
      output.note(
        "total_time_s is from creation to the last update: queueing and preparation are in it",
        line: line)
      // A completed migration's counters are those of its last poll.
      sample.transferredBytes = nil
      sample.diskBytes = nil
      if sample.elapsed == 0 {
        sample.elapsed = nil
        output.note(zeroDurationNote, line: line)
      }
    }
    return sample
  }

  private static func stage(_ status: String) -> MigrationStage {
    switch status {
    case "completed", "done", "finished", "confirmed": .completed
    case "error", "failed": .failed
    case "cancelled": .cancelled
    case "queued", "accepted", "preparing", "pre-migrating": .setup
    case "running": .precopy
    default: .running
    }
  }
}

/// Hands over each JSON document of a log: the whole log as one, or each line.
func readDocuments(
  _ input: LogInput, _ parser: JSONParser, into output: inout LogOutput,
  _ take: (JSONValue, _ line: Int, inout LogOutput) -> Void
) throws(TraceError) {
  var splitter = DocumentSplitter()
  var document: [UInt8] = []
  var start = 0
  while let line = try input.nextLine() {
    for byte in line.bytes {
      let wasInside = splitter.isInside
      guard splitter.take(byte) else { continue }
      if !wasInside { start = line.number }
      document.append(byte)
      if !splitter.isInside {
        if let tree = try? parser.parse(document) {
          take(tree, start, &output)
        } else {
          output.unreadable("not JSON", line: start)
        }
        document.removeAll(keepingCapacity: true)
      }
    }
    if splitter.isInside { document.append(0x20) }
    if document.count > LogInput.longestLine * 4 {
      throw TraceError(
        file: input.name, line: start, .tooLong(line: start, limit: LogInput.longestLine * 4))
    }
  }
  if splitter.isInside { output.unreadable(QMPLog.cutOff, line: start) }
}

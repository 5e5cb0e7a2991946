/// VMware's vmkernel.log and vmware.log: what the source says of its vMotions.
///
/// `t2d` is kept as it stands: no document says what it is. The stun is in microseconds and carries
/// no migration id; it belongs to the migration that sent its last pages before it.
struct VMwareReader: LogReader {
  static let kind = LogKind.vmware
  private static let pageBytes = 4096.0

  static func evidence(in head: LogHead) -> LogEvidence? {
    for (index, line) in head.lines.enumerated() {
      for sign in ["VMotion", "Setting VMOTION info", "Checkpoint_Unstun: vm stopped for "]
      where line.after(sign) != nil && LogTime(line) != nil {
        return LogEvidence(line: index + 1, why: "has \"\(sign.trimmedSpaces)\" behind a time")
      }
    }
    return nil
  }

  static func read(_ input: LogInput, into output: inout LogOutput) throws(TraceError) {
    var machines = MigrationSeriesSet(format: kind)
    var hosts: [String: (source: String?, destination: String?)] = [:]
    var limits: [String: Double] = [:]
    var lastSender: Int?
    while let line = try input.nextLine() {
      guard line.contains("otion") || line.contains("MOTION") || line.contains("Unstun") else {
        continue
      }
      let text = line.text
      guard let time = LogTime(text) else { continue }
      if let stop = text.after("vm stopped for ")?.leadingDecimal?.value {
        guard let machine = lastSender else {
          output.recordCount += 1
          output.skip("a stun without a migration before it", line: line.number)
          continue
        }
        var sample = MigrationSample(stage: .completed)
        sample.status = "completed"
        sample.time = time.seconds
        sample.downtime = stop / 1e6
        output.add(sample, to: &machines[machine], line: line.number)
        lastSender = nil
        continue
      }
      guard let id = migrationID(text) else { continue }
      if text.after(" D: ") != nil {
        output.recordCount += 1
        output.skip("a line of the destination", line: line.number)
        continue
      }
      let machine = machines.position(id)
      var sample = MigrationSample(stage: .precopy)
      sample.time = time.seconds
      if text.after("Setting VMOTION info") != nil {
        sample.stage = .setup
        sample.status = "setup"
        hosts[id] = (
          text.between("src ip = <", ">").map(String.init),
          text.between("dest ip = <", ">").map(String.init)
        )
      } else if let rest = text.after("Stopping pre-copy") {
        sample.status = "stopping pre-copy"
        sample.remainingBytes = rest.after("only ")?.leadingDecimal.map { $0.value * pageBytes }
        limits[id] = rest.after("time goal of ")?.leadingDecimal?.value
        machines[machine].inputs["downtime_limit_s"] = limits[id]
        sample.throughput = bandwidth(rest)
        sample.otherFields = transmitToDirty(rest)
      } else if let rest = text.after("Sent all modified pages") {
        sample.stage = .switchover
        sample.status = "sent all modified pages"
        sample.throughput = bandwidth(rest)
        lastSender = machine
      } else if text.lowercased().after("failed") != nil {
        sample.stage = .failed
        sample.status = "failed"
        sample.failureReason = String(text.after(" S: ") ?? text.after(id) ?? "")
      } else {
        output.recordCount += 1
        output.skip("another line of the migration", line: line.number)
        continue
      }
      output.add(sample, to: &machines[machine], line: line.number)
    }
    machines.finish(into: &output)
    output.rows = output.rows.map { row in
      var row = row
      row.set("downtime_limit_s", limits[row.id])
      row.set("source_host", hosts[row.id]?.source)
      row.set("destination_host", hosts[row.id]?.destination)
      // Rounds before a switchover: vMotion's pre-copy.
      if limits[row.id] != nil { row.set("technique", "precopy") }
      return row
    }
  }

  /// The run of 16 digits (2015) or more (now) that names a migration.
  private static func migrationID(_ text: String) -> String? {
    let runs = text.split { !$0.isASCII || !$0.isNumber }
    return runs.first { (16...20).contains($0.count) }.map(String.init)
  }

  /// VMware writes MB/s; taken for 10^6 bytes, as its other figures of networks.
  private static func bandwidth(_ text: Substring) -> Double? {
    guard let (value, unit) = text.after("network bandwidth ~")?.leadingDecimal,
      unit.trimmedSpaces.hasPrefix("MB/s")
    else { return nil }
    return value * 1e6
  }

  private static func transmitToDirty(_ text: Substring) -> String? {
    guard let share = text.after("MB/s, ")?.leadingDecimal, share.rest.hasPrefix("% t2d") else {
      return nil
    }
    return JSONValue.object([("t2d_percent", .number(share.value))]).compactText
  }
}

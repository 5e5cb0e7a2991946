/// Task log of a live migration of Proxmox VE.
///
/// "VM dirties lots of memory" is printed only when the dirty rate exceeds the speed: where it is
/// missing, the rate is not known, so no row gets one. The speed of the "active" lines counts zero
/// pages, so no row takes it for the bandwidth. The "average migration speed" is memory over
/// whole seconds, not bytes sent over time, and is left alone. Times have a resolution of a second.
struct ProxmoxReader: LogReader {
  static let kind = LogKind.proxmox

  static func evidence(in head: LogHead) -> LogEvidence? {
    for (index, line) in head.lines.enumerated() {
      for sign in [
        "starting migration of VM ", "starting online/live migration on",
        "migration active, transferred ", "migration status: active",
      ]
      where line.after(sign) != nil && LogTime(line) != nil {
        return LogEvidence(
          line: index + 1, why: "has \"\(sign.trimmedSpaces)\" of a Proxmox task log")
      }
    }
    return nil
  }

  static func read(_ input: LogInput, into output: inout LogOutput) throws(TraceError) {
    var task = ProxmoxTask(number: 1, id: input.id)
    while let line = try input.nextLine() {
      let text = line.text.trimmedSpaces
      let time = LogTime(text)
      if let time, !time.hasZone { output.noteOnce(zonelessNote, line: line.number) }
      let message = time?.rest.trimmedSpaces ?? text
      if message.isEmpty { continue }
      if message.hasPrefix("starting migration of "), task.hasContent {
        task.file(into: &output)
        task = ProxmoxTask(number: task.number + 1, id: input.id)
      }
      task.take(message, time?.seconds, line: line, into: &output)
    }
    task.file(into: &output)
  }
}

/// One task: a migration.
private struct ProxmoxTask {
  let number: Int
  private var series: MigrationSeries
  private var line = 0
  private var isLive = false
  private(set) var hasContent = false
  private var start: Double?
  private var end: Double?
  private var last: MigrationSample?
  private var memory: Double?
  private var destination: String?
  private var downtime: Double?
  private var transferred: Double?
  private var reason: String?
  private var stage: MigrationStage?
  private var disks: [String: Double] = [:]
  private var usesXBZRLE = false

  init(number: Int, id: String) {
    self.number = number
    series = MigrationSeries(id: number == 1 ? id : "\(id)#\(number)", format: .proxmox)
    // The speed counts zero pages, the dirty rate is printed only when it is high.
    series.trustsReadings = false
  }

  mutating func take(
    _ message: Substring, _ time: Double?, line: LogLine, into output: inout LogOutput
  ) {
    if self.line == 0 { self.line = line.number }
    if message.hasPrefix("starting migration of ") {
      hasContent = true
      self.line = line.number
      destination = message.between("to node '", "'").map(String.init)
    } else if message.hasPrefix("start migrate command to") {
      isLive = true
      start = time
    } else if message.hasPrefix("starting online/live migration") {
      isLive = true
      hasContent = true
    } else if let limit = message.after("migration downtime limit: ") {
      series.inputs["downtime_limit_s"] = parsedSeconds(limit)
    } else if let limit = message.after("migration speed limit: ") {
      series.inputs["bandwidth_cap_bytes_per_s"] = parsedByteRate(limit)
    } else if let size = message.after("migration cachesize: ") {
      series.inputs["xbzrle_cache_bytes"] = parsedBytes(size)
    } else if message.after("auto-increased downtime to continue migration") != nil {
      output.note(
        "the downtime limit was raised while it ran; the row has the one it began with",
        line: line.number)
    } else if message.hasPrefix("migration active, transferred ") {
      active(message, time, line: line, into: &output)
    } else if let pages = message.between("xbzrle: send updates to ", " ")?.decimal, pages > 0 {
      usesXBZRLE = true
    } else if let rest = message.after("average migration speed") {
      downtime = rest.after("downtime ").flatMap { parsedSeconds($0) }
    } else if let rest = message.after("migration completed, transferred ") {
      transferred = parsedBytes(rest.before(" VM-state").before(" (+"))
      finish(.completed, time)
    } else if let status = message.after("migration status: ") {
      finish(of: status, time)
    } else if message.hasPrefix("drive-") {
      disk(message)
    } else {
      verdict(message, time)
    }
  }

  private mutating func active(
    _ message: Substring, _ time: Double?, line: LogLine, into output: inout LogOutput
  ) {
    hasContent = true
    isLive = true
    guard
      let sent = message.between("transferred ", ",").flatMap({ parsedBytes($0.before(" of ")) })
    else {
      output.unreadable(
        line.isCut ? "the log ends inside this line" : "an \"active\" line without its figures",
        line: line.number)
      return
    }
    var sample = MigrationSample(stage: .precopy)
    sample.status = "active"
    sample.time = time
    sample.elapsed = time.flatMap { now in start.map { now - $0 } }.flatMap { $0 >= 0 ? $0 : nil }
    sample.transferredBytes = sent
    sample.memoryBytes = message.between(" of ", ",").flatMap {
      parsedBytes($0.before(" VM-state"))
    }
    memory = sample.memoryBytes ?? memory
    let rates = message.split(separator: ",").dropFirst(2)
    sample.throughput = rates.first.flatMap { parsedByteRate($0) }
    sample.dirtyRate = message.after("VM dirties lots of memory: ").flatMap { parsedByteRate($0) }
    sample.usesXBZRLE = usesXBZRLE
    last = sample
    output.add(sample, to: &series, line: line.number)
  }

  private mutating func finish(of status: Substring, _ time: Double?) {
    switch status.prefix(while: { $0.isLetter }) {
    case "completed": finish(.completed, time)
    case "failed", "error": finish(.failed, time)
    case "cancelled", "cancelling": finish(.cancelled, time)
    default: break
    }
  }

  private mutating func finish(_ stage: MigrationStage, _ time: Double?) {
    // The first word counts: what follows is cleaning up.
    if self.stage == nil || self.stage == stage {
      self.stage = stage
      if end == nil { end = time }
    }
  }

  /// The last lines of a task.
  private mutating func verdict(_ message: Substring, _ time: Double?) {
    let isTask = message.hasPrefix("TASK ERROR: ")
    guard isTask || message.hasPrefix("ERROR: ") else { return }
    hasContent = true
    let text = message.after("ERROR: ") ?? message
    let words = text.hasPrefix("migration aborted (duration") ? text.after("): ") ?? text : text
    let isCancelled =
      words.after("interrupted by signal") != nil || words.after("got cancel") != nil
    if stage != .completed { finish(isCancelled ? .cancelled : .failed, time) }
    if reason == nil || reason == "migration aborted" { reason = String(words) }
  }

  /// `drive-scsi0: transferred 1.2 GiB of 32.0 GiB (3.75%) in 12s`
  private mutating func disk(_ message: Substring) {
    guard
      let sent = message.between("transferred ", "(").flatMap({ parsedBytes($0.before(" of ")) })
    else { return }
    let name = String(message.before(":"))
    disks[name] = max(disks[name] ?? 0, sent)
  }

  mutating func file(into output: inout LogOutput) {
    guard hasContent else { return }
    guard isLive || stage == .failed || stage == .cancelled else {
      output.recordCount += 1
      output.skip("a migration that is not live", line: line)
      return
    }
    if let stage {
      var sample = MigrationSample(stage: stage)
      sample.status = "\(stage)"
      sample.time = end
      sample.elapsed = duration(&output)
      sample.transferredBytes = transferred
      sample.memoryBytes = memory
      sample.downtime = downtime
      sample.failureReason = reason
      sample.usesXBZRLE = usesXBZRLE
      if !disks.isEmpty { sample.diskBytes = disks.values.sorted().reduce(0, +) }
      output.add(sample, to: &series, line: line)
    }
    series.finish()
    output.add(
      rows: series.rows.map { row in
        var row = row
        row.set("destination_host", destination)
        row.line = line
        // The cache is printed whether or not it is used.
        if !usesXBZRLE { row.clear("xbzrle_cache_bytes") }
        return row
      })
  }

  /// From the migrate command to the end, in whole seconds.
  private func duration(_ output: inout LogOutput) -> Double? {
    guard let start, let end, end >= start else { return nil }
    if end == start {
      output.note(zeroDurationNote, line: line)
      return nil
    }
    return span(from: start, to: end)
  }
}

/// What is said of a duration that is less than the clock can tell.
let zeroDurationNote = "begun and ended in the same second, so the total time is not known"

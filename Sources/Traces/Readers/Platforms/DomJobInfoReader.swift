/// `virsh domjobinfo`, as text or with `--rawstats`: one or more answers in a row.
///
/// The text scales every line by itself in steps of 1024 and may be translated; `--rawstats` has
/// plain numbers, and a `memory_bps` in bytes per second.
struct DomJobInfoReader: LogReader {
  static let kind = LogKind.domjobinfo

  static func evidence(in head: LogHead) -> LogEvidence? {
    for (index, line) in head.lines.enumerated() {
      for sign in ["Job type:", "Memory processed:", "memory_processed:", "memory_total:"]
      where line.trimmedSpaces.hasPrefix(sign) {
        return LogEvidence(line: index + 1, why: "has \"\(sign)\" of domjobinfo")
      }
    }
    return nil
  }

  static func read(_ input: LogInput, into output: inout LogOutput) throws(TraceError) {
    var series = MigrationSeries(id: input.id, format: kind)
    var record = JobRecord()
    var time: Double?
    func close(_ output: inout LogOutput) {
      record.file(in: &series, &output)
      record = JobRecord()
    }
    while let line = try input.nextLine() {
      var text = line.text.trimmedSpaces
      if let stamp = LogTime(text) {
        time = stamp.seconds
        if !stamp.hasZone { output.noteOnce(zonelessNote, line: line.number) }
        text = stamp.rest.trimmedSpaces
      }
      guard !text.isEmpty else { continue }
      guard let colon = text.firstIndex(of: ":") else {
        output.skip("a line that is not \"name: value\"", line: line.number)
        continue
      }
      let key = text[..<colon].trimmedSpaces.lowercased()
      let value = text[text.index(after: colon)...].trimmedSpaces
      // An answer begins with its type; with --rawstats that line may be missing.
      if key == "job type" || record.has(key) { close(&output) }
      record.take(key, value, line: line.number, time: time)
    }
    close(&output)
    output.finish(&series)
  }
}

/// One answer of `domjobinfo`.
private struct JobRecord {
  private var sample = MigrationSample(stage: .precopy)
  private var keys: Set<String> = []
  private var line = 0
  private var type: Substring?
  private var operation: Substring?
  private var succeeded: Bool?
  private var dirtyPagesPerSecond: Double?
  private var others: [(key: String, value: JSONValue)] = []

  func has(_ key: String) -> Bool { keys.contains(key) }

  mutating func take(_ key: String, _ value: Substring, line: Int, time: Double?) {
    if keys.isEmpty {
      self.line = line
      sample.time = time
    }
    keys.insert(key)
    let number = value.leadingDecimal?.value
    switch key {
    case "job type": type = value
    case "operation": operation = value
    case "success": succeeded = number.map { $0 != 0 }
    case "error message", "errmsg": sample.failureReason = String(value)
    case "time elapsed": sample.elapsed = parsedSeconds(value)
    case "time_elapsed": sample.elapsed = seconds(milliseconds: number)
    case "setup time": sample.setupTime = parsedSeconds(value)
    case "setup_time": sample.setupTime = seconds(milliseconds: number)
    case "total downtime": sample.downtime = parsedSeconds(value)
    case "downtime": takeDowntime(value, number)
    case "expected downtime": sample.expectedDowntime = parsedSeconds(value)
    case "memory processed", "memory_processed": sample.transferredBytes = parsedBytes(value)
    case "memory remaining", "memory_remaining": sample.remainingBytes = parsedBytes(value)
    case "memory total", "memory_total": sample.memoryBytes = parsedBytes(value)
    case "memory bandwidth": sample.throughput = parsedByteRate(value)
    case "memory_bps": sample.throughput = number
    case "file processed", "disk_processed": sample.diskBytes = parsedBytes(value)
    case "dirty rate", "memory_dirty_rate": dirtyPagesPerSecond = number
    case "page size", "memory_page_size": sample.pageBytes = number
    case "iteration", "memory_iteration": sample.dirtySyncs = number
    case "postcopy requests", "memory_postcopy_requests": sample.postcopyRequests = number
    case "constant pages", "memory_constant": sample.zeroPages = number
    case "normal pages", "memory_normal": sample.normalPages = number
    case "auto converge throttle", "auto_converge_throttle":
      sample.throttle = number.map { $0 / 100 }
    default:
      if key == "compressed pages" || key == "compression_pages", number ?? 0 > 0 {
        sample.usesXBZRLE = true
      }
      others.append((key, .text(cleanText(String(value)))))
    }
  }

  /// In text `downtime` is never without a word before it; as a key it is milliseconds, expected
  /// while the migration runs.
  private mutating func takeDowntime(_ value: Substring, _ number: Double?) {
    sample.downtime = value.decimal == nil ? parsedSeconds(value) : seconds(milliseconds: number)
  }

  func file(in series: inout MigrationSeries, _ output: inout LogOutput) {
    guard !keys.isEmpty else { return }
    var sample = sample
    let word = type?.lowercased() ?? ""
    // virDomainJobType
    let types = [
      "0": "none", "1": "bounded", "2": "unbounded", "3": "completed", "4": "failed",
      "5": "cancelled",
    ]
    let status = types[word] ?? word
    sample.status = status.isEmpty ? nil : status
    if isOther {
      output.recordCount += 1
      output.skip("a job that is no outgoing migration", line: line)
      return
    }
    switch status {
    case "none": sample.stage = .idle
    case "completed": sample.stage = .completed
    case "failed": sample.stage = .failed
    case "cancelled": sample.stage = .cancelled
    case "bounded", "unbounded": break
    default:
      // Without a type, `success` tells that it is over.
      if let succeeded { sample.stage = succeeded ? .completed : .failed }
    }
    sample.dirtyRate = dirtyPagesPerSecond.map { $0 * (sample.pageBytes ?? qemuPageBytes) }
    if !sample.stage.isTerminal, let downtime = sample.downtime {
      sample.expectedDowntime = sample.expectedDowntime ?? downtime
      sample.downtime = nil
    }
    if sample.stage == .completed {
      sample.throughput = nil
      sample.dirtyRate = nil
    }
    if !others.isEmpty { sample.otherFields = JSONValue.object(others).compactText }
    if sample.stage != .idle, sample.elapsed == nil, sample.transferredBytes == nil {
      output.unreadable("an answer without times and counters", line: line)
      return
    }
    output.add(sample, to: &series, line: line)
  }

  /// virDomainJobOperation: 2 is an outgoing migration, 1 an incoming one.
  private var isOther: Bool {
    guard let operation else { return false }
    return !["outgoing migration", "2"].contains(operation.lowercased())
  }
}

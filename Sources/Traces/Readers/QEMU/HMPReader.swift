/// QEMU's human monitor: `info migrate` in both layouts, `info dirty_rate`.
///
/// Up to 10.0 every figure stands on a line of its own, in kbytes of 1024 bytes; from 10.1 on
/// several share a line as `name=value`, in units that scale, with three significant digits.
struct HMPReader: LogReader {
  static let kind = LogKind.hmp

  static func evidence(in head: LogHead) -> LogEvidence? {
    for (index, line) in head.lines.enumerated() {
      let text = line.trimmedSpaces
      if text.hasPrefix("Migration status:") {
        return LogEvidence(line: index + 1, why: "has \"Migration status:\" of info migrate")
      }
      if text.hasPrefix("Time (ms):"), text.after("total=") != nil {
        return LogEvidence(line: index + 1, why: "has \"Time (ms): total=\" of info migrate")
      }
      if text.hasPrefix("Sample Pages:")
        || text.hasPrefix("Dirty rate:") && text.after("MB/s") != nil
          && head.first(where: { $0.hasPrefix("Status:") }) != nil
      {
        return LogEvidence(line: index + 1, why: "has \"\(text.before(":")):\" of info dirty_rate")
      }
    }
    return nil
  }

  static func read(_ input: LogInput, into output: inout LogOutput) throws(TraceError) {
    var series = MigrationSeries(id: input.id, format: kind)
    var record: HMPRecord?
    var time: Double?
    func close(_ record: inout HMPRecord?, _ output: inout LogOutput) {
      guard let done = record else { return }
      record = nil
      done.file(in: &series, input.id, &output)
    }
    while let line = try input.nextLine() {
      var text = line.text.trimmedSpaces
      if let prompt = text.after("(qemu)") {
        text = prompt.trimmedSpaces
        if text.hasPrefix("info ") { continue }
      }
      if let stamp = LogTime(text) {
        time = stamp.seconds
        if !stamp.hasZone { output.noteOnce(zonelessNote, line: line.number) }
        text = stamp.rest.trimmedSpaces
      }
      if text.isEmpty { continue }
      guard let (key, value) = keyAndValue(text) else {
        if record == nil {
          output.skip("a line that says nothing of a migration", line: line.number)
        }
        continue
      }
      if key == "migration status" || key == "status" {
        close(&record, &output)
        record = HMPRecord(status: value, time: time, line: line.number)
      } else if record != nil {
        record?.take(key, value)
      } else if ![
        "globals", "store-global-state", "only-migratable", "send-configuration",
        "send-section-footer", "send-switchover-start", "clear-bitmap-shift",
        "decompress-error-check",
      ].contains(key) {
        output.skip("a line before the first status", line: line.number)
      }
      if line.isCut, record != nil, value.isEmpty {
        output.skip("the log ends inside this line", line: line.number)
      }
    }
    close(&record, &output)
    output.finish(&series)
  }

  /// `total time: 12345 ms` as (`total time`, `12345 ms`).
  private static func keyAndValue(_ text: Substring) -> (key: String, value: Substring)? {
    guard let colon = text.firstIndex(of: ":") else { return nil }
    return (
      text[..<colon].trimmedSpaces.lowercased(), text[text.index(after: colon)...].trimmedSpaces
    )
  }
}

/// One answer of `info migrate` or `info dirty_rate`, line by line.
private struct HMPRecord {
  private var sample: MigrationSample
  private let line: Int
  private let status: String
  private var pages = HMPPages()
  private var rate: (mode: String?, window: Double?, rate: Double?)?
  private var others: [(key: String, value: JSONValue)] = []
  private var sawMemory = false
  private var blocktime: Double?

  init(status: Substring, time: Double?, line: Int) {
    // "failed (reason)"
    let word = status.prefix { $0 != " " && $0 != "(" }
    self.status = String(word)
    self.line = line
    sample = MigrationSample(stage: stageOfQEMU(self.status))
    sample.status = self.status
    sample.time = time
    if let reason = status.between("(", ")"), !reason.isEmpty {
      sample.failureReason = String(reason)
    }
  }

  mutating func take(_ key: String, _ value: Substring) {
    guard !value.isEmpty || key == "ram info" else { return }
    if takeDirtyRate(key, value) || takeGroup(key, value) { return }
    switch key {
    case "total time": sample.elapsed = parsedSeconds(value)
    case "downtime": sample.downtime = parsedSeconds(value)
    case "expected downtime": sample.expectedDowntime = parsedSeconds(value)
    case "setup": sample.setupTime = parsedSeconds(value)
    case "transferred ram":
      sample.transferredBytes = parsedBytes(value)
      sawMemory = true
    case "throughput", "throughput (mbps)":
      sample.throughput = value.leadingDecimal.map { $0.value * bytesPerSecondPerMbit }
    case "remaining ram": sample.remainingBytes = parsedBytes(value)
    case "total ram": sample.memoryBytes = parsedBytes(value)
    case "duplicate": sample.zeroPages = value.leadingDecimal?.value
    case "normal": sample.normalPages = value.leadingDecimal?.value
    case "dirty sync count": sample.dirtySyncs = value.leadingDecimal?.value
    case "page size": pages.size = parsedBytes(value)
    case "dirty pages rate": pages.dirtyRate = value.leadingDecimal?.value
    case "postcopy request count": sample.postcopyRequests = value.leadingDecimal?.value
    case "precopy ram": sample.precopyBytes = parsedBytes(value)
    case "downtime ram": sample.downtimeBytes = parsedBytes(value)
    case "postcopy ram": sample.postcopyBytes = parsedBytes(value)
    case "cpu throttle percentage", "cpu throttle (%)":
      sample.throttle = value.leadingDecimal.map { $0.value / 100 }
    case "postcopy blocktime":
      blocktime = value.leadingDecimal.map { $0.value / 1000 }
    case "disk transferred", "transferred disk": sample.diskBytes = parsedBytes(value)
    default: keep(key, value)
    }
  }

  private mutating func keep(_ key: String, _ value: Substring) {
    if key == "xbzrle pages", value.leadingDecimal?.value ?? 0 > 0 { sample.usesXBZRLE = true }
    if key == "xbzrle transferred", parsedBytes(value) ?? 0 > 0 { sample.usesXBZRLE = true }
    if key.hasPrefix("dirty-limit throttle time"), value.leadingDecimal?.value ?? 0 > 0 {
      sample.usesDirtyLimit = true
    }
    if key == "multifd bytes", parsedBytes(value) ?? 0 > 0 { sample.usesMultifd = true }
    others.append((key, .text(cleanText(String(value)))))
  }

  /// The layout since 10.1: `Sizes: pagesize=4 KiB, total=16 GiB`.
  private mutating func takeGroup(_ key: String, _ value: Substring) -> Bool {
    guard
      ["time (ms)", "sizes", "transfers", "channels", "page types", "page rates (pps)", "others"]
        .contains(key)
    else { return key == "ram info" }
    for part in value.split(separator: ",") {
      let name = part.before("=").trimmedSpaces
      guard let text = part.after("=")?.trimmedSpaces else { continue }
      let number = text.decimal
      switch (key, name) {
      case ("time (ms)", "total"): sample.elapsed = seconds(milliseconds: number)
      case ("time (ms)", "setup"): sample.setupTime = seconds(milliseconds: number)
      case ("time (ms)", "exp_down"): sample.expectedDowntime = seconds(milliseconds: number)
      case ("time (ms)", "down"): sample.downtime = seconds(milliseconds: number)
      case ("sizes", "pagesize"): pages.size = parsedBytes(text)
      case ("sizes", "total"): sample.memoryBytes = parsedBytes(text)
      case ("transfers", "transferred"):
        sample.transferredBytes = parsedBytes(text)
        sawMemory = true
      case ("transfers", "remain"): sample.remainingBytes = parsedBytes(text)
      case ("channels", "precopy"): sample.precopyBytes = parsedBytes(text)
      case ("channels", "postcopy"): sample.postcopyBytes = parsedBytes(text)
      case ("page types", "normal"): sample.normalPages = number
      case ("page types", "zero"): sample.zeroPages = number
      case ("page rates (pps)", "dirty"): pages.dirtyRate = number
      case ("others", "dirty_syncs"): sample.dirtySyncs = number
      case ("others", "postcopy_req"): sample.postcopyRequests = number
      default:
        if key == "channels", name == "multifd", parsedBytes(text) ?? 0 > 0 {
          sample.usesMultifd = true
        }
        others.append(("\(key).\(name)", .text(cleanText(String(text)))))
      }
    }
    return true
  }

  private mutating func takeDirtyRate(_ key: String, _ value: Substring) -> Bool {
    var now = rate ?? (nil, nil, nil)
    switch key {
    case "start time", "sample pages": break
    case "mode": now.mode = String(value)
    case "period": now.window = periodSeconds(value)
    case "dirty rate":
      now.rate = value.leadingDecimal.map { $0.value * 0x1p20 }
    default: return false
    }
    rate = now
    return true
  }

  /// `1 (sec)`, `500 (ms)`.
  private func periodSeconds(_ value: Substring) -> Double? {
    guard let (number, rest) = value.leadingDecimal, number > 0 else { return nil }
    return rest.after("ms") != nil ? number / 1000 : number
  }

  /// Hands the record over to where it belongs.
  func file(in series: inout MigrationSeries, _ id: String, _ output: inout LogOutput) {
    if let rate {
      output.recordCount += 1
      guard let value = rate.rate else {
        output.skip("a dirty rate that is not measured yet", line: line)
        return
      }
      let reading = QMPDirtyRate(rate: value, window: rate.window, mode: rate.mode)
      output.readings.append(
        DirtyRateReading(id: id, window: rate.window, rate: value, mode: rate.mode, line: line))
      if series.runningID == nil {
        if reading.isUnreliableZero {
          output.note(unreliableZeroNote, line: line)
        } else {
          series.inputs["dirty_rate_bytes_per_s"] = value
          series.inputs["dirty_rate_window_s"] = rate.window
        }
      }
      return
    }
    if !sawMemory, sample.elapsed == nil, sample.stage == .completed {
      series.amendLast("observed_postcopy_blocktime_s", blocktime)
      output.recordCount += 1
      output.skip("a reply of the destination, which counts no memory", line: line)
      return
    }
    var sample = sample
    sample.pageBytes = pages.size
    sample.dirtyRate = pages.dirtyRate.map { $0 * (pages.size ?? qemuPageBytes) }
    if sample.stage == .completed {
      sample.throughput = nil
      sample.dirtyRate = nil
    }
    if !others.isEmpty { sample.otherFields = JSONValue.object(others).compactText }
    output.add(sample, to: &series, line: line)
  }
}

/// Pages may be counted before their size is known.
private struct HMPPages {
  var size: Double?
  var dirtyRate: Double?
}

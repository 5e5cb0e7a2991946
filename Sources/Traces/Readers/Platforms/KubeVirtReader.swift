/// The lines of KubeVirt's virt-launcher about a running migration, plain or wrapped in JSON.
struct KubeVirtReader: LogReader {
  static let kind = LogKind.kubevirt
  private static let sign = "Migration info for "

  static func evidence(in head: LogHead) -> LogEvidence? {
    head.first { $0.after(sign)?.after("TimeElapsed:") != nil }.map {
      LogEvidence(line: $0.number, why: "has \"Migration info for ...: TimeElapsed:\"")
    }
  }

  static func read(_ input: LogInput, into output: inout LogOutput) throws(TraceError) {
    let parser = try JSONParser()
    var machines = MigrationSeriesSet(format: kind)
    while let line = try input.nextLine() {
      guard line.contains("igration") else { continue }
      var message = line.text
      var time: Double?
      if line.bytes.first == UInt8(ascii: "{") {
        guard let tree = try? parser.parse(line.bytes) else {
          output.unreadable(line.isCut ? QMPLog.cutOff : "not JSON", line: line.number)
          continue
        }
        message = tree["msg"]?.string ?? ""
        time = tree["timestamp"]?.string.flatMap { LogTime($0)?.seconds }
      } else {
        time = LogTime(message)?.seconds
      }
      if let rest = message.after(sign) {
        let id = cleanText(String(rest.before(":")))
        guard let sample = sample(rest.after(":") ?? "", time), !id.isEmpty else {
          output.unreadable(
            line.isCut
              ? "the log ends inside this line" : "a \"Migration info\" line without its figures",
            line: line.number)
          continue
        }
        let machine = machines.position(id)
        output.add(sample, to: &machines[machine], line: line.number)
      } else if let stage = verdict(message), let machine = machines.onlyRunning {
        // The line names no machine: with two at work it is not known whose it is.
        var sample = MigrationSample(stage: stage)
        sample.status = "\(stage)"
        sample.time = time
        sample.failureReason = message
        output.add(sample, to: &machines[machine], line: line.number)
      }
    }
    machines.finish(into: &output)
  }

  /// What another line says of the end.
  private static func verdict(_ message: String) -> MigrationStage? {
    let text = message.lowercased()
    guard text.after("live migration") != nil || text.after("migration") != nil else { return nil }
    if text.after("live migration failed") != nil { return .failed }
    let isAborted = text.after("aborted") != nil || text.after("abort succe") != nil
    return isAborted ? .cancelled : nil
  }

  /// `TimeElapsed:8421ms DataProcessed:1446MiB ...`; the last one has the downtime.
  private static func sample(_ text: Substring, _ time: Double?) -> MigrationSample? {
    var sample = MigrationSample(stage: .precopy)
    sample.time = time
    var others: [(key: String, value: JSONValue)] = []
    for part in text.split(separator: " ") {
      guard let colon = part.firstIndex(of: ":") else { continue }
      let key = part[..<colon]
      let value = part[part.index(after: colon)...]
      switch key {
      case "TimeElapsed": sample.elapsed = parsedSeconds(value)
      case "MemoryProcessed": sample.transferredBytes = parsedBytes(value)
      case "MemoryRemaining": sample.remainingBytes = parsedBytes(value)
      case "MemoryTotal": sample.memoryBytes = parsedBytes(value)
      case "MemoryBandwidth": sample.throughput = megabits(value)
      case "DirtyRate": sample.dirtyRate = megabits(value)
      case "Iteration": sample.dirtySyncs = value.decimal
      case "PostcopyRequests": sample.postcopyRequests = value.decimal
      case "ConstantPages": sample.zeroPages = value.decimal
      case "NormalPages": sample.normalPages = value.decimal
      case "ExpectedDowntime": sample.expectedDowntime = parsedSeconds(value)
      case "AutoConvergeThrottle": sample.throttle = value.leadingDecimal.map { $0.value / 100 }
      case "Downtime":
        sample.downtime = parsedSeconds(value)
        sample.stage = .completed
      default: others.append((String(key), .text(cleanText(String(value)))))
      }
    }
    guard sample.elapsed != nil, sample.transferredBytes != nil else { return nil }
    if sample.stage == .completed {
      sample.throughput = nil
      sample.dirtyRate = nil
    }
    sample.status = sample.stage == .completed ? "completed" : "running"
    if !others.isEmpty { sample.otherFields = JSONValue.object(others).compactText }
    return sample
  }

  /// KubeVirt's Mbps are bytes x 8 / 10^6.
  private static func megabits(_ value: Substring) -> Double? {
    guard let (number, rest) = value.leadingDecimal, rest == "Mbps" else { return nil }
    return number * bytesPerSecondPerMbit
  }
}

/// Cloud Hypervisor's log lines about the rounds of pre-copy.
///
/// `total` is what was sent in all rounds so far, `curr` in this one; the first round sends the
/// memory.
struct CloudHypervisorReader: LogReader {
  static let kind = LogKind.cloudHypervisor

  static func evidence(in head: LogHead) -> LogEvidence? {
    head.first { $0.after("Precopy: iter=")?.after("total=") != nil }.map {
      LogEvidence(line: $0.number, why: "has \"Precopy: iter=... total=\" of Cloud Hypervisor")
    }
  }

  static func read(_ input: LogInput, into output: inout LogOutput) throws(TraceError) {
    var machines = MigrationSeriesSet(format: kind)
    let machine = machines.position(input.id)
    machines[machine].technique = "precopy"
    var iteration: Double?
    while let line = try input.nextLine() {
      guard line.contains("recopy: iter=") || line.contains("igration") else { continue }
      let text = line.text
      let time = clock(text)
      if let rest = text.after("Precopy: ") {
        guard let sample = sample(rest, time, &iteration) else {
          output.unreadable(
            line.isCut ? "the log ends inside this line" : "a round without its figures",
            line: line.number)
          continue
        }
        output.add(sample, to: &machines[machine], line: line.number)
      } else if machines[machine].runningID != nil {
        let lower = text.lowercased()
        let isDone = lower.after("migration complete") != nil
        guard isDone || lower.after("migration failed") != nil else { continue }
        var sample = MigrationSample(stage: isDone ? .completed : .failed)
        sample.status = isDone ? "completed" : "failed"
        sample.time = time
        if !isDone { sample.failureReason = text }
        output.add(sample, to: &machines[machine], line: line.number)
        // The rounds that are counted, from 0, and the one while the guest is paused.
        machines[machine].amendLast("rounds", isDone ? iteration.map { $0 + 2 } : nil)
        iteration = nil
      }
    }
    machines.finish(into: &output)
  }

  /// `cloud-hypervisor:  12.702682s: <vmm> ...`: seconds since the program's start.
  private static func clock(_ text: String) -> Double? {
    guard let rest = text.after("cloud-hypervisor:"), let (value, unit) = rest.leadingDecimal,
      unit.first == "s"
    else { return nil }
    return value
  }

  private static func sample(
    _ text: Substring, _ time: Double?, _ iteration: inout Double?
  ) -> MigrationSample? {
    var sample = MigrationSample(stage: .precopy)
    sample.status = "running"
    sample.time = time
    var others: [(key: String, value: JSONValue)] = []
    var current: Double?
    for part in text.split(separator: " ") {
      guard let value = part.after("=") else { continue }
      switch part.before("=") {
      case "iter": iteration = value.decimal
      case "total": sample.transferredBytes = parsedBytes(value)
      case "curr": current = parsedBytes(value)
      case "bw": sample.throughput = parsedByteRate(value)
      case "est_downtime": sample.expectedDowntime = parsedSeconds(value)
      case "elapsed": sample.elapsed = parsedSeconds(value)
      default: break
      }
      if !["total", "bw", "est_downtime", "elapsed"].contains(part.before("=")) {
        others.append((String(part.before("=")), .text(cleanText(String(value)))))
      }
    }
    guard let number = iteration, number >= 0, sample.transferredBytes != nil else { return nil }
    if number == 0 { sample.memoryBytes = current }
    sample.otherFields = JSONValue.object(others).compactText
    return sample
  }
}

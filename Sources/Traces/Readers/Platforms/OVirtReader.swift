/// The progress lines of oVirt's vdsm.
///
/// Its "MB" are 2^20 bytes, its "Mbps" 2^20 bits (older versions print "MBps", 2^20 bytes), and its
/// "zero pages: N MB" is a number of pages.
struct OVirtReader: LogReader {
  static let kind = LogKind.ovirt
  private static let sign = "Migration Progress: "

  static func evidence(in head: LogHead) -> LogEvidence? {
    head.first { $0.after(sign)?.after("seconds elapsed") != nil }.map {
      LogEvidence(line: $0.number, why: "has \"Migration Progress: ... seconds elapsed\" of vdsm")
    }
  }

  static func read(_ input: LogInput, into output: inout LogOutput) throws(TraceError) {
    var machines = MigrationSeriesSet(format: kind)
    var creation: [Int: Double] = [:]
    while let line = try input.nextLine() {
      guard line.contains("igration") else { continue }
      let text = line.text
      let time = LogTime(text)
      // The format of every line of vdsm names the machine.
      let id = text.between("vmId='", "'").map { cleanText(String($0)) } ?? input.id
      if let rest = text.after(sign) {
        guard let sample = sample(rest, time?.seconds) else {
          output.unreadable(
            line.isCut ? "the log ends inside this line" : "a progress line without its figures",
            line: line.number)
          continue
        }
        if let time, !time.hasZone { output.noteOnce(zonelessNote, line: line.number) }
        let machine = machines.position(id)
        output.add(sample, to: &machines[machine], line: line.number)
      } else if let value = text.after("Creation of destination VM took: ")?.leadingDecimal?.value {
        creation[machines.position(id)] = value
      } else if let value = text.after("igration took ")?.leadingDecimal?.value {
        guard text.after("seconds to complete") != nil else { continue }
        let machine = machines.position(id)
        var sample = MigrationSample(stage: .completed)
        sample.status = "completed"
        sample.time = time?.seconds
        // Whole seconds, the making of the machine at the destination included.
        let total = value - (creation[machine] ?? 0)
        if total > 0 {
          sample.elapsed = total
        } else {
          output.note(zeroDurationNote, line: line.number)
        }
        output.add(sample, to: &machines[machine], line: line.number)
      } else if text.after("Migration stalling") != nil {
        output.recordCount += 1
        output.skip("a warning that it stalls", line: line.number)
      } else if text.after("Migration is stuck") != nil || text.after("will be aborted") != nil
        || text.after("Failed to migrate") != nil
      {
        let machine = machines.position(id)
        var sample = MigrationSample(stage: .failed)
        sample.status = "failed"
        sample.time = time?.seconds
        sample.failureReason = String(text.after("Migration") ?? text.after("Failed to") ?? "")
        output.add(sample, to: &machines[machine], line: line.number)
      }
    }
    machines.finish(into: &output)
  }

  private static func sample(_ text: Substring, _ time: Double?) -> MigrationSample? {
    var sample = MigrationSample(stage: .precopy)
    sample.status = "running"
    sample.time = time
    guard let elapsed = text.leadingDecimal?.value else { return nil }
    sample.elapsed = elapsed
    sample.memoryBytes = text.between("total data: ", ",").flatMap { parsedBytes($0) }
    sample.transferredBytes = text.between("processed data: ", ",").flatMap { parsedBytes($0) }
    sample.remainingBytes = text.between("remaining data: ", ",").flatMap { parsedBytes($0) }
    if let (value, unit) = text.between("transfer speed ", ",")?.leadingDecimal {
      switch unit.trimmedSpaces {
      case "Mbps": sample.throughput = value * 0x1p20 / 8
      case "MBps": sample.throughput = value * 0x1p20
      default: break
      }
    }
    sample.zeroPages = text.between("zero pages: ", ",")?.leadingDecimal?.value
    if let rate = text.between("dirty rate: ", ",")?.decimal, rate >= 0 {
      sample.dirtyRate = rate * qemuPageBytes
    }
    if let iteration = text.between("memory iteration: ", ", ")?.decimal, iteration >= 0 {
      sample.dirtySyncs = iteration
    }
    guard sample.transferredBytes != nil else { return nil }
    if let compressed = text.between("compressed: ", ",").flatMap({ parsedBytes($0) }),
      compressed > 0
    {
      sample.otherFields = JSONValue.object([("compressed_bytes", .number(compressed))]).compactText
    }
    return sample
  }
}

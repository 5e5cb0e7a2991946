/// The lines of OpenStack's nova-compute about live migrations, every 30 s or so.
///
/// The permitted downtime rises in steps while a migration runs, and none is logged: neither the
/// limit nor the downtime is known.
struct NovaLogReader: LogReader {
  static let kind = LogKind.novaLog

  static func evidence(in head: LogHead) -> LogEvidence? {
    head.first {
      $0.after("Migration running for ")?.after(" secs") != nil
        || $0.after("nova.virt.libvirt.driver")?.after("igration operation ") != nil
    }.map { LogEvidence(line: $0.number, why: "has a line of nova-compute about a migration") }
  }

  static func read(_ input: LogInput, into output: inout LogOutput) throws(TraceError) {
    var machines = MigrationSeriesSet(format: kind)
    while let line = try input.nextLine() {
      guard line.contains("igration ") else { continue }
      let text = line.text
      let time = LogTime(text)
      let id = text.between("[instance: ", "]").map { cleanText(String($0)) } ?? input.id
      var sample: MigrationSample?
      if let rest = text.after("Migration running for ") {
        sample = progress(rest)
        if sample == nil {
          output.unreadable(
            line.isCut ? "the log ends inside this line" : "a progress line without its figures",
            line: line.number)
          continue
        }
      } else if let rest = text.after("igration operation ") ?? text.after("ive Migration failure")
      {
        sample = verdict(rest, text)
      }
      guard var sample else { continue }
      sample.time = time?.seconds
      if let time, !time.hasZone { output.noteOnce(zonelessNote, line: line.number) }
      let machine = machines.position(id)
      output.add(sample, to: &machines[machine], line: line.number)
    }
    machines.finish(into: &output)
  }

  private static func progress(_ text: Substring) -> MigrationSample? {
    var sample = MigrationSample(stage: .precopy)
    sample.status = "running"
    guard let elapsed = text.leadingDecimal?.value,
      let memory = text.between("memory ", ";"), let disk = text.after("; disk ")
    else { return nil }
    sample.elapsed = elapsed
    sample.transferredBytes = memory.between("processed=", ",)")?.decimal
    sample.remainingBytes = memory.between("remaining=", ",)")?.decimal
    sample.memoryBytes = memory.between("total=", ",)")?.decimal
    if let total = disk.between("total=", ",)")?.decimal, total > 0 {
      sample.diskBytes = disk.between("processed=", ",)")?.decimal
    }
    return sample.transferredBytes == nil ? nil : sample
  }

  private static func verdict(_ rest: Substring, _ text: String) -> MigrationSample? {
    var stage: MigrationStage?
    if rest.after("has completed") != nil { stage = .completed }
    if rest.after("cancel") != nil { stage = .cancelled }
    if rest.after("abort") != nil || text.after("ive Migration failure") != nil { stage = .failed }
    guard let stage else { return nil }
    var sample = MigrationSample(stage: stage)
    sample.status = "\(stage)"
    if stage == .failed { sample.failureReason = String(text.after("failure: ") ?? rest) }
    return sample
  }
}

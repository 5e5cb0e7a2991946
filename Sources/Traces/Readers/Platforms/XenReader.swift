/// What `xl migrate` prints: rounds and their frames; times only where another program stamps the
/// lines.
struct XenReader: LogReader {
  static let kind = LogKind.xen
  /// Xen's frames are 4 KiB whatever the guest's pages are.
  private static let frameBytes = 4096.0

  static func evidence(in head: LogHead) -> LogEvidence? {
    for (index, line) in head.lines.enumerated() {
      for sign in [
        "xc: Frames iteration ", "xc: info: Saving domain", "migration target: Ready to receive",
      ]
      where line.after(sign) != nil {
        return LogEvidence(line: index + 1, why: "has \"\(sign.trimmedSpaces)\" of xl migrate")
      }
    }
    return nil
  }

  static func read(_ input: LogInput, into output: inout LogOutput) throws(TraceError) {
    var run = XenRun(number: 1)
    while let line = try input.nextLine() {
      let text = line.text
      let time = LogTime(text)
      if text.after("migration target: Ready to receive") != nil, run.iterations > 0 {
        run.file(input.id, into: &output)
        run = XenRun(number: run.number + 1)
      }
      if let time, run.isOf(text) {
        if !time.hasZone { output.noteOnce(zonelessNote, line: line.number) }
      }
      run.take(text, time?.seconds, line: line, into: &output)
    }
    run.file(input.id, into: &output)
  }

  /// One migration.
  private struct XenRun {
    let number: Int
    private(set) var iterations = 0
    private var line = 0
    private var start: Double?
    private var end: Double?
    private var memoryFrames: Double?
    private var isSuspended = false
    private var stage: MigrationStage?
    private var reason: String?
    private var samples: [MigrationSample] = []
    private var lastProgress: (iteration: Double, frames: Double)?

    init(number: Int) { self.number = number }

    func isOf(_ text: String) -> Bool {
      text.after("migration ") != nil || text.after("xc: ") != nil || text.after("Migration") != nil
    }

    mutating func take(
      _ text: String, _ time: Double?, line: LogLine, into output: inout LogOutput
    ) {
      guard isOf(text) else { return }
      if self.line == 0 { self.line = line.number }
      if start == nil { start = time }
      if let rest = text.after("Frames iteration ") {
        guard let (iteration, counts) = rest.leadingDecimal,
          let (sent, slash) = counts.dropFirst().leadingDecimal, slash.first == "/",
          let (total, _) = slash.dropFirst().leadingDecimal, iteration >= 0, sent >= 0,
          iteration < 1e6
        else {
          output.unreadable(
            line.isCut ? "the log ends inside this line" : "a line of frames without its figures",
            line: line.number)
          return
        }
        output.recordCount += 1
        iterations = max(iterations, Int(iteration) + 1)
        if iteration == 0 { memoryFrames = total }
        // Progress is printed again and again; a round has one sample, its last line.
        if lastProgress?.iteration == iteration, !samples.isEmpty { samples.removeLast() }
        lastProgress = (iteration, sent)
        var sample = MigrationSample(stage: .precopy)
        sample.status = "running"
        sample.time = time
        sample.otherFields =
          JSONValue.object([("iteration", .number(iteration)), ("frames", .number(sent))])
          .compactText
        samples.append(sample)
      } else if text.after("Domain now suspended") != nil {
        isSuspended = true
      } else if text.after("Migration successful") != nil {
        stage = .completed
        end = time
      } else if text.after("Migration failed") != nil || text.after("migration failed") != nil
        || text.after("migration sender: Target reports") != nil && text.after("failure") != nil
      {
        if stage == nil {
          stage = .failed
          end = time
          reason = LogTime(text).map { String($0.rest) } ?? text
        }
      }
    }

    mutating func file(_ id: String, into output: inout LogOutput) {
      guard iterations > 0 || stage != nil else { return }
      var row = MigrationRow(id: number == 1 ? id : "\(id)#\(number)", line: line)
      row.set("source_format", LogKind.xen.rawValue)
      // Rounds are made while the guest runs.
      if iterations > 0 { row.set("technique", "precopy") }
      row.set(
        "status", stage == .completed ? "completed" : stage == .failed ? "failed" : "unfinished")
      row.set("failure_reason", reason)
      row.set("memory_bytes", memoryFrames.map { $0 * frameBytes })
      if iterations > 0 { row.set("rounds", Double(iterations + (isSuspended ? 1 : 0))) }
      if let start, let end {
        if end > start {
          row.set("total_time_s", span(from: start, to: end))
        } else {
          output.note(zeroDurationNote, line: line)
        }
        row.set("started_s", start)
        row.set("finished_s", end)
      }
      for sample in samples {
        output.add(
          sample, id: row.id,
          seconds: sample.time.flatMap { now in start.map { span(from: $0, to: now) } })
      }
      output.add(rows: [row])
    }
  }
}

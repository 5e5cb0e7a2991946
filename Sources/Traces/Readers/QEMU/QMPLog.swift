import CSimdjson
import ModelCore

/// The machines of a log of QEMU's monitor, each with its own series.
struct QMPLog {
  static let cutOff = "the log ends inside this record"

  private let id: String
  private let decoder: QMPDecoder
  /// One machine without a name, or those that the envelopes name, in order of appearance.
  private var series = MigrationSeriesSet(format: .qmp)
  private var capabilities: Set<String>?
  private var compression: String?

  init(id: String, wantsOtherFields: Bool) throws(TraceError) {
    self.id = id
    decoder = try QMPDecoder(wantsOtherFields: wantsOtherFields)
  }

  /// Takes a line that was read into a record.
  mutating func take(
    _ record: cutover_qmp_record, _ bytes: [UInt8], line: Int, isCut: Bool,
    into output: inout LogOutput
  ) {
    if record.kind == CUTOVER_QMP_BLANK { return }
    if record.kind == CUTOVER_QMP_DAMAGED {
      output.unreadable(isCut ? Self.cutOff : "not JSON", line: line)
      return
    }
    let start = Int(record.offset)
    var envelope = QMPDecoder.Envelope()
    let message = decoder.message(
      record, bytes[start..<start + Int(record.length)], &envelope)
    take(message, envelope, line: line, into: &output)
  }

  /// Takes a document of several lines.
  mutating func take(document: [UInt8], line: Int, into output: inout LogOutput) {
    var envelope = QMPDecoder.Envelope()
    let message = decoder.decode(document, &envelope)
    take(message, envelope, line: line, into: &output)
  }

  mutating func finish(into output: inout LogOutput) { series.finish(into: &output) }

  private mutating func take(
    _ message: QMPMessage, _ envelope: QMPDecoder.Envelope, line: Int,
    into output: inout LogOutput
  ) {
    if envelope.wasPatched { output.note("nan or inf, taken for \"not known\"", line: line) }
    let machine = series.position(
      envelope.subject.map { "\(id)/\(cleanText($0))" } ?? id)
    switch message {
    case .migrate(let sample):
      if envelope.lacksPageSize {
        output.noteOnce("no page-size (QEMU before 2.10), taken for 4096 bytes", line: line)
      }
      if envelope.timeHasNoZone { output.noteOnce(zonelessNote, line: line) }
      output.add(sample, to: &series[machine], line: line)
      return
    case .empty: output.skip("an empty reply", line: line)
    case .destination(let blocktime):
      series[machine].amendLast("observed_postcopy_blocktime_s", blocktime)
      output.skip("a reply of the destination, which counts no memory", line: line)
    case .dirtyRate(let reading): take(reading, machine, line: line, into: &output)
    case .dirtyLimits(let total):
      var sample = MigrationSample(stage: .running)
      sample.status = "vcpu-dirty-limit"
      sample.dirtyRate = total
      sample.time = envelope.time
      output.add(sample, id: series[machine].runningID ?? id, seconds: nil)
      output.skip("dirty limits of processors, kept with --samples only", line: line)
    case .parameters(let columns, let compression):
      for (column, value) in columns { series[machine].inputs[column] = value }
      self.compression = compression ?? self.compression
      series[machine].technique = technique
    case .capabilities(let names):
      capabilities = names
      series[machine].technique = technique
    case .event: output.skip("an event", line: line)
    case .failure(let description): output.skip("an error: \(cleanText(description))", line: line)
    case .other: output.skip("JSON that says nothing of a migration", line: line)
    case .damaged:
      output.unreadable("not JSON", line: line)
      return
    }
    output.recordCount += 1
  }

  private mutating func take(
    _ reading: QMPDirtyRate?, _ machine: Int, line: Int, into output: inout LogOutput
  ) {
    guard let reading else {
      output.skip("a dirty rate that is not measured yet", line: line)
      return
    }
    output.readings.append(
      DirtyRateReading(
        id: series.id(machine), window: reading.window, rate: reading.rate, mode: reading.mode,
        line: line))
    // A rate that was taken while a migration runs is no input of it.
    guard series[machine].runningID == nil else { return }
    if reading.isUnreliableZero {
      output.note(unreliableZeroNote, line: line)
      return
    }
    series[machine].inputs["dirty_rate_bytes_per_s"] = reading.rate
    series[machine].inputs["dirty_rate_window_s"] = reading.window
  }

  /// What the capabilities make of the migration; post-copy may be on and never start.
  private var technique: String? {
    guard let on = capabilities, !on.contains("postcopy-ram") else { return nil }
    var parts = ["precopy"]
    if on.contains("xbzrle") { parts.append("xbzrle") }
    if on.contains("auto-converge") { parts.append("autoconverge") }
    if on.contains("dirty-limit") { parts.append("dirty-limit") }
    if on.contains("compress") { parts.append("compress") }
    if on.contains("multifd") {
      guard let compression else { return nil }
      parts.append(compression == "none" ? "multifd" : "multifd-\(compression)")
    }
    let name = parts.joined(separator: "+")
    return Glossary.techniques.contains(name) ? name : nil
  }
}

/// What is said of a measurement that is not believed.
let unreliableZeroNote = "a dirty rate of 0 by page sampling, often wrong: not an input"

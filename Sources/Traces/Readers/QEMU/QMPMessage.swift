import CSimdjson

/// A message of QEMU's monitor, decoded.
///
/// A recorder takes one per reply; the reader of a log takes one per document.
public enum QMPMessage: Sendable, Equatable {
  /// A reply of `query-migrate` of the source.
  case migrate(MigrationSample)
  /// A reply without content: before the first migration, or the answer to another command.
  case empty
  /// A reply of `query-migrate` of the destination, which counts no memory.
  case destination(blocktime: Double?)
  /// `query-dirty-rate`: measured, or not yet.
  case dirtyRate(QMPDirtyRate?)
  /// `query-vcpu-dirty-limit`: the processors' dirty rates together, in bytes per second.
  case dirtyLimits(total: Double)
  /// `query-migrate-parameters`, as columns of the trace.
  case parameters([String: Double], compression: String?)
  /// `query-migrate-capabilities`: the ones that are on.
  case capabilities(Set<String>)
  case event(name: String, time: Double?)
  case failure(description: String)
  /// Valid JSON that says nothing of a migration.
  case other
  /// Not JSON, or cut off.
  case damaged
}

/// A measured dirty rate of QEMU.
public struct QMPDirtyRate: Sendable, Equatable {
  /// Bytes per second.
  public var rate: Double
  public var window: Double?
  public var mode: String?

  /// Page sampling often reports nothing for guests that do write, and counts whole MiB/s.
  public var isUnreliableZero: Bool { rate == 0 && mode == "page-sampling" }
}

/// Decodes messages of QEMU's monitor, one document at a time.
///
/// ```swift
/// var decoder = try QMPDecoder()
/// if case .migrate(let sample) = decoder.decode(reply) { series.add(sample, line: 1) }
/// ```
public struct QMPDecoder {
  private let parser: JSONParser
  private let wantsOtherFields: Bool

  /// What stands around a reply in a log.
  public struct Envelope: Sendable, Equatable {
    /// Seconds on the log's clock.
    public var time: Double?
    /// Whether that time was text without a zone.
    public var timeHasNoZone = false
    /// The machine's name.
    public var subject: String?
    /// Whether numbers that JSON does not have (`-nan`) were read as "not known".
    public var wasPatched = false
    /// Whether the reply does not say its page size.
    public var lacksPageSize = false
  }

  /// - Parameter wantsOtherFields: whether `MigrationSample.otherFields` is filled.
  /// - Throws: `TraceError` without memory.
  public init(wantsOtherFields: Bool = false) throws(TraceError) {
    parser = try JSONParser()
    self.wantsOtherFields = wantsOtherFields
  }

  /// Decodes one document.
  ///
  /// - Parameter time: seconds since 1970 or of any other clock, where the document has none.
  public func decode(_ document: [UInt8], time: Double? = nil) -> QMPMessage {
    var envelope = Envelope()
    let message = decode(document, &envelope)
    if case .migrate(var sample) = message, sample.time == nil {
      sample.time = time
      return .migrate(sample)
    }
    return message
  }

  /// Decodes one document and says what stood around the reply.
  public func decode(_ document: [UInt8], _ envelope: inout Envelope) -> QMPMessage {
    // A document may stand on several lines; a record is made of one.
    var line = document.map { $0 == lineFeed || $0 == carriageReturn ? 0x20 : $0 }
    let length = line.count
    line.append(contentsOf: repeatElement(0, count: cutover_json_padding()))
    var records: [cutover_qmp_record] = []
    readRecords(line, 0..<length, parser, into: &records)
    guard let record = records.first else { return .empty }
    return message(record, line[..<length], &envelope)
  }

  /// The message of a record that was read from `bytes`.
  func message(
    _ record: cutover_qmp_record, _ bytes: ArraySlice<UInt8>, _ envelope: inout Envelope
  ) -> QMPMessage {
    envelope = Envelope()
    envelope.wasPatched = record.was_patched != 0
    switch Int(record.kind) {
    case CUTOVER_QMP_DAMAGED: return .damaged
    case CUTOVER_QMP_BLANK, CUTOVER_QMP_EMPTY: return .empty
    case CUTOVER_QMP_MIGRATE: return migrate(record, bytes, &envelope)
    default:
      guard let tree = try? parser.parse(bytes) else { return .other }
      return QMPOther.message(tree)
    }
  }

  private func migrate(
    _ record: cutover_qmp_record, _ bytes: ArraySlice<UInt8>, _ envelope: inout Envelope
  ) -> QMPMessage {
    envelope.time = record.time.isNaN ? nil : secondsOfClock(record.time)
    let needsTree =
      record.has_text_time != 0 || record.subject != 0
      || record.status == CUTOVER_QMP_STATUS_UNKNOWN || (record.has_more != 0 && wantsOtherFields)
      || (record.has_ram == 0 && record.has_more != 0)
    let tree = needsTree ? try? parser.parse(bytes) : nil
    let parts = tree.flatMap { QMPParts($0) }
    if let time = parts?.textTime {
      envelope.time = time.seconds
      envelope.timeHasNoZone = !time.hasZone
    }
    envelope.subject = parts?.subject
    var sample = MigrationSample(record, time: envelope.time)
    if record.has_ram == 0, sample.elapsed == nil, sample.stage.isSeenAtDestination {
      return .destination(blocktime: blocktime(record))
    }
    sample.status =
      qmpStatuses.indices.contains(Int(record.status))
      ? qmpStatuses[Int(record.status)] : parts?.reply["status"]?.string
    sample.failureReason = parts?.reply["error-desc"]?.string
    envelope.lacksPageSize = record.has_ram != 0 && sample.pageBytes == nil
    if wantsOtherFields {
      let members =
        qmpNumbersWithoutColumn(record, sample: sample) + (parts?.unknownFields ?? [])
      if !members.isEmpty { sample.otherFields = JSONValue.object(members).compactText }
    }
    return .migrate(sample)
  }

  private func blocktime(_ record: cutover_qmp_record) -> Double? {
    let value = withUnsafeBytes(of: record.values) {
      $0.load(
        fromByteOffset: CUTOVER_QMP_BLOCKTIME * MemoryLayout<Double>.stride, as: Double.self)
    }
    return value.isNaN ? nil : value / 1000
  }
}

extension MigrationStage {
  /// Whether the destination's `query-migrate` says so, without counters.
  fileprivate var isSeenAtDestination: Bool {
    switch self {
    case .completed, .precopy, .postcopy, .switchover: true
    default: false
    }
  }
}

/// Reads the lines of a range of `bytes` that has `cutover_json_padding()` bytes behind it.
func readRecords(
  _ bytes: [UInt8], _ range: Range<Int>, _ parser: JSONParser,
  into records: inout [cutover_qmp_record]
) {
  /// Records that are made by one call: as many as a cache holds.
  let batch = 512
  var position = range.lowerBound
  while position < range.upperBound {
    var consumed = 0
    bytes.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      base.withMemoryRebound(to: CChar.self, capacity: buffer.count) { text in
        records += [cutover_qmp_record](unsafeUninitializedCapacity: batch) { space, count in
          count = cutover_qmp_read_lines(
            parser.handle, text + position, range.upperBound - position, space.baseAddress, batch,
            &consumed)
          // The offsets are those of `bytes`.
          for index in 0..<count { space[index].offset += UInt32(position) }
        }
      }
    }
    guard consumed > 0 else { return }
    position += consumed
  }
}

/// A clock's reading in seconds: readings of 10^11 and more are milli-, micro- or nanoseconds
/// since 1970.
func secondsOfClock(_ reading: Double) -> Double {
  switch abs(reading) {
  case 1e17...: reading / 1e9
  case 1e14...: reading / 1e6
  case 1e11...: reading / 1e3
  default: reading
  }
}

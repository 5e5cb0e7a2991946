import ModelCore
import Testing

@testable import Traces

/// One reply at a time, as a recorder takes them.
@Suite struct QMPDecoderTests {
  private func decode(_ text: String, others: Bool = false) throws -> QMPMessage {
    try QMPDecoder(wantsOtherFields: others).decode(Array(text.utf8))
  }

  /// Each number of a reply reaches the sample or `other_fields`, and only once.
  @Test func everyFieldOfEveryVersionIsKept() throws {
    #expect(qmpNames.count == 45)
    for name in qmpNames {
      let parts = name.split(separator: ".").map(String.init)
      let inner = "\"\(parts[parts.count - 1])\":12345678"
      let field = parts.count == 1 ? inner : "\"\(parts[0])\":{\(inner)}"
      let text = "{\"status\":\"active\",\(field)}"
      guard case .migrate(let sample) = try decode(text, others: true) else {
        // Without memory or a time it may be the destination's.
        #expect(parts.count == 1 || parts[0] != "ram", "\(name)")
        continue
      }
      var blank = MigrationSample(stage: .precopy)
      blank.status = "active"
      var shown = sample
      shown.otherFields = nil
      let isColumn = shown != blank
      let isOther = sample.otherFields?.contains("\"\(name)\":12345678") ?? false
      // Flags such as `usesXBZRLE` may come on top of the field itself.
      #expect(isColumn || isOther, "\(name)")
    }
  }

  @Test func unknownFieldsKeepTheirPathAndValue() throws {
    let text = """
      {"t":3,"host":"n1","r":{"status":"active","total-time":5,"ram":{"transferred":7,"new":[1,{"a":null}]},\
      "blocked-reasons":["x"],"later":{"deep":{"er":9007199254740993}}}}
      """
    guard case .migrate(let sample) = try decode(text, others: true) else {
      Issue.record("not a reply")
      return
    }
    #expect(sample.time == 3 && sample.elapsed == 0.005 && sample.transferredBytes == 7)
    #expect(
      sample.otherFields
        == "{\"host\":\"n1\",\"ram.new\":[1,{\"a\":null}],\"blocked-reasons\":[\"x\"],"
        + "\"later.deep.er\":9007199254740993}")
  }

  @Test func everyStatusOfTheSchemaHasAStage() throws {
    #expect(qmpStatuses.count == 16)
    let stages: [String: MigrationStage] = [
      "none": .idle, "setup": .setup, "wait-unplug": .setup, "active": .precopy,
      "pre-switchover": .switchover, "device": .switchover, "completed": .completed,
      "failed": .failed, "cancelled": .cancelled, "cancelling": .running, "colo": .running,
    ]
    for status in qmpStatuses {
      guard case .migrate(let sample) = try decode(reply(status)) else {
        Issue.record("\(status)")
        continue
      }
      #expect(sample.stage == stages[status] ?? .postcopy, "\(status)")
      #expect(sample.status == status)
    }
  }

  @Test func otherMessagesAreToldApart() throws {
    #expect(try decode("{\"return\":{}}") == .empty)
    #expect(try decode("{\"QMP\":{\"version\":{}}}") == .other)
    #expect(try decode("{\"execute\":\"query-migrate\"}") == .other)
    #expect(
      try decode("{\"error\":{\"class\":\"C\",\"desc\":\"d\"}}") == .failure(description: "d"))
    #expect(try decode("{\"return\":{\"status\":\"comp") == .damaged)
    #expect(
      try decode("{\"event\":\"STOP\",\"timestamp\":{\"seconds\":7,\"microseconds\":250000}}")
        == .event(name: "STOP", time: 7.25))
    #expect(
      try decode("{\"return\":{\"status\":\"measuring\",\"calc-time\":1}}") == .dirtyRate(nil))
    #expect(
      try decode(
        "{\"return\":{\"status\":\"measured\",\"dirty-rate\":3,\"calc-time\":500,"
          + "\"calc-time-unit\":\"millisecond\",\"mode\":\"dirty-bitmap\"}}")
        == .dirtyRate(QMPDirtyRate(rate: 3 * 0x1p20, window: 0.5, mode: "dirty-bitmap")))
    #expect(
      try decode("{\"return\":[{\"cpu-index\":0,\"limit-rate\":9,\"current-rate\":2}]}")
        == .dirtyLimits(total: 0x1p21))
    #expect(
      try decode("{\"status\":\"completed\",\"postcopy-blocktime\":8}")
        == .destination(blocktime: 0.008))
  }

  @Test(arguments: [
    ("{\"t_monotonic\":5.5,\"t\":1,\"q\":R}", 5.5),
    ("{\"time\":1772446530123,\"q\":R}", 1_772_446_530.123),
    ("{\"timestamp\":{\"seconds\":9,\"microseconds\":500000},\"return\":R}", 9.5),
    ("{\"@timestamp\":\"2026-03-02T10:15:30.5+01:00\",\"return\":R}", 1_772_442_930.5),
  ])
  func theEnvelopesTimeIsTheSamples(_ envelope: String, _ time: Double) throws {
    guard case .migrate(let sample) = try decode(envelope.replacing("R", with: reply())) else {
      Issue.record("not a reply")
      return
    }
    #expect(sample.time == time)
  }

  /// The pieces that the cores read side by side make the rows that one line after the other does.
  @Test func piecesAreNotSeen() throws {
    var text = ""
    var series = MigrationSeries(id: "big", format: .qmp)
    let decoder = try QMPDecoder()
    for index in 1...9000 {
      let last = index % 300 == 0
      let line = reply(
        last ? "completed" : "active", total: index % 300 == 0 ? 30_000 : index % 300 * 100,
        transferred: (index % 300 == 0 ? 300 : index % 300) * 4096)
      text += line + "\n"
      if case .migrate(let sample) = decoder.decode(Array(line.utf8)) {
        series.add(sample, line: index)
      }
    }
    series.finish()
    // More than one round of pieces.
    #expect(text.utf8.count > 2 << 20)
    let log = try readLog(text, name: "big.ndjson")
    #expect(log.rows.count == 30 && log.rows == series.rows)
  }
}

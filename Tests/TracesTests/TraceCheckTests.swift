import ModelCore
import Testing

@testable import Traces

@Suite struct TraceCheckTests {
  /// One row of a trace that only the rule in question objects to, and one that it accepts at the
  /// edge.
  struct Case: CustomTestStringConvertible {
    let rule: String
    let header: String
    let bad: String
    let good: String
    let column: String
    let message: String
    var severity = TraceFinding.Severity.warning
    var testDescription: String { rule }
  }

  static let cases: [Case] = [
    .init(
      rule: "used-above-memory", header: "memory_bytes,used_bytes", bad: "4000000,4000001",
      good: "4000000,4000000", column: "used_bytes",
      message: "4000001 is above memory_bytes (4000000)", severity: .error),
    .init(
      rule: "not-a-whole-number", header: "memory_bytes,rounds", bad: "4000000,2.5",
      good: "4000000,2", column: "rounds", message: "2.5 is not a whole number", severity: .error),
    .init(
      rule: "not-0-or-1", header: "memory_bytes,paced_by_cpu", bad: "4000000,0.5",
      good: "4000000,1", column: "paced_by_cpu", message: "0.5 is neither 0 nor 1",
      severity: .error),
    .init(
      rule: "downtime-above-total", header: "memory_bytes,downtime_s,total_time_s",
      bad: "4000000,5,4.5", good: "4000000,5,5", column: "downtime_s",
      message: "5 is above total_time_s (4.5)"),
    .init(
      rule: "setup-above-total", header: "memory_bytes,setup_time_s,total_time_s",
      bad: "4000000,5,4.5", good: "4000000,5,5", column: "setup_time_s",
      message: "5 is above total_time_s (4.5)"),
    .init(
      rule: "working-set-above-memory", header: "memory_bytes,working_set_bytes",
      bad: "4000000,5000000", good: "4000000,4000000", column: "working_set_bytes",
      message: "5000000 is above memory_bytes (4000000)"),
    .init(
      rule: "finished-before-started", header: "memory_bytes,started_s,finished_s",
      bad: "4000000,100,99", good: "4000000,100,100", column: "finished_s",
      message: "99 is before started_s (100)"),
    .init(
      rule: "completed-without-total", header: "memory_bytes,status,total_time_s",
      bad: "4000000,completed,", good: "4000000,failed,", column: "total_time_s",
      message: "a completed migration has no total time"),
    .init(
      rule: "timeout-before-limit", header: "memory_bytes,status,total_time_s,time_limit_s",
      bad: "4000000,timeout,29,60", good: "4000000,timeout,30,60", column: "total_time_s",
      message: "a timeout after 29, but time_limit_s is 60"),
    .init(
      rule: "bytes-do-not-add-up",
      header: "memory_bytes,transferred_bytes,precopy_bytes,downtime_bytes,postcopy_bytes",
      bad: "4000000,100,90,4,", good: "4000000,100,90,5,0", column: "transferred_bytes",
      message: "100, but the phases add up to 94 (within 5 % expected)"),
    .init(
      rule: "bandwidth-above-link",
      header: "memory_bytes,bandwidth_bytes_per_s,bandwidth_cap_bytes_per_s,link_bytes_per_s",
      bad: "4000000,1011000,2000000,1000000", good: "4000000,1009000,1000000,",
      column: "bandwidth_bytes_per_s", message: "1011000 is above link_bytes_per_s (1000000)"),
    .init(
      rule: "zero-fraction-disagrees", header: "memory_bytes,used_bytes,zero_fraction",
      bad: "4000000,1000000,0.5", good: "4000000,1000000,0.735", column: "zero_fraction",
      message: "0.5, but 1 - used_bytes/memory_bytes is 0.75"),
    .init(
      rule: "dirty-rate-without-window",
      header: "memory_bytes,dirty_rate_bytes_per_s,dirty_rate_window_s", bad: "4000000,10,",
      good: "4000000,10,1", column: "dirty_rate_window_s",
      message: "a dirty rate without the window it was measured over"),
    .init(
      rule: "memory-looks-small", header: "memory_bytes", bad: "8192", good: "1048576",
      column: "memory_bytes", message: "8192 is below 1048576; is it in bytes?"),
    .init(
      rule: "bandwidth-looks-small", header: "memory_bytes,bandwidth_bytes_per_s",
      bad: "4000000,125", good: "4000000,1000", column: "bandwidth_bytes_per_s",
      message: "125 is below 1000; is it in bytes per second?"),
    .init(
      rule: "total-time-looks-long", header: "memory_bytes,total_time_s", bad: "4000000,3000000",
      good: "4000000,2592000", column: "total_time_s",
      message: "3000000 is above 2592000; is it in seconds?"),
    .init(
      rule: "downtime-looks-long", header: "memory_bytes,downtime_s", bad: "4000000,86401",
      good: "4000000,86400", column: "downtime_s",
      message: "86401 is above 86400; is it in seconds, and not a counter that was never set?"),
  ]

  @Test(arguments: cases)
  func rowRule(_ check: Case) throws {
    // A link column keeps the rule about missing bandwidths quiet.
    let link = check.header.contains("link_bytes") ? "" : ",link_bytes_per_s"
    let tail = link.isEmpty ? "" : ","
    let text = "id,\(check.header)\(link)\ngood,\(check.good)\(tail)\nbad,\(check.bad)\(tail)\n"
    let found = try TraceCheck(reading: reader(text))
    #expect(
      found.findings == [
        TraceFinding(
          check.severity, rule: check.rule, file: "t.csv", line: 3, column: check.column, id: "bad",
          message: check.message)
      ])
    #expect(found.errorCount == (check.severity == .error ? 1 : 0))
    #expect(found.warningCount == (check.severity == .warning ? 1 : 0))
    #expect(found.rowCount == 2)
  }

  @Test func everyRowRuleHasACase() {
    #expect(Set(rowRules.map(\.id)) == Set(Self.cases.map(\.rule)))
  }

  @Test func everyBadCellIsListed() throws {
    let text = """
      id,memory_bytes,vcpus,link_bytes_per_s
      a,-1,0,1000
      b,abc,1,1000
      c,4000000
      a,4000000,2,1000
      """
    let check = try TraceCheck(reading: reader(text))
    #expect(
      check.findings.map { "\($0.line ?? 0) \($0.rule) \($0.column ?? "-") \($0.id ?? "-")" } == [
        "2 outside-domain memory_bytes a", "2 outside-domain vcpus a",
        "3 not-a-number memory_bytes b", "4 ragged-row - -", "5 repeated-id id a",
      ])
    #expect(check.errorCount == 5 && check.warningCount == 0 && check.rowCount == 3)
    #expect(check.findings.last?.message == "\"a\" names line 2 already; ids are unique in a file")
  }

  @Test func damageComesWithTheFindingsBeforeIt() throws {
    let check = try TraceCheck(
      reading: reader("memory_bytes,link_bytes_per_s\n-1,1000\n1,\"\n"))
    #expect(check.findings.map(\.rule) == ["outside-domain", "unterminated-quote"])
    #expect(check.findings.map(\.line) == [2, 3])
    let header = try TraceCheck(reading: reader("memory_bytes,memory_bytes\n1,2\n"))
    #expect(header.findings.map(\.rule) == ["repeated-name"] && header.errorCount == 1)
    let missing = #expect(throws: TraceError.self) {
      try TraceCheck(reading: TraceReader(path: faultyFile("no-such.csv")))
    }
    #expect(missing?.problem == .noSuchFile)
  }

  @Test func columnsThatAreMissing() throws {
    let check = try TraceCheck(reading: reader("id,memory_byte,dirty_rate_bytes_per_s\na,1,2\n"))
    #expect(
      check.findings.map(\.rule) == ["no-memory", "no-bandwidth", "dirty-rate-without-window"])
    #expect(check.findings.allSatisfy { $0.line == 1 && $0.severity == .warning })
    #expect(
      check.findings.first?.message
        == "no column memory_bytes: every model needs it; did you mean memory_byte?")
  }

  @Test func bandwidthThatIsAnOutcome() throws {
    let header =
      "memory_bytes,bandwidth_bytes_per_s,transferred_bytes,total_time_s,setup_time_s\n"
    func rules(_ rows: String) throws -> [String] {
      try TraceCheck(reading: reader(header + rows)).findings.map(\.rule)
    }
    let derived = "4e6,2000,18000,10,1\n4e6,3000,30000,10,\n4e6,3000.001,30000,10,0\n"
    #expect(try rules(derived) == ["bandwidth-is-an-outcome"])
    // Half of the rows are not most of them; two rows are too few.
    #expect(try rules(derived + "4e6,1e4,30000,10,0\n4e6,1e5,30000,10,0\n4e6,1e5,1,2,0\n").isEmpty)
    #expect(try rules("4e6,2000,18000,10,1\n4e6,3000,30000,10,\n").isEmpty)
  }

  @Test func listsAreLimitedButCounted() throws {
    let text =
      "memory_bytes,link_bytes_per_s\n" + String(repeating: "-1,1000\n", count: 20)
      + String(repeating: "5,1000\n", count: 30)
    let check = try TraceCheck(reading: reader(text), limit: 10)
    #expect(check.findings.count == 20 && check.errorCount == 20 && check.warningCount == 30)
    #expect(check.remainder == "and 10 more errors, 20 more warnings")
    #expect(try TraceCheck(reading: reader(text)).remainder == nil)
    #expect(
      try TraceCheck(reading: reader(text), limit: 19).remainder
        == "and 1 more error, 11 more warnings")
  }

  @Test func findingsAreATable() throws {
    let table = try TraceCheck(reading: reader("id,memory_bytes,link_bytes_per_s\na,-1,1000\n"))
      .table()
    #expect(table.names == ["severity", "rule", "line", "column", "id", "message"])
    #expect(
      table.names.map { table.label($0, row: 0) } == [
        "error", "outside-domain", "2", "memory_bytes", "a", "-1 is outside its domain (> 0)",
      ])
  }

  @Test func aCleanTraceHasNoFindings() throws {
    let check = try TraceCheck(
      reading: reader("id,memory_bytes,bandwidth_bytes_per_s,total_time_s\na,8e9,1e8,90\n"))
    #expect(check.findings.isEmpty && check.errorCount + check.warningCount == 0)
  }
}

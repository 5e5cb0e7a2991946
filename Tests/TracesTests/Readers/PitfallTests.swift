import ModelCore
import Testing

@testable import Traces

/// What goes wrong with logs of migrations, case by case.
@Suite struct PitfallTests {
  @Test(arguments: ["{}\n", "{\"return\":{}}\n", "{}\n{}\n"])
  func anEmptyReplyIsNoMigration(_ text: String) throws {
    let log = try readLog(text)
    #expect(log.rows.isEmpty && log.summary.recordCount > 0)
    #expect(log.summary.skipped.map(\.text) == ["an empty reply"])
  }

  @Test func theDestinationsReplyIsNoMigration() throws {
    let destination = "{\"status\":\"completed\",\"postcopy-blocktime\":8}"
    let log = try readLog(destination)
    #expect(log.rows.isEmpty)
    // Behind the source's record it tells of the same migration.
    let both = try onlyRow(reply("completed") + "\n" + destination)
    #expect(both.number("observed_postcopy_blocktime_s") == 0.008)
    #expect(both.number("total_time_s") == 1)
  }

  @Test func anUnknownStatusIsKept() throws {
    let log = try readLog(
      reply("quantum-leap") + "\n" + reply("completed", total: 2000), samples: true)
    #expect(log.rows.count == 1 && log.rows[0].text("status") == "completed")
    #expect(try log.samples.table().label("status", row: 0) == "quantum-leap")
  }

  @Test func withoutPageSizeItIsSaid() throws {
    let text = """
      {"status":"active","total-time":9,"expected-downtime":3,"ram":{"total":8192,"transferred":4096,\
      "dirty-pages-rate":10,"dirty-sync-count":2,"mbps":1}}
      """
    let log = try readLog(text, samples: true)
    #expect(log.rows[0].number("page_size_bytes") == nil)
    #expect(
      log.summary.notes.map(\.text) == ["no page-size (QEMU before 2.10), taken for 4096 bytes"])
    #expect(try log.samples.table().numbers("dirty_rate_bytes_per_s")[0] == 40960)
  }

  @Test func skippedPagesMayBeThereOrNot() throws {
    let with = try onlyRow(reply("completed", ram: "\"skipped\":0,"))
    let without = try onlyRow(reply("completed"))
    #expect(with == without)
  }

  @Test(arguments: ["-nan", "nan", "NaN", "-inf", "Infinity", "-nan(ind)"])
  func numbersThatAreNoJSONAreNotKnown(_ number: String) throws {
    let text = reply(
      more: "\"xbzrle-cache\":{\"encoding-rate\":\(number),\"pages\":24000,\"bytes\":5},")
    let log = try readLog(text + "\n" + reply("completed", total: 1200), samples: true)
    #expect(log.rows.count == 1)
    #expect(log.rows[0].text("technique") == "precopy+xbzrle")
    #expect(log.summary.notes.map(\.text) == ["nan or inf, taken for \"not known\""])
    let others = try #require(try log.samples.table().label("other_fields", row: 0))
    #expect(others.contains("\"xbzrle-cache.pages\":24000") && !others.contains("encoding-rate"))
  }

  @Test(arguments: [("800", 1e8), ("800.0", 1e8), ("0.5", 62500), ("1e3", 1.25e8)])
  func megabitsMayBeWholeOrNot(_ text: String, _ rate: Double) throws {
    let line = reply().replacing("\"mbps\":800", with: "\"mbps\":\(text)")
    #expect(try onlyRow(line).number("bandwidth_bytes_per_s") == rate)
  }

  @Test func theFinalRecordsRateIsNoInput() throws {
    #expect(try onlyRow(reply("completed")).number("bandwidth_bytes_per_s") == nil)
    let row = try onlyRow(
      reply() + "\n" + reply("completed", total: 3000).replacing("\"mbps\":800", with: "\"mbps\":1")
    )
    #expect(row.number("bandwidth_bytes_per_s") == 1e8)
  }

  @Test func activityAfterAnEndIsAnotherMigration() throws {
    let text = [
      reply(), reply("completed", total: 2000, transferred: 2_000_000), reply(total: 3000),
      reply("completed", total: 4000, transferred: 4_000_000),
    ].joined(separator: "\n")
    let log = try readLog(text, name: "vm7.ndjson")
    #expect(log.rows.map(\.id) == ["vm7", "vm7#2"])
    #expect(log.rows.map { $0.number("total_time_s") } == [2, 4])
    #expect(log.rows.map(\.line) == [1, 3])
  }

  @Test func countersThatFallBeginAnotherMigration() throws {
    let log = try readLog(
      reply(total: 5000, transferred: 9_000_000) + "\n" + reply(total: 100, transferred: 50_000)
        + "\n" + reply("completed", total: 200, transferred: 60_000))
    #expect(log.rows.map { $0.text("status") } == ["unfinished", "completed"])
    #expect(log.rows.map { $0.number("transferred_bytes") } == [9_000_000, 60_000])
    // The time alone tells, too.
    let early = try readLog(
      reply(total: 5000, transferred: 9_000_000) + "\n" + reply(total: 4000, transferred: 9_100_000)
    )
    #expect(early.rows.map { $0.number("total_time_s") } == [5, 4])
    // A record of another, shorter migration does not end the one before it.
    let short = try readLog(
      reply(total: 5000, transferred: 9_000_000) + "\n"
        + reply("completed", total: 2000, transferred: 1000))
    #expect(short.rows.map { $0.text("status") } == ["unfinished", "completed"])
    // Counters that are read one after the other may slip.
    let slip = try readLog(
      reply(total: 5000, transferred: 9_000_000) + "\n" + reply(total: 5100, transferred: 8_999_000)
    )
    #expect(slip.rows.count == 1)
  }

  @Test func aCutFileLosesOneRecord() throws {
    let whole = reply(total: 1000) + "\n" + reply(total: 2000, transferred: 2_000_000)
    let log = try readLog(String(whole.dropLast(40)))
    #expect(log.rows.count == 1 && log.rows[0].text("status") == "unfinished")
    #expect(log.rows[0].number("total_time_s") == 1)
    #expect(log.summary.skipped.map(\.text) == ["the log ends inside this record"])
    #expect(log.summary.skipped.map(\.line) == [2])
  }

  @Test func aLogOfOneCutRecordIsAnError() throws {
    let error = #expect(throws: TraceError.self) {
      try readLog(String(reply().dropLast(5)), name: "cut.json")
    }
    #expect(
      error?.description
        == "cut.json:1: nothing here could be read as qmp: the log ends inside this record "
        + "(taken for qmp, because line 1 has \"dirty-sync-count\" of query-migrate); "
        + "'cutover trace convert FILE --from KIND' reads it as another kind")
    #expect(error?.category == .badData)
  }

  @Test func aFailureKeepsItsReasonAndWhatWasSeen() throws {
    let row = try onlyRow(
      reply(total: 1500) + "\n{\"status\":\"failed\",\"error-desc\":\"broken\\npipe\"}\n"
        + "{\"status\":\"failed\",\"error-desc\":\"broken\\npipe\"}\n")
    #expect(row.text("status") == "failed" && row.text("failure_reason") == "broken pipe")
    #expect(row.number("total_time_s") == 1.5 && row.number("downtime_s") == nil)
  }

  @Test func aCancelledMigrationsTimesAreLowerBounds() throws {
    let row = try onlyRow(
      reply(total: 1500, transferred: 77) + "\n" + reply("cancelling", total: 1600, transferred: 78)
        + "\n{\"status\":\"cancelled\"}")
    #expect(row.text("status") == "cancelled")
    #expect(row.number("total_time_s") == 1.6 && row.number("transferred_bytes") == 78)
  }

  @Test func aPollLoggedTwiceCountsOnce() throws {
    let log = try readLog(
      [reply(), reply(), reply("completed", total: 2000), reply("completed", total: 2000)]
        .joined(separator: "\n"), samples: true)
    #expect(log.rows.count == 1)
    #expect(try log.samples.table().rowCount == 2)
    #expect(log.summary.skipped == [LogRemark(text: "the same poll twice", count: 2, line: 2)])
  }

  @Test func anExpectedDowntimeBeforeTheFirstEstimateIsTheLimit() throws {
    let before = reply(more: "\"expected-downtime\":250,")
    let after = reply(total: 1050, more: "\"expected-downtime\":900,")
      .replacing("\"dirty-pages-rate\":0", with: "\"dirty-pages-rate\":30")
      .replacing("\"dirty-sync-count\":1", with: "\"dirty-sync-count\":2")
    let log = try readLog(before + "\n" + after, samples: true)
    #expect(log.rows[0].number("downtime_limit_s") == 0.25)
    #expect(log.rows[0].number("first_dirty_rate_bytes_per_s") == 122_880)
    #expect(log.rows[0].number("first_dirty_rate_window_s") == 1.045)
    let expected = try log.samples.table().numbers("expected_downtime_s")
    #expect(expected[0] == nil && expected[1] == 0.9)
  }

  @Test func everyLineOfDomjobinfoHasItsOwnUnit() throws {
    let row = try onlyRow(
      """
      Job type:         Completed
      Time elapsed:     61000        ms
      Memory processed: 1.500 GiB
      Memory remaining: 0.000 B
      Memory total:     2048.000 MiB
      Memory bandwidth: 512.000 KiB/s
      Total downtime:   90           ms
      """)
    #expect(row.number("transferred_bytes") == 1.5 * 0x1p30)
    #expect(row.number("memory_bytes") == 0x1p31)
    #expect(row.number("downtime_s") == 0.09)
    // Bytes over time of a completed job.
    #expect(row.number("bandwidth_bytes_per_s") == nil)
  }

  @Test func proxmoxMaySendMoreThanTheMemory() throws {
    let log = try readLog(LogFixtures.bytes("proxmox/task.log"), samples: true)
    let row = try #require(log.rows.first)
    let (sent, memory) = (row.number("transferred_bytes"), row.number("memory_bytes"))
    #expect(try #require(sent) > (try #require(memory)))
    // Printed only when it exceeds the speed: no rate of the guest, and none where it is missing.
    #expect(row.number("first_dirty_rate_bytes_per_s") == nil)
    #expect(row.number("dirty_rate_bytes_per_s") == nil)
    let rates = try log.samples.table().numbers("dirty_rate_bytes_per_s")
    #expect(rates[0] == nil && rates[1] == 512.7 * 0x1p20)
    // The speed counts zero pages.
    #expect(row.number("bandwidth_bytes_per_s") == nil)
  }

  @Test func disksAreNotMemory() throws {
    let rows = try readLog(LogFixtures.bytes("domjobinfo/series.txt")).rows
    #expect(rows[0].number("disk_transferred_bytes") == 0x1p30)
    #expect(rows[0].number("transferred_bytes") == 1.15 * 0x1p30)
    let nova = try readLog(LogFixtures.bytes("nova-log/compute.log")).rows
    #expect(nova[1].number("disk_transferred_bytes") == 9e9)
    #expect(nova[0].number("disk_transferred_bytes") == nil)
  }

  @Test func aMissingTimeZoneIsSaid() throws {
    let log = try readLog(LogFixtures.bytes("proxmox/task.log"))
    #expect(log.summary.notes.contains { $0.text == zonelessNote && $0.count == 1 })
    #expect(log.rows[0].number("started_s") == 1_772_446_534)
  }

  @Test func lessThanTheClockTellsIsNotZero() throws {
    let vmim = try readLog(LogFixtures.bytes("vmim/list.json"))
    #expect(vmim.rows[1].id == "drain-2" && vmim.rows[1].number("total_time_s") == nil)
    #expect(vmim.summary.notes.map(\.text) == [zeroDurationNote])
    let proxmox = try readLog(LogFixtures.bytes("proxmox/two-tasks.log"))
    #expect(proxmox.rows[1].number("total_time_s") == nil)
    #expect(proxmox.rows[1].number("downtime_s") == 0.012)
  }

  @Test func queueingIsNotService() throws {
    let row = try readLog(LogFixtures.bytes("vmim/succeeded.yaml")).rows[0]
    #expect(row.number("queue_time_s") == 8 && row.number("total_time_s") == 17)
  }

  @Test func theLastPollIsNotTheFinalValue() throws {
    let row = try readLog(LogFixtures.bytes("nova-log/compute.log")).rows[0]
    #expect(row.text("status") == "completed")
    #expect(row.number("transferred_bytes") == nil && row.number("memory_bytes") == 8_589_934_592)
  }

  @Test func aRateWithoutItsWindowIsHalfANumber() throws {
    let log = try readLog(
      "{\"return\":{\"status\":\"measured\",\"dirty-rate\":5,\"mode\":\"dirty-ring\"}}", kind: .qmp)
    #expect(log.readings.count == 1)
    #expect(try LogTables.curves(log.readings).rowCount == 0)
    // Page sampling's zero is not believed, a measured one is.
    func rate(_ mode: String) throws -> Double? {
      try onlyRow(
        "{\"return\":{\"status\":\"measured\",\"dirty-rate\":0,\"mode\":\"\(mode)\",\"calc-time\":1}}\n"
          + reply("completed")
      ).number("dirty_rate_bytes_per_s")
    }
    #expect(try rate("page-sampling") == nil)
    #expect(try rate("dirty-bitmap") == 0)
  }

  @Test func machinesOfOneLogAreToldApart() throws {
    func line(_ vm: String, _ reply: String) -> String { "{\"vm\":\"\(vm)\",\"r\":\(reply)}" }
    let log = try readLog(
      [
        line("a", reply(total: 5000, transferred: 9_000_000)), line("b", reply(total: 100)),
        line("a", reply("completed", total: 6000, transferred: 9_900_000)),
        line("b", reply("completed", total: 300)),
      ].joined(separator: "\n"), name: "host.ndjson")
    #expect(log.rows.map(\.id) == ["host/a", "host/b"])
    #expect(log.rows.map { $0.number("total_time_s") } == [6, 0.3])
  }

  @Test func aValueOutsideItsDomainIsLeftEmpty() throws {
    let log = try readLog(
      reply("completed").replacing("\"duplicate\":10", with: "\"duplicate\":-10"))
    #expect(log.rows[0].number("zero_pages") == nil)
    #expect(
      log.summary.notes.map(\.text) == ["a value of zero_pages outside its domain, left empty"])
  }

  @Test func aForeignFileSaysWhatToDo() throws {
    let error = #expect(throws: TraceError.self) { try readLog("hello\nworld\n", name: "x.txt") }
    #expect(error?.description.hasPrefix("x.txt: is no kind of log that is known") == true)
    #expect(error?.description.contains("--from KIND (trace, csv, qmp, hmp,") == true)
    let forced = #expect(throws: TraceError.self) { try readLog("hello\n", kind: .proxmox) }
    #expect(
      forced?.description
        == "vm.log: nothing here could be read as proxmox: no line speaks of a migration "
        + "(--from proxmox); 'cutover trace convert FILE --from KIND' reads it as another kind")
  }
}

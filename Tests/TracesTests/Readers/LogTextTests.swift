import Testing

@testable import Traces

@Suite struct LogTextTests {
  /// Seconds since 1970 from `date -u -d ... +%s`.
  @Test(arguments: [
    ("1970-01-01T00:00:00Z", 0.0, true), ("2026-03-02 10:15:30", 1_772_446_530.0, false),
    ("2026-03-02T10:15:30.25Z x", 1_772_446_530.25, true),
    ("2026-03-02 10:15:30,5+0100", 1_772_442_930.5, true),
    ("2024-02-29T23:59:60-00:30", 1_709_253_000.0, true), ("1969-12-31T23:59:59Z", -1.0, true),
  ])
  func timesAreRead(_ text: String, _ seconds: Double, _ hasZone: Bool) throws {
    let time = try #require(LogTime(text))
    #expect(time.seconds == seconds && time.hasZone == hasZone)
  }

  @Test(arguments: [
    "", "2026", "2026-13-01 00:00:00", "2026-00-01 00:00:00", "2026-01-01 24:00:00", "hello",
    "2026-01-01x00:00:00", "12026-01-01 00:00:00",
  ])
  func otherTextsAreNoTimes(_ text: String) {
    #expect(LogTime(text) == nil)
  }

  @Test(arguments: [
    ("1.5 GiB", 1.5 * 0x1p30), ("812MiB", 812 * 0x1p20), ("4 kbytes", 4096.0), ("0 B", 0.0),
    ("64 KiB", 65536.0), ("7", 7.0),
  ])
  func sizesAreRead(_ text: String, _ bytes: Double) {
    #expect(parsedBytes(text) == bytes)
  }

  @Test(arguments: ["", "MiB", "1 parsec", "x5 B", "--5 B", "1e B"])
  func otherTextsAreNoSizes(_ text: String) {
    #expect(parsedBytes(text) == nil)
  }

  @Test func timesHaveAUnit() {
    #expect(parsedSeconds("8421ms") == 8.421)
    #expect(parsedSeconds("12345 milliseconds") == 12.345)
    #expect(parsedSeconds("3.5s") == 3.5)
    #expect(parsedSeconds("5") == nil && parsedSeconds("5 m") == nil)
  }

  @Test(arguments: [
    ("/a/b/vm1.ndjson.gz", "vm1"), ("run.01.json", "run.01"), ("x", "x"), ("<stdin>", "stdin"),
    (".hidden", ".hidden"), ("a.csv.gz", "a"), ("v1.2.log", "v1.2"),
  ])
  func filesGiveIds(_ path: String, _ id: String) {
    #expect(logID(path: path) == id)
  }

  @Test func foldersTellFilesOfOneNameApart() {
    #expect(LogSource.ids(paths: ["a/x.json", "b/x.json", "y.json"]) == ["a/x", "b/x", "y"])
    #expect(LogSource.ids(paths: ["h/1/x.log", "h/2/x.log"]) == ["1/x", "2/x"])
  }

  @Test func cellsAreOneLine() {
    #expect(cleanText(" a\r\n\tb\u{0}c ") == "a b c")
    #expect(cleanText(String(repeating: "x", count: 900)).count <= 501)
  }
}

import Foundation
import ModelCore
import Testing

@testable import Traces

/// Every sample log becomes the tables in `Tests/Fixtures/logs-expected`.
///
/// `RECORD_LOGS=1 swift test --filter LogFixturesTests` writes them; the run then fails, and
/// `git diff` shows what changed. Each was compared with its log by hand.
@Suite struct LogFixturesTests {
  private static let isRecording = ProcessInfo.processInfo.environment["RECORD_LOGS"] != nil

  private func compare(_ table: Table, _ name: String, _ kind: String) throws {
    let url = LogFixtures.expected.appending(path: "\(name).\(kind).csv")
    let text = String(decoding: CSVEncoding().bytes(of: table), as: UTF8.self)
    if Self.isRecording {
      try Data(text.utf8).write(to: url)
      Issue.record("\(name): recorded")
      return
    }
    #expect(try String(contentsOf: url, encoding: .utf8) == text, "\(name)")
  }

  @Test func samplesOfEveryKindAreThere() throws {
    let kinds = Set(try LogFixtures.all.map(LogFixtures.kind))
    #expect(kinds == Set(LogKind.allCases).subtracting([.trace, .csv]))
  }

  @Test(arguments: LogFixtures.all)
  func becomesItsTables(_ name: String) throws {
    var options = LogOptions()
    options.wantsSamples = true
    let log = try TraceReader.Input.path(LogFixtures.path(name)).readLog(options: options)
    #expect(log.summary.recognition.kind == (try LogFixtures.kind(name)))
    if !log.rows.isEmpty { try compare(try LogTables.trace(log.rows), name, "rows") }
    if !log.samples.isEmpty { try compare(try log.samples.table(), name, "samples") }
    if !log.readings.isEmpty { try compare(try LogTables.curves(log.readings), name, "curves") }
    #expect(log.summary.migrationCount == log.rows.count)
    #expect(!log.rows.isEmpty || !log.readings.isEmpty)
  }

  /// The kind is told by the beginning, and only one reader claims it.
  @Test(arguments: LogFixtures.all)
  func isClaimedByOneReader(_ name: String) throws {
    let head = LogHead(try LogFixtures.bytes(name), isWhole: true)
    let claims = LogReaders.all.filter { $0.evidence(in: head) != nil }.map { $0.kind }
    #expect(claims == [try LogFixtures.kind(name)])
    #expect(!head.looksLikeTrace)
  }

  /// Whatever reads traces reads logs, with the same table and the lines of the log.
  @Test(arguments: LogFixtures.all)
  func theDoorConvertsIt(_ name: String) throws {
    let log = try TraceReader.Input.path(LogFixtures.path(name)).readLog()
    let reader = TraceReader(path: LogFixtures.path(name))
    if log.rows.isEmpty {
      let error = #expect(throws: TraceError.self) { try reader.readTable() }
      #expect(error?.problem.id == "no-migrations")
      #expect(error?.description.contains("--curves") == true)
      return
    }
    let read = try reader.readTable()
    let table = try LogTables.trace(log.rows)
    #expect(CSVEncoding().bytes(of: read.table) == CSVEncoding().bytes(of: table))
    #expect(read.table.lines == log.rows.map(\.line))
    #expect(read.conversion?.recognition.kind == (try LogFixtures.kind(name)))
    #expect(try reader.batches().conversion?.migrationCount == log.rows.count)
    #expect(try TraceCheck(reading: reader).errorCount == 0)
  }

  /// Where a block of bytes ends is nobody's business.
  @Test(arguments: LogFixtures.all, [1, 64])
  func blocksDoNotShow(_ name: String, size: Int) throws {
    var options = LogOptions()
    options.wantsSamples = true
    let whole = try TraceReader.Input.path(LogFixtures.path(name)).readLog(options: options)
    options.blockSize = size
    let pieces = try TraceReader.Input.path(LogFixtures.path(name)).readLog(options: options)
    #expect(whole.rows == pieces.rows && whole.readings == pieces.readings)
    #expect(whole.summary == pieces.summary)
    #expect(try whole.samples.table() == pieces.samples.table())
  }

  /// Windows line ends change nothing.
  @Test(arguments: LogFixtures.all)
  func carriageReturnsDoNotShow(_ name: String) throws {
    let bytes = try LogFixtures.bytes(name)
    let dos = bytes.flatMap { $0 == lineFeed ? [carriageReturn, lineFeed] : [$0] }
    let id = logID(path: name)
    let plain = try TraceReader.Input.bytes(bytes, name: name).readLog(id: id)
    let read = try TraceReader.Input.bytes(dos, name: name).readLog(id: id)
    #expect(plain.rows == read.rows && plain.readings == read.readings)
  }

  /// Written, read and written again, the table has the same bytes; every column is explained.
  @Test func theTableReadsBackToTheByte() throws {
    let converter = LogConverter()
    func rows(_ paths: [String]) throws -> [MigrationRow] {
      let sources = zip(paths, LogSource.ids(paths: paths)).map {
        LogSource(path: $0, id: $1, size: 1000)
      }
      var rows: [MigrationRow] = []
      var failure: TraceError?
      func take(_ position: Int, _ outcome: Result<LogRead, TraceError>) {
        switch outcome {
        case .success(let log): rows += log.rows
        case .failure(let error): failure = error
        }
      }
      converter.convert(sources, samples: { _, _ in }, finished: take)
      if let failure { throw failure }
      // Two logs name the same machine; the command tells its rows apart.
      var ids: Set<String> = []
      return rows.filter { ids.insert($0.id).inserted }
    }
    let first = try LogTables.trace(rows(LogFixtures.all.map(LogFixtures.path)))
    #expect(first.rowCount > 30)
    for name in first.names { #expect(Glossary.definition(of: name) != nil, "\(name)") }
    let bytes = CSVEncoding().bytes(of: first)
    try withTemporaryDirectory { directory in
      let url = directory.appending(path: "trace.csv")
      try Data(bytes).write(to: url)
      #expect(CSVEncoding().bytes(of: try LogTables.trace(rows([url.path]))) == bytes)
      #expect(
        CSVEncoding().bytes(of: try TraceReader(path: url.path).readTable().table) == bytes)
    }
  }
}

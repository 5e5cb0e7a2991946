import ModelCore
import Testing

@testable import Traces

/// A table read by all cores is the table read row by row.
@Suite struct TableChunksTests {
  /// Row by row: below the size from which several threads read.
  static func serial(_ reader: TraceReader) throws -> (TraceRead, [SkippedRow]) {
    var skipped: [SkippedRow] = []
    let read = try reader.readTable { skipped.append($0) }
    return (read, skipped)
  }

  static func check(
    _ text: String, _ change: (inout TraceOptions) -> Void = { _ in }
  ) throws {
    #expect(text.utf8.count < TableChunks.leastBytes)
    let reader = reader(text) {
      $0.convertsLogs = false
      $0.blockSize = 4096
      change(&$0)
    }
    for chunkBytes in [1, 5, 16, 64, 100_000] {
      for threads in [1, 3] {
        let place: Comment = "chunks of \(chunkBytes) by \(threads)\n\(text)"
        let chunks = TableChunks(reader, threads: threads, chunkBytes: chunkBytes)
        var skipped: [SkippedRow] = []
        do {
          let (whole, left) = try serial(reader)
          let parts = try #require(try chunks.read { skipped.append($0) })
          #expect(parts.table == whole.table && parts.table.lines == whole.table.lines, place)
          #expect(parts.names == whole.names && parts.header == whole.header, place)
          #expect(parts.fileRowCount == whole.fileRowCount, place)
          #expect(parts.skippedCount == whole.skippedCount && skipped == left, place)
          #expect(parts.skipped == whole.skipped && parts.problems == whole.problems, place)
          #expect(parts.problemCount == whole.problemCount, place)
          #expect(parts.mixedColumns == whole.mixedColumns, place)
        } catch {
          let other = #expect(throws: TraceError.self) { try chunks.read { _ in } }
          #expect(other == error as? TraceError, place)
        }
      }
    }
  }

  @Test(arguments: ChunkReaderTests.files)
  func smallFiles(text: String) throws {
    try Self.check(text)
    try Self.check(text) { $0.badRows = .skip }
    try Self.check(text) { $0.badRows = .collect }
    try Self.check(text) {
      $0.badRows = .collect
      $0.keptProblems = 1
    }
    try Self.check(text) { $0.requireRows = true }
  }

  /// A word late in the file makes text of all cells before it, as they were written.
  @Test func textFoundLate() throws {
    let rows = (0..<400).map { "\($0),0\($0).50,\($0 % 3 == 0 ? "" : "7")" }
    try Self.check("a,b,c\n" + rows.joined(separator: "\n") + "\n1,2,3\n")
    try Self.check("a,b,c\n" + rows.joined(separator: "\n") + "\n1,late,3\n")
    try Self.check("a,b,c\nearly,1,2\n" + rows.joined(separator: "\n") + "\n1,2,\"la\"\"te\"\n")
    try Self.check("a,b,c\n" + rows.joined(separator: "\n") + "\nx,y,1e999\n5,6,7\n")
  }

  /// Skipped rows are handed over once, also when the reading starts again.
  @Test func skippedRowsOnce() throws {
    let rows = (0..<300).map { $0 % 50 == 0 ? "bad,\($0)" : "\($0),\($0)" }
    try Self.check(
      "memory_bytes,b\n" + rows.joined(separator: "\n") + "\n1,word\n"
    ) { $0.badRows = .skip }
  }

  @Test func largeFilesGoThisWay() throws {
    let rows = (0..<100_000).map { "\($0),\(Double($0) / 8)\n" }.joined()
    let text = "x,y\n" + rows
    #expect(text.utf8.count > TableChunks.leastBytes)
    let read = try reader(text).readTable()
    #expect(read.table.rowCount == 100_000 && read.fileRowCount == 100_000)
    let numbers = try read.table.numbers("y").storage
    #expect(numbers.indices.allSatisfy { numbers[$0] == Double($0) / 8 })
    #expect(read.table.line(ofRow: 99_999) == 100_001)
  }
}

import Foundation
import ModelCore
import TestSupport
import Testing

@testable import Traces

/// What is written is read back, cell by cell, whatever the blocks, the line ends and the packing.
@Suite struct RecordScannerTests {
  /// RFC 4180 with every cell quoted that needs it; a missing cell in a single column is written
  /// as two quotes, for a blank line at the end is no row.
  static func csv(_ rows: [[String]], lineEnd: String, lastLineEnd: Bool = true) -> String {
    let lines = rows.map { row in
      row.map { cell in
        // By scalars: CR and LF beside each other are one `Character`.
        let special: Set<Unicode.Scalar> = [",", "\"", "\r", "\n"]
        let mustQuote =
          cell.unicodeScalars.contains(where: special.contains) || (row.count == 1 && cell == "")
        let doubled = cell.unicodeScalars.map { $0 == "\"" ? "\"\"" : String($0) }.joined()
        return mustQuote ? "\"" + doubled + "\"" : cell
      }.joined(separator: ",")
    }
    return lines.joined(separator: lineEnd) + (lastLineEnd ? lineEnd : "")
  }

  static let pieces = [
    "a", "Z", "0", " ", ",", "\"", "\n", "\r", "\r\n", "\t", "ü", "€", "𝄞", "e\u{301}", "'", ";",
    "precopy+xbzrle", "\u{FEFF}", "longer text without anything special in it ",
  ]

  static func randomRows(_ generator: inout TestRandom) -> [[String]] {
    let columns = Int.random(in: 1...5, using: &generator)
    let header = (0..<columns).map { "column \($0)" }
    let rows = (0..<Int.random(in: 0...12, using: &generator)).map { _ in
      (0..<columns).map { _ in
        (0..<Int.random(in: 0...6, using: &generator))
          .map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
      }
    }
    return [header] + rows
  }

  @Test(arguments: [1, 2, 7, 64, 4096], ["\n", "\r\n", "\r"])
  func roundTrip(blockSize: Int, lineEnd: String) throws {
    let seed = UInt64.random(in: 0..<1 << 32)
    var generator = TestRandom(seed: seed)
    for _ in 0..<60 {
      let rows = Self.randomRows(&generator)
      let text = Self.csv(rows, lineEnd: lineEnd, lastLineEnd: Bool.random(using: &generator))
      let bytes = Array(text.utf8)
      let cut = Int.random(in: 0...bytes.count, using: &generator)
      for packed in [
        bytes, storedGzip(bytes),
        storedGzip(Array(bytes[..<cut])) + storedGzip(Array(bytes[cut...])),
      ] {
        var options = TraceOptions()
        options.blockSize = blockSize
        for name in rows[0] { options.types[name] = .text }
        let read = try TraceReader(bytes: packed, name: "t", options: options).readTable()
        #expect(read.names == rows[0], "seed \(seed)")
        #expect(read.table.rowCount == rows.count - 1, "seed \(seed)\n\(text)")
        for (position, name) in rows[0].enumerated() {
          let expected = rows.dropFirst().map { $0[position] }
          let found = (0..<read.table.rowCount).map { read.table.label(name, row: $0) ?? "" }
          #expect(
            Array(expected.joined(separator: "|").utf8) == Array(found.joined(separator: "|").utf8),
            "seed \(seed)")
        }
      }
    }
  }

  /// The raw records, joined by the line end, are the file: nothing is lost, added or rewritten.
  @Test(arguments: [1, 7, 4096], ["\n", "\r\n", "\r"])
  func rawRecordsAreExact(blockSize: Int, lineEnd: String) throws {
    let seed = UInt64.random(in: 0..<1 << 32)
    var generator = TestRandom(seed: seed)
    for _ in 0..<60 {
      let rows = Self.randomRows(&generator)
      let text = Self.csv(rows, lineEnd: lineEnd, lastLineEnd: false)
      var options = TraceOptions()
      options.blockSize = blockSize
      options.columns = []
      let reader = TraceReader(bytes: Array(text.utf8), name: "t", options: options)
      var records: [[UInt8]] = []
      try reader.forEachBatch(rows: 3) { batch in
        #expect(batch.rowCount <= 3 && batch.table.columns.isEmpty)
        if records.isEmpty { records.append(batch.header) }
        for row in 0..<batch.rowCount { records.append(Array(batch.records[row])) }
      }
      if rows.count == 1 { records = [try reader.batches().header] }
      #expect(
        Array(records.joined(separator: Array(lineEnd.utf8))) == Array(text.utf8), "seed \(seed)")
    }
  }

  @Test(arguments: [1, 3, 4096])
  func linesAreThoseOfTheFile(blockSize: Int) throws {
    let text = "a,b\r\n1,\"x\ny\r\nz\rw\"\r\n2,x\n3,\"\n\"\r4,\n"
    let read = try reader(text) { $0.blockSize = blockSize }.readTable()
    #expect(read.table.lines == [2, 6, 7, 9])
    #expect(read.table.label("b", row: 0) == "x\ny\r\nz\rw")
    #expect(read.table.textIfPresent("b")?.missingCount == 1)
  }

  @Test func byteOrderMarkIsNoPartOfTheName() throws {
    let read = try reader("\u{FEFF}memory_bytes\n1\n").readTable()
    #expect(read.names == ["memory_bytes"])
    #expect(read.header == Array("memory_bytes".utf8))
  }

  @Test(arguments: [1, 4096])
  func blankLines(blockSize: Int) throws {
    // Behind the last row they are nothing.
    let many = try reader("a,b\n1,2\n\n\r\n\n") { $0.blockSize = blockSize }.readTable()
    #expect(many.table.rowCount == 1)
    // Between rows of one column they are missing cells, at their own lines.
    let one = try reader("a\n1\n\n\n4\n\n") { $0.blockSize = blockSize }.readTable()
    #expect(try one.table.numbers("a") == NumericColumn([1, nil, nil, 4]))
    #expect(one.table.lines == [2, 3, 4, 5])
    // Two quotes are a row even there.
    #expect(try reader("a\n1\n\"\"\n").readTable().table.rowCount == 2)
    // A row of commas is a row of missing cells.
    #expect(try reader("a,b\n,\n").readTable().table.rowCount == 1)
  }

  @Test func tooLongALineIsNoticedWithoutReadingOn() throws {
    try withTemporaryDirectory { directory in
      let path = directory.appending(path: "long.csv").path
      #expect(FileManager.default.createFile(atPath: path, contents: Data("a,b\n1,2\n3,\"".utf8)))
      let handle = try #require(FileHandle(forWritingAtPath: path))
      try handle.seekToEnd()
      // 17 MiB of a quote left open, then a hole of 4 TB: who looks at it does not come back.
      let mebibyte = Data(String(repeating: "x\n", count: 1 << 19).utf8)
      for _ in 0..<17 { try handle.write(contentsOf: mebibyte) }
      try handle.truncate(atOffset: 1 << 42)
      try handle.close()
      let error = #expect(throws: TraceError.self) { try TraceReader(path: path).readTable() }
      #expect(
        error?.shortDescription
          == "long.csv:3: line 3 is longer than 16 MiB; is this a CSV file, or is a quote left open?"
      )
    }
  }

  @Test func theLimitCountsTheRecordAlone() throws {
    let cell = String(repeating: "x", count: 98)
    let fits = try reader("a,b\n1,\(cell)\n") { $0.maximumRecordBytes = 101 }.readTable()
    #expect(fits.table.rowCount == 1)
    let error = #expect(throws: TraceError.self) {
      try reader("a,b\n1,\(cell)xx\n") { $0.maximumRecordBytes = 101 }.readTable()
    }
    #expect(error?.problem == .tooLong(line: 2, limit: 101))
  }
}

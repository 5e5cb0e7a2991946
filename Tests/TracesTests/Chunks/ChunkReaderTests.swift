import Foundation
import Kernels
import ModelCore
import TestSupport
import Testing

@testable import Traces

/// The reading on several threads finds what the reading from the first byte to the last finds.
@Suite struct ChunkReaderTests {
  /// What a reading gives, to the last bit.
  struct Found: Equatable {
    var cells: [[String]] = []
    var lines: [Int] = []
    var records: [[UInt8]] = []
    var skipped: [SkippedRow] = []
    var error: TraceError?

    mutating func take(_ batch: TraceBatch) {
      let table = batch.table
      for row in 0..<table.rowCount {
        cells.append(
          table.columns.map { column in
            switch column.values {
            // Missing cells are NaN; their bits do not matter.
            case .numbers(let numbers):
              numbers[row].map { "\($0.bitPattern)" } ?? "missing"
            case .text(let text): text[row] ?? "missing"
            case .flags(let flags): flags[row].map { "\($0)" } ?? "missing"
            }
          })
        lines.append(table.line(ofRow: row) ?? -1)
      }
      for row in 0..<batch.rowCount { records.append(Array(batch.records[row])) }
      skipped += batch.skipped
    }
  }

  static func serial(_ reader: TraceReader) -> Found {
    var found = Found()
    do { try reader.forEachBatch(rows: 3) { found.take($0) } } catch {
      found.error = error as? TraceError
    }
    return found
  }

  static func parallel(_ reader: TraceReader, threads: Int, chunkBytes: Int) -> Found {
    var found = Found()
    do {
      try reader.mapChunks(
        threads: threads, chunkBytes: chunkBytes, keepsRecords: true, prepare: { _ in },
        work: { _, batch in batch }, deliver: { found.take($0) })
    } catch { found.error = error as? TraceError }
    return found
  }

  /// Rows before an error may or may not have been handed over; the error is the same.
  static func check(
    _ text: String, threads: Int, chunkBytes: Int, _ note: String = "",
    _ change: (inout TraceOptions) -> Void = { _ in }
  ) {
    var options = TraceOptions()
    options.types = ["x": .number, "y": .number, "flag": .flag]
    // Thousands of readings: each would look for a platform's log in a block of its own.
    options.convertsLogs = false
    options.blockSize = 4096
    change(&options)
    let reader = TraceReader(bytes: Array(text.utf8), name: "t.csv", options: options)
    let (whole, parts) = (
      serial(reader), parallel(reader, threads: threads, chunkBytes: chunkBytes)
    )
    let place: Comment = "chunks of \(chunkBytes) by \(threads) \(note)\n\(text)"
    #expect(whole.error == parts.error, place)
    if whole.error == nil { #expect(whole == parts, place) }
  }

  static let files = [
    "x,id,y\n1,a,2.5\n-0,b,\n.5,,1e-3\n",
    "x,id,y\r\n1,a,2.5\r\n-0,b,\r\n.5,,1e-3\r\n",
    "x,id,y\n1,\"a,\nb\"\"c\",2\n3,\"\",4\n5,é,6",
    "x\n1\n\n\n2\n3\n\n\n",
    "x,y\n1,2\n\n3,4\n",
    "x,y\n1,2\n3\n4,5\n",
    "x,y\n1,2\n3,oops\n4,5\n",
    "x,y\r1,2\r3,4\r5,6\r",
    "x,y\n1,2\n3,\"open\n4,5\n",
    "x,y\n1,2\n3,4\u{1}\n",
    "x,memory_bytes,technique\n1,5,precopy\n2,-1,precopy\n",
    "x,memory_bytes,technique\n1,5,precopy\n2,1,teleport\n",
    "x,flag\n1,true\n2,0\n3,maybe\n",
    "x,y\n 1 , 2\t\n3, \n",
    "x,y\n1,2\n3,4\"5\n",
    "x,y\n",
    "x,y",
  ]

  /// A cut behind every byte of the file, with any number of threads.
  @Test(arguments: files)
  func bordersAtEveryByte(text: String) {
    for chunkBytes in 1...(text.utf8.count + 2) {
      let threads = 1 + chunkBytes % 3
      Self.check(text, threads: threads, chunkBytes: chunkBytes)
      Self.check(text, threads: threads, chunkBytes: chunkBytes, "skipping") { $0.badRows = .skip }
    }
  }

  @Test func recordsBeyondTheLimit() {
    let long = String(repeating: "7", count: 300)
    for text in ["x,y\n1,2\n\(long),1\n3,4\n", "x,y\n1,2\n\"\(long)", "x,y\n1,\"\(long)\n\(long)"] {
      for chunkBytes in [1, 16, 100, 1000] {
        Self.check(text, threads: 2, chunkBytes: chunkBytes) { $0.maximumRecordBytes = 200 }
      }
    }
  }

  static let decimals = [
    "0", "-0", "0.0", "-0.0", "1", "-1", "007", "5.", ".5", "-.5", "+1", "1e5", "1E-5", "1e400",
    "1e-400", "9007199254740992", "9007199254740993", "9007199254740991", "900719925474099.3",
    "0.9007199254740993", "1234567890123456", "9999999999999999", "0.1234567890123456",
    "12345678.12345678", "0.000000000000001", "1.7976931348623157e308", "4.9e-324", " 1", "1 ",
    "\t2\t", "", "-", ".", "+", "-.", "1.2.3", "1-2", "--1", "1..2", "1e", "e5", "0x10", "nan",
    "inf", "1_000", "1;2", "١", "1/2", "1:2", "123456789012345678901234567890", "-12345678901.25",
  ]

  /// Every decimal in every column, at all levels of the processor.
  @Test(arguments: [CUTOVER_LEVEL_BASE, CUTOVER_LEVEL_AVX2, CUTOVER_LEVEL_AVX512])
  func nastyDecimals(level: Int32) {
    cutover_limit_kernel_level(level)
    defer { cutover_limit_kernel_level(CUTOVER_LEVEL_AVX512) }
    for decimal in Self.decimals {
      for row in ["\(decimal),1,2", "1,\(decimal),2", "1,2,\(decimal)"] {
        for end in ["\n", "\r\n"] {
          Self.check("x,y,z\(end)3,4,5\(end)\(row)\(end)6,7,8\(end)", threads: 1, chunkBytes: 4096)
          {
            $0.types["z"] = .number
          }
        }
      }
    }
  }

  @Test(arguments: [CUTOVER_LEVEL_BASE, CUTOVER_LEVEL_AVX2, CUTOVER_LEVEL_AVX512])
  func randomTables(level: Int32) {
    cutover_limit_kernel_level(level)
    defer { cutover_limit_kernel_level(CUTOVER_LEVEL_AVX512) }
    let seed = UInt64.random(in: 0..<1 << 32)
    print("chunk reader seed \(seed)")
    var generator = TestRandom(seed: seed)
    for _ in 0..<60 {
      let rows = Int.random(in: 0...700, using: &generator)
      let style = Int.random(in: 0...4, using: &generator)
      var text = "x,id,y\n"
      for _ in 0..<rows {
        text += Self.number(style, &generator) + ",id,"
        text += Self.number(style, &generator) + "\n"
      }
      // Now and then something that only the careful way can read.
      if Bool.random(using: &generator) { text += "1,\"quo\"\"ted\nid\",2\n3,id,4\n" }
      Self.check(
        text, threads: Int.random(in: 1...4, using: &generator),
        chunkBytes: Int.random(in: 64...8192, using: &generator), "seed \(seed)")
    }
  }

  static func number(_ style: Int, _ generator: inout TestRandom) -> String {
    switch style {
    case 0: String(Int.random(in: -100_000...100_000, using: &generator))
    case 1: String(Double(Int.random(in: 0...9_999_999, using: &generator)) / 1000)
    case 2: String(Double.random(in: -1...1, using: &generator))
    case 3:
      String(Double(bitPattern: UInt64.random(in: 0..<0x7FF0 << 48, using: &generator)))
    default:
      (0..<Int.random(in: 1...20, using: &generator)).map { _ in
        String("0123456789".randomElement(using: &generator) ?? "0")
      }.joined() + (Bool.random(using: &generator) ? ".25" : "")
    }
  }

  /// Batches are cut by the bytes alone: a gzip stream and small blocks make the same ones.
  @Test func batchesDependOnTheBytesAlone() throws {
    let text = "x,y\n" + (0..<5000).map { "\($0),\($0 * 7).25\n" }.joined()
    func sizes(threads: Int, blockSize: Int) throws -> [Int] {
      var options = TraceOptions()
      options.blockSize = blockSize
      var answer: [Int] = []
      try TraceReader(bytes: Array(text.utf8), name: "t.csv", options: options).mapChunks(
        threads: threads, chunkBytes: 1000, prepare: { _ in }, work: { $1.rowCount },
        deliver: { answer.append($0) })
      return answer
    }
    let expected = try sizes(threads: 1, blockSize: 1 << 18)
    #expect(expected.reduce(0, +) == 5000 && expected.count > 40)
    for threads in 1...4 {
      for blockSize in [1, 64, 4096] {
        #expect(try sizes(threads: threads, blockSize: blockSize) == expected)
      }
    }
  }

  /// The error of the first row in the file is the one that is thrown, and what closures throw
  /// comes out.
  @Test func errorsComeInTheOrderOfTheFile() {
    let text = "x\n" + (0..<2000).map { $0 == 700 || $0 == 1500 ? "bad\n" : "\($0)\n" }.joined()
    for threads in 1...4 {
      var options = TraceOptions()
      options.types = ["x": .number]
      let reader = TraceReader(bytes: Array(text.utf8), name: "t.csv", options: options)
      let error = #expect(throws: TraceError.self) {
        try reader.mapChunks(
          threads: threads, chunkBytes: 100, prepare: { _ in }, work: { $1.rowCount },
          deliver: { _ in })
      }
      #expect(error?.line == 702)
      struct Refusal: Error, Equatable {}
      #expect(throws: Refusal.self) {
        try reader.mapChunks(
          threads: threads, chunkBytes: 100, prepare: { _ in }, work: { $1.rowCount },
          deliver: { _ in throw Refusal() })
      }
    }
  }

  @Test func aFileWithoutRows() {
    for text in ["x,y\n", "x,y", "x,y\n\n\n"] {
      Self.check(text, threads: 2, chunkBytes: 8) { $0.requireRows = true }
    }
  }
}

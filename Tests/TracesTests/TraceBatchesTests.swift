import ModelCore
import Testing

@testable import Traces

@Suite struct TraceBatchesTests {
  static let text = "id,x,memory_bytes\r\n" + (1...100).map { "m\($0),\($0),\($0)e6\r\n" }.joined()

  @Test(arguments: [1, 7, 100, 8192])
  func batchesMakeTheTable(size: Int) throws {
    let source = reader(Self.text) { $0.types = ["x": .number] }
    let whole = try source.readTable().table
    var rows = 0
    var sizes: [Int] = []
    var sum = 0.0
    try source.forEachBatch(rows: size) { batch in
      let part = whole.selecting(Array(rows..<rows + batch.rowCount))
      #expect(batch.table == part && batch.table.lines == part.lines)
      #expect(batch.table.source == "t.csv" && batch.header == Array("id,x,memory_bytes".utf8))
      for row in 0..<batch.rowCount {
        let number = rows + row + 1
        #expect(Array(batch.records[row]) == Array("m\(number),\(number),\(number)e6".utf8))
      }
      sum += try batch.table.numbers("x").storage.reduce(0, +)
      rows += batch.rowCount
      sizes.append(batch.rowCount)
    }
    #expect(rows == 100 && sum == 5050)
    #expect(sizes.dropLast().allSatisfy { $0 == size })
  }

  @Test func undefinedColumnsAreTextUntilToldOtherwise() throws {
    var batches = try reader("x,id\n1,2\n").batches()
    #expect(batches.names == ["x", "id"])
    #expect(try batches.next()?.table["x"] == Column("x", text: ["1"]))
    #expect(try batches.next() == nil)
    #expect(try batches.next() == nil)
  }

  @Test func onlyTheColumnsAskedFor() throws {
    var batches = try reader(Self.text) { $0.columns = ["memory_bytes"] }.batches(rows: 2)
    let first = try #require(try batches.next())
    #expect(first.table.names == ["memory_bytes"])
    #expect(Array(first.records[1]) == Array("m2,2,2e6".utf8))
  }

  /// Skipped rows count towards a batch, so that a file of nothing else stays in small pieces.
  @Test func skippedRowsComeWithTheirBatch() throws {
    let text = "memory_bytes\n" + (0..<10).map { $0 % 2 == 0 ? "bad\n" : "\($0)\n" }.joined()
    var batches = try reader(text) { $0.badRows = .skip }.batches(rows: 4)
    var skipped: [Int] = []
    var kept: [Int] = []
    var count = 0
    while let batch = try batches.next() {
      #expect(batch.rowCount + batch.skipped.count <= 4)
      skipped += batch.skipped.map(\.line)
      kept += batch.table.lines ?? []
      count += 1
    }
    #expect(skipped == [2, 4, 6, 8, 10] && kept == [3, 5, 7, 9, 11] && count == 3)
  }

  @Test func theBodysErrorEndsTheReading() {
    struct Enough: Error, Equatable {}
    var seen = 0
    #expect(throws: Enough()) {
      try reader(Self.text).forEachBatch(rows: 10) { _ in
        seen += 1
        throw Enough()
      }
    }
    #expect(seen == 1)
  }
}

import Foundation
import ModelCore
import Testing

@testable import Traces

@Suite struct TraceReaderTests {
  static let trace = """
    id,technique,status,memory_bytes,note,load,downtime_s,mixed
    007,precopy,completed,8589934592,fast,1.5, 0.25 ,1
    b,,failed,,,,,n/a
    c, postcopy ,timeout,1e9,"a ""quoted"" note",-2,+3,7
    """

  @Test func typesComeFromDefinitionsAndCells() throws {
    let read = try reader(Self.trace).readTable()
    #expect(read.table.source == "t.csv" && read.table.lines == [2, 3, 4])
    #expect(read.fileRowCount == 3 && read.skippedCount == 0 && read.problemCount == 0)
    // Text by definition, although all of its cells could be numbers.
    #expect(read.table["id"] == Column("id", text: ["007", "b", "c"]))
    // A word is kept without the spaces around it.
    #expect(read.table["technique"] == Column("technique", text: ["precopy", nil, "postcopy"]))
    #expect(
      read.table["memory_bytes"] == Column("memory_bytes", numbers: [8_589_934_592, nil, 1e9]))
    #expect(read.table["downtime_s"] == Column("downtime_s", numbers: [0.25, nil, 3]))
    // Columns without a definition show their type by their cells.
    #expect(read.table["load"] == Column("load", numbers: [1.5, nil, -2]))
    #expect(read.table["note"] == Column("note", text: ["fast", nil, "a \"quoted\" note"]))
    #expect(read.table["mixed"] == Column("mixed", text: ["1", "n/a", "7"]))
  }

  @Test func mixedColumnsRememberTheirFirstText() throws {
    let read = try reader(Self.trace).readTable()
    let mixed = try #require(read.mixedColumns.first)
    #expect(read.mixedColumns.count == 1 && mixed.name == "mixed")
    #expect(mixed.numericCount == 2 && mixed.textCount == 1)
    #expect(
      mixed.firstText.description
        == "t.csv:3:8: mixed: \"n/a\" is not a number; leave the cell empty when the value is not known"
    )
    let large = try reader("x\n1\n1e999\n").readTable()
    #expect(large.mixedColumns.first?.firstText.problem == .outsideRange("1e999"))
    // Plain text is no mixture.
    #expect(try reader("x,y\na,1\nb,2\n").readTable().mixedColumns.isEmpty)
  }

  @Test func callersMayInsistOnTypes() throws {
    let text = "x,flag,id\n1,true,7\n2,0,8\n,,\n"
    let forced = try reader(text) { $0.types = ["x": .text, "flag": .flag, "id": .number] }
      .readTable().table
    #expect(forced["x"] == Column("x", text: ["1", "2", nil]))
    #expect(forced["flag"] == Column("flag", flags: [true, false, nil]))
    #expect(forced["id"] == Column("id", numbers: [7, 8, nil]))
    let notNumber = #expect(throws: TraceError.self) {
      try reader("x\nabc\n") { $0.types = ["x": .number] }.readTable()
    }
    #expect(notNumber?.description == "t.csv:2:1: x: \"abc\" is not a number")
    let notFlag = #expect(throws: TraceError.self) {
      try reader("x\nmaybe\n") { $0.types = ["x": .flag] }.readTable()
    }
    #expect(notFlag?.description == "t.csv:2:1: x: \"maybe\" is not true or false")
    // A forced number keeps the domain of its definition; other definitions may be given.
    let domain = #expect(throws: TraceError.self) {
      try reader("memory_bytes\n0\n") { $0.types = ["memory_bytes": .number] }.readTable()
    }
    #expect(domain?.problem == .outsideDomain("0", .positive))
    let free = try reader("memory_bytes\n-1\n") { $0.definitions = [] }.readTable()
    #expect(free.table["memory_bytes"] == Column("memory_bytes", numbers: [-1]))
  }

  @Test func columnsThatAreNotKeptAreNotLookedAt() throws {
    let text = "id,memory_bytes,downtime_s\na,-1,0.5\n"
    let read = try reader(text) { $0.columns = ["downtime_s", "no_such"] }.readTable()
    #expect(read.table.names == ["downtime_s"] && read.names.count == 3)
    let missing = #expect(throws: TraceError.self) {
      try reader(text) { $0.requiredColumns = ["id", "memory_byte"] }.readTable()
    }
    #expect(
      missing?.description == "t.csv:1: no column memory_byte; did you mean memory_bytes?")
    #expect(missing?.category == .badData)
  }

  @Test func rowsMayBeRequired() throws {
    #expect(try reader("id,x\n").readTable().table.rowCount == 0)
    #expect(throws: TraceError(file: "t.csv", .noRows)) {
      try reader("id,x\n") { $0.requireRows = true }.readTable()
    }
    #expect(throws: TraceError(file: "t.csv", .noRows)) {
      try reader("id,x\n") { $0.requireRows = true }.forEachBatch { _ in }
    }
  }

  static let badRows = """
    id,technique,memory_bytes
    a,precopy,1
    b,precopy
    c,precpy,3
    d,precopy,"x, y"

    e,precopy,-5
    f,precopy,6
    """

  @Test func lenientReadersStepOverBadRows() throws {
    let lenient = reader(Self.badRows) { $0.badRows = .skip }
    var handed: [SkippedRow] = []
    let read = try lenient.readTable { handed.append($0) }
    #expect(read.table["id"] == Column("id", text: ["a", "f"]))
    #expect(read.table.lines == [2, 8])
    #expect(read.skippedCount == 5 && read.fileRowCount == 7 && read.skipped == handed)
    #expect(
      handed.map(\.error.description) == [
        "t.csv:3: 2 fields, 3 expected as in the header",
        "t.csv:4:2: technique: \"precpy\" is not a word of this column; did you mean precopy?",
        "t.csv:5:3: memory_bytes: \"x, y\" is not a number",
        "t.csv:6: a blank line between rows; 3 fields expected",
        "t.csv:7:3: memory_bytes: -5 is outside its domain (> 0)",
      ])
    // The rows come as they stood, with the header that belongs before them.
    #expect(
      handed.map { String(decoding: $0.raw, as: UTF8.self) }
        == ["b,precopy", "c,precpy,3", "d,precopy,\"x, y\"", "", "e,precopy,-5"])
    #expect(handed.allSatisfy { $0.header == Array("id,technique,memory_bytes".utf8) })
  }

  @Test func keptProblemsAreLimitedButCounted() throws {
    let text = "memory_bytes\n" + String(repeating: "-1\n", count: 50)
    let skipping = try reader(text) {
      $0.badRows = .skip
      $0.keptProblems = 7
    }.readTable()
    #expect(skipping.skipped.count == 7 && skipping.skippedCount == 50)
    let collecting = try reader(text) {
      $0.badRows = .collect
      $0.keptProblems = 7
    }.readTable()
    #expect(collecting.problems.count == 7 && collecting.problemCount == 50)
  }

  @Test func collectingReadersListEveryProblem() throws {
    let text = "id,vcpus,memory_bytes\na,0,-1\nb,2\nc,3,4\n"
    let read = try reader(text) { $0.badRows = .collect }.readTable()
    #expect(
      read.problems.map(\.description) == [
        "t.csv:2:2: vcpus: 0 is outside its domain (>= 1)",
        "t.csv:2:3: memory_bytes: -1 is outside its domain (> 0)",
        "t.csv:3: 2 fields, 3 expected as in the header",
      ])
    // Bad cells are missing, ragged rows are left out.
    #expect(read.table["id"] == Column("id", text: ["a", "c"]))
    #expect(read.table["vcpus"] == Column("vcpus", numbers: [nil, 3]))
  }

  @Test func lenientReadersStillRefuseStructuralDamage() {
    for text in ["a,b\n1,\"2\n", "a,b\n1,\"2\"3\n", "a,b\n1,\u{0}\n", "a,a\n1,2\n", ""] {
      let error = #expect(throws: TraceError.self) {
        try reader(text) { $0.badRows = .skip }.readTable()
      }
      #expect(error?.problem.isConfinedToItsRow == false)
    }
  }

  @Test func theSinksErrorEndsTheReading() {
    struct Full: Error, Equatable {}
    #expect(throws: Full()) {
      try reader(Self.badRows) { $0.badRows = .skip }.readTable { _ in throw Full() }
    }
  }

  /// Gzip written by `gzip`, two members, under a name that does not say so.
  @Test(arguments: [1, 5, 1 << 18])
  func gzipIsRecognisedByItsContent(blockSize: Int) throws {
    try withTemporaryDirectory { directory in
      let text = Array("x,y\n".utf8) + Array(String(repeating: "1,2\n", count: 5000).utf8)
      let path = directory.appending(path: "plain.csv").path
      #expect(
        FileManager.default.createFile(
          atPath: path, contents: Data(storedGzip(text) + storedGzip(Array("3,4\n".utf8)) + [0, 0]))
      )
      var options = TraceOptions()
      options.blockSize = blockSize
      let table = try TraceReader(path: path, options: options).readTable().table
      #expect(table.rowCount == 5001)
      #expect(try table.numbers("y")[5000] == 4)
    }
  }
}

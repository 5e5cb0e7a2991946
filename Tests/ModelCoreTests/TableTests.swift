import ModelCore
import Testing

@Suite struct TableTests {
  let table = try! Table(
    [
      Column("id", text: ["a", nil, "c"]), Column("memory_bytes", numbers: [1, nil, 3]),
      Column("converged", flags: [true, false, nil]),
    ], source: "t.csv", lines: [2, 3, 5])

  @Test func cells() throws {
    let memory = try table.numbers("memory_bytes")
    #expect(memory[0] == 1 && memory[1] == nil && memory.missingCount == 1)
    #expect(table.label("id", row: 2) == "c" && table.label("id", row: 1) == nil)
    #expect(table.label("converged", row: 1) == "false")
  }

  @Test func selectingKeepsLines() {
    let part = table.selecting([2, 0, 2])
    #expect(part.lines == [5, 2, 5])
    #expect(part.label("id", row: 1) == "a" && part.rowCount == 3)
  }

  @Test func mistakes() {
    #expect(throws: TableError.notNumeric("id")) { try table.numbers("id") }
    #expect(throws: TableError.unknownColumn("memory_byte", nearest: ["memory_bytes"])) {
      try table.numbers("memory_byte")
    }
    #expect(throws: TableError.repeatedColumn("x")) {
      try Table([Column("x", numbers: [1]), Column("x", numbers: [2])])
    }
    #expect(throws: TableError.unequalLengths(column: "y", rows: 2, expected: 1)) {
      try Table([Column("x", numbers: [1]), Column("y", numbers: [2, 3])])
    }
  }
}

import ModelCore
import Testing

@testable import Traces

@Suite struct TraceInfoTests {
  static let text = """
    id,group,technique,status,memory_bytes,total_time_s,note,mixed
    a,one,precopy,completed,4,10,x,1
    b,one,postcopy,failed,1,,y,two
    c,two,precopy,completed,2,30,x,3
    d,,precopy,timeout,1,20,,
    e,two,,,,,,
    """

  @Test func facts() throws {
    let info = try TraceInfo(try reader(Self.text).readTable())
    #expect(info.rowCount == 5)
    #expect(
      info.techniques == [.init(word: "precopy", count: 3), .init(word: "postcopy", count: 1)])
    #expect(
      info.statuses == [
        .init(word: "completed", count: 2), .init(word: "failed", count: 1),
        .init(word: "timeout", count: 1),
      ])
    // A row without a status is not known to be censored.
    #expect(info.censoredCount == 2 && info.groupCount == 2)
  }

  @Test func columns() throws {
    let table = try TraceInfo(try reader(Self.text).readTable()).columns
    #expect(
      table.names == [
        "column", "role", "unit", "type", "count", "missing", "min", "median", "max", "distinct",
      ])
    func row(_ column: String) throws -> [String?] {
      let position = try #require(
        (0..<table.rowCount).first { table.label("column", row: $0) == column })
      return table.names.dropFirst().map { table.label($0, row: position) }
    }
    #expect(try row("id") == ["id", nil, "text", "5", "0", nil, nil, nil, "5"])
    #expect(try row("technique") == ["setting", nil, "text", "4", "1", nil, nil, nil, "2"])
    #expect(try row("memory_bytes") == ["input", "B", "number", "4", "1", "1", "1.5", "4", "3"])
    #expect(try row("total_time_s") == ["outcome", "s", "number", "3", "2", "10", "20", "30", "3"])
    #expect(try row("note") == ["unknown", nil, "text", "3", "2", nil, nil, nil, "2"])
    #expect(try row("mixed") == ["unknown", nil, "mixed", "3", "2", nil, nil, nil, "3"])
    // Every column of the table is explained.
    let explained = Set(Glossary.traceReportColumns.map(\.name))
    #expect(explained.isSuperset(of: table.names))
  }

  @Test func aTraceWithoutRows() throws {
    let info = try TraceInfo(try reader("id,memory_bytes\n").readTable())
    #expect(info.rowCount == 0 && info.statuses.isEmpty && info.groupCount == 0)
    #expect(info.columns["median"] == Column("median", numbers: [nil, nil]))
    #expect(info.columns["distinct"] == Column("distinct", numbers: [0, 0]))
  }

  @Test func theMedianOfHugeValuesDoesNotOverflow() throws {
    let info = try TraceInfo(try reader("x\n1.5e308\n1.5e308\n1e308\n1.7e308\n").readTable())
    #expect(info.columns["median"] == Column("median", numbers: [1.5e308]))
    let apart = try TraceInfo(try reader("x\n8e307\n1.6e308\n").readTable())
    #expect(apart.columns["median"] == Column("median", numbers: [8e307 / 2 + 8e307]))
  }
}

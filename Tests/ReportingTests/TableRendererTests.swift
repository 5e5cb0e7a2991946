import Foundation
import ModelCore
import Reporting
import TestSupport
import Testing

@Suite struct TableRendererTests {
  @Test func text() throws {
    #expect(
      try TableRenderer(format: .text).render(awkwardTable()) == """
        id        total_time_s  converged  memory|bytes
        plain         0.333333  true         8589930000
        a,b                  0  false             1e+20
        say "so"           inf  -                 1e-05
        -                    -  true               -2.5

        """)
  }

  @Test func markdown() throws {
    #expect(
      try TableRenderer(format: .markdown).render(awkwardTable()) == """
        | id | total_time_s | converged | memory\\|bytes |
        | --- | ---: | --- | ---: |
        | plain | 0.333333 | true | 8589930000 |
        | a,b | 0 | false | 1e+20 |
        | say "so" | inf | | 1e-05 |
        | | | true | -2.5 |

        """)
  }

  @Test func csv() throws {
    #expect(
      try TableRenderer(format: .csv).render(awkwardTable()) == """
        id,total_time_s,converged,memory|bytes
        plain,0.3333333333333333,true,8589934592
        "a,b",0,false,1e+20
        "say ""so""\",inf,,1e-05
        ,,true,-2.5

        """)
  }

  @Test func json() throws {
    #expect(
      try TableRenderer(format: .json).render(awkwardTable()) == #"""
        [
        {"converged":true,"id":"plain","memory|bytes":8589934592,"total_time_s":0.3333333333333333},
        {"converged":false,"id":"a,b","memory|bytes":1e+20,"total_time_s":0},
        {"converged":null,"id":"say \"so\"","memory|bytes":1e-05,"total_time_s":null},
        {"converged":true,"id":null,"memory|bytes":-2.5,"total_time_s":null}
        ]

        """#)
  }

  @Test(arguments: OutputFormat.allCases)
  func significantDigitsHoldInEveryFormat(format: OutputFormat) throws {
    let table = try Table([Column("x", numbers: [2.0 / 3, 1234.5, 2.675])])
    let text = try TableRenderer(format: format, significantDigits: 3).render(table)
    // 1234.5 to three digits is 1230, and 2.675 is a double just below the tie.
    for number in ["0.667", "1230", "2.67"] { #expect(text.contains(number), "\(text)") }
    for number in ["0.6667", "1234", "2.68", "2.675"] { #expect(!text.contains(number), "\(text)") }
  }

  @Test func emptyTables() throws {
    let noRows = try Table([Column("a", numbers: []), Column("b", text: [])])
    #expect(try TableRenderer(format: .csv).render(noRows) == "a,b\n")
    #expect(try TableRenderer(format: .text).render(noRows) == "a  b\n")
    #expect(try TableRenderer(format: .json).render(noRows) == "[\n]\n")
    #expect(try TableRenderer(format: .markdown).render(noRows) == "| a | b |\n| ---: | --- |\n")
    let nothing = try Table([])
    #expect(try TableRenderer(format: .text).render(nothing) == "")
    #expect(try TableRenderer(format: .csv).render(nothing) == "")
  }

  @Test func quotesStandOnlyWhereTheyAreNeeded() throws {
    let table = try Table([Column("x", text: ["a\rb", "a\nb", "a,b", "a\"b", " a;b'c|d ", "é"])])
    #expect(
      try TableRenderer(format: .csv).render(table)
        == "x\n\"a\rb\"\n\"a\nb\"\n\"a,b\"\n\"a\"\"b\"\n a;b'c|d \né\n")
  }

  @Test func aMissingCellOfASingleColumnIsStillARow() throws {
    let table = try Table([Column("x", numbers: [1, nil, 3])])
    #expect(try TableRenderer(format: .csv).render(table) == "x\n1\n\"\"\n3\n")
  }

  @Test func controlCharactersDoNotReachATerminal() throws {
    let table = try Table([Column("x", text: ["a\u{1B}[31mb", "c\nd\te", "\u{9B}2J"])])
    #expect(
      try TableRenderer(format: .text).render(table)
        == "x\na\u{FFFD}[31mb\nc d e\n\u{FFFD}2J\n")
    let markdown = try TableRenderer(format: .markdown).render(table)
    #expect(markdown.hasSuffix("| a\u{FFFD}\\[31mb |\n| c d e |\n| \u{FFFD}2J |\n"))
  }

  /// Read back by a parser of this test, every CSV gives the table again, to the last bit.
  @Test func csvRoundTrip() throws {
    let seed: UInt64 = 42
    var generator = TestRandom(seed: seed)
    for _ in 0..<500 {
      let table = try generator.table()
      let text = try TableRenderer(format: .csv).render(table)
      let records = parseCSV(Array(text.utf8))
      #expect(records.count == table.rowCount + 1, "seed \(seed): \(text)")
      #expect(records.first == table.names, "seed \(seed)")
      let numbers = try table.numbers("number")
      for (row, record) in records.dropFirst().enumerated() {
        #expect(record[0] == table.textIfPresent("text")?[row] ?? "", "seed \(seed)")
        #expect(Double(record[1]) == numbers[row], "seed \(seed)")
        #expect(record[2] == table.label("a \"quoted\", name", row: row) ?? "", "seed \(seed)")
      }
    }
  }

  @Test func jsonRoundTrip() throws {
    let seed: UInt64 = 43
    var generator = TestRandom(seed: seed)
    struct Line: Decodable {
      let text: String?
      let number: Double?
    }
    for _ in 0..<200 {
      let table = try generator.table()
      let text = try TableRenderer(format: .json).render(table)
      let lines = try JSONDecoder().decode([Line].self, from: Data(text.utf8))
      #expect(lines.count == table.rowCount, "seed \(seed)")
      let numbers = try table.numbers("number")
      for (row, line) in lines.enumerated() {
        #expect(line.text == table.textIfPresent("text")?[row], "seed \(seed)")
        #expect(line.number == numbers[row], "seed \(seed)")
      }
    }
  }

  /// RFC 4180 by the letter: a state machine over bytes.
  private func parseCSV(_ bytes: [UInt8]) -> [[String]] {
    var records: [[String]] = []
    var record: [String] = []
    var field: [UInt8] = []
    var isQuoted = false
    var position = 0
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      if isQuoted {
        if byte != 0x22 {
          field.append(byte)
        } else if position < bytes.count, bytes[position] == 0x22 {
          field.append(0x22)
          position += 1
        } else {
          isQuoted = false
        }
      } else if byte == 0x22 {
        isQuoted = true
      } else if byte == 0x2C || byte == 0x0A {
        record.append(String(decoding: field, as: UTF8.self))
        field = []
        if byte == 0x0A {
          records.append(record)
          record = []
        }
      } else {
        field.append(byte)
      }
    }
    return records
  }
}

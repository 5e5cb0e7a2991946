import ModelCore
import TestSupport

/// Every kind of column, with what is hard about each.
func awkwardTable() throws -> Table {
  try Table([
    Column("id", text: ["plain", "a,b", "say \"so\"", nil]),
    Column("total_time_s", numbers: [1.0 / 3, -0.0, .infinity, nil]),
    Column("converged", flags: [true, false, nil, true]),
    Column("memory|bytes", numbers: [8_589_934_592, 1e20, 0.00001, -2.5]),
  ])
}

extension TestRandom {
  mutating func finiteDouble() -> Double {
    while true {
      let value = Double(bitPattern: next())
      if value.isFinite { return value }
    }
  }

  mutating func text() -> String {
    let alphabet = ["a", "\"", ",", "\n", "\r", "|", " ", "é", "\u{1F600}", "\\", "\r\n", "0"]
    return (0..<(next() % 6)).map { _ in alphabet[Int(next() % UInt64(alphabet.count))] }.joined()
  }

  mutating func table() throws -> Table {
    let rows = Int(next() % 8)
    return try Table([
      Column("text", text: (0..<rows).map { _ in next() % 4 == 0 ? nil : text() }),
      Column("number", numbers: (0..<rows).map { _ in next() % 4 == 0 ? nil : finiteDouble() }),
      Column(
        "a \"quoted\", name",
        flags: (0..<rows).map { _ in [nil, true, false][Int(next() % 3)] }),
    ])
  }
}

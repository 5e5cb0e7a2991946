import ModelCore

/// Every kind of column, with what is hard about each.
func awkwardTable() throws -> Table {
  try Table([
    Column("id", text: ["plain", "a,b", "say \"so\"", nil]),
    Column("total_time_s", numbers: [1.0 / 3, -0.0, .infinity, nil]),
    Column("converged", flags: [true, false, nil, true]),
    Column("memory|bytes", numbers: [8_589_934_592, 1e20, 0.00001, -2.5]),
  ])
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers from the same seed everywhere.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

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

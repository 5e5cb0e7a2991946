import Foundation
import Kernels
import TestSupport
import Testing

/// The decimals of a chunk, of every shape and at every place, are those of C's `strtod` at all
/// levels of the processor.
@Suite(.serialized) struct NumberKernelTests {
  /// What is made of rows of cells, column by column.
  struct Found: Equatable {
    /// Bits of the numbers; `nil` for the cells that are none.
    var bits: [UInt64?] = []
    var missing = 0
    var refused = 0
  }

  /// - Parameter cells: what the cells are, column by column.
  static func read(
    _ rows: [[String]], _ cells: [Cell], lineEnd: String, level: Int32
  ) throws -> Found {
    cutover_limit_kernel_level(level)
    defer { cutover_limit_kernel_level(CUTOVER_LEVEL_AVX512) }
    let slack = [UInt8](repeating: UInt8(ascii: "1"), count: Int(CUTOVER_CHUNK_SLACK))
    let text = Array(rows.map { $0.joined(separator: ",") + lineEnd }.joined().utf8)
    let columns = rows[0].count
    let memory = slack + text + slack
    var positions = [UInt32](repeating: 0, count: text.count + 65)
    // A number too many would stand where these are.
    let guardBits = UInt64(0x7FF8_0000_0000_0BAD)
    var values = [Double](
      repeating: Double(bitPattern: guardBits), count: columns * (rows.count + 1))
    var counts = cutover_cells()
    try memory.withUnsafeBufferPointer { memory in
      let bytes = try #require(memory.baseAddress) + slack.count
      #expect(cutover_csv_index(bytes, text.count, columns, &positions) == rows.count * columns)
      try values.withUnsafeMutableBufferPointer { values in
        let base = try #require(values.baseAddress)
        let outputs = (0..<columns).map { Optional(base + $0 * (rows.count + 1)) }
        counts = cutover_csv_numbers(
          bytes, positions, rows.count, columns, Array(0..<columns), columns, outputs)
      }
    }
    var found = Found(missing: counts.missing, refused: counts.refused)
    for column in 0..<columns {
      let start = column * (rows.count + 1)
      #expect(values[start + rows.count].bitPattern == guardBits, "\(rows.count) rows")
      for row in 0..<rows.count {
        let value = values[start + row]
        switch cells[column * rows.count + row] {
        case .number: found.bits.append(value.bitPattern)
        case .missing where !value.isNaN: found.bits.append(value.bitPattern)
        case .missing, .refused: found.bits.append(nil)
        }
      }
    }
    return found
  }

  enum Cell {
    case number(UInt64)
    case missing, refused

    /// By C's library, kept from what is no decimal.
    init(_ text: String) {
      let cell = text.trimmingCharacters(in: CharacterSet(charactersIn: " "))
      guard !cell.isEmpty else {
        self = .missing
        return
      }
      let isDecimal = cell.utf8.allSatisfy { "0123456789+-.eE".utf8.contains($0) }
      self = cell.withCString { start in
        var end: UnsafeMutablePointer<CChar>?
        let value = strtod(start, &end)
        let isWhole = end.map { UnsafePointer($0) == start + cell.utf8.count } ?? false
        return isDecimal && isWhole && value.isFinite ? .number(value.bitPattern) : .refused
      }
    }
  }

  static func check(_ rows: [[String]], _ note: Comment) throws {
    let cells = rows[0].indices.flatMap { column in rows.map { Cell($0[column]) } }
    var expected = Found()
    for cell in cells {
      switch cell {
      case .number(let bits): expected.bits.append(bits)
      case .missing, .refused: expected.bits.append(nil)
      }
      if case .missing = cell { expected.missing += 1 }
      if case .refused = cell { expected.refused += 1 }
    }
    for lineEnd in ["\n", "\r\n"] {
      for level in [CUTOVER_LEVEL_BASE, CUTOVER_LEVEL_AVX2, CUTOVER_LEVEL_AVX512] {
        let found = try read(rows, cells, lineEnd: lineEnd, level: level)
        #expect(found.missing == expected.missing, note)
        #expect(found.refused == expected.refused, note)
        guard found != expected else { continue }
        let wrong = found.bits.indices.filter { found.bits[$0] != expected.bits[$0] }
        let cells = wrong.prefix(5).map { rows[$0 % rows.count][$0 / rows.count] }
        Issue.record("level \(level), \(note): \(cells)")
      }
    }
  }

  /// Every length up to 18 with the point at each place or without one, with and without a sign;
  /// the same with one character that makes it no number, or with blanks.
  static let shapes: [String] = {
    var shapes = ["", "-", "+", ".", "-.", "+.", " ", "  ", "--1", "1-", "-1-", "1.-5", "-.5-"]
    for length in 1...18 {
      let digits = (0..<length).map { "\(($0 * 7 + 3) % 10)" }
      for sign in ["", "-", "+"] {
        for point in 0...length {
          var cell = digits
          if point < length { cell[point] = "." }
          shapes.append(sign + cell.joined())
        }
        for digit in ["9", "0"] {
          shapes.append(sign + String(repeating: digit, count: length))
        }
      }
      for place in 0..<length {
        for other in ["-", "+", "e", "/", ":", "x", " ", "~", "E5"] {
          var cell = digits
          cell[place] = other
          shapes.append(cell.joined())
          cell[length / 2] = "."
          shapes.append(cell.joined())
        }
        var twice = digits
        twice[place] = "."
        twice[length - 1] = "."
        shapes.append(twice.joined())
      }
    }
    // Around 2^53, where digits stop being doubles.
    for low in 0...9 {
      shapes += ["900719925474099\(low)", "-90071992547409.9\(low)", ".9007199254740\(90 + low)"]
    }
    return shapes
  }()

  /// Shapes in all columns and, since their number is no multiple of anything, in all lanes.
  @Test func everyShapeOfCell() throws {
    #expect(Self.shapes.count > 3000)
    for shift in 0..<8 {
      let cells = Array(Self.shapes[shift...]) + Self.shapes[..<shift]
      let rows = stride(from: 0, to: cells.count - 3, by: 3).map {
        [cells[$0], cells[$0 + 1], cells[$0 + 2]]
      }
      try Self.check(rows, "shift \(shift)")
    }
  }

  /// One shape among plain numbers does not reach its neighbours, in a table of any size around
  /// the sizes of vectors and of blocks; and nothing is written behind the last row.
  @Test func tails() throws {
    let seed = UInt64.random(in: 0..<1 << 32)
    print("number kernel seed \(seed)")
    var generator = TestRandom(seed: seed)
    for count in Array(1...40) + Array(250...264) + Array(510...516) {
      for columns in 1...3 {
        var rows = (0..<count).map { row in
          (0..<columns).map { "\(row).\($0)5" }
        }
        let row = Int.random(in: 0..<count, using: &generator)
        let column = Int.random(in: 0..<columns, using: &generator)
        rows[row][column] = Self.shapes.randomElement(using: &generator) ?? ""
        try Self.check(rows, "seed \(seed), \(count) rows of \(columns)")
      }
    }
  }

  /// Random decimals: what is rounded at all is rounded correctly.
  @Test func randomDecimals() throws {
    let seed = UInt64.random(in: 0..<1 << 32)
    print("number kernel seed \(seed)")
    var generator = TestRandom(seed: seed)
    let cells = (0..<60_000).map { _ in
      let length = Int.random(in: 1...17, using: &generator)
      var cell = (0..<length).map { _ in "\(Int.random(in: 0...9, using: &generator))" }
      if Bool.random(using: &generator) {
        cell.insert(".", at: Int.random(in: 0...length, using: &generator))
      }
      return (Bool.random(using: &generator) ? "-" : "") + cell.joined()
    }
    let rows = stride(from: 0, to: cells.count, by: 6).map { Array(cells[$0..<$0 + 6]) }
    try Self.check(rows, "seed \(seed)")
  }
}

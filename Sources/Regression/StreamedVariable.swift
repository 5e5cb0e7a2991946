import ModelCore

/// What a column of a stream holds, which no batch may change.
public enum StreamedColumnKind: String, Sendable, Codable {
  case numbers
  /// Text or flags: a factor where it stands alone in a formula.
  case labels
}

/// What is known of one variable of a formula while rows still come.
enum StreamedVariable: Sendable, Equatable {
  case numeric
  /// The levels seen so far, sorted as in the design of a whole table: numbers by value.
  case factor(levels: [String], kind: StreamedColumnKind)
  case polynomial(Polynomial)
  case powers(degree: Int)

  var recipe: VariableRecipe {
    switch self {
    case .numeric: .numeric
    case .factor(let levels, _): .factor(levels: levels)
    case .polynomial(let polynomial): .polynomial(polynomial)
    case .powers(let degree): .powers(degree: degree)
    }
  }

  /// The levels of both, sorted.
  static func union(_ one: [String], _ other: [String], kind: StreamedColumnKind) -> [String] {
    let all = unique(one + other)
    switch kind {
    case .labels: return all.sorted()
    case .numbers: return all.sorted { (Double($0) ?? .nan) < (Double($1) ?? .nan) }
    }
  }
}

/// The cells of a factor as codes, levels numbered as they come.
///
/// Text is compared as bytes with the levels already met, the last one first, so a row costs no
/// allocation; only a cell with new bytes becomes a string.
struct LevelCoder {
  private(set) var levels: [String] = []
  private var codes: [String: Int] = [:]
  /// Spellings met, sorted by their bytes, with their codes. Strings that are equal can differ in
  /// bytes (composed characters), so there may be more spellings than levels.
  private var spellings: [(bytes: [UInt8], code: Int)] = []
  private var numbers: [Double: Int] = [:]

  /// The code of each row.
  mutating func codes(_ column: ColumnValues, rows: [Int]) -> [Int] {
    switch column {
    case .numbers(let numbers): return rows.map { code(number: numbers.storage[$0]) }
    case .flags(let flags): return rows.map { code(label: flags[$0] == true ? "true" : "false") }
    case .text(let text):
      var last = 0
      return rows.map { row in
        text.withBytes(of: row) { cell in
          if last < spellings.count, Self.order(cell, spellings[last].bytes) == 0 {
            return spellings[last].code
          }
          last = place(cell)
          if last == spellings.count || Self.order(cell, spellings[last].bytes) != 0 {
            let code = code(label: String(decoding: cell, as: UTF8.self))
            spellings.insert((Array(cell), code), at: last)
          }
          return spellings[last].code
        }
      }
    }
  }

  private mutating func code(label: String) -> Int {
    if let code = codes[label] { return code }
    codes[label] = levels.count
    levels.append(label)
    return levels.count - 1
  }

  private mutating func code(number: Double) -> Int {
    if let code = numbers[number] { return code }
    // -0 and 0 are one value, and print as one.
    let code = code(label: shortestDecimal(number == 0 ? 0 : number))
    numbers[number] = code
    return code
  }

  /// The first spelling that is not below the cell.
  private func place(_ cell: UnsafeBufferPointer<UInt8>) -> Int {
    var (low, high) = (0, spellings.count)
    while low < high {
      let middle = (low + high) / 2
      if Self.order(cell, spellings[middle].bytes) > 0 { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Negative, 0 or positive as the cell is below, equal to or above the spelling.
  private static func order(_ cell: UnsafeBufferPointer<UInt8>, _ spelling: [UInt8]) -> Int {
    let common = min(cell.count, spelling.count)
    for i in 0..<common where cell[i] != spelling[i] { return Int(cell[i]) - Int(spelling[i]) }
    return cell.count - spelling.count
  }
}

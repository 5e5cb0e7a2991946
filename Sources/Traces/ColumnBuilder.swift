import ModelCore

/// The cells of one column while a table grows.
struct ColumnBuilder {
  let plan: ColumnPlan
  private var numbers: [Double] = []
  private var text = TextColumn()
  private var flags: [Bool?] = []

  // For an open column: its cells as they stand, in case it turns out to be text, and what they
  // were so far.
  private var cells = RawRecords()
  private var numericCount = 0
  private var textCount = 0
  private var firstText: (line: Int, problem: TraceProblem)?

  init(_ plan: ColumnPlan) {
    self.plan = plan
  }

  /// Appends a number, a word or a flag that `ColumnPlan.parse` has read.
  mutating func append(parsed value: Double) {
    switch plan.kind {
    case .number: numbers.append(value)
    case .word:
      if value.isNaN {
        text.append(nil)
      } else {
        text.append(utf8: plan.wordBytes[Int(value)])
      }
    case .flag: flags.append(value.isNaN ? nil : value == 1)
    case .text, .open: appendMissing()
    }
  }

  /// Appends a cell of a column that is text, or may turn out to be.
  mutating func append(
    cell: UnsafeBufferPointer<UInt8>, _ range: CellRange, line: Int
  ) {
    if range.hasDoubledQuotes {
      let content = unquoted(cell, range)
      content.withUnsafeBufferPointer { keep($0) }
    } else {
      keep(cell)
    }
    if case .open = plan.kind { observe(cell, line) }
  }

  private mutating func keep(_ content: UnsafeBufferPointer<UInt8>) {
    if case .open = plan.kind {
      cells.append(content)
    } else {
      text.append(utf8: content)
    }
  }

  /// Appends the cells of another builder of the same plan.
  mutating func append(_ other: ColumnBuilder) {
    text.append(other.text)
    flags.append(contentsOf: other.flags)
    cells.append(other.cells)
    numericCount += other.numericCount
    firstText = firstText ?? other.firstText
    textCount += other.textCount
    if textCount == 0 {
      numbers.append(contentsOf: other.numbers)
    } else {
      numbers = []
    }
  }

  /// Makes room for numbers. (In small pages: large ones are the first that a virtual machine gives
  /// back to its host, and what it then has to fetch again costs three times as much.)
  ///
  /// - Returns: where they begin; `nil` for a column that holds none.
  mutating func reserveNumbers(_ count: Int) -> UInt? {
    guard plan.kind.isNumber || plan.kind.isOpen else { return nil }
    numbers.reserveCapacity(count)
    return numbers.withUnsafeMutableBufferPointer { numbers in
      numbers.baseAddress.map { UInt(bitPattern: $0) }
    }
  }

  /// Whether an open column has met a cell that is no number.
  var holdsText: Bool { textCount > 0 }

  /// Drops the cells of an open column that is taken for numbers.
  mutating func forgetCells() { cells = RawRecords() }

  /// Appends numbers that are read and checked, missing ones as NaN.
  mutating func append(numbers more: UnsafeBufferPointer<Double>) {
    numbers.append(contentsOf: more)
  }

  /// Appends an unquoted cell of any other column; `false` when its plan refuses it.
  mutating func append(plain cell: UnsafeBufferPointer<UInt8>) -> Bool {
    switch plan.kind {
    case .text: text.append(utf8: cell)
    case .word, .flag, .number:
      var value = 0.0
      guard plan.parse(cell, into: &value) == nil else { return false }
      append(parsed: value)
    case .open: return false
    }
    return true
  }

  /// Appends a missing cell.
  mutating func appendMissing() {
    switch plan.kind {
    case .number: numbers.append(.nan)
    case .flag: flags.append(nil)
    case .word, .text: text.append(nil)
    case .open:
      cells.append(UnsafeBufferPointer(start: nil, count: 0))
      if textCount == 0 { numbers.append(.nan) }
    }
  }

  private mutating func observe(_ cell: UnsafeBufferPointer<UInt8>, _ line: Int) {
    switch parseNumber(cell) {
    case .missing: if textCount == 0 { numbers.append(.nan) }
    case .number(let number):
      numericCount += 1
      if textCount == 0 { numbers.append(number) }
    case .outsideRange: becomeText(line) { .outsideRange(shownValue(trimmed(cell))) }
    case .notANumber: becomeText(line) { notANumber(cell) }
    }
  }

  private mutating func becomeText(_ line: Int, _ problem: () -> TraceProblem) {
    textCount += 1
    guard firstText == nil else { return }
    firstText = (line, problem())
    numbers = []
  }

  var column: Column {
    switch plan.kind {
    case .number: Column(plan.name, .numbers(NumericColumn(storage: numbers)))
    case .text, .word: Column(plan.name, .text(text))
    case .flag: Column(plan.name, flags: flags)
    case .open where textCount == 0: Column(plan.name, .numbers(NumericColumn(storage: numbers)))
    case .open: Column(plan.name, .text(spelledOut))
    }
  }

  private var spelledOut: TextColumn {
    var text = TextColumn()
    for row in 0..<cells.count { text.append(utf8: cells[row]) }
    return text
  }

  /// What to say when someone needs this column's numbers; `nil` for a column of one type.
  func mixture(file: String) -> MixedColumn? {
    guard let firstText, numericCount > 0 else { return nil }
    return MixedColumn(
      name: plan.name, numericCount: numericCount, textCount: textCount,
      firstText: TraceError(
        file: file, line: firstText.line, column: plan.position + 1, field: plan.name,
        firstText.problem))
  }
}

/// A column that was taken for text although some of its cells are numbers.
public struct MixedColumn: Sendable, Equatable {
  public let name: String
  public let numericCount: Int
  public let textCount: Int
  /// The first cell that is not a number, as the error of whoever needs numbers there.
  public let firstText: TraceError
}

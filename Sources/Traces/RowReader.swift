import ModelCore

/// A row that a lenient reader left out.
public struct SkippedRow: Sendable, Equatable {
  /// 1-based line of the row's first byte.
  public let line: Int
  /// The first thing that is wrong with it, with its place.
  public let error: TraceError
  /// The row's bytes as they stand, without the line ending.
  public let raw: [UInt8]
  /// The header's bytes: what a file of skipped rows starts with.
  public let header: [UInt8]
}

/// Reads rows one by one into column builders and applies the policy for bad ones.
struct RowReader: ~Copyable {
  enum Outcome {
    case row
    /// The row was left out; `skipped` holds it.
    case skipped
    case end
  }

  let header: TraceHeader
  let plans: [ColumnPlan]
  private let policy: BadRowPolicy
  private let keptProblems: Int
  private var scanner: RecordScanner

  /// The row that `next` left out.
  private(set) var skipped: SkippedRow?
  /// The problems of a reading that collects them.
  private(set) var problems: [TraceError] = []
  private(set) var problemCount = 0
  private(set) var line = 1

  private var parsed: [Double]
  // Blank lines are rows only when another row follows them.
  private var firstBlankLine = 0
  private var blankCount = 0
  private var replaysBlanks = false
  private var isBlankRow = false

  /// Reads the header and plans the columns.
  static func open(
    _ input: ByteInput, options: TraceOptions, infersTypes: Bool
  ) throws(TraceError) -> RowReader {
    var scanner = RecordScanner(
      input: input, blockSize: options.blockSize, limit: options.maximumRecordBytes)
    let header = try TraceHeader(&scanner)
    for name in options.requiredColumns where !header.names.contains(name) {
      throw TraceError(
        file: input.name, line: 1,
        .missingColumn(name, nearest: nearestWords(to: name, among: header.names)))
    }
    let plans = ColumnPlan.plans(names: header.names, options: options, infersTypes: infersTypes)
    return RowReader(scanner: scanner, header: header, plans: plans, options: options)
  }

  private init(
    scanner: consuming RecordScanner, header: TraceHeader, plans: [ColumnPlan],
    options: TraceOptions
  ) {
    self.scanner = scanner
    self.header = header
    self.plans = plans
    policy = options.badRows
    keptProblems = options.keptProblems
    parsed = Array(repeating: .nan, count: plans.count)
  }

  /// Reads the rows of a chunk, whose header was read before.
  init(_ reader: ChunkReader, _ chunk: RowChunk) throws(TraceError) {
    let input = try ByteInput(
      bytes: Array(chunk.rows), name: reader.file, blockSize: reader.options.blockSize,
      recognisesPacking: false)
    self.init(
      scanner: RecordScanner(
        rows: input, firstLine: chunk.firstLine, blockSize: reader.options.blockSize,
        limit: reader.options.maximumRecordBytes),
      header: reader.header, plans: reader.plans, options: reader.options)
  }

  /// What was read behind the last record.
  func unread() -> UnreadBytes { scanner.unread }

  var file: String { scanner.input.name }

  /// What the rows were made from, when the file is the log of a platform.
  var conversion: LogSummary? { scanner.input.conversion }

  /// The bytes of the row that `next` read, without the line ending; valid until it is called
  /// again.
  var raw: UnsafeBufferPointer<UInt8> {
    isBlankRow ? UnsafeBufferPointer(start: nil, count: 0) : scanner.record
  }

  /// Reads the next row into the builders, which stand in the order of `plans`.
  mutating func next(into builders: inout [ColumnBuilder]) throws(TraceError) -> Outcome {
    isBlankRow = false
    while !replaysBlanks {
      guard try scanner.next() else { return .end }
      guard scanner.isBlank else {
        if blankCount == 0 { return try readRow(into: &builders) }
        replaysBlanks = true
        break
      }
      if blankCount == 0 { firstBlankLine = scanner.line }
      blankCount += 1
    }
    guard blankCount > 0 else {
      replaysBlanks = false
      return try readRow(into: &builders)
    }
    return try replayBlank(into: &builders)
  }

  /// A blank line between rows: a missing cell in a file of one column, a mistake in any other.
  private mutating func replayBlank(
    into builders: inout [ColumnBuilder]
  ) throws(TraceError) -> Outcome {
    line = firstBlankLine
    firstBlankLine += 1
    blankCount -= 1
    isBlankRow = true
    guard header.names.count > 1 else {
      for index in builders.indices { builders[index].appendMissing() }
      return .row
    }
    return try leaveOut(
      TraceError(file: file, line: line, .blankLine(expected: header.names.count)))
  }

  private mutating func readRow(into builders: inout [ColumnBuilder]) throws(TraceError) -> Outcome
  {
    line = scanner.input.origin(ofLine: scanner.line)
    guard scanner.cells.count == header.names.count else {
      return try leaveOut(
        TraceError(
          file: file, line: line,
          .ragged(found: scanner.cells.count, expected: header.names.count)))
    }
    // By index: a plan that is copied out of its array costs more than most cells do.
    for index in plans.indices {
      let cell = scanner.cell(scanner.cells[plans[index].position])
      guard let problem = plans[index].parse(cell, into: &parsed[index]) else { continue }
      let error = TraceError(
        file: file, line: line, column: plans[index].position + 1, field: plans[index].name, problem
      )
      guard policy == .collect else { return try leaveOut(error) }
      collect(error)
    }
    for index in plans.indices {
      switch plans[index].kind {
      case .text, .open:
        let range = scanner.cells[plans[index].position]
        builders[index].append(cell: scanner.cell(range), range, line: line)
      case .number, .word, .flag: builders[index].append(parsed: parsed[index])
      }
    }
    return .row
  }

  private mutating func leaveOut(_ error: TraceError) throws(TraceError) -> Outcome {
    switch policy {
    case .fail: throw error
    case .skip: break
    case .collect: collect(error)
    }
    skipped = SkippedRow(line: line, error: error, raw: Array(raw), header: header.raw)
    return .skipped
  }

  private mutating func collect(_ error: TraceError) {
    problemCount += 1
    if problems.count < keptProblems { problems.append(error) }
  }
}

public import ModelCore

/// Reads a trace: CSV after RFC 4180, UTF-8, a header, plain, gzip or zstd; or the log of a platform.
///
/// A log whose kind its beginning tells (`LogKind`) becomes the trace table first, so whatever
/// reads traces reads logs. This is the one place where that is decided.
///
/// A reader is a value that says what to read and how; each call opens the input anew, except
/// that standard input can be read only once.
///
/// ```swift
/// let read = try TraceReader(path: "trace.csv.gz").readTable()
/// let memory = try read.table.numbers("memory_bytes")
/// ```
public struct TraceReader: Sendable {
  /// Where the bytes come from.
  public enum Input: Sendable, Equatable {
    /// A path, or `-` for standard input.
    case path(String)
    case bytes([UInt8], name: String)

    func open(blockSize: Int) throws(TraceError) -> ByteInput {
      switch self {
      case .path(let path): try ByteInput(path: path, blockSize: blockSize)
      case .bytes(let bytes, let name):
        try ByteInput(bytes: bytes, name: name, blockSize: blockSize)
      }
    }
  }

  public var input: Input
  public var options: TraceOptions

  /// - Parameter path: a path, or `-` for standard input.
  public init(path: String, options: TraceOptions = TraceOptions()) {
    input = .path(path)
    self.options = options
  }

  /// A trace that is in memory already.
  ///
  /// - Parameter name: what messages call it.
  public init(bytes: [UInt8], name: String, options: TraceOptions = TraceOptions()) {
    input = .bytes(bytes, name: name)
    self.options = options
  }

  /// Reads the whole trace into columns.
  ///
  /// Under `BadRowPolicy.skip` the first `TraceOptions.keptProblems` rows that were left out are
  /// in the answer; `readTable(onSkip:)` hands over all of them.
  ///
  /// - Throws: `TraceError` with the place of the first problem.
  public func readTable() throws(TraceError) -> TraceRead {
    if TableChunks.isWorthwhile(input) {
      do {
        if let read = try TableChunks(self).read(onSkip: { _ in }) { return read }
      } catch {
        // There is no sink that could throw anything else.
        throw error as? TraceError
          ?? TraceError(file: "", .internalFault(String(describing: error)))
      }
    }
    var assembly = try TableAssembly(self)
    while try assembly.step() != .end {}
    return try assembly.finish()
  }

  /// Reads the whole trace into columns and hands over each row that is left out.
  ///
  /// - Parameter sink: called in the file's order, for bad rows only.
  /// - Throws: `TraceError`, or what the sink throws.
  public func readTable(onSkip sink: (SkippedRow) throws -> Void) throws -> TraceRead {
    if TableChunks.isWorthwhile(input), let read = try TableChunks(self).read(onSkip: sink) {
      return read
    }
    var assembly = try TableAssembly(self)
    loop: while true {
      switch try assembly.step() {
      case .row: continue
      case .skipped: if let row = assembly.rows.skipped { try sink(row) }
      case .end: break loop
      }
    }
    return try assembly.finish()
  }

  /// Reads up to damage that makes the limits of rows uncertain, and answers both.
  ///
  /// - Throws: `TraceError` when the input cannot be opened or read, or its header is wrong.
  func readUpToDamage() throws(TraceError) -> (read: TraceRead, damage: TraceError?) {
    var assembly = try TableAssembly(self)
    var damage: TraceError?
    do throws(TraceError) {
      while try assembly.step() != .end {}
    } catch {
      guard error.category == .badData else { throw error }
      damage = error
    }
    return (try assembly.finish(), damage)
  }

  /// Reads a table from bytes that are open already, as they stand.
  static func readTable(
    _ bytes: ByteInput, options: TraceOptions
  ) throws(TraceError) -> TraceRead {
    var assembly = try TableAssembly(bytes, options)
    while try assembly.step() != .end {}
    return try assembly.finish()
  }

  func open() throws(TraceError) -> ByteInput {
    let bytes = try input.open(blockSize: options.blockSize)
    return options.convertsLogs ? try convertedIfLog(bytes, blockSize: options.blockSize) : bytes
  }
}

/// A trace in memory.
public struct TraceRead: Sendable {
  /// The kept columns, with `source` and `lines`.
  public let table: Table
  /// All names of the header, kept or not, in the file's order.
  public let names: [String]
  /// The header's bytes as they stand, without byte order mark and line ending.
  public let header: [UInt8]
  /// Rows of the file, the ones left out included.
  public let fileRowCount: Int
  /// Rows that were left out.
  public let skippedCount: Int
  /// The first of them, at most `TraceOptions.keptProblems`.
  public let skipped: [SkippedRow]
  /// Problems found, under `BadRowPolicy.collect`.
  public let problemCount: Int
  /// The first of them, at most `TraceOptions.keptProblems`.
  public let problems: [TraceError]
  /// Columns that are text although some of their cells are numbers: a formula that needs the
  /// numbers refuses them with `MixedColumn.firstText`.
  public let mixedColumns: [MixedColumn]
  /// What the table was made from, when the file is the log of a platform.
  public let conversion: LogSummary?
}

/// A table while it is read.
private struct TableAssembly: ~Copyable {
  var rows: RowReader
  private var builders: [ColumnBuilder]
  private var lines: [Int] = []
  private var skipped: [SkippedRow] = []
  private var skippedCount = 0
  private let options: TraceOptions

  init(_ reader: TraceReader) throws(TraceError) {
    try self.init(reader.open(), reader.options)
  }

  init(_ bytes: ByteInput, _ options: TraceOptions) throws(TraceError) {
    self.options = options
    rows = try RowReader.open(bytes, options: options, infersTypes: true)
    builders = rows.plans.map(ColumnBuilder.init)
  }

  mutating func step() throws(TraceError) -> RowReader.Outcome {
    let outcome = try rows.next(into: &builders)
    switch outcome {
    case .row: lines.append(rows.line)
    case .skipped:
      skippedCount += 1
      if skipped.count < options.keptProblems, let row = rows.skipped { skipped.append(row) }
    case .end: break
    }
    return outcome
  }

  func finish() throws(TraceError) -> TraceRead {
    if options.requireRows, lines.isEmpty, skippedCount == 0 {
      throw TraceError(file: rows.file, .noRows)
    }
    let file = rows.file
    return TraceRead(
      table: try makeTable(builders, file: file, lines: lines), names: rows.header.names,
      header: rows.header.raw, fileRowCount: lines.count + skippedCount,
      skippedCount: skippedCount, skipped: skipped, problemCount: rows.problemCount,
      problems: rows.problems, mixedColumns: builders.compactMap { $0.mixture(file: file) },
      conversion: rows.conversion)
  }
}

/// The table of what the builders hold.
func makeTable(
  _ builders: [ColumnBuilder], file: String, lines: [Int]
) throws(TraceError) -> Table {
  do {
    return try Table(builders.map(\.column), source: file, lines: lines)
  } catch {
    // The header's check made names unique, and rows fill all builders or none.
    throw TraceError(file: file, .internalFault(error.description))
  }
}

/// The table of rows on consecutive lines.
func makeTable(
  _ builders: [ColumnBuilder], file: String, rowCount: Int, firstLine: Int
) throws(TraceError) -> Table {
  do {
    return try Table(
      builders.map(\.column), source: file, rowCount: rowCount, firstLine: firstLine)
  } catch {
    throw TraceError(file: file, .internalFault(error.description))
  }
}

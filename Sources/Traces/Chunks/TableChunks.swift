import ModelCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Reads a whole trace into columns on several threads.
///
/// Columns whose cells decide their type are taken for numbers; when a cell shows that one is
/// text, the reading starts again and takes that column for text from the first row on. Most such
/// columns show it in the first chunk.
struct TableChunks {
  let reader: TraceReader
  let threads: Int?
  let chunkBytes: Int

  /// What is smaller is read by one thread before others have started.
  static let leastBytes = 2 * TraceReader.chunkBytes

  init(_ reader: TraceReader, threads: Int? = nil, chunkBytes: Int = TraceReader.chunkBytes) {
    self.reader = reader
    self.threads = threads
    self.chunkBytes = chunkBytes
  }

  /// Whether an input is large enough and can be read again.
  static func isWorthwhile(_ input: TraceReader.Input) -> Bool {
    plainSize(of: input).map { $0 >= leastBytes } ?? false
  }

  /// Bytes of an input that can be read again; `nil` for others.
  private static func plainSize(of input: TraceReader.Input) -> Int? {
    switch input {
    case .bytes(let bytes, _): return bytes.count
    case .path("-"): return nil
    case .path(let path):
      var status = stat()
      guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
      return Int(status.st_size)
    }
  }

  /// - Parameter sink: gets the rows that are left out, in the file's order.
  /// - Returns: `nil` for the log of a platform, which is read otherwise.
  func read(onSkip sink: (SkippedRow) throws -> Void) throws -> TraceRead? {
    var textual: Set<Int> = []
    var seen = 0
    while true {
      let bytes = try reader.open()
      guard bytes.conversion == nil else { return nil }
      let opening = try TraceOpening(
        bytes, options: reader.options, infersTypes: true, keepsRecords: false,
        chunkBytes: chunkBytes)
      do {
        return try read(opening, textual: textual) { row in
          // Rows that were handed over before the reading started again are not new.
          if row.line > seen { try sink(row) }
          seen = max(seen, row.line)
        }
      } catch let found as TextFound {
        textual.formUnion(found.plans)
      }
    }
  }

  private func read(
    _ opening: TraceOpening, textual: Set<Int>, onSkip sink: (SkippedRow) throws -> Void
  ) throws -> TraceRead {
    let (source, chunks) = (opening.source, opening.reader.takingForNumbers(allBut: textual))
    let pages = PagesAhead()
    var growing = GrowingTable(
      chunks, pages, fileBytes: Self.plainSize(of: reader.input), limit: reader.options.keptProblems
    )
    try InOrder.run(
      threads: InOrder.threadCount(threads),
      makeWorker: { RowChunk(capacity: chunkBytes + 1) },
      take: { chunk in try source.take(into: chunk) ? chunk.index : nil },
      work: { chunk in
        pages.prepare(for: chunk.firstLine + chunk.lineCount)
        return try chunks.readColumns(chunk)
      },
      deliver: { piece in
        try growing.append(piece)
        for row in piece.skipped { try sink(row) }
      })
    return try growing.finish(requireRows: reader.options.requireRows)
  }
}

/// Columns that were taken for numbers hold text.
struct TextFound: Error {
  let plans: [Int]
}

/// The columns of one chunk.
struct ColumnsPiece: Sendable {
  var builders: [ColumnBuilder]
  let rowCount: Int
  let firstLine: Int
  /// `nil` when the rows stand on consecutive lines.
  let lines: [Int]?
  /// Bytes of the file up to the end of the chunk.
  let endOffset: Int
  let skipped: [SkippedRow]
  let problems: [TraceError]
  let problemCount: Int
}

extension ChunkReader {
  /// The columns of a chunk's rows.
  ///
  /// - Throws: `TextFound`, or the first error of the chunk.
  func readColumns(_ chunk: RowChunk) throws -> ColumnsPiece {
    if let rows = index(chunk), let builders = readPlain(chunk, rows: rows) {
      return ColumnsPiece(
        builders: builders, rowCount: rows, firstLine: chunk.firstLine, lines: nil,
        endOffset: chunk.endOffset, skipped: [], problems: [], problemCount: 0)
    }
    var rows = try RowReader(self, chunk)
    var builders = plans.map(ColumnBuilder.init)
    var lines: [Int] = []
    var skipped: [SkippedRow] = []
    loop: while true {
      switch try rows.next(into: &builders) {
      case .row: lines.append(rows.line)
      case .skipped: if let row = rows.skipped { skipped.append(row) }
      case .end: break loop
      }
    }
    let found = numeric.filter { builders[$0].holdsText }
    guard found.isEmpty else { throw TextFound(plans: found) }
    for plan in numeric { builders[plan].forgetCells() }
    return ColumnsPiece(
      builders: builders, rowCount: lines.count, firstLine: lines.first ?? chunk.firstLine,
      lines: lines, endOffset: chunk.endOffset, skipped: skipped, problems: rows.problems,
      problemCount: rows.problemCount)
  }
}

/// Columns that pieces are appended to.
private struct GrowingTable {
  private let chunks: ChunkReader
  private let pages: PagesAhead
  private let fileBytes: Int?
  private let limit: Int
  private var builders: [ColumnBuilder]
  private var rowCount = 0
  private var firstLine = 2
  /// `nil` as long as all rows stand on consecutive lines.
  private var lines: [Int]?
  private var skipped: [SkippedRow] = []
  private var skippedCount = 0
  private var problems: [TraceError] = []
  private var problemCount = 0

  init(_ chunks: ChunkReader, _ pages: PagesAhead, fileBytes: Int?, limit: Int) {
    self.chunks = chunks
    self.pages = pages
    self.fileBytes = fileBytes
    self.limit = limit
    builders = chunks.plans.map(ColumnBuilder.init)
  }

  mutating func append(_ piece: ColumnsPiece) throws {
    if rowCount == 0, piece.rowCount > 0 { makeRoom(after: piece) }
    for plan in builders.indices { builders[plan].append(piece.builders[plan]) }
    let isConsecutive =
      piece.lines.map { $0 == Array(piece.firstLine..<(piece.firstLine + piece.rowCount)) } ?? true
    if rowCount == 0 {
      firstLine = piece.firstLine
    } else if lines == nil, !isConsecutive || piece.firstLine != firstLine + rowCount {
      lines = Array(firstLine..<(firstLine + rowCount))
    }
    if rowCount == 0, !isConsecutive { lines = [] }
    lines?.append(
      contentsOf: piece.lines ?? Array(piece.firstLine..<(piece.firstLine + piece.rowCount)))
    rowCount += piece.rowCount
    skippedCount += piece.skipped.count
    skipped += piece.skipped.prefix(limit - skipped.count)
    problemCount += piece.problemCount
    problems += piece.problems.prefix(limit - problems.count)
  }

  /// Room for as many rows as the file has if all its parts are like the first.
  private mutating func makeRoom(after piece: ColumnsPiece) {
    guard let fileBytes, piece.endOffset > 0, fileBytes > piece.endOffset else { return }
    // A little more, for a last part that is denser.
    let likely = Double(fileBytes) / Double(piece.endOffset) * Double(piece.rowCount) * 1.02 + 1024
    // A guess is no reason to ask for memory that the machine does not have: the file may be
    // sparse, or its rows grow longer.
    let bytes = likely * Double(builders.count * MemoryLayout<Double>.stride)
    let memory = Double(sysconf(Int32(_SC_PHYS_PAGES))) * Double(sysconf(Int32(_SC_PAGESIZE)))
    guard bytes < memory / 2 else { return }
    let rows = Int(likely)
    pages.start(
      columns: builders.indices.compactMap { builders[$0].reserveNumbers(rows) }, rows: rows)
  }

  func finish(requireRows: Bool) throws(TraceError) -> TraceRead {
    if requireRows, rowCount == 0, skippedCount == 0 {
      throw TraceError(file: chunks.file, .noRows)
    }
    let file = chunks.file
    let table: Table
    if let lines {
      table = try makeTable(builders, file: file, lines: lines)
    } else {
      table = try makeTable(builders, file: file, rowCount: rowCount, firstLine: firstLine)
    }
    return TraceRead(
      table: table, names: chunks.header.names, header: chunks.header.raw,
      fileRowCount: rowCount + skippedCount, skippedCount: skippedCount, skipped: skipped,
      problemCount: problemCount, problems: problems,
      mixedColumns: builders.compactMap { $0.mixture(file: file) }, conversion: nil)
  }
}

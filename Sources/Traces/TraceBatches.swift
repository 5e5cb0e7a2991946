public import ModelCore

/// Some consecutive rows of a trace: the columns asked for, and the rows as they stood.
public struct TraceBatch: Sendable {
  /// The kept columns, with `source` and `lines`. Columns outside the definitions are text unless
  /// `TraceOptions.types` says otherwise: a type that depended on a batch's cells would change
  /// within a file.
  public let table: Table
  /// All names of the header, in the file's order.
  public let names: [String]
  /// The header's bytes, without byte order mark and line ending.
  public let header: [UInt8]
  /// The bytes of each row of `table`.
  public let records: RawRecords
  /// Rows that were left out, of this stretch of the file.
  public let skipped: [SkippedRow]

  /// Rows of the batch; right even when no column was asked for.
  public var rowCount: Int { records.count }
}

/// The bytes of consecutive records, without their line endings, in one run of memory.
public struct RawRecords: Sendable {
  private var bytes: [UInt8] = []
  private var starts: [Int] = []
  private var ends: [Int] = []
  public private(set) var count = 0

  init() {}

  /// Records whose bytes are not kept: each is empty.
  init(count: Int) { self.count = count }

  /// Records of a chunk, which are one line end apart.
  init(_ chunk: UnsafeBufferPointer<UInt8>, ends: [Int]) {
    bytes = Array(chunk)
    self.ends = ends
    count = ends.count
    starts.reserveCapacity(count)
    var start = 0
    for end in ends {
      starts.append(start)
      start = end + (bytes[end] == carriageReturn ? 2 : 1)
    }
  }

  /// The bytes of one record.
  public subscript(row: Int) -> ArraySlice<UInt8> {
    ends.isEmpty ? [] : bytes[starts[row]..<ends[row]]
  }

  /// Appends the bytes of one record to a text.
  package func append(_ row: Int, to text: inout TextBuffer) {
    guard !ends.isEmpty else { return }
    bytes.withUnsafeBufferPointer {
      text.append(UnsafeBufferPointer(rebasing: $0[starts[row]..<ends[row]]))
    }
  }

  mutating func append(_ other: RawRecords) {
    let offset = bytes.count
    bytes += other.bytes
    starts += other.starts.map { $0 + offset }
    ends += other.ends.map { $0 + offset }
    count += other.count
  }

  mutating func append(_ record: UnsafeBufferPointer<UInt8>) {
    starts.append(bytes.count)
    bytes.append(contentsOf: record)
    ends.append(bytes.count)
    count += 1
  }
}

/// The batches of one trace, read as they are asked for: memory does not grow with the file.
public struct TraceBatches: ~Copyable {
  private var rows: RowReader
  private let size: Int
  private let requireRows: Bool
  private var isAtEnd = false
  private var sawRow = false

  init(_ reader: TraceReader, size: Int) throws(TraceError) {
    try self.init(reader.open(), options: reader.options, size: size)
  }

  init(_ bytes: ByteInput, options: TraceOptions, size: Int) throws(TraceError) {
    self.size = max(1, size)
    requireRows = options.requireRows
    rows = try RowReader.open(bytes, options: options, infersTypes: false)
  }

  /// The rows of one chunk of a file, all of them in the first batch.
  init(continuing reader: ChunkReader, _ chunk: RowChunk) throws(TraceError) {
    size = .max
    requireRows = false
    rows = try RowReader(reader, chunk)
  }

  /// A batch without rows: the columns that every batch has.
  func withoutRows() throws(TraceError) -> TraceBatch {
    TraceBatch(
      table: try makeTable(rows.plans.map(ColumnBuilder.init), file: rows.file, lines: []),
      names: rows.header.names, header: rows.header.raw, records: RawRecords(), skipped: [])
  }

  /// What the rows are made from, when the file is the log of a platform.
  public var conversion: LogSummary? { rows.conversion }

  /// All names of the header, in the file's order.
  public var names: [String] { rows.header.names }

  /// The header's bytes, without byte order mark and line ending.
  public var header: [UInt8] { rows.header.raw }

  /// The next batch, or `nil` at the end of the file.
  ///
  /// A batch is full when its rows and the rows left out make the size asked for, so that a file
  /// of nothing but bad rows needs no more memory than any other. It may hold no row at all.
  public mutating func next() throws(TraceError) -> TraceBatch? {
    if isAtEnd { return nil }
    var builders = rows.plans.map(ColumnBuilder.init)
    var lines: [Int] = []
    var records = RawRecords()
    var skipped: [SkippedRow] = []
    while records.count + skipped.count < size, !isAtEnd {
      switch try rows.next(into: &builders) {
      case .row:
        lines.append(rows.line)
        records.append(rows.raw)
      case .skipped: if let row = rows.skipped { skipped.append(row) }
      case .end: isAtEnd = true
      }
    }
    guard records.count + skipped.count > 0 else {
      if requireRows, !sawRow { throw TraceError(file: rows.file, .noRows) }
      return nil
    }
    sawRow = true
    return TraceBatch(
      table: try makeTable(builders, file: rows.file, lines: lines), names: rows.header.names,
      header: rows.header.raw,
      records: records, skipped: skipped)
  }
}

extension TraceReader {
  /// Opens the trace for reading in batches.
  ///
  /// - Parameter rows: rows per batch; 8192 keep a batch of a few columns inside the cache.
  /// - Throws: `TraceError` when the file cannot be opened or its header is wrong.
  public func batches(rows: Int = 8192) throws(TraceError) -> TraceBatches {
    try TraceBatches(self, size: rows)
  }

  /// Hands the trace to `body` batch by batch, in the file's order.
  ///
  /// - Throws: `TraceError`, or what `body` throws.
  public func forEachBatch(
    rows: Int = 8192, _ body: (TraceBatch) throws -> Void
  ) throws {
    var batches = try batches(rows: rows)
    while let batch = try batches.next() { try body(batch) }
  }
}

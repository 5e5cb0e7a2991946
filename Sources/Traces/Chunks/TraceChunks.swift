import ModelCore

/// Reading on several threads.
extension TraceReader {
  /// Bytes of a chunk: what belongs to it nearly fits into a second-level cache, and what is done
  /// once per chunk counts for little.
  static let chunkBytes = 512 << 10

  /// Reads the trace on several threads, works on its batches there, and hands over the answers
  /// in the order of the file.
  ///
  /// The batches depend on the file alone: not on the number of threads, nor on whether the bytes
  /// come from a disk, a pipe or a packed stream, which is unpacked beside the parsing.
  ///
  /// - Parameters:
  ///   - threads: `nil` for one per core.
  ///   - chunkBytes: how much of the file makes a batch; results that depend on batches are the
  ///     same bits for the same value.
  ///   - keepsRecords: whether batches hold the bytes of their rows.
  ///   - prepare: gets a batch without rows, with the columns and the header of all others, before
  ///     the first row is read, and makes what the work needs.
  ///   - work: makes an answer of a batch, on any thread.
  ///   - deliver: gets the answers, one at a time, in the order of the file.
  /// - Returns: what the rows are made from, when the file is the log of a platform.
  /// - Throws: the first error in the order of the file: `TraceError`, or what the closures throw.
  @discardableResult
  public func mapChunks<Context: Sendable, Answer: Sendable>(
    threads: Int? = nil, chunkBytes: Int? = nil, keepsRecords: Bool = false,
    prepare: (TraceBatch) throws -> Context,
    work: @Sendable (Context, TraceBatch) throws -> Answer, deliver: (Answer) throws -> Void
  ) throws -> LogSummary? {
    let bytes = try open()
    if let conversion = bytes.conversion {
      // The rows are in memory already, and their lines are those of the log.
      var batches = try TraceBatches(bytes, options: options, size: 8192)
      let context = try prepare(batches.withoutRows())
      while let batch = try batches.next() { try deliver(work(context, batch)) }
      return conversion
    }
    let opening = try TraceOpening(
      bytes, options: options, infersTypes: false, keepsRecords: keepsRecords,
      chunkBytes: chunkBytes ?? Self.chunkBytes)
    let (source, reader) = (opening.source, opening.reader)
    let context = try prepare(
      TraceBatch(
        table: try makeTable(reader.plans.map(ColumnBuilder.init), file: reader.file, lines: []),
        names: reader.header.names, header: reader.header.raw, records: RawRecords(), skipped: []))
    var sawRow = false
    try InOrder.run(
      threads: InOrder.threadCount(threads),
      makeWorker: { RowChunk(capacity: (chunkBytes ?? Self.chunkBytes) + 1) },
      take: { chunk in try source.take(into: chunk) ? chunk.index : nil },
      work: { chunk in
        let batch = try reader.read(chunk)
        let isEmpty = batch.rowCount + batch.skipped.count == 0
        return (answer: isEmpty ? nil : try work(context, batch), isEmpty: isEmpty)
      },
      deliver: { made in
        if !made.isEmpty { sawRow = true }
        if let answer = made.answer { try deliver(answer) }
      })
    if options.requireRows, !sawRow { throw TraceError(file: reader.file, .noRows) }
    return nil
  }
}

/// A file whose header is read, and which is cut into chunks from there on.
struct TraceOpening {
  let reader: ChunkReader
  let source: ChunkSource

  init(
    _ bytes: ByteInput, options: TraceOptions, infersTypes: Bool, keepsRecords: Bool,
    chunkBytes: Int
  ) throws(TraceError) {
    let rows = try RowReader.open(bytes, options: options, infersTypes: infersTypes)
    reader = ChunkReader(
      file: rows.file, header: rows.header, plans: rows.plans, options: options,
      keepsRecords: keepsRecords)
    let rest = rows.unread()
    source = ChunkSource(
      bytes, rest: rest.bytes, nextLine: rest.line, headerBytes: rest.offset,
      skipsLineFeed: rest.skipsLineFeed, chunkBytes: chunkBytes,
      limit: options.maximumRecordBytes)
  }
}

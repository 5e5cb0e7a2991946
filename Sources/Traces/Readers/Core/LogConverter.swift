public import ModelCore

/// One of the files that are converted together.
public struct LogSource: Sendable, Equatable {
  /// A path, or `-` for standard input.
  public let path: String
  /// The id of its first row.
  public let id: String
  /// Whether it is read by itself, in pieces on all cores; small ones are read side by side.
  public let isLarge: Bool

  /// - Parameter size: bytes of the file, `nil` when that is not known.
  public init(path: String, id: String, size: Int?) {
    self.path = path
    self.id = id
    isLarge = size.map { $0 > Self.largest } ?? true
  }

  /// A file below this is read by one core; several at a time stay within memory.
  private static let largest = 4 << 20
}

extension LogSource {
  /// Ids for files: the names, with as many folders as it takes to tell them apart.
  public static func ids(paths: [String]) -> [String] {
    var ids = paths.map(logID)
    var depth = 1
    while depth < 8 {
      let repeated = Dictionary(grouping: ids.indices, by: { ids[$0] }).values.filter {
        $0.count > 1
      }
      guard !repeated.isEmpty else { break }
      for index in repeated.joined() {
        let folders = paths[index].split(separator: "/").dropLast().suffix(depth)
        let prefix = folders.filter { $0 != "." }.map { cleanText(String($0)) }
        ids[index] = (prefix + [logID(path: paths[index])]).joined(separator: "/")
      }
      depth += 1
    }
    return ids
  }
}

/// Turns a CSV file of another origin into columns of the trace.
public struct ColumnMapping: Sendable {
  /// The column of the trace.
  public let column: String
  /// The values, one per row of the foreign table.
  public let values: @Sendable (Table) throws -> ColumnValues

  public init(column: String, values: @escaping @Sendable (Table) throws -> ColumnValues) {
    self.column = column
    self.values = values
  }
}

/// Converts many logs, in parallel and in order.
public struct LogConverter: Sendable {
  public var options: LogOptions
  /// For CSV files that are no traces.
  public var mapping: [ColumnMapping]

  public init(options: LogOptions = LogOptions(), mapping: [ColumnMapping] = []) {
    self.options = options
    self.mapping = mapping
  }

  /// So many small files are in memory at once.
  private static let groupSize = 16

  /// Reads all sources and hands over, in their order, their samples and what else came of them.
  ///
  /// - Parameters:
  ///   - samples: takes samples of the source with that position, before `finished` for it.
  ///   - finished: takes the outcome of a source.
  public func convert(
    _ sources: [LogSource], samples: (Int, SampleBatch) -> Void,
    finished: (Int, Result<LogRead, TraceError>) -> Void
  ) {
    var position = 0
    while position < sources.count {
      if sources[position].isLarge {
        finish(
          position,
          withoutActuallyEscaping(samples) { samples in
            read(sources[position]) { samples(position, $0) }
          }, samples, finished)
        position += 1
        continue
      }
      var end = position
      while end < sources.count, !sources[end].isLarge, end - position < Self.groupSize { end += 1 }
      let group = Array(sources[position..<end])
      let outcomes = inParallel(group.count) { read(group[$0], sink: nil) }
      for (offset, outcome) in outcomes.enumerated() {
        finish(position + offset, outcome, samples, finished)
      }
      position = end
    }
  }

  private func finish(
    _ position: Int, _ outcome: Result<LogRead, TraceError>,
    _ samples: (Int, SampleBatch) -> Void,
    _ finished: (Int, Result<LogRead, TraceError>) -> Void
  ) {
    if case .success(let log) = outcome, !log.samples.isEmpty { samples(position, log.samples) }
    finished(position, outcome)
  }

  private func read(
    _ source: LogSource, sink: ((SampleBatch) -> Void)?
  ) -> Result<LogRead, TraceError> {
    do throws(TraceError) {
      return .success(try readOne(source, sink))
    } catch {
      return .failure(error)
    }
  }

  private func readOne(
    _ source: LogSource, _ sink: ((SampleBatch) -> Void)?
  ) throws(TraceError) -> LogRead {
    let bytes = try TraceReader.Input.path(source.path).open(blockSize: options.blockSize)
    let input = try LogInput(bytes, id: source.id, blockSize: options.blockSize)
    if input.head.bytes.isEmpty { throw TraceError(file: input.name, .emptyLog) }
    guard let recognition = recognition(input.head) else {
      if let header = input.head.csvHeader {
        throw TraceError(file: input.name, line: 1, .needsMapping(header: header))
      }
      throw TraceError(file: input.name, .unrecognised)
    }
    guard recognition.kind == .trace || recognition.kind == .csv else {
      return try Traces.read(input, recognition, options, sink)
    }
    bytes.putBack(input.unread)
    return try readCSV(bytes, source, recognition)
  }

  private func recognition(_ head: LogHead) -> LogRecognition? {
    if let kind = options.kind {
      return LogRecognition(kind: kind, line: nil, why: "--from \(kind.rawValue)")
    }
    if head.looksLikeTrace, mapping.isEmpty {
      return LogRecognition(kind: .trace, line: 1, why: "has columns of the trace table")
    }
    if let log = LogReaders.recognise(head) { return log }
    return mapping.isEmpty ? nil : LogRecognition(kind: .csv, line: nil, why: "--map")
  }

  // MARK: CSV

  private func readCSV(
    _ bytes: ByteInput, _ source: LogSource, _ recognition: LogRecognition
  ) throws(TraceError) -> LogRead {
    var output = LogOutput()
    var traceOptions = TraceOptions()
    traceOptions.requireRows = true
    if recognition.kind == .csv {
      guard !mapping.isEmpty else {
        throw TraceError(file: bytes.name, line: 1, .needsMapping(header: "--from csv"))
      }
      traceOptions.definitions = []
      try mapped(bytes, source, traceOptions, into: &output)
    } else {
      try passed(bytes, source, traceOptions, into: &output)
    }
    return LogRead(
      summary: LogSummary(
        file: bytes.name, recognition: recognition, recordCount: output.recordCount,
        migrationCount: output.rows.count, dirtyRateCount: 0, skipped: output.skipped,
        notes: output.notes),
      rows: output.rows, readings: [], samples: output.remainingSamples)
  }

  /// A trace as it stands; columns that the glossary does not know stay the text they are.
  private func passed(
    _ bytes: ByteInput, _ source: LogSource, _ options: TraceOptions,
    into output: inout LogOutput
  ) throws(TraceError) {
    var batches = try TraceBatches(bytes, options: options, size: 4096)
    while let batch = try batches.next() {
      for row in 0..<batch.rowCount {
        let line = batch.table.lines?[row] ?? row + 2
        var answer = MigrationRow(id: numbered(source.id, output.rows.count), line: line)
        for column in batch.table.columns { set(column, row, in: &answer) }
        output.recordCount += 1
        output.add(rows: [answer])
      }
    }
  }

  private func mapped(
    _ bytes: ByteInput, _ source: LogSource, _ options: TraceOptions,
    into output: inout LogOutput
  ) throws(TraceError) {
    let file = bytes.name
    let table = try TraceReader.readTable(bytes, options: options).table
    var columns: [Column] = []
    for map in mapping {
      do {
        columns.append(Column(map.column, try map.values(table)))
      } catch {
        throw TraceError(file: file, .mappingFailed(column: map.column, reason: "\(error)"))
      }
    }
    for row in 0..<table.rowCount {
      var answer = MigrationRow(
        id: numbered(source.id, row), line: table.lines?[row] ?? row + 2)
      answer.set("source_format", LogKind.csv.rawValue)
      for column in columns { set(column, row, in: &answer) }
      output.recordCount += 1
      output.add(rows: [answer])
    }
  }

  private func numbered(_ id: String, _ row: Int) -> String { row == 0 ? id : "\(id)#\(row + 1)" }

  private func set(_ column: Column, _ row: Int, in answer: inout MigrationRow) {
    switch column.values {
    case .numbers(let numbers):
      if Glossary.definition(of: column.name)?.kind == .text {
        answer.set(column.name, numbers[row].map(shortestDecimal))
      } else {
        answer.set(column.name, numbers[row])
      }
    case .text(let text): answer.set(column.name, text[row])
    case .flags(let flags): answer.set(column.name, flags[row].map { $0 ? "true" : "false" })
    }
  }
}

extension LogHead {
  /// The first line, when it may be the header of a CSV file.
  fileprivate var csvHeader: String? {
    guard let first = lines.first, first.split(separator: ",").count > 1, first.first != "{",
      first.first != "[", !first.contains(": ")
    else { return nil }
    return shownValue(Array(first.utf8))
  }
}

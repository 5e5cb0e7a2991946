import Kernels
import ModelCore

/// Turns chunks of rows into batches: by the kernels where a chunk is plain, else row by row.
///
/// Plain is a chunk of printable ASCII without quotes whose rows all have the header's number of
/// cells, whose numbers are numbers in their domain, and whose words are known. Whatever else is in
/// a file, also every mistake, goes the way of `RowReader`, which finds the same rows or the same
/// error there as in a reading from the first byte on.
struct ChunkReader: Sendable {
  let file: String
  let header: TraceHeader
  let plans: [ColumnPlan]
  let options: TraceOptions
  /// Whether batches hold the bytes of their rows.
  let keepsRecords: Bool
  /// Plans of numbers, and of columns that are taken for numbers; and where they are in the file.
  let numeric: [Int]
  private let positions: [Int]
  /// All other plans.
  private let textual: [Int]

  init(
    file: String, header: TraceHeader, plans: [ColumnPlan], options: TraceOptions,
    keepsRecords: Bool, takenForNumbers: Set<Int> = []
  ) {
    self.file = file
    self.header = header
    self.plans = plans
    self.options = options
    self.keepsRecords = keepsRecords
    numeric = plans.indices.filter { plans[$0].kind.isNumber || takenForNumbers.contains($0) }
    positions = numeric.map { plans[$0].position }
    let isNumeric = Set(numeric)
    textual = plans.indices.filter { !isNumeric.contains($0) }
  }

  /// The reader that takes columns without a type for numbers, but for some.
  func takingForNumbers(allBut textual: Set<Int>) -> ChunkReader {
    let open = plans.indices.filter { plans[$0].kind.isOpen && !textual.contains($0) }
    return ChunkReader(
      file: file, header: header, plans: plans, options: options, keepsRecords: keepsRecords,
      takenForNumbers: Set(open))
  }

  /// The rows of a chunk.
  ///
  /// - Throws: the first error of the chunk, with its place in the file.
  func read(_ chunk: RowChunk) throws(TraceError) -> TraceBatch {
    if let batch = try readPlain(chunk) { return batch }
    return try readCarefully(chunk)
  }

  /// `nil` for a chunk that is not plain.
  private func readPlain(_ chunk: RowChunk) throws(TraceError) -> TraceBatch? {
    guard let rows = index(chunk), let builders = readPlain(chunk, rows: rows) else { return nil }
    var records = RawRecords(count: rows)
    if keepsRecords {
      let cells = CellPositions(chunk, columns: header.names.count)
      records = RawRecords(chunk.rows, ends: (0..<rows).map { cells.rowEnd($0) })
    }
    return TraceBatch(
      table: try makeTable(builders, file: file, rowCount: rows, firstLine: chunk.firstLine),
      names: header.names, header: header.raw, records: records, skipped: [])
  }

  /// The columns of an indexed chunk; `nil` when a cell is not what its plan asks for.
  func readPlain(_ chunk: RowChunk, rows: Int) -> [ColumnBuilder]? {
    var builders = plans.map(ColumnBuilder.init)
    let storage = UnsafeMutablePointer<Double>.allocate(capacity: max(rows * numeric.count, 1))
    defer { storage.deallocate() }
    let targets = numeric.indices.map { storage + $0 * rows }
    guard readNumbers(chunk, rows: rows, into: targets) else { return nil }
    for (place, plan) in numeric.enumerated() {
      builders[plan].append(numbers: UnsafeBufferPointer(start: targets[place], count: rows))
    }
    let cells = CellPositions(chunk, columns: header.names.count)
    for plan in textual {
      for row in 0..<rows {
        let cell = cells[row, plans[plan].position]
        if plans[plan].kind.isOpen {
          let range = CellRange(start: 0, end: cell.count)
          builders[plan].append(cell: cell, range, line: chunk.firstLine + row)
        } else if !builders[plan].append(plain: cell) {
          return nil
        }
      }
    }
    return builders
  }

  /// The number of rows of a plain chunk, whose cells are indexed then.
  func index(_ chunk: RowChunk) -> Int? {
    let columns = header.names.count
    let cells = cutover_csv_index(chunk.bytes, chunk.count, columns, chunk.positions)
    guard cells >= 0 else { return nil }
    let ends = CellPositions(chunk, columns: columns)
    // Of one column, an empty cell is a blank line, which may be no row.
    if columns == 1 {
      for row in 0..<cells where ends[row, 0].isEmpty { return nil }
    }
    // Whether a row is longer than a record may be is not for the kernels to say.
    if chunk.count > options.maximumRecordBytes {
      var start = 0
      for row in 0..<(cells / columns) {
        let end = ends.rowEnd(row)
        guard end - start < options.maximumRecordBytes else { return nil }
        start = end + 1
      }
    }
    return cells / columns
  }

  /// Reads the columns of numbers of an indexed chunk.
  ///
  /// - Returns: `false` when one is no number, or outside its domain.
  private func readNumbers(
    _ chunk: RowChunk, rows: Int, into targets: [UnsafeMutablePointer<Double>]
  ) -> Bool {
    guard !numeric.isEmpty, rows > 0 else { return true }
    let outputs = targets.map { Optional($0) }
    let answer = cutover_csv_numbers(
      chunk.bytes, chunk.positions, rows, header.names.count, positions, positions.count, outputs)
    guard answer.refused == 0 else { return false }
    for (place, plan) in numeric.enumerated() where plans[plan].isBounded {
      let values = UnsafeBufferPointer(start: targets[place], count: rows)
      guard Self.all(values, in: plans[plan].domain) else { return false }
    }
    return true
  }

  /// Whether all values that are there lie in a domain, which is an interval.
  private static func all(_ values: UnsafeBufferPointer<Double>, in domain: ColumnDomain) -> Bool {
    var (lower, upper) = (Double.infinity, -Double.infinity)
    for value in values {
      // A NaN, which is a missing cell, is neither smaller nor larger.
      if value < lower { lower = value }
      if value > upper { upper = value }
    }
    return lower > upper || (domain.contains(lower) && domain.contains(upper))
  }

  /// Reads a chunk as if it were a file, whose header is known and whose lines start later.
  private func readCarefully(_ chunk: RowChunk) throws(TraceError) -> TraceBatch {
    var batches = try TraceBatches(continuing: self, chunk)
    guard let batch = try batches.next() else {
      return TraceBatch(
        table: try makeTable(plans.map(ColumnBuilder.init), file: file, lines: []),
        names: header.names, header: header.raw, records: RawRecords(), skipped: [])
    }
    return batch
  }
}

/// The cells of an indexed chunk.
struct CellPositions {
  private let bytes: UnsafeMutablePointer<UInt8>
  private let positions: UnsafeMutablePointer<UInt32>
  private let columns: Int

  init(_ chunk: RowChunk, columns: Int) {
    bytes = chunk.bytes
    positions = chunk.positions
    self.columns = columns
  }

  /// The bytes of a cell as they stand.
  subscript(row: Int, column: Int) -> UnsafeBufferPointer<UInt8> {
    let cell = row * columns + column
    let first = Int(positions[cell] &+ 1)
    var last = Int(positions[cell + 1])
    if column == columns - 1, last > first, bytes[last - 1] == carriageReturn { last -= 1 }
    return UnsafeBufferPointer(start: bytes + first, count: last - first)
  }

  /// The offset behind a row, its line end left out.
  func rowEnd(_ row: Int) -> Int {
    let end = Int(positions[(row + 1) * columns])
    return end > 0 && bytes[end - 1] == carriageReturn ? end - 1 : end
  }
}

internal import ModelCore
internal import Synchronization

/// A table as `CSVEncoding` has it, in pieces to a sink.
struct CSVTable {
  let significantDigits: Int?

  /// Rows that one thread writes at a time, of a table with so many columns: a piece of about a
  /// megabyte, in whole strips of the writer of numbers. (File systems take a larger piece in
  /// larger folios; smaller ones stay in a core's cache.)
  private static func pieceRows(columns: Int) -> Int { max(98_304 / columns / 8 * 8, 8) }

  /// The rows are written by all cores, piece by piece, and go to the sink in their order.
  ///
  /// - Parameter writesHeader: whether the line of names comes first.
  func write(
    _ table: Table, to sink: some OutputSink, writesHeader: Bool = true
  ) throws(OutputError) {
    guard !table.columns.isEmpty else { return }
    let encoding: CSVEncoding
    if let digits = significantDigits {
      encoding = CSVEncoding { numberText($0, significantDigits: digits) }
    } else {
      encoding = CSVEncoding()
    }
    var text = TextBuffer()
    if writesHeader { encoding.appendHeader(of: table, to: &text) }
    let rows = table.rowCount
    let pieceRows = Self.pieceRows(columns: table.columns.count)
    guard rows > pieceRows else {
      encoding.append(rows: 0..<rows, of: table, to: &text)
      try sink.append(text.take())
      return
    }
    try sink.append(text.take())
    let pieces = Pieces(count: (rows + pieceRows - 1) / pieceRows)
    do {
      try InOrder.run(
        threads: min(InOrder.threadCount(nil), pieces.count),
        makeWorker: { Piece() },
        take: { piece in
          piece.index = pieces.next()
          return piece.index
        },
        work: { piece in
          let first = (piece.index ?? 0) * pieceRows
          encoding.append(
            rows: first..<min(first + pieceRows, rows), of: table, to: &piece.text)
          return piece.text.take()
        },
        deliver: { try sink.append($0) })
    } catch {
      // The sink's is the only kind there is.
      throw error as? OutputError ?? .cannotWrite(path: "", reason: String(describing: error))
    }
  }

  /// The piece that a thread has.
  private final class Piece {
    var index: Int?
    var text = TextBuffer()
  }

  /// The pieces, one after the other.
  private final class Pieces: Sendable {
    let count: Int
    private let taken = Mutex(0)

    init(count: Int) { self.count = count }

    func next() -> Int? {
      taken.withLock { taken in
        guard taken < count else { return nil }
        defer { taken += 1 }
        return taken
      }
    }
  }
}

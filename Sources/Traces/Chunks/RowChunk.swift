/// Whole rows of a file, in memory that a worker uses again and again.
///
/// The kernels read whole words, so there is slack on both sides. Owned by one worker at a time.
final class RowChunk {
  private var storage: UnsafeMutablePointer<UInt8>
  private(set) var capacity: Int
  /// Bytes of the rows, their line endings included.
  var count = 0
  /// 1-based line of the first byte.
  var firstLine = 1
  /// Line ends of the chunk: no fewer than its rows.
  var lineCount = 0
  /// Position among the chunks of the file.
  var index = 0
  /// Bytes of the file up to the end of the chunk, as far as they were read.
  var endOffset = 0
  /// The offsets of the ends of cells, for `cutover_csv_index`.
  private(set) var positions: UnsafeMutablePointer<UInt32>

  /// What kernels may read before and behind the rows.
  private static let slack = 64

  init(capacity: Int) {
    self.capacity = capacity
    storage = .allocate(capacity: capacity + 2 * Self.slack)
    storage.initialize(repeating: 0, count: capacity + 2 * Self.slack)
    positions = .allocate(capacity: capacity + 2 * Self.slack)
  }

  deinit {
    storage.deallocate()
    positions.deallocate()
  }

  var bytes: UnsafeMutablePointer<UInt8> { storage + Self.slack }

  var rows: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: bytes, count: count) }

  /// Makes room for more bytes and keeps the first `kept`.
  func grow(to wanted: Int, keeping kept: Int) {
    guard wanted > capacity else { return }
    let larger = RowChunk(capacity: max(wanted, 2 * capacity))
    larger.bytes.update(from: bytes, count: kept)
    swap(&storage, &larger.storage)
    swap(&positions, &larger.positions)
    swap(&capacity, &larger.capacity)
  }
}

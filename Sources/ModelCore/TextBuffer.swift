import Kernels

/// Bytes of a text that grows, written without a check per byte.
///
/// For the writers of many small cells: room is made for a whole row first, and what follows
/// only moves a pointer.
package struct TextBuffer: ~Copyable {
  private var storage: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  package private(set) var count = 0

  package init(capacity: Int = 1 << 16) {
    self.capacity = max(capacity, 256)
    storage = .allocate(capacity: self.capacity)
  }

  deinit { storage.deallocate() }

  /// What a number may take, the room that the writer of decimals wants included.
  package static let decimalRoom = Int(CUTOVER_DECIMAL_BYTES)

  /// Makes room for so many more bytes.
  @inline(__always)
  package mutating func reserve(_ more: Int) {
    if capacity - count < more { grow(more) }
  }

  private mutating func grow(_ more: Int) {
    let wanted = max(2 * capacity, count + more)
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: wanted)
    larger.update(from: storage, count: count)
    storage.deallocate()
    (storage, capacity) = (larger, wanted)
  }

  /// Appends a byte.
  @inline(__always)
  package mutating func append(_ byte: UInt8) {
    reserve(1)
    storage[count] = byte
    count += 1
  }

  /// Appends bytes.
  @inline(__always)
  package mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard let base = bytes.baseAddress else { return }
    reserve(bytes.count)
    (storage + count).update(from: base, count: bytes.count)
    count += bytes.count
  }

  /// Appends bytes.
  @inline(__always)
  package mutating func append(_ bytes: [UInt8]) {
    bytes.withUnsafeBufferPointer { append($0) }
  }

  /// Appends a word.
  @inline(__always)
  package mutating func append(_ word: String) {
    var word = word
    word.withUTF8 { append($0) }
  }

  /// Appends rows of numbers as CSV, missing ones as empty cells.
  ///
  /// - Parameter columns: of at least `rows.upperBound` values each.
  package mutating func append(rows: Range<Int>, of columns: [[Double]]) {
    append(rows: rows, of: columns[...], behind: [])
  }

  /// Takes the addresses of the columns, one after the other, and writes when it has all.
  private mutating func append(
    rows: Range<Int>, of columns: ArraySlice<[Double]>, behind: [UnsafePointer<Double>?]
  ) {
    if let column = columns.first {
      column.withUnsafeBufferPointer {
        append(rows: rows, of: columns.dropFirst(), behind: behind + [$0.baseAddress])
      }
      return
    }
    let room = rows.count * behind.count * Self.decimalRoom
    reserve(room)
    count += (storage + count).withMemoryRebound(to: CChar.self, capacity: room) { out in
      behind.withUnsafeBufferPointer {
        cutover_write_rows($0.baseAddress, $0.count, rows.lowerBound, rows.count, out)
      }
    }
  }

  /// Appends the shortest decimal that reads back as `value`; zero of either sign is 0.
  @inline(__always)
  package mutating func append(decimal value: Double) {
    reserve(Self.decimalRoom)
    count += (storage + count).withMemoryRebound(to: CChar.self, capacity: Self.decimalRoom) {
      cutover_write_decimal(value, $0)
    }
  }

  /// The bytes so far, which the buffer forgets; it keeps its memory.
  package mutating func take() -> [UInt8] {
    defer { count = 0 }
    return Array(UnsafeBufferPointer(start: storage, count: count))
  }
}

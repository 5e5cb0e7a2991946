/// Where one cell stands in its record.
struct CellRange {
  /// Offsets from the record's first byte, quotes left out.
  var start: Int
  var end: Int
  var isQuoted = false
  /// Whether the cell holds doubled quotes, which stand for one.
  var hasDoubledQuotes = false
}

/// Cuts a stream of bytes into RFC 4180 records and their cells.
///
/// One record at a time is in memory, with whatever else the last block brought. The scan is
/// resumed, never restarted, when a record goes on in the next block, so the cost is linear for
/// any block size. A record ends with LF, CRLF or CR; the last one may end with the file. UTF-8 is
/// checked, control characters other than tab, CR and LF are refused: a trace is text, and text
/// that is shown in a terminal must not carry commands to it.
struct RecordScanner: ~Copyable {
  let input: ByteInput
  private let blockSize: Int
  private let limit: Int

  private var bytes: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  private var filled = 0

  private var cursor = ScanCursor()
  /// The cells of the record that `next()` found.
  private(set) var cells: [CellRange] = []
  /// 1-based line of the record's first byte.
  private(set) var line = 1
  private var nextLine = 1
  private var isFirst = true

  /// A scanner of rows from the middle of a file, whose first byte is on that line.
  init(rows: ByteInput, firstLine: Int, blockSize: Int, limit: Int) {
    self.init(input: rows, blockSize: blockSize, limit: limit)
    isFirst = false
    nextLine = firstLine
  }

  init(input: ByteInput, blockSize: Int, limit: Int) {
    self.input = input
    self.blockSize = max(1, blockSize)
    self.limit = limit
    // Room for a held-over record's head beside a whole block, without growing at once.
    capacity = 2 * self.blockSize
    bytes = .allocate(capacity: capacity)
  }

  deinit {
    bytes.deallocate()
  }

  /// What was read behind the last record, and where that is.
  var unread: UnreadBytes {
    UnreadBytes(
      bytes: Array(
        UnsafeBufferPointer(start: bytes + cursor.position, count: filled - cursor.position)),
      line: nextLine, offset: cursor.position, skipsLineFeed: cursor.state == .afterCarriageReturn)
  }

  /// The record's bytes without its line ending; valid until `next()` is called again.
  var record: UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: bytes + cursor.start, count: cursor.recordEnd - cursor.start)
  }

  /// Whether the line holds nothing at all, not even quotes.
  var isBlank: Bool { cursor.recordEnd == cursor.start }

  /// The bytes of one cell as they stand, doubled quotes included.
  func cell(_ range: CellRange) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: bytes + cursor.start + range.start, count: range.end - range.start)
  }

  /// Advances to the next record; `false` at the end of the file.
  mutating func next() throws(TraceError) -> Bool {
    if isFirst {
      isFirst = false
      try recogniseEncoding()
    }
    cells.removeAll(keepingCapacity: true)
    line = nextLine
    cursor.beginRecord()
    while true {
      let stop = scanRecord(bytes, filled, &cursor, &cells)
      if cursor.position - cursor.start > limit {
        throw fault(.tooLong(line: line, limit: limit), at: nil)
      }
      switch stop {
      case .recordEnd: break
      case .bytesEnd:
        if try refill() { continue }
        guard try endOfFile() else { return false }
      case .fault(let problem, let offset): throw fault(problem, at: offset)
      }
      nextLine = line + cursor.newlines + 1
      if cursor.highBits & 0x80 != 0 { try checkUTF8() }
      return true
    }
  }

  /// Closes the record that the file ends with; `false` when there is none.
  private mutating func endOfFile() throws(TraceError) -> Bool {
    switch cursor.state {
    case .afterCarriageReturn: return false
    case .cellStart:
      if cells.isEmpty { return false }
      cells.append(cursor.cell(endingAt: filled, from: filled))
    case .plain: cells.append(cursor.cell(endingAt: filled, from: cursor.cellStart))
    case .quoteSeen: cells.append(cursor.cell(endingAt: filled - 1, from: cursor.cellStart))
    case .quoted: throw fault(.unterminatedQuote, at: cursor.cellStart - 1)
    }
    cursor.recordEnd = filled
    cursor.position = filled
    return true
  }

  /// Reads one more block behind what is there; `false` at the end of the input.
  private mutating func refill() throws(TraceError) -> Bool {
    let kept = filled - cursor.start
    if cursor.start > 0 {
      bytes.update(from: bytes + cursor.start, count: kept)
      cursor.shift(by: cursor.start)
      filled = kept
    }
    if capacity - filled < blockSize {
      let grown = max(2 * capacity, filled + blockSize)
      let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: grown)
      larger.update(from: bytes, count: filled)
      bytes.deallocate()
      bytes = larger
      capacity = grown
    }
    let got = try input.read(into: bytes + filled)
    filled += got
    return got > 0
  }

  /// Steps over a UTF-8 byte order mark and names the encodings that are not read.
  private mutating func recogniseEncoding() throws(TraceError) {
    let longestMark = 6
    while filled < longestMark, try refill() {}
    let head = UnsafeBufferPointer(start: bytes, count: filled)
    if head.starts(with: [0xFF, 0xFE]) || head.starts(with: [0xFE, 0xFF]) {
      throw TraceError(file: input.name, .utf16)
    }
    for (name, mark) in foreignMarks where head.starts(with: mark) {
      throw TraceError(file: input.name, .otherCompression(name))
    }
    if head.starts(with: [0xEF, 0xBB, 0xBF]) { cursor.skip(3) }
  }

  private func checkUTF8() throws(TraceError) {
    var decoder = Unicode.UTF8.ForwardParser()
    var iterator = record.makeIterator()
    var offset = 0
    while true {
      switch decoder.parseScalar(from: &iterator) {
      case .valid(let scalar): offset += scalar.count
      case .error: throw fault(.invalidUTF8(record[offset]), at: cursor.start + offset)
      case .emptyInput: return
      }
    }
  }

  /// An error at a byte of the buffer: the line is counted from the record's first byte on, the
  /// column is that of the cell that holds it.
  private func fault(_ problem: TraceProblem, at offset: Int?) -> TraceError {
    guard let offset else { return TraceError(file: input.name, line: line, problem) }
    let before = UnsafeBufferPointer(start: bytes + cursor.start, count: offset - cursor.start)
    var newlines = 0
    var previous: UInt8 = 0
    for byte in before {
      if byte == lineFeed, previous != carriageReturn { newlines += 1 }
      if byte == carriageReturn { newlines += 1 }
      previous = byte
    }
    let position = cells.firstIndex { $0.end >= offset - cursor.start } ?? cells.count
    return TraceError(file: input.name, line: line + newlines, column: position + 1, problem)
  }
}

/// Bytes that a scanner has read and not used.
struct UnreadBytes {
  let bytes: [UInt8]
  /// The line of the first of them.
  let line: Int
  /// Bytes of the first block before them.
  let offset: Int
  /// Whether a line feed that comes first belongs to the record before.
  let skipsLineFeed: Bool
}

/// Formats whose first bytes give them away.
private let foreignMarks: [(name: String, mark: [UInt8])] = [
  ("xz", [0xFD, 0x37, 0x7A, 0x58, 0x5A]),
  ("bzip2", [0x42, 0x5A, 0x68, 0x39, 0x31, 0x41]), ("zip", [0x50, 0x4B, 0x03, 0x04]),
]

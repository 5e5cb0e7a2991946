/// The state machine that finds the ends of cells and records, over raw bytes.
///
/// It stands apart from the scanner that feeds it because it is the one loop that sees every byte.

let lineFeed: UInt8 = 0x0A
let carriageReturn: UInt8 = 0x0D
let quote: UInt8 = 0x22
private let comma: UInt8 = 0x2C
private let tab: UInt8 = 0x09
private let space: UInt8 = 0x20
private let delete: UInt8 = 0x7F

enum ScanState {
  /// The previous record ended with CR: an LF that follows belongs to its ending.
  case afterCarriageReturn
  case cellStart
  case plain
  case quoted
  /// A quote inside a quoted cell: its end, or the first half of a doubled one.
  case quoteSeen
}

enum ScanStop {
  case recordEnd
  case bytesEnd
  /// A problem at an offset of the buffer.
  case fault(TraceProblem, Int)
}

/// Where the scan stands; offsets are into the buffer.
struct ScanCursor {
  var state = ScanState.cellStart
  /// First byte of the record.
  var start = 0
  /// First byte behind the record, its line ending left out.
  var recordEnd = 0
  /// Next byte to look at.
  var position = 0
  /// First byte of the cell's content.
  var cellStart = 0
  var hasDoubledQuotes = false
  /// Line ends inside quoted cells of this record.
  var newlines = 0
  /// All bytes of the record or-ed: the top bit tells that some are not ASCII.
  var highBits: UInt8 = 0

  mutating func beginRecord() {
    start = position
    recordEnd = position
    cellStart = position
    hasDoubledQuotes = false
    newlines = 0
    highBits = 0
    if state != .afterCarriageReturn { state = .cellStart }
  }

  /// The buffer's content has moved towards its beginning.
  mutating func shift(by distance: Int) {
    start -= distance
    recordEnd -= distance
    position -= distance
    cellStart -= distance
  }

  /// Steps over bytes that belong to no record, before the first one.
  mutating func skip(_ count: Int) {
    position += count
    start = position
  }

  func cell(endingAt end: Int, from first: Int) -> CellRange {
    CellRange(
      start: first - start, end: end - start, isQuoted: state == .quoteSeen,
      hasDoubledQuotes: hasDoubledQuotes)
  }
}

/// Scans `bytes[cursor.position..<filled]` until the record ends or the bytes do.
func scanRecord(
  _ bytes: UnsafeMutablePointer<UInt8>, _ filled: Int, _ cursor: inout ScanCursor,
  _ cells: inout [CellRange]
) -> ScanStop {
  var position = cursor.position
  defer { cursor.position = position }
  while position < filled {
    switch cursor.state {
    case .afterCarriageReturn:
      if bytes[position] == lineFeed {
        position += 1
        cursor.start = position
        cursor.recordEnd = position
      }
      cursor.state = .cellStart

    case .cellStart:
      cursor.hasDoubledQuotes = false
      if bytes[position] == quote {
        position += 1
        cursor.state = .quoted
      } else {
        cursor.state = .plain
      }
      cursor.cellStart = position

    case .plain:
      position = skipPlain(bytes, position, filled, &cursor.highBits)
      guard position < filled else { return .bytesEnd }
      let byte = bytes[position]
      switch byte {
      case comma:
        cells.append(cursor.cell(endingAt: position, from: cursor.cellStart))
        cursor.state = .cellStart
        position += 1
      case lineFeed, carriageReturn:
        cells.append(cursor.cell(endingAt: position, from: cursor.cellStart))
        cursor.recordEnd = position
        cursor.state = byte == lineFeed ? .cellStart : .afterCarriageReturn
        position += 1
        return .recordEnd
      case quote:
        return .fault(.quoteInsideCell(context(bytes, cursor.cellStart, position)), position)
      default: return .fault(.controlByte(byte), position)
      }

    case .quoted:
      let byte = bytes[position]
      cursor.highBits |= byte
      switch byte {
      case quote: cursor.state = .quoteSeen
      case carriageReturn: cursor.newlines += 1
      case lineFeed:
        // The second half of a CRLF was counted with its first; the byte before is in the buffer,
        // for the record's bytes stay there until it ends.
        if bytes[position - 1] != carriageReturn { cursor.newlines += 1 }
      case 0..<space where byte != tab: return .fault(.controlByte(byte), position)
      case delete: return .fault(.controlByte(byte), position)
      default: break
      }
      position += 1

    case .quoteSeen:
      let byte = bytes[position]
      switch byte {
      case quote:
        cursor.hasDoubledQuotes = true
        cursor.state = .quoted
      case comma:
        cells.append(cursor.cell(endingAt: position - 1, from: cursor.cellStart))
        cursor.state = .cellStart
      case lineFeed, carriageReturn:
        cells.append(cursor.cell(endingAt: position - 1, from: cursor.cellStart))
        cursor.recordEnd = position
        cursor.state = byte == lineFeed ? .cellStart : .afterCarriageReturn
        position += 1
        return .recordEnd
      default:
        return .fault(.textAfterQuote(context(bytes, cursor.cellStart - 1, position)), position)
      }
      position += 1
    }
  }
  return .bytesEnd
}

/// The next byte that may end a plain cell or be an error: a comma, a quote or a control
/// character.
///
/// Eight bytes are looked at together: all that can matter are below 0x2D or are 0x7F, and digits,
/// letters, points and hyphens are not.
@inline(__always)
private func skipPlain(
  _ bytes: UnsafeMutablePointer<UInt8>, _ first: Int, _ filled: Int, _ highBits: inout UInt8
) -> Int {
  let ones: UInt64 = 0x0101_0101_0101_0101
  let tops: UInt64 = 0x8080_8080_8080_8080
  var position = first
  var high: UInt8 = 0
  defer { highBits |= high }
  while true {
    while position + 8 <= filled {
      let word = UInt64(
        littleEndian: UnsafeRawPointer(bytes + position).loadUnaligned(as: UInt64.self))
      let deletes = word ^ (ones &* UInt64(delete))
      // The lowest set top bit marks the first byte below 0x2D (or equal to 0x7F): a borrow can
      // only spoil bits above it.
      let candidates =
        ((word &- ones &* 0x2D) & ~word | (deletes &- ones) & ~deletes) & tops
      if candidates == 0 {
        if word & tops != 0 { high = 0x80 }
        position += 8
      } else {
        let distance = candidates.trailingZeroBitCount / 8
        if word & tops & ((1 << UInt64(8 * distance)) &- 1) != 0 { high = 0x80 }
        position += distance
        break
      }
    }
    // The candidate, or the block's last bytes one by one.
    guard position < filled else { return filled }
    let byte = bytes[position]
    if byte == comma || byte == quote || (byte < space && byte != tab) || byte == delete {
      return position
    }
    high |= byte
    position += 1
  }
}

/// The text that leads up to an offset, for a message. Nothing behind it is shown: whether that
/// has been read yet depends on where the block ends.
private func context(_ bytes: UnsafeMutablePointer<UInt8>, _ first: Int, _ last: Int) -> String {
  // Enough to find the place with.
  let longest = 24
  let from = max(first, last + 1 - longest)
  return shownValue(UnsafeBufferPointer(start: bytes + from, count: last + 1 - from))
}

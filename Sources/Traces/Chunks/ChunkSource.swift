import Foundation
import Kernels

/// Cuts the bytes of a file behind its header into chunks of whole rows.
///
/// Where the cuts are depends on the bytes alone, not on how they arrive nor on who asks: behind
/// the last line end among the next `chunkBytes` that is outside quotes and ends a line with
/// something in it. (Whether blank lines are rows depends on what follows them, so they stay with
/// it.) A quote where none may be spoils the count of quotes behind it, but it is an error before
/// it can matter. Rows longer than a chunk make the chunk as long as need be, up to the limit of a
/// record.
///
/// Unchecked: the input is a class of its own and a chunk belongs to one thread; `lock` makes sure
/// that one thread at a time touches the state.
final class ChunkSource: @unchecked Sendable {
  private struct State {
    var input: ByteInput
    /// Bytes that were read but belong to the next chunk.
    var rest: [UInt8]
    var nextIndex = 0
    var nextLine: Int
    var offset: Int
    var isAtEnd = false
    var skipsLineFeed: Bool
    /// Set when the input failed: the same error for everyone who asks again.
    var failure: TraceError?
  }

  private let lock = NSLock()
  private var state: State
  private let chunkBytes: Int
  private let limit: Int

  /// - Parameters:
  ///   - rest: what was read of the input behind the header.
  ///   - nextLine: the line of the first of these bytes.
  init(
    _ start: ByteInput, rest: [UInt8], nextLine: Int, headerBytes: Int,
    skipsLineFeed: Bool, chunkBytes: Int, limit: Int
  ) {
    state = State(
      input: start, rest: rest, nextLine: nextLine, offset: headerBytes,
      skipsLineFeed: skipsLineFeed)
    self.chunkBytes = max(chunkBytes, 1)
    self.limit = limit
  }

  /// Fills a chunk with the next rows; `false` at the end of the file.
  func take(into chunk: RowChunk) throws(TraceError) -> Bool {
    lock.lock()
    defer { lock.unlock() }
    if let failure = state.failure { throw failure }
    do throws(TraceError) {
      return try fill(chunk)
    } catch {
      state.failure = error
      throw error
    }
  }

  private func fill(_ chunk: RowChunk) throws(TraceError) -> Bool {
    var wanted = chunkBytes
    var filled = 0
    while true {
      filled = try load(chunk, upTo: wanted, filled: filled)
      if filled == 0 { return false }
      let counts = cutover_csv_count(chunk.bytes, filled)
      let isWhole = state.isAtEnd && state.rest.isEmpty
      let end = isWhole ? filled : lastCut(chunk.bytes, filled, quotes: counts.quotes)
      guard let end else {
        if filled > limit, !endsWithBlankLine(chunk.bytes, filled) {
          // Longer than a record may be: whoever parses it says so.
          deliver(chunk, end: filled, filled: filled, counts)
          return true
        }
        wanted = 2 * filled
        continue
      }
      deliver(chunk, end: end, filled: filled, counts)
      return true
    }
  }

  /// Reads until there are exactly `wanted` bytes, or the input ends.
  private func load(
    _ chunk: RowChunk, upTo wanted: Int, filled start: Int
  ) throws(TraceError) -> Int {
    // Room for the line feed that the last row may lack.
    chunk.grow(to: wanted + 1, keeping: start)
    var filled = start
    if state.skipsLineFeed, !state.rest.isEmpty {
      if state.rest[0] == lineFeed { state.rest.removeFirst() }
      state.skipsLineFeed = false
    }
    let kept = min(state.rest.count, wanted - filled)
    if kept > 0 {
      state.rest.withUnsafeBufferPointer { rest in
        if let base = rest.baseAddress { (chunk.bytes + filled).update(from: base, count: kept) }
      }
      filled += kept
      state.rest.removeFirst(kept)
    }
    while filled < wanted, !state.isAtEnd {
      let got = try state.input.read(into: chunk.bytes + filled, atMost: wanted - filled)
      state.isAtEnd = got == 0
      var skipped = 0
      if state.skipsLineFeed, got > 0 {
        state.skipsLineFeed = false
        if chunk.bytes[filled] == lineFeed {
          (chunk.bytes + filled).update(from: chunk.bytes + filled + 1, count: got - 1)
          skipped = 1
        }
      }
      filled += got - skipped
    }
    return filled
  }

  /// - Parameter counts: of all bytes, of which most become the chunk: what is left is counted again,
  ///   not what is taken. No cut is between a CR and its LF, so the lines of both parts add up.
  private func deliver(
    _ chunk: RowChunk, end: Int, filled: Int, _ counts: cutover_counts
  ) {
    let unused = UnsafeBufferPointer(start: chunk.bytes + end, count: filled - end)
    let left = cutover_csv_count(chunk.bytes + end, filled - end)
    state.rest = Array(unused) + state.rest
    chunk.count = end
    chunk.lineCount = counts.lines - left.lines
    // The last row may lack its line end; inside quotes or behind a CR there is none to add.
    if chunk.bytes[end - 1] != lineFeed, chunk.bytes[end - 1] != carriageReturn, state.isAtEnd,
      state.rest.isEmpty, counts.quotes % 2 == 0
    {
      chunk.bytes[end] = lineFeed
      chunk.count = end + 1
      chunk.lineCount += 1
    }
    chunk.firstLine = state.nextLine
    state.nextLine += chunk.lineCount
    chunk.index = state.nextIndex
    state.nextIndex += 1
    state.offset += end
    chunk.endOffset = state.offset
  }

  /// Behind the last line end that may be a cut; `nil` for none.
  private func lastCut(
    _ bytes: UnsafeMutablePointer<UInt8>, _ filled: Int, quotes: Int
  ) -> Int? {
    var isQuoted = quotes % 2 == 1
    var lastReturn: Int?
    var position = filled - 1
    while position > 0 {
      let byte = bytes[position]
      if byte == quote {
        isQuoted.toggle()
      } else if !isQuoted, byte == lineFeed {
        if !isBlank(bytes, endingAt: position) { return position + 1 }
      } else if !isQuoted, byte == carriageReturn, lastReturn == nil, position + 1 < filled,
        bytes[position + 1] != lineFeed, bytes[position - 1] != carriageReturn
      {
        // Files of old Macs: lines end with CR alone. A line feed is a better cut.
        lastReturn = position + 1
      }
      position -= 1
    }
    return lastReturn
  }

  /// Whether the line that ends with the line feed at a position is empty.
  private func isBlank(_ bytes: UnsafeMutablePointer<UInt8>, endingAt position: Int) -> Bool {
    var last = position - 1
    if last >= 0, bytes[last] == carriageReturn { last -= 1 }
    return last < 0 || bytes[last] == lineFeed || bytes[last] == carriageReturn
  }

  private func endsWithBlankLine(_ bytes: UnsafeMutablePointer<UInt8>, _ filled: Int) -> Bool {
    let last = bytes[filled - 1]
    return last == lineFeed || last == carriageReturn
  }
}

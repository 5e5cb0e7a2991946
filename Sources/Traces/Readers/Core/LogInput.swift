#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// One log: its bytes from the beginning, by lines or by blocks.
final class LogInput {
  /// The name for messages.
  let name: String
  /// What the first row is called: the file's name without folders and extensions.
  let id: String
  /// Its first bytes, for recognition; reading starts before them.
  let head: LogHead

  private let input: ByteInput
  private let blockSize: Int
  private var buffer: [UInt8]
  private var position = 0
  private var isAtEnd = false
  private var lineNumber = 0

  /// A line longer than this is an error: a file without line ends would be read into memory
  /// whole.
  static let longestLine = 16 << 20

  /// - Parameter id: the id of the first row; from the name when `nil`.
  init(_ input: ByteInput, id: String? = nil, blockSize: Int) throws(TraceError) {
    self.input = input
    self.blockSize = max(1, blockSize)
    name = input.name
    self.id = id ?? logID(path: input.name)
    buffer = []
    while buffer.count < LogHead.size {
      guard try Self.append(input, self.blockSize, to: &buffer) else {
        isAtEnd = true
        break
      }
    }
    head = LogHead(buffer, isWhole: isAtEnd && buffer.count <= LogHead.size)
    if buffer.starts(with: utf8Mark) { position = utf8Mark.count }
  }

  /// The bytes that were read and not yet handed out, the byte order mark included.
  var unread: [UInt8] {
    lineNumber == 0 ? buffer : Array(buffer[position...])
  }

  private static func append(
    _ input: ByteInput, _ size: Int, to buffer: inout [UInt8]
  ) throws(TraceError) -> Bool {
    let count = buffer.count
    buffer.append(contentsOf: repeatElement(0, count: size))
    var got = 0
    do throws(TraceError) {
      got = try buffer.withUnsafeMutableBufferPointer { bytes throws(TraceError) in
        guard let base = bytes.baseAddress else { return 0 }
        return try input.read(into: base + count)
      }
    } catch {
      buffer.removeLast(size)
      throw error
    }
    buffer.removeLast(size - got)
    return got > 0
  }

  /// The next line without its ending, or `nil` at the end.
  ///
  /// - Throws: `TraceError` when the input cannot be read, or the line is too long.
  func nextLine() throws(TraceError) -> LogLine? {
    var searched = position
    while true {
      if let end = buffer[searched...].firstIndex(of: lineFeed) {
        let line = makeLine(position..<end, isCut: false)
        position = end + 1
        return line
      }
      searched = buffer.count
      if isAtEnd {
        guard position < buffer.count else { return nil }
        let line = makeLine(position..<buffer.count, isCut: true)
        position = buffer.count
        return line
      }
      if buffer.count - position > Self.longestLine {
        throw TraceError(
          file: name, line: lineNumber + 1,
          .tooLong(line: lineNumber + 1, limit: Self.longestLine))
      }
      searched -= position
      buffer.removeSubrange(..<position)
      position = 0
      if try !Self.append(input, blockSize, to: &buffer) { isAtEnd = true }
    }
  }

  private func makeLine(_ range: Range<Int>, isCut: Bool) -> LogLine {
    lineNumber += 1
    var end = range.upperBound
    while end > range.lowerBound, buffer[end - 1] == carriageReturn { end -= 1 }
    return LogLine(number: lineNumber, bytes: buffer[range.lowerBound..<end], isCut: isCut)
  }

  /// What is left, up to a limit, for documents that are parsed whole.
  ///
  /// - Throws: `TraceError.tooLong` above the limit.
  func readAll(limit: Int = 64 << 20) throws(TraceError) -> [UInt8] {
    while !isAtEnd {
      if buffer.count - position > limit {
        throw TraceError(file: name, .documentTooLarge(limit: limit))
      }
      if try !Self.append(input, blockSize, to: &buffer) { isAtEnd = true }
    }
    defer { position = buffer.count }
    return Array(buffer[position...])
  }

  /// Moves up to `size` bytes to the end of `destination`; answers whether any were left.
  ///
  /// Not to be mixed with `nextLine()`.
  func read(upTo size: Int, into destination: inout [UInt8]) throws(TraceError) -> Bool {
    if position == buffer.count, !isAtEnd {
      buffer.removeAll(keepingCapacity: true)
      position = 0
      if try !Self.append(input, blockSize, to: &buffer) { isAtEnd = true }
    }
    let count = min(size, buffer.count - position)
    destination += buffer[position..<position + count]
    position += count
    return count > 0
  }
}

private let utf8Mark: [UInt8] = [0xEF, 0xBB, 0xBF]

/// A line of a log.
struct LogLine {
  /// 1-based.
  let number: Int
  let bytes: ArraySlice<UInt8>
  /// Whether the file ends without a line end: the line may be cut.
  let isCut: Bool

  /// As text; bytes that are not UTF-8 become replacement characters.
  var text: String { String(decoding: bytes, as: UTF8.self) }

  /// Whether an ASCII text stands in the line; without making it a `String`, for most lines of a
  /// platform's log are about something else.
  func contains(_ marker: StaticString) -> Bool {
    bytes.withUnsafeBufferPointer { line in
      let count = marker.utf8CodeUnitCount
      guard let base = line.baseAddress, count > 0, line.count >= count else { return false }
      let last = base + (line.count - count)
      var at = base
      while at <= last,
        let found = memchr(at, Int32(marker.utf8Start.pointee), last - at + 1)
      {
        let candidate = UnsafePointer(found.assumingMemoryBound(to: UInt8.self))
        if memcmp(candidate, marker.utf8Start, count) == 0 { return true }
        at = candidate + 1
      }
      return false
    }
  }
}

/// The beginning of a log, cut into lines, for recognition.
struct LogHead {
  static let size = 32 << 10
  let bytes: ArraySlice<UInt8>
  /// Whether the log has nothing more.
  let isWhole: Bool
  let lines: [String]

  init(_ buffer: [UInt8], isWhole: Bool) {
    self.isWhole = isWhole
    var bytes = buffer.prefix(Self.size)
    if bytes.starts(with: utf8Mark) { bytes = bytes.dropFirst(utf8Mark.count) }
    self.bytes = bytes
    lines = bytes.split(separator: lineFeed, omittingEmptySubsequences: false).map { line in
      var line = line
      while line.last == carriageReturn { line.removeLast() }
      return String(decoding: line, as: UTF8.self)
    }
  }

  /// The first line that satisfies a condition, with its 1-based number.
  func first(where matches: (String) -> Bool) -> (number: Int, line: String)? {
    lines.firstIndex(where: matches).map { ($0 + 1, lines[$0]) }
  }
}

/// A path as an id: no folders, no `.gz`, no extension of a log.
func logID(path: String) -> String {
  var name = path.split(separator: "/").last.map(String.init) ?? path
  if name == "<stdin>" { return "stdin" }
  let extensions = [
    "gz", "ndjson", "jsonl", "json", "log", "txt", "yaml", "yml", "csv", "prom", "out", "task",
  ]
  var stripped = 0
  // `.gz` and one more.
  while stripped < 2, let point = name.lastIndex(of: "."), point > name.startIndex,
    extensions.contains(name[name.index(after: point)...].lowercased())
  {
    let isPacked = name.hasSuffix(".gz")
    name = String(name[..<point])
    stripped += isPacked ? 1 : 2
  }
  return cleanText(name)
}

import ModelCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The bytes of a file, of standard input or of memory, unpacked when they are gzip or zstd.
///
/// Both are recognised by their first bytes, whatever the file is called.
final class ByteInput {
  /// The name for messages.
  let name: String
  private let descriptor: Int32
  private let ownsDescriptor: Bool
  private let blockSize: Int
  private var inflater: (any Inflater)?
  /// Packed or not yet delivered bytes: `raw[rawStart..<raw.count]`.
  private var raw: [UInt8] = []
  private var rawStart = 0
  private var isAtEnd = false
  /// Bytes that were looked at and put back: `returned[returnedStart...]`.
  private var returned: [UInt8] = []
  private var returnedStart = 0
  /// When the bytes are a log that was converted: where, what and how.
  var conversion: LogSummary?
  /// For each line of a converted log behind the header, the line of the log it was made from.
  var lineOrigins: [Int]?

  /// - Parameter path: a path, or `-` for standard input.
  init(path: String, blockSize: Int) throws(TraceError) {
    if path == "-" {
      name = "<stdin>"
      descriptor = STDIN_FILENO
      ownsDescriptor = false
    } else {
      name = path
      let opened = open(path, O_RDONLY | O_CLOEXEC)
      guard opened >= 0 else { throw TraceError(file: path, openProblem(errno)) }
      descriptor = opened
      ownsDescriptor = true
    }
    self.blockSize = max(1, blockSize)
    var status = stat()
    if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
      throw TraceError(file: name, .isDirectory)
    }
    try recognisePacking()
  }

  /// - Parameter recognisesPacking: not for bytes from the middle of a file.
  init(
    bytes: [UInt8], name: String, blockSize: Int, recognisesPacking: Bool = true
  ) throws(TraceError) {
    self.name = name
    descriptor = -1
    ownsDescriptor = false
    self.blockSize = max(1, blockSize)
    raw = bytes
    isAtEnd = true
    if recognisesPacking { try recognisePacking() }
  }

  deinit {
    if ownsDescriptor { close(descriptor) }
  }

  /// Fills up to a block at `destination` and answers how many bytes that were; 0 at the end.
  ///
  /// `destination` must have room for `blockSize` bytes.
  func read(into destination: UnsafeMutablePointer<UInt8>) throws(TraceError) -> Int {
    try read(into: destination, atMost: blockSize)
  }

  /// Fills up to `room` bytes, at least 1, and answers how many that were; 0 at the end.
  func read(
    into destination: UnsafeMutablePointer<UInt8>, atMost room: Int
  ) throws(TraceError) -> Int {
    if returnedStart < returned.count {
      let count = min(room, returned.count - returnedStart)
      returned.withUnsafeBufferPointer { bytes in
        if let base = bytes.baseAddress {
          destination.update(from: base + returnedStart, count: count)
        }
      }
      returnedStart += count
      if returnedStart == returned.count {
        returned = []
        returnedStart = 0
      }
      return count
    }
    guard inflater == nil else { return try readUnpacked(into: destination, room: room) }
    if rawStart < raw.count {
      let count = min(room, raw.count - rawStart)
      raw.withUnsafeBufferPointer { bytes in
        if let base = bytes.baseAddress {
          destination.update(from: base + rawStart, count: count)
        }
      }
      rawStart += count
      return count
    }
    return isAtEnd ? 0 : try readDescriptor(into: destination, count: room)
  }

  /// Puts bytes back that were read from the beginning: they come first again.
  func putBack(_ bytes: [UInt8]) {
    returned = bytes
    returnedStart = 0
  }

  /// The line of the file behind a line of its bytes: they differ for a log that was converted.
  func origin(ofLine line: Int) -> Int {
    guard let lineOrigins, line >= 2, line - 2 < lineOrigins.count else { return line }
    return lineOrigins[line - 2]
  }

  private func recognisePacking() throws(TraceError) {
    while raw.count < 4, !isAtEnd { try appendRaw() }
    if raw.starts(with: GzipInflater.magic) {
      inflater = try GzipInflater(file: name)
    } else if ZstdInflater.isMagic(raw) {
      inflater = try ZstdInflater(file: name)
    }
  }

  private func readUnpacked(
    into destination: UnsafeMutablePointer<UInt8>, room: Int
  ) throws(TraceError) -> Int {
    guard let inflater else { return 0 }
    while true {
      if rawStart == raw.count, !inflater.mayHoldMore {
        raw.removeAll(keepingCapacity: true)
        rawStart = 0
        if !isAtEnd { try appendRaw() }
      }
      guard rawStart < raw.count || inflater.mayHoldMore else {
        if inflater.isInsidePart { throw damaged("it ends early") }
        return 0
      }
      let step = inflater.inflate(raw[rawStart...], into: destination, room: room)
      rawStart += step.consumed
      if let damage = step.damage { throw damaged(damage) }
      if step.produced > 0 { return step.produced }
    }
  }

  private func damaged(_ reason: String) -> TraceError {
    TraceError(file: name, .damagedPacking(format: inflater?.format ?? "", reason))
  }

  private func appendRaw() throws(TraceError) {
    let count = raw.count
    raw.append(contentsOf: repeatElement(0, count: blockSize))
    let size = blockSize
    let descriptor = descriptor
    let got = raw.withUnsafeMutableBufferPointer { bytes in
      bytes.baseAddress.map { readRetrying(descriptor, $0 + count, size) } ?? 0
    }
    raw.removeLast(size - max(0, got))
    guard got >= 0 else { throw readFailure() }
    if got == 0 { isAtEnd = true }
  }

  private func readDescriptor(
    into destination: UnsafeMutablePointer<UInt8>, count: Int
  ) throws(TraceError) -> Int {
    let got = readRetrying(descriptor, destination, count)
    guard got >= 0 else { throw readFailure() }
    if got == 0 { isAtEnd = true }
    return got
  }

  private func readFailure() -> TraceError {
    let code = errno
    return TraceError(
      file: name, code == EISDIR ? .isDirectory : .cannotRead(systemMessage(code)))
  }
}

/// What `open` means by an error number.
func openProblem(_ code: Int32) -> TraceProblem {
  switch code {
  case ENOENT, ENOTDIR: .noSuchFile
  case EACCES, EPERM: .permissionDenied
  case EISDIR: .isDirectory
  default: .cannotOpen(systemMessage(code))
  }
}

private func systemMessage(_ code: Int32) -> String {
  strerror(code).map { String(cString: $0) } ?? "error \(code)"
}

private func readRetrying(
  _ descriptor: Int32, _ destination: UnsafeMutablePointer<UInt8>, _ count: Int
) -> Int {
  while true {
    let got = read(descriptor, destination, count)
    // A signal that arrives before the first byte is no failure.
    if got < 0, errno == EINTR { continue }
    return got
  }
}

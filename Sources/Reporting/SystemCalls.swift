#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// Bytes on their way to a file descriptor, in blocks.
struct DescriptorBuffer {
  let descriptor: Int32
  /// What messages call it.
  let name: String
  private var pending: [UInt8] = []

  /// Large enough that the system call disappears beside the formatting of its bytes.
  static let blockSize = 256 * 1024

  init(descriptor: Int32, name: String) {
    self.descriptor = descriptor
    self.name = name
  }

  mutating func append(_ bytes: [UInt8]) throws(OutputError) {
    // What is a block by itself needs no copy.
    if pending.isEmpty, bytes.count >= Self.blockSize { return try write(bytes) }
    pending += bytes
    if pending.count >= Self.blockSize { try flush() }
  }

  /// Writes everything; on an error what was pending is dropped, so that nothing is sent twice.
  mutating func flush() throws(OutputError) {
    defer { pending.removeAll(keepingCapacity: true) }
    try write(pending)
  }

  private func write(_ bytes: [UInt8]) throws(OutputError) {
    let code = writeAll(bytes, to: descriptor)
    switch code {
    case 0: return
    case EPIPE: throw .closedByReader
    default: throw .cannotWrite(path: name, reason: errorText(code))
    }
  }
}

/// Writes all bytes, however many calls that takes; answers 0 or the error number.
private func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
  bytes.withUnsafeBytes { buffer in
    var rest = UnsafeRawBufferPointer(buffer)
    while let start = rest.baseAddress, !rest.isEmpty {
      let count = write(descriptor, start, rest.count)
      if count >= 0 {
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
      } else if errno == EAGAIN || errno == EWOULDBLOCK {
        // A terminal or pipe that another program made non-blocking: wait until it has room.
        var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&wait, 1, -1)
      } else if errno != EINTR {
        return errno
      }
    }
    return 0
  }
}

/// The system's words for an error number.
func errorText(_ code: Int32) -> String {
  strerror(code).map { String(cString: $0) } ?? "error \(code)"
}

/// Makes a write to a pipe without a reader an error instead of the end of the program.
func ignoreBrokenPipes() {
  signal(SIGPIPE, SIG_IGN)
}

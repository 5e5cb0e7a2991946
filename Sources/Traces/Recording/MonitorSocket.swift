import Foundation

/// A connection that carries lines, with a limit on how long anything may take.
final class MonitorSocket {
  let name: String
  private let descriptor: Int32
  private var received: [UInt8] = []
  /// QEMU's longest replies (schemas aside) are some kilobytes.
  private static let longestLine = 16 << 20

  /// - Throws: `RecordingError.cannotConnect`.
  init(_ address: MonitorAddress) throws(RecordingError) {
    name = address.description
    let family: Int32
    switch address {
    case .unix: family = AF_UNIX
    case .tcp: family = AF_INET
    }
    #if canImport(Glibc)
      let kind = Int32(SOCK_STREAM.rawValue)
    #else
      let kind = SOCK_STREAM
    #endif
    descriptor = socket(family, kind, 0)
    guard descriptor >= 0 else { throw .cannotConnect(name, reason: Self.lastError()) }
    // A peer that dies must not end this process.
    signal(SIGPIPE, SIG_IGN)
    let outcome =
      switch address {
      case .unix(let path): try Self.connect(descriptor, path: path)
      case .tcp(let host, let port): Self.connect(descriptor, host: host, port: port)
      }
    guard outcome == 0 else {
      let reason = Self.lastError()
      close(descriptor)
      throw .cannotConnect(name, reason: reason)
    }
  }

  deinit { close(descriptor) }

  private static func lastError() -> String { String(cString: strerror(errno)) }

  private static func connect(_ descriptor: Int32, path: String) throws(RecordingError) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    let room = MemoryLayout.size(ofValue: address.sun_path)
    guard bytes.count < room else {
      close(descriptor)
      throw .address(path, reason: "a socket's path has at most \(room - 1) bytes")
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Foundation.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }

  private static func connect(_ descriptor: Int32, host: String, port: UInt16) -> Int32 {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    inet_pton(AF_INET, host, &address.sin_addr)
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Foundation.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }

  /// Sends a line.
  ///
  /// - Throws: `RecordingError.closed`.
  func send(_ line: String) throws(RecordingError) {
    let bytes = Array((line + "\n").utf8)
    var done = 0
    while done < bytes.count {
      let count = bytes[done...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw .closed(name) }
      done += count
    }
  }

  /// The next line without its end, `nil` when none comes until the deadline.
  ///
  /// - Throws: `RecordingError.closed`, `.foreign` for a line without end.
  func line(until deadline: ContinuousClock.Instant) throws(RecordingError) -> [UInt8]? {
    while true {
      if let end = received.firstIndex(of: 0x0A) {
        var line = Array(received[..<end])
        received.removeSubrange(...end)
        if line.last == 0x0D { line.removeLast() }
        return line
      }
      guard received.count < Self.longestLine else {
        throw .foreign(name, said: String(decoding: received.prefix(40), as: UTF8.self))
      }
      guard try waitForBytes(until: deadline) else { return nil }
      var buffer = [UInt8](repeating: 0, count: 1 << 16)
      let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw .closed(name) }
      received += buffer[..<count]
    }
  }

  private func waitForBytes(until deadline: ContinuousClock.Instant) throws(RecordingError) -> Bool
  {
    while true {
      let left = (deadline - .now).components
      let milliseconds = left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000
      var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let ready = poll(&request, 1, Int32(clamping: max(milliseconds, 0)))
      if ready > 0 { return true }
      if ready < 0, errno != EINTR { throw .closed(name) }
      if ContinuousClock.now >= deadline { return false }
    }
  }
}

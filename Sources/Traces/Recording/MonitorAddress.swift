/// Where a QEMU monitor listens: a UNIX socket, or a TCP port of this machine.
///
/// A monitor obeys whoever connects, without a password, so other machines' ports are refused: a
/// tunnel brings a remote monitor here.
public enum MonitorAddress: Sendable, Hashable, CustomStringConvertible {
  case unix(path: String)
  /// A numeric IPv4 address of the loopback network.
  case tcp(host: String, port: UInt16)

  /// Parses `/run/vm.qmp`, `unix:/run/vm.qmp`, `tcp:127.0.0.1:4444` or `localhost:4444`.
  ///
  /// - Throws: `RecordingError.address` that says how to write one.
  public init(parsing text: String) throws(RecordingError) {
    if text.hasPrefix("unix:") {
      let path = String(text.dropFirst(5))
      guard !path.isEmpty else { throw .address(text, reason: "the path is missing") }
      self = .unix(path: path)
    } else if !text.isEmpty, text.contains("/") || !text.contains(":") {
      self = .unix(path: text)
    } else {
      self = try Self.tcp(text)
    }
  }

  private static func tcp(_ text: String) throws(RecordingError) -> MonitorAddress {
    let words = text.hasPrefix("tcp:") ? text.dropFirst(4) : text[...]
    let parts = words.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let port = UInt16(parts[1]), port > 0 else {
      throw .address(text, reason: "neither a path nor HOST:PORT")
    }
    let host = parts[0] == "localhost" ? "127.0.0.1" : String(parts[0])
    let bytes = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
    guard bytes.count == 4, bytes.allSatisfy({ $0 != nil }) else {
      throw .address(text, reason: "\(host) is no IPv4 address")
    }
    guard bytes[0] == 127 else {
      throw .address(
        text,
        reason: "a monitor of another machine; bring it here with "
          + "'ssh -L \(port):127.0.0.1:\(port) \(host)' and give 127.0.0.1:\(port)")
    }
    return .tcp(host: host, port: port)
  }

  public var description: String {
    switch self {
    case .unix(let path): path
    case .tcp(let host, let port): "\(host):\(port)"
    }
  }
}

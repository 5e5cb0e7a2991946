/// Where rendered bytes go: standard output, a file that appears whole, or memory.
public protocol OutputSink: AnyObject {
  /// Takes the bytes, which may stay in a buffer until the sink is flushed or committed.
  func append(_ bytes: [UInt8]) throws(OutputError)
}

extension OutputSink {
  /// Takes text as UTF-8.
  public func append(_ text: String) throws(OutputError) {
    try append(Array(text.utf8))
  }
}

/// Keeps what is written, for tests and for text that goes into other text.
public final class MemorySink: OutputSink {
  /// Everything that was written.
  public private(set) var bytes: [UInt8] = []

  public init() {}

  public func append(_ bytes: [UInt8]) {
    self.bytes += bytes
  }

  /// The same, read as UTF-8.
  public var text: String { String(decoding: bytes, as: UTF8.self) }
}

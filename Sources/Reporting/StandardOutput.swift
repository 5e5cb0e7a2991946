/// The program's standard output, in blocks of 256 KiB.
///
/// The first one made turns the signal for a pipe without reader (SIGPIPE) off for the
/// process: such a write throws `OutputError.closedByReader` instead.
public final class StandardOutput: OutputSink {
  private var buffer: DescriptorBuffer

  /// The file descriptor 1.
  public convenience init() {
    self.init(descriptor: 1, name: "standard output")
  }

  package init(descriptor: Int32, name: String) {
    ignoreBrokenPipes()
    buffer = DescriptorBuffer(descriptor: descriptor, name: name)
  }

  /// - Throws: `OutputError.closedByReader` or `cannotWrite`.
  public func append(_ bytes: [UInt8]) throws(OutputError) {
    try buffer.append(bytes)
  }

  /// Writes what is in the buffer. Call it at the end: an object that goes away cannot throw,
  /// so it writes nothing.
  public func flush() throws(OutputError) {
    try buffer.flush()
  }
}

import Foundation

/// A file that grows line by line: what was appended is in the file, whatever happens next.
///
/// For records of what happens only once. (`OutputFile` is for results: whole or not there.)
public final class AppendingFile {
  private let path: String
  private let descriptor: Int32

  /// Creates the file.
  ///
  /// - Throws: `OutputError.cannotCreate` when it exists, too: a record is never overwritten.
  public init(path: String) throws(OutputError) {
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw .cannotCreate(path: path, reason: String(cString: strerror(errno)))
    }
  }

  deinit { close(descriptor) }

  /// Appends text; it has reached the system when this returns.
  ///
  /// - Throws: `OutputError.cannotWrite`.
  public func append(_ bytes: [UInt8]) throws(OutputError) {
    var done = 0
    while done < bytes.count {
      let count = bytes[done...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        throw .cannotWrite(path: path, reason: String(cString: strerror(errno)))
      }
      done += count
    }
  }
}

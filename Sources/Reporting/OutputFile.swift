#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// A file that is never half there.
///
/// Bytes go to `.NAME.part-PID` beside the target; `commit()` renames it. Without a commit the
/// part is removed when the object goes away, and on SIGINT, SIGTERM and SIGHUP after
/// `removeUnfinishedOnSignal()`. An existing file keeps its content until the commit, and its
/// permissions after it. A symbolic link is followed. A device or named pipe (`/dev/null`,
/// `/dev/stdout`) is written straight, because renaming would replace it.
///
/// The bytes are not forced onto the disk: a power failure right after `commit` may lose them.
public final class OutputFile: OutputSink {
  /// The file that will be there.
  public let path: String

  private var buffer: DescriptorBuffer
  private let target: String
  /// `nil` when the target is written straight.
  private let part: String?
  private var isOpen = true

  /// - Throws: `OutputError.isDirectory`, or `cannotCreate` with the system's reason.
  public init(path: String) throws(OutputError) {
    self.path = path
    var status = stat()
    let exists = stat(path, &status) == 0
    // "" and "directory/" name no file, yet a part beside them could be made.
    if !exists, path.isEmpty || path.last == "/" {
      throw .cannotCreate(path: path.isEmpty ? "\"\"" : path, reason: errorText(ENOENT))
    }
    let kind = status.st_mode & S_IFMT
    if exists, kind == S_IFDIR { throw .isDirectory(path: path) }
    if exists, kind != S_IFREG {
      target = path
      part = nil
      buffer = DescriptorBuffer(
        descriptor: try open(path, flags: O_WRONLY, named: path), name: path)
      return
    }
    // Renaming needs no permission on the file itself; a write-protected file is meant to stay.
    if exists, access(path, W_OK) != 0 {
      throw .cannotCreate(path: path, reason: errorText(errno))
    }
    target = exists ? try resolved(path) : path
    let (partPath, descriptor) = try createPart(for: target, named: path)
    if exists { fchmod(descriptor, status.st_mode & 0o777) }
    part = partPath
    buffer = DescriptorBuffer(descriptor: descriptor, name: path)
  }

  deinit {
    if isOpen { abandon() }
  }

  /// - Throws: `OutputError.cannotWrite`.
  public func append(_ bytes: [UInt8]) throws(OutputError) {
    try buffer.append(bytes)
  }

  /// Writes what is in the buffer and puts the file in its place; to be called once.
  ///
  /// - Throws: `OutputError.cannotWrite`, and the part is removed.
  public func commit() throws(OutputError) {
    do {
      try buffer.flush()
    } catch {
      abandon()
      throw error
    }
    isOpen = false
    // Network file systems report a full disk at the close.
    var code = close(buffer.descriptor) == 0 ? 0 : errno
    if let part {
      let (target, before) = (target, code)
      code = UnfinishedFiles.finish(part) {
        if before == 0, rename(part, target) == 0 { return 0 }
        let reason = before == 0 ? errno : before
        unlink(part)
        return reason
      }
    }
    if code != 0 { throw .cannotWrite(path: path, reason: errorText(code)) }
  }

  /// From now on SIGINT, SIGTERM and SIGHUP remove every part that is not committed before
  /// they end the program, with the status that they would have given it.
  ///
  /// Signals that the program was started to ignore (`nohup`) stay ignored.
  public static func removeUnfinishedOnSignal() {
    UnfinishedFiles.removeOnSignal()
  }

  private func abandon() {
    guard isOpen else { return }
    isOpen = false
    close(buffer.descriptor)
    if let part {
      _ = UnfinishedFiles.finish(part) { unlink(part) }
    }
  }
}

/// The file that a path with symbolic links leads to.
private func resolved(_ path: String) throws(OutputError) -> String {
  guard let found = realpath(path, nil) else {
    throw .cannotCreate(path: path, reason: errorText(errno))
  }
  defer { free(found) }
  return String(cString: found)
}

private func open(
  _ path: String, flags: Int32, named name: String
) throws(OutputError) -> Int32 {
  let descriptor = open(path, flags | O_CLOEXEC, 0o666)
  guard descriptor >= 0 else { throw .cannotCreate(path: name, reason: errorText(errno)) }
  return descriptor
}

/// A new part beside the target; another one of this process for the same target gets a number.
private func createPart(
  for target: String, named name: String
) throws(OutputError) -> (path: String, descriptor: Int32) {
  let slash = target.lastIndex(of: "/").map { target.index(after: $0) } ?? target.startIndex
  let stem = "\(target[..<slash]).\(target[slash...]).part-\(getpid())"
  for attempt in 0..<100 {
    let path = attempt == 0 ? stem : "\(stem)-\(attempt)"
    let (descriptor, code) = UnfinishedFiles.start(path) { () -> (Int32, Int32) in
      let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      return (descriptor, errno)
    }
    if descriptor >= 0 { return (path, descriptor) }
    if code != EEXIST { throw .cannotCreate(path: name, reason: errorText(code)) }
  }
  throw .cannotCreate(path: name, reason: errorText(EEXIST))
}

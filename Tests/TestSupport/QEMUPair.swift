import Foundation

/// Two QEMUs under software emulation, one that runs a guest which writes memory at a set rate, one
/// that waits for it.
public final class QEMUPair {
  /// What the guest does, in pages and pages per second.
  public struct Guest: Sendable {
    public var fill: Int
    public var set: Int
    public var rate: Int

    public init(fill: Int, set: Int, rate: Int) {
      self.fill = fill
      self.set = set
      self.rate = rate
    }
  }

  public struct Failure: Error, CustomStringConvertible {
    public let description: String
  }

  private let folder: URL
  private var machines: [Process] = []

  public var sourceMonitor: String { folder.appending(path: "source.qmp").path }
  /// A second monitor of the source: one serves one client.
  public var otherSourceMonitor: String { folder.appending(path: "source-2.qmp").path }
  public var destinationMonitor: String { folder.appending(path: "destination.qmp").path }
  /// Where the source migrates to.
  public var uri: String { "unix:\(migration)" }
  private var migration: String { folder.appending(path: "migration").path }

  /// Builds the guest, starts both, and waits until the guest has filled its memory.
  ///
  /// - Throws: `Failure` that names what is missing.
  public init(_ guest: Guest) throws {
    // A socket's path has at most 107 bytes, so not in a folder of a folder of a folder.
    folder = URL(filePath: "/tmp").appending(path: "cutover-vm-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let kernel = folder.appending(path: "guest.elf").path
    let sources = Fixtures.checkout.appending(path: "Tests/WritingGuest").path
    try Self.run(
      "/usr/bin/gcc",
      [
        "-m32", "-march=i686", "-O2", "-ffreestanding", "-fno-pic", "-fno-pie", "-no-pie",
        "-fno-stack-protector", "-fno-asynchronous-unwind-tables", "-mno-sse", "-nostdlib",
        "-static", "-Wl,--build-id=none,-m,elf_i386,--no-warn-rwx-segments,-z,noexecstack",
        "-T", "\(sources)/link.ld", "\(sources)/boot.S", "\(sources)/guest.c", "-o", kernel,
      ])
    let line = "fill=\(guest.fill) set=\(guest.set) rate=\(guest.rate)"
    let serial = folder.appending(path: "serial").path
    try start(
      kernel, line,
      ["-serial", "file:\(serial)"] + monitor(sourceMonitor)
        + monitor(otherSourceMonitor))
    try start(
      kernel, line, ["-serial", "null", "-incoming", uri] + monitor(destinationMonitor))
    try wait(for: "the guest") {
      (try? String(contentsOfFile: serial, encoding: .utf8))?.contains("ready") ?? false
    }
    // The destination listens for the migration some time after its monitor is there.
    for socket in [sourceMonitor, otherSourceMonitor, destinationMonitor, migration] {
      try wait(for: socket) { FileManager.default.fileExists(atPath: socket) }
    }
  }

  /// Ends both, and what they left.
  public func remove() {
    for machine in machines where machine.isRunning { kill(machine.processIdentifier, SIGKILL) }
    for machine in machines { machine.waitUntilExit() }
    try? FileManager.default.removeItem(at: folder)
  }

  /// The source's process, to be ended as a crash would.
  public var sourceProcess: Int32 { machines[0].processIdentifier }

  private func monitor(_ path: String) -> [String] {
    ["-qmp", "unix:\(path),server=on,wait=off"]
  }

  private func start(_ kernel: String, _ line: String, _ more: [String]) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/qemu-system-x86_64")
    process.arguments =
      [
        "-accel", "tcg", "-display", "none", "-nodefaults", "-m", "64", "-kernel", kernel,
        "-append", line,
      ] + more
    process.standardInput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    do { try process.run() } catch {
      throw Failure(description: "qemu-system-x86_64: \(error); 'make test-deps' installs it")
    }
    machines.append(process)
  }

  private static func run(_ program: String, _ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    do { try process.run() } catch {
      throw Failure(description: "\(program): \(error); 'make test-deps' installs it")
    }
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failure(description: "\(program) \(arguments): status \(process.terminationStatus)")
    }
  }

  /// Emulation on a busy machine takes its time; this is for one that is stuck.
  private func wait(for what: String, _ condition: () -> Bool) throws {
    for _ in 0..<600 {
      if condition() { return }
      Thread.sleep(forTimeInterval: 0.1)
    }
    throw Failure(description: "\(what) is not there after a minute")
  }
}

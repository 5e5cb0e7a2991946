import Foundation

/// A monitor behind libvirt: every command is a run of `virsh qemu-monitor-command`.
///
/// libvirt keeps the events to itself, so there are none.
public final class VirshMonitor: MonitorLink {
  private let domain: String
  private let connection: String?
  private let program: String

  public var name: String { "virsh domain \(domain)" }

  /// - Parameters:
  ///   - domain: name, id or UUID.
  ///   - connection: libvirt's URI, such as `qemu:///system`; `nil` for virsh's own choice.
  ///   - program: what is run; found on the path.
  public init(domain: String, connection: String? = nil, program: String = "virsh") {
    self.domain = domain
    self.connection = connection
    self.program = program
  }

  public func reply(to line: String) throws(RecordingError) -> [UInt8] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments =
      [program] + (connection.map { ["-c", $0] } ?? []) + ["qemu-monitor-command", domain, line]
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    process.standardInput = FileHandle.nullDevice
    do { try process.run() } catch { throw .command(program, reason: "\(error)") }
    // Replies and messages are far below a pipe's buffer, so one may be read after the other.
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    let said = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      let words = String(decoding: said, as: UTF8.self)
        .trimmingCharacters(in: .whitespacesAndNewlines)
      if words.contains("domain is not running") || words.contains("failed to get domain") {
        throw .closed(name)
      }
      throw .command(
        program,
        reason: words.isEmpty ? "exit status \(process.terminationStatus)" : words)
    }
    return Array(bytes.split(separator: 0x0A).joined(separator: [0x20]))
  }

  public func events(until deadline: ContinuousClock.Instant) throws(RecordingError) -> [[UInt8]] {
    let left = (deadline - .now).components
    let seconds = Double(left.seconds) + Double(left.attoseconds) * 1e-18
    if seconds > 0 { Thread.sleep(forTimeInterval: seconds) }
    return []
  }
}

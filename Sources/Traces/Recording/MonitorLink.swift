/// A command for QEMU's machine protocol.
struct MonitorCommand: Sendable {
  let name: String
  let arguments: [(key: String, value: JSONValue)]

  init(_ name: String, _ arguments: [(key: String, value: JSONValue)] = []) {
    self.name = name
    self.arguments = arguments
  }

  /// The command as one line of JSON.
  var text: String {
    var members: [(key: String, value: JSONValue)] = [("execute", .text(name))]
    if !arguments.isEmpty { members.append(("arguments", .object(arguments))) }
    return JSONValue.object(members).compactText
  }

  static let queryMigrate = MonitorCommand("query-migrate")
  static let queryParameters = MonitorCommand("query-migrate-parameters")
  static let queryCapabilities = MonitorCommand("query-migrate-capabilities")
  static let queryDirtyRate = MonitorCommand("query-dirty-rate")
  static let cancel = MonitorCommand("migrate_cancel")

  static func migrate(to uri: String) -> MonitorCommand {
    MonitorCommand("migrate", [("uri", .text(uri))])
  }

  static func calculateDirtyRate(seconds: Int, mode: DirtyRateMode) -> MonitorCommand {
    MonitorCommand(
      "calc-dirty-rate", [("calc-time", .integer(seconds)), ("mode", .text(mode.rawValue))])
  }

  static func setCapabilities(_ names: [String]) -> MonitorCommand {
    let list = names.map { name in
      JSONValue.object([("capability", .text(name)), ("state", .flag(true))])
    }
    return MonitorCommand("migrate-set-capabilities", [("capabilities", .list(list))])
  }

  static func setParameters(_ values: [(key: String, value: Int)]) -> MonitorCommand {
    MonitorCommand(
      "migrate-set-parameters", values.map { ($0.key, .integer($0.value)) })
  }
}

/// How QEMU measures a dirty rate.
public enum DirtyRateMode: String, Sendable, CaseIterable {
  /// Hashes a sample of the pages twice; misses writes that leave the same bytes.
  case pageSampling = "page-sampling"
  /// Logs dirty pages for the window; slows the guest a little.
  case dirtyBitmap = "dirty-bitmap"
}

/// A way to talk to a monitor: a socket, or a command that has one.
public protocol MonitorLink: AnyObject {
  /// For messages.
  var name: String { get }
  /// Sends a line of JSON and returns the document that answers it.
  func reply(to line: String) throws(RecordingError) -> [UInt8]
  /// Events that came since the last call, waiting for the next until the deadline if none did.
  func events(until deadline: ContinuousClock.Instant) throws(RecordingError) -> [[UInt8]]
}

/// A monitor at the end of a socket.
public final class QMPMonitor: MonitorLink {
  private let socket: MonitorSocket
  private let parser: JSONParser
  private var pending: [[UInt8]] = []
  /// An answer takes milliseconds; a guest that is being paused may hold it up for seconds.
  private let patience: Duration

  public var name: String { socket.name }

  /// Connects and makes the monitor take commands.
  ///
  /// - Parameter patience: seconds to wait for any answer.
  /// - Throws: `RecordingError`.
  public init(_ address: MonitorAddress, patience: Double = 10) throws(RecordingError) {
    socket = try MonitorSocket(address)
    self.patience = .seconds(patience)
    do { parser = try JSONParser() } catch { throw .setting(error.description) }
    guard let greeting = try socket.line(until: .now + self.patience) else {
      throw .silent(name, seconds: patience, waitingFor: "greeting")
    }
    guard (try? parser.parse(greeting))?["QMP"] != nil else {
      throw .foreign(name, said: String(decoding: greeting.prefix(60), as: UTF8.self))
    }
    _ = try reply(to: MonitorCommand("qmp_capabilities").text)
  }

  public func reply(to line: String) throws(RecordingError) -> [UInt8] {
    try socket.send(line)
    let deadline = ContinuousClock.now + patience
    while let document = try socket.line(until: deadline) {
      if isEvent(document) { pending.append(document) } else { return document }
    }
    let seconds = Double(patience.components.seconds)
    throw .silent(name, seconds: seconds, waitingFor: "answer to \(line)")
  }

  public func events(until deadline: ContinuousClock.Instant) throws(RecordingError) -> [[UInt8]] {
    // What has come already, without waiting; then the first that comes.
    while let document = try socket.line(until: pending.isEmpty ? deadline : .now) {
      pending.append(document)
    }
    defer { pending = [] }
    return pending
  }

  private func isEvent(_ document: [UInt8]) -> Bool {
    (try? parser.parse(document))?["event"] != nil
  }
}

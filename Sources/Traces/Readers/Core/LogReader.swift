/// Reads one kind of log.
///
/// A reader says whether a log's beginning is of its kind, and reads a whole log into rows,
/// samples and dirty-rate measurements. It holds no state: everything about one log lives in the
/// call, so any number of logs are read at the same time.
protocol LogReader: Sendable {
  static var kind: LogKind { get }

  /// Why the beginning of a log is of this kind; `nil` when nothing says so.
  static func evidence(in head: LogHead) -> LogEvidence?

  /// Reads a log to its end. What cannot be understood is left out and counted, with a reason.
  ///
  /// - Throws: `TraceError` when the input cannot be read, or is no log of this kind at all.
  static func read(_ input: LogInput, into output: inout LogOutput) throws(TraceError)
}

/// Why a log is taken for a kind.
struct LogEvidence: Equatable {
  let line: Int
  /// Continues "line 3 ...": `has "..."`.
  let why: String
}

/// What a log was taken for, and why.
public struct LogRecognition: Sendable, Equatable {
  public let kind: LogKind
  /// 1-based line that tells, `nil` when the user said so.
  public let line: Int?
  public let why: String

  /// "looks like qmp (line 1 has ...)", or "--from qmp".
  public var description: String {
    guard let line else { return why }
    return "taken for \(kind.rawValue), because line \(line) \(why)"
  }
}

/// The readers, most telling evidence first.
enum LogReaders {
  static let all: [any LogReader.Type] = [
    GuestPerfReader.self, NovaReader.self, VMIMReader.self, QMPReader.self, HMPReader.self,
    DomJobInfoReader.self, DomStatsReader.self, ProxmoxReader.self, KubeVirtReader.self,
    KubeVirtMetricsReader.self, NovaLogReader.self, OVirtReader.self, CloudHypervisorReader.self,
    XenReader.self, VMwareReader.self,
  ]

  static func reader(of kind: LogKind) -> (any LogReader.Type)? {
    all.first { $0.kind == kind }
  }

  /// What a log's beginning says that it is.
  static func recognise(_ head: LogHead) -> LogRecognition? {
    for reader in all {
      if let evidence = reader.evidence(in: head) {
        return LogRecognition(kind: reader.kind, line: evidence.line, why: evidence.why)
      }
    }
    return nil
  }
}

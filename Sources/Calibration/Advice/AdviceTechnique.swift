/// The ways to migrate that advice compares, least harm first.
///
/// The order is the order of choice: what costs nothing, then what costs the hosts' CPU, then
/// what slows the guest down, then what can lose it.
public enum AdviceTechnique: String, Sendable, CaseIterable {
  case precopy
  case multifd = "precopy+multifd"
  case xbzrle = "precopy+xbzrle"
  case multifdZstd = "precopy+multifd-zstd"
  case multifdZlib = "precopy+multifd-zlib"
  case autoconverge = "precopy+autoconverge"
  case hybrid
  case postcopy

  /// What it risks or costs beyond time, a clause; `nil` for nothing.
  public var risk: String? {
    switch self {
    case .precopy: nil
    case .multifd: "needs multifd on both ends"
    case .xbzrle: "takes memory and CPU of the source"
    case .multifdZstd, .multifdZlib: "takes CPU of both hosts"
    case .autoconverge: "slows the guest; no use if it writes by a timer"
    case .hybrid, .postcopy: "a failure after the switch loses the guest"
    }
  }

  /// Whether the guest runs on pages that are not there yet.
  public var isPostcopy: Bool { self == .hybrid || self == .postcopy }
}

/// What a column is for. A model may read inputs and settings, never outcomes of the same row.
public enum ColumnRole: String, Sendable, CaseIterable {
  case id, input, setting, outcome
  /// A column of the file that the glossary does not know: kept, passed through, usable in a
  /// formula.
  case unknown
}

/// The unit of a column, SI always.
public enum ColumnUnit: String, Sendable, CaseIterable {
  case none = ""
  case bytes = "B"
  case bytesPerSecond = "B/s"
  case seconds = "s"
  case pages = "pages"
  case pagesPerSecond = "pages/s"
  case joules = "J"
  case fraction = "1"
  case count = "count"
}

/// Which numbers a column may hold.
public struct ColumnDomain: Sendable, Equatable {
  public var lower: Double
  public var lowerIsIncluded: Bool
  public var upper: Double

  public static let any = ColumnDomain(lower: -.infinity, lowerIsIncluded: false, upper: .infinity)
  public static let positive = ColumnDomain(lower: 0, lowerIsIncluded: false, upper: .infinity)
  public static let nonNegative = ColumnDomain(lower: 0, lowerIsIncluded: true, upper: .infinity)
  public static let fraction = ColumnDomain(lower: 0, lowerIsIncluded: true, upper: 1)
  /// Above 0, at most 1.
  public static let positiveFraction = ColumnDomain(lower: 0, lowerIsIncluded: false, upper: 1)
  public static let atLeastOne = ColumnDomain(lower: 1, lowerIsIncluded: true, upper: .infinity)
  public static let atMostOne = ColumnDomain(lower: -.infinity, lowerIsIncluded: false, upper: 1)

  public func contains(_ value: Double) -> Bool {
    (value > lower || (lowerIsIncluded && value == lower)) && value <= upper
  }

  public var description: String {
    switch self {
    case .any: "any"
    case .positive: "> 0"
    case .nonNegative: ">= 0"
    case .fraction: "0 to 1"
    case .atLeastOne: ">= 1"
    case .atMostOne: "<= 1"
    default:
      "\(lowerIsIncluded ? ">=" : ">") \(shortestDecimal(lower)), <= \(shortestDecimal(upper))"
    }
  }
}

/// One entry of the glossary: a column's name, role, unit, domain and meaning.
public struct ColumnDefinition: Sendable, Equatable {
  public enum Kind: Sendable, Equatable {
    case number(ColumnDomain)
    case text
    /// Text out of a closed list.
    case word([String])
    case flag
  }

  public let name: String
  public let role: ColumnRole
  public let kind: Kind
  public let unit: ColumnUnit
  public let meaning: String

  public init(
    _ name: String, _ role: ColumnRole, _ kind: Kind, _ unit: ColumnUnit, _ meaning: String
  ) {
    self.name = name
    self.role = role
    self.kind = kind
    self.unit = unit
    self.meaning = meaning
  }

  /// A column without a unit: text, words, flags.
  public init(_ name: String, _ role: ColumnRole, _ kind: Kind, _ meaning: String) {
    self.init(name, role, kind, .none, meaning)
  }
}

/// The one list of columns that Cutover knows, of traces and of its own answers.
///
/// The two are kept apart: a trace may have a column called `count` or `lower` of its own, and
/// it must not take the role that Cutover's answers give that word.
public enum Glossary {
  /// The definition of a trace column, `nil` for one that the trace table does not have.
  public static func definition(of name: String) -> ColumnDefinition? {
    traceIndex[name]
  }

  /// The role of a trace column; `unknown` for one that the trace table does not have.
  public static func role(of name: String) -> ColumnRole {
    traceIndex[name]?.role ?? .unknown
  }

  /// What a column means in a table that Cutover prints: its own answers, then trace columns.
  public static func explanation(of name: String) -> ColumnDefinition? {
    traceIndex[name] ?? answerIndex[name]
  }

  private static let traceIndex = index(traceColumns)
  private static let answerIndex = index(answerColumns)

  private static func index(_ definitions: [ColumnDefinition]) -> [String: ColumnDefinition] {
    Dictionary(definitions.map { ($0.name, $0) }) { first, _ in first }
  }
}

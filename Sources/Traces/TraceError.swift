public import ModelCore

/// Why a trace cannot be read, and where: file, line, field and value.
///
/// `description` has the shape `trace.csv:17:4: downtime_s: "abc" is not a number`. The line is
/// that of the record's first byte (of the very byte for text that is damaged), the column is the
/// 1-based position of the field.
public struct TraceError: Failure, Equatable {
  /// The path as it was given; `<stdin>` for standard input.
  public let file: String
  /// 1-based line; `nil` when the whole file is meant.
  public let line: Int?
  /// 1-based position of the field in its record; `nil` when the whole line is meant.
  public let column: Int?
  /// The name of the column, when the header is known by then.
  public let field: String?
  public let problem: TraceProblem

  public init(
    file: String, line: Int? = nil, column: Int? = nil, field: String? = nil,
    _ problem: TraceProblem
  ) {
    self.file = file
    self.line = line
    self.column = column
    self.field = field
    self.problem = problem
  }

  public var category: FailureCategory { problem.category }

  public var description: String {
    var text = file
    if let line { text += ":\(line)" }
    if line != nil, let column { text += ":\(column)" }
    text += ": "
    if let field { text += "\(field): " }
    return text + problem.message
  }
}

/// What can be wrong with a trace. Values are kept as `shownValue(_:)` prints them.
public enum TraceProblem: Sendable, Equatable {
  // The file.
  case noSuchFile
  case isDirectory
  case permissionDenied
  case cannotOpen(String)
  case cannotRead(String)
  case damagedPacking(format: String, String)
  case otherCompression(String)
  case utf16
  case empty
  case noRows

  // The header.
  case blankHeader
  case emptyName
  case repeatedName(String, firstColumn: Int)
  case numbersForHeader
  case otherDelimiter(header: String, delimiter: String)
  case missingColumn(String, nearest: [String])

  // The record.
  case tooLong(line: Int, limit: Int)
  case controlByte(UInt8)
  case invalidUTF8(UInt8)
  case unterminatedQuote
  case textAfterQuote(String)
  case quoteInsideCell(String)
  case ragged(found: Int, expected: Int)
  case blankLine(expected: Int)

  // The cell.
  case notANumber(String, hint: String)
  case outsideRange(String)
  case outsideDomain(String, ColumnDomain)
  case unknownWord(String, words: [String])
  case notAFlag(String)

  // The log of a platform.
  /// Nothing in it was understood; `why` says why it was taken for that kind.
  case nothingUnderstood(LogKind, why: String, reason: String)
  /// It was read, and no migration is in it.
  case noMigrations(LogKind, why: String, reasons: String)
  case unrecognised
  case emptyLog
  case documentTooLarge(limit: Int)
  /// `--map` for what is no CSV, or CSV without `--map`.
  case needsMapping(header: String)
  case mappingFailed(column: String, reason: String)

  /// A promise that the reader breaks to itself: a defect of the program.
  case internalFault(String)

  public var category: FailureCategory {
    switch self {
    case .noSuchFile, .isDirectory, .permissionDenied, .cannotOpen: .noInput
    case .cannotRead: .inputOutput
    case .internalFault: .internalFault
    default: .badData
    }
  }

  /// Whether a lenient reader may step over it: the record's limits are certain, only its
  /// content is wrong.
  public var isConfinedToItsRow: Bool {
    switch self {
    case .ragged, .blankLine, .notANumber, .outsideRange, .outsideDomain, .unknownWord, .notAFlag:
      true
    default: false
    }
  }

  /// A short stable name, for tables of findings.
  public var id: String {
    switch self {
    case .noSuchFile: "no-such-file"
    case .isDirectory: "is-a-directory"
    case .permissionDenied: "permission-denied"
    case .cannotOpen: "cannot-open"
    case .cannotRead: "cannot-read"
    case .damagedPacking(let format, _): "damaged-\(format)"
    case .otherCompression: "other-compression"
    case .utf16: "utf-16"
    case .empty: "empty-file"
    case .noRows: "no-rows"
    case .blankHeader: "blank-header"
    case .emptyName: "empty-name"
    case .repeatedName: "repeated-name"
    case .numbersForHeader: "numbers-for-header"
    case .otherDelimiter: "other-delimiter"
    case .missingColumn: "missing-column"
    case .tooLong: "line-too-long"
    case .controlByte: "control-byte"
    case .invalidUTF8: "invalid-utf-8"
    case .unterminatedQuote: "unterminated-quote"
    case .textAfterQuote: "text-after-quote"
    case .quoteInsideCell: "quote-inside-cell"
    case .ragged: "ragged-row"
    case .blankLine: "blank-line"
    case .notANumber: "not-a-number"
    case .outsideRange: "outside-range"
    case .outsideDomain: "outside-domain"
    case .unknownWord: "unknown-word"
    case .notAFlag: "not-a-flag"
    case .nothingUnderstood: "nothing-understood"
    case .noMigrations: "no-migrations"
    case .unrecognised: "unrecognised"
    case .emptyLog: "empty-file"
    case .documentTooLarge: "document-too-large"
    case .needsMapping: "needs-mapping"
    case .mappingFailed: "mapping-failed"
    case .internalFault: "internal-fault"
    }
  }
}

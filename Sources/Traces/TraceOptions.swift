public import ModelCore

/// What a caller may demand of a column's cells, over what the definitions say.
public enum TraceColumnType: Sendable, Equatable {
  case number
  case text
  case flag
}

/// What happens to a row whose limits are certain but whose content is wrong: too few fields,
/// text in a number, a value outside its domain, an unknown word.
///
/// Damage that makes the limits of rows uncertain (an open quote, bytes that are not text, a
/// header that names a column twice) is an error in every case.
public enum BadRowPolicy: Sendable, Equatable {
  /// The first one is the error of the whole reading.
  case fail
  /// Left out, counted, and handed to the caller as it stood.
  case skip
  /// Every problem is listed; a bad cell becomes a missing one, a ragged row is left out.
  case collect
}

/// How a trace is read.
public struct TraceOptions: Sendable, Equatable {
  /// The columns to keep, in the file's order; `nil` keeps all. Names that the file does not have
  /// are passed over; `requiredColumns` insists. Cells of other columns are not looked at.
  public var columns: Set<String>?
  /// Types the caller insists on, by column name. A number keeps the domain of its definition.
  public var types: [String: TraceColumnType] = [:]
  /// Names that the header must have.
  public var requiredColumns: [String] = []
  /// Whether a file without rows is an error.
  public var requireRows = false
  public var badRows = BadRowPolicy.fail
  /// Definitions that cells are held against. A column outside them is numeric when every cell
  /// that is not empty is a number, and text otherwise.
  public var definitions: [ColumnDefinition] = Glossary.traceColumns
  /// Whether the log of a platform, recognised by its beginning, is read as the trace it makes.
  public var convertsLogs = true
  /// How many skipped rows and problems are kept; all are counted.
  public var keptProblems = 1000
  /// Bytes per read.
  public var blockSize = 1 << 18
  /// A record longer than this is an error: without a limit, an open quote or a file that is not
  /// CSV would be read into memory whole.
  public var maximumRecordBytes = 16 << 20

  public init() {}
}

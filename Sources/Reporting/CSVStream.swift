public import ModelCore

/// A CSV file that is written table by table, all with the same columns: the header stands once.
public struct CSVStream {
  private let file: OutputFile
  private var hasHeader = false

  /// - Throws: `OutputError` when the file cannot be created.
  public init(path: String) throws(OutputError) {
    file = try OutputFile(path: path)
  }

  /// Appends the rows of a table; its columns are those of the first.
  public mutating func append(_ table: Table) throws(OutputError) {
    try CSVTable(significantDigits: nil).write(table, to: file, writesHeader: !hasHeader)
    hasHeader = true
  }

  /// Puts the file in its place; to be called once.
  public func commit() throws(OutputError) { try file.commit() }
}

public import ModelCore

/// What a command has to say on standard output: tables with words around them.
public struct Report: Sendable, Equatable {
  /// A piece of a report.
  public enum Block: Sendable, Equatable {
    case title(String)
    case paragraph(String)
    /// Remarks under a table, one each.
    case notes([String])
    /// Lines to type, never broken: indented in text, fenced in Markdown.
    case code([String])
    /// A table; the name is its key in JSON.
    case table(Table, name: String)
  }

  /// The pieces in the order they were added.
  public private(set) var blocks: [Block] = []

  /// An empty report.
  public init() {}

  /// A report that is one table.
  public init(_ table: Table, name: String, notes: [String] = []) {
    blocks = [.table(table, name: name)] + (notes.isEmpty ? [] : [.notes(notes)])
  }

  /// Adds a title: underlined in text, a second-level heading in Markdown.
  public mutating func add(title: String) { blocks.append(.title(title)) }

  /// Adds prose, printed as it is.
  public mutating func add(paragraph: String) { blocks.append(.paragraph(paragraph)) }

  /// Adds remarks; none when the list is empty.
  public mutating func add(notes: [String]) {
    if !notes.isEmpty { blocks.append(.notes(notes)) }
  }

  /// Adds lines to type.
  public mutating func add(code: [String]) { blocks.append(.code(code)) }

  /// Adds a table. The first one is the report's result: CSV holds it alone.
  ///
  /// - Throws: `ReportError.repeatedName` when another table has that name.
  public mutating func add(_ table: Table, name: String) throws(ReportError) {
    guard !tables.contains(where: { $0.name == name }) else { throw .repeatedName(name) }
    blocks.append(.table(table, name: name))
  }

  /// The tables in order.
  public var tables: [(table: Table, name: String)] {
    blocks.compactMap { block in
      if case .table(let table, let name) = block { return (table, name) }
      return nil
    }
  }
}

/// A report that contradicts itself: a fault of the program, not of its user.
public enum ReportError: Failure, Equatable {
  case repeatedName(String)

  public var category: FailureCategory { .internalFault }

  public var description: String {
    switch self {
    case .repeatedName(let name): "a report has two tables named \(name)"
    }
  }
}

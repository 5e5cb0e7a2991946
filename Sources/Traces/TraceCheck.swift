public import ModelCore

/// Something that a check has found in a trace.
public struct TraceFinding: Sendable, Equatable {
  public enum Severity: String, Sendable, CaseIterable {
    /// The trace is invalid.
    case error
    /// Real logs hold such rows; a fit on them deserves a second look.
    case warning
  }

  public let severity: Severity
  /// Short stable name of what was checked.
  public let rule: String
  public let file: String
  /// 1-based line, `nil` when the whole file is meant.
  public let line: Int?
  /// The column's name, when one column is meant.
  public let column: String?
  /// The row's `id`, where it has one.
  public let id: String?
  public let message: String

  public init(
    _ severity: Severity, rule: String, file: String, line: Int?, column: String? = nil,
    id: String? = nil, message: String
  ) {
    self.severity = severity
    self.rule = rule
    self.file = file
    self.line = line
    self.column = column
    self.id = id
    self.message = message
  }
}

/// What is wrong and what is odd in a trace: every case, not only the first.
///
/// Errors are cells and rows that the format forbids, ids that repeat, counts that are not whole,
/// used memory above all memory. Warnings are rows that contradict themselves or look measured in
/// another unit. Findings stand in the order of their lines, errors before warnings on one line.
public struct TraceCheck: Sendable, Equatable {
  /// At most `limit` errors and `limit` warnings.
  public let findings: [TraceFinding]
  /// All errors, listed or not.
  public let errorCount: Int
  /// All warnings, listed or not.
  public let warningCount: Int
  public let file: String
  /// Rows that could be checked.
  public let rowCount: Int
  /// What the rows were made from, when the file is the log of a platform.
  public let conversion: LogSummary?

  /// Reads a trace and checks it.
  ///
  /// Damage that ends the reading (an open quote, bytes that are not text) is a finding beside
  /// those about the rows that precede it; a wrong header is the only finding.
  ///
  /// - Parameter limit: how many errors and how many warnings are listed; all are counted.
  /// - Throws: `TraceError` when the file cannot be opened or read.
  public init(reading reader: TraceReader, limit: Int = 1000) throws(TraceError) {
    var reader = reader
    reader.options.badRows = .collect
    reader.options.columns = nil
    reader.options.keptProblems = limit
    do throws(TraceError) {
      let (read, damage) = try reader.readUpToDamage()
      self.init(read, damage: damage, limit: limit)
    } catch {
      guard error.category == .badData else { throw error }
      self.init(wrongHeader: error)
    }
  }

  /// Checks a trace that was read under `BadRowPolicy.collect`; under another policy the cells
  /// have passed their checks already, and only the rows are left to check.
  public init(_ read: TraceRead, limit: Int = 1000) {
    self.init(read, damage: nil, limit: limit)
  }

  private init(_ read: TraceRead, damage: TraceError?, limit: Int) {
    let table = read.table
    file = table.source ?? ""
    rowCount = table.rowCount
    conversion = read.conversion
    let rows = CheckedRows(table)
    var errors = FindingList(limit: limit, count: read.problemCount - read.problems.count)
    var warnings = FindingList(limit: limit, count: 0)
    if let damage { errors.append(Self.finding(of: damage, nil)) }
    for problem in read.problems.prefix(limit) { errors.append(Self.finding(of: problem, rows)) }
    for finding in fileFindings(rows) { warnings.append(finding) }
    for rule in rowRules {
      for row in 0..<table.rowCount {
        guard let complaint = rule.complaint(rows, row) else { continue }
        let finding = rows.finding(rule.severity, rule.id, row, complaint.column, complaint.message)
        if rule.severity == .error { errors.append(finding) } else { warnings.append(finding) }
      }
    }
    for finding in repeatedIDs(rows) { errors.append(finding) }
    errorCount = errors.count
    warningCount = warnings.count
    // A stable order: by line, errors first, otherwise as the rules stand.
    findings = (errors.kept + warnings.kept).enumerated()
      .sorted { ($0.element.line ?? 0, $0.offset) < ($1.element.line ?? 0, $1.offset) }
      .map(\.element)
  }

  private init(wrongHeader error: TraceError) {
    findings = [Self.finding(of: error, nil)]
    errorCount = 1
    warningCount = 0
    file = error.file
    rowCount = 0
    conversion = nil
  }

  private static func finding(of error: TraceError, _ rows: CheckedRows?) -> TraceFinding {
    TraceFinding(
      .error, rule: error.problem.id, file: error.file, line: error.line, column: error.field,
      id: error.line.flatMap { rows?.id(atLine: $0) }, message: error.problem.message)
  }

  /// The findings as a table: `severity, rule, line, column, id, message`.
  ///
  /// - Throws: `TraceError` never; the columns are of one length by construction.
  public func table() throws(TraceError) -> Table {
    do {
      return try Table(
        [
          Column("severity", text: findings.map(\.severity.rawValue)),
          Column("rule", text: findings.map(\.rule)),
          Column("line", numbers: findings.map { $0.line.map(Double.init) }),
          Column("column", text: findings.map(\.column)),
          Column("id", text: findings.map(\.id)),
          Column("message", text: findings.map(\.message)),
        ], source: file)
    } catch {
      throw TraceError(file: file, .internalFault(error.description))
    }
  }

  /// "and 12 more errors, 3 more warnings", or nothing when all are listed.
  public var remainder: String? {
    let listed = findings.count { $0.severity == .error }
    let parts = [
      (errorCount - listed, "more error"),
      (warningCount - (findings.count - listed), "more warning"),
    ]
    let text = parts.filter { $0.0 > 0 }.map(counted).joined(separator: ", ")
    return text.isEmpty ? nil : "and " + text
  }
}

/// Findings of one severity: all counted, the first ones kept.
private struct FindingList {
  let limit: Int
  var count: Int
  var kept: [TraceFinding] = []

  init(limit: Int, count: Int) {
    self.limit = limit
    self.count = count
  }

  mutating func append(_ finding: TraceFinding) {
    count += 1
    if kept.count < limit { kept.append(finding) }
  }
}

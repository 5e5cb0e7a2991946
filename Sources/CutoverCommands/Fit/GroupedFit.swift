import Dispatch
import ModelCore
import Synchronization

/// One fit per value of a column, in parallel; results in the order of the values.
struct GroupedFit {
  let column: String
  let parts: [(value: String, result: Result<FittedFormula, GroupFailure>)]

  /// Why a group has no fit.
  struct GroupFailure: Error {
    let message: String
  }

  /// - Throws: `TableError.unknownColumn`.
  init(_ table: Table, by column: String, _ fitter: some FormulaFitter) throws {
    self.column = column
    guard table[column] != nil else {
      throw TableError.unknownColumn(column, nearest: table.nearestNames(to: column))
    }
    var rows: [String: [Int]] = [:]
    for row in 0..<table.rowCount {
      rows[table.label(column, row: row) ?? "", default: []].append(row)
    }
    let values = rows.keys.sorted()
    let results = Mutex([Int: Result<FittedFormula, GroupFailure>]())
    let selected = values.map { rows[$0] ?? [] }
    DispatchQueue.concurrentPerform(iterations: values.count) { index in
      let result: Result<FittedFormula, GroupFailure>
      do {
        result = .success(try fitter.fit(table.selecting(selected[index])))
      } catch {
        result = .failure(GroupFailure(message: "\(error)"))
      }
      results.withLock { $0[index] = result }
    }
    let finished = results.withLock { $0 }
    parts = values.indices.compactMap { index in finished[index].map { (values[index], $0) } }
  }

  /// The groups that were fitted.
  var fitted: [(value: String, fit: FittedFormula)] {
    parts.compactMap { part in (try? part.result.get()).map { (part.value, $0) } }
  }

  /// A sentence per group that could not be fitted, or did not converge.
  var notes: [String] {
    parts.compactMap { part in
      switch part.result {
      case .failure(let failure): "\(column) \(part.value): no fit: \(failure.message)"
      case .success(let fit):
        fit.isConverged ? nil : "\(column) \(part.value): the fit did not converge"
      }
    }
  }

  /// The tables of all groups under each other, the group first.
  func stacked(_ table: (FittedFormula) throws -> Table) throws -> Table {
    let tables = try fitted.map { ($0.value, try table($0.fit)) }
    guard let first = tables.first else { return try Table([Column(column, text: [])]) }
    let groups = tables.flatMap { value, table in
      [String?](repeating: value, count: table.rowCount)
    }
    var columns = [Column(column, text: groups)]
    for name in first.1.names {
      columns.append(try stack(name, tables.map(\.1)))
    }
    return try Table(columns)
  }

  private func stack(_ name: String, _ tables: [Table]) throws -> Column {
    if tables.allSatisfy({ $0.numbersIfPresent(name) != nil }) {
      return Column(
        name,
        .numbers(
          NumericColumn(storage: tables.flatMap { $0.numbersIfPresent(name)?.storage ?? [] })))
    }
    return Column(
      name,
      text: tables.flatMap { table in (0..<table.rowCount).map { table.label(name, row: $0) } })
  }
}

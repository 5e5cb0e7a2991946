import Foundation
import ModelCore
import Regression
import Traces

/// Least squares of rows that are read once and not kept: memory does not grow with the file.
struct StreamedFitting {
  /// A file from this size on is streamed without being asked for: in memory its columns would
  /// take about as much again.
  static let threshold = 64 << 20
  /// Rows that are looked at to tell columns of numbers from columns of text.
  private static let peekedRows = 1000

  let formula: Formula
  let weights: Regression.Expression?
  let path: String
  let filter: RowFilter?
  let lenient: Bool
  let skipped: String?
  /// Whether rows of migrations that were not completed are taken too.
  let keepsCensored: Bool
  /// Confidence of intervals.
  let level: Double

  /// What was read.
  struct Outcome {
    let state: LeastSquaresState
    let fit: StreamedFit
    let censored: Int
  }

  /// Whether a file is large enough to be streamed without being asked for.
  static func isLarge(_ path: String) -> Bool {
    guard path != "-",
      let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
    else { return false }
    return size >= threshold
  }

  func run() throws -> Outcome {
    var options = TraceOptions()
    options.columns = columnsRead
    options.requireRows = true
    options.badRows = lenient ? .skip : .fail
    options.types = try columnTypes()
    var scan: PolynomialScan?
    if PolynomialScan.isNeeded(for: formula), path != "-" {
      var first = PolynomialScan(formula, weights: weights)
      _ = try forEachBatch(options, noting: nil) { try first.add($0) }
      scan = first
    }
    var leniency = Leniency(path: skipped)
    let (state, censored) = try reduce(options, scan, noting: { try leniency.take($0) })
    try leniency.finish()
    var fit = try state.fit(level: level)
    // A transformed response needs its errors to be taken back; a file can be read again.
    if fit.formulaFit.scale.kind != .identity, path != "-" {
      var scan = ResidualScan(state, fit)
      _ = try forEachBatch(options, noting: nil) { try scan.add($0) }
      fit = try scan.finish()
    }
    return Outcome(state: state, fit: fit, censored: censored)
  }

  /// What a thread made of one batch.
  private struct Part: Sendable {
    let state: LeastSquaresState
    let rows: Int
    let censored: Int
    let skipped: [SkippedRow]
  }

  /// Reads and reduces the batches on all cores. Every batch becomes a state of its own, and the
  /// states are merged in the order of the file, so nothing depends on the number of cores.
  private func reduce(
    _ options: TraceOptions, _ scan: PolynomialScan?, noting: (SkippedRow) throws -> Void
  ) throws -> (LeastSquaresState, censored: Int) {
    let progress = ProgressLine(title: "fitting")
    var whole: LeastSquaresState?
    var (censored, rows) = (0, 0)
    try TraceReader(path: path, options: options).mapChunks(
      prepare: { empty in
        let design = try StreamingDesign(
          formula, like: empty.table, weights: weights, polynomials: scan)
        whole = LeastSquaresState(design)
        return design
      },
      work: { design, batch in
        let (table, censored) = try rowsToFit(batch.table)
        var state = LeastSquaresState(design)
        try state.add(table)
        return Part(
          state: state, rows: batch.rowCount, censored: censored, skipped: batch.skipped)
      },
      deliver: { part in
        for row in part.skipped { try noting(row) }
        try whole?.merge(part.state)
        censored += part.censored
        rows += part.rows
        progress.update(rows: rows)
      })
    progress.finish()
    guard let whole, rows > 0 else { throw NothingToFit(path: path) }
    return (whole, censored)
  }

  /// The rows of a batch that the filter takes and whose migrations were completed.
  private func rowsToFit(_ batch: Table) throws -> (Table, censored: Int) {
    var table = batch
    if let filter { table = table.selecting(try filter.matching(table)) }
    let responds = formula.responseColumns.contains { Glossary.role(of: $0) == .outcome }
    guard !keepsCensored, responds, let statuses = table.textIfPresent("status") else {
      return (table, 0)
    }
    let kept = (0..<table.rowCount).filter { statuses[$0].map { $0 == "completed" } ?? true }
    let censored = table.rowCount - kept.count
    return (censored > 0 ? table.selecting(kept) : table, censored)
  }

  /// Hands over the rows to fit, batch by batch, for a pass that needs their order.
  private func forEachBatch(
    _ options: TraceOptions, noting: ((SkippedRow) throws -> Void)?, _ body: (Table) throws -> Void
  ) throws -> Int {
    let progress = ProgressLine(title: "fitting")
    var censored = 0
    var rows = 0
    try TraceReader(path: path, options: options).mapChunks(
      prepare: { _ in },
      work: { _, batch in (batch, try rowsToFit(batch.table)) },
      deliver: { batch, taken in
        if let noting { for row in batch.skipped { try noting(row) } }
        censored += taken.censored
        try body(taken.0)
        rows += batch.rowCount
        progress.update(rows: rows)
      })
    progress.finish()
    return censored
  }

  private var columnsRead: Set<String> {
    Set(
      formula.responseColumns + formula.columnsRead + (weights?.columnsRead ?? [])
        + (filter?.columnsRead ?? []) + ["status"])
  }

  /// Columns that the trace table does not know are numbers, unless the first rows of a file say
  /// otherwise: a stream cannot wait for its last row to decide.
  private func columnTypes() throws -> [String: TraceColumnType] {
    let unknown = columnsRead.filter { Glossary.definition(of: $0) == nil }
    var types = Dictionary(uniqueKeysWithValues: unknown.map { ($0, TraceColumnType.number) })
    guard path != "-" else { return types }
    var options = TraceOptions()
    options.columns = unknown
    options.badRows = .skip
    var batches = try TraceReader(path: path, options: options).batches(rows: Self.peekedRows)
    guard let first = try batches.next() else { return types }
    for name in unknown {
      guard let column = first.table.textIfPresent(name) else { continue }
      let cells = (0..<column.count).lazy.compactMap { column[$0] }
      if !cells.isEmpty, cells.allSatisfy({ Double($0) == nil }) { types[name] = .text }
    }
    return types
  }

  private struct NothingToFit: Failure {
    let path: String
    var category: FailureCategory { .badData }
    var description: String { "\(path): no row is left to fit" }
  }
}

import MigrationModels
import ModelCore
import Quantities
import Traces

/// A dirty curve as a file: `window_s, dirty_bytes`, and `sampled_bytes` where only part of the
/// memory was looked at (the third table of the trace table).
enum DirtyCurveFile {
  private static let columns = [
    ColumnDefinition("window_s", .input, .number(.positive), .seconds, "length of the window"),
    ColumnDefinition(
      "dirty_bytes", .input, .number(.nonNegative), .bytes, "distinct memory dirtied in it"),
    ColumnDefinition(
      "sampled_bytes", .input, .number(.positive), .bytes, "memory looked at; all if empty"),
  ]

  /// Reads the curve of one machine; dirty memory of a sample is scaled to the whole memory.
  static func read(_ path: String, scenario: Scenario) throws -> DirtyCurve {
    guard let memory = scenario.memory else {
      throw UsageError("--dirty-curve needs --memory, which the curve is scaled to")
    }
    var options = TraceOptions()
    options.requireRows = true
    options.definitions = columns
    options.requiredColumns = ["window_s", "dirty_bytes"]
    let table = try TraceReader(path: path, options: options).readTable().table
    let windows = try table.numbers("window_s")
    let dirty = try table.numbers("dirty_bytes")
    let sampled = table.numbersIfPresent("sampled_bytes")
    var points: [DirtyCurve.Point] = []
    for row in 0..<table.rowCount {
      guard let window = windows[row], let bytes = dirty[row] else {
        throw BadCurveRow(file: path, line: table.lines?[row] ?? row + 2)
      }
      let scale = sampled?[row].map { memory.siValue / $0 } ?? 1
      points.append(
        DirtyCurve.Point(window: Seconds(siValue: window), dirty: Bytes(siValue: bytes * scale)))
    }
    return try DirtyCurve(points: points, ceiling: scenario.effectiveUsed ?? memory)
  }

  private struct BadCurveRow: Failure {
    let file: String
    let line: Int
    var category: FailureCategory { .badData }
    var description: String {
      "\(file):\(line): a point of a dirty curve needs both window_s and dirty_bytes"
    }
  }
}

import Calibration
import MigrationModels
import ModelCore
import Quantities
import Traces

/// Samples of how a machine dirties its memory, from whichever of the three tables a file holds.
enum DirtySampleFile {
  struct Samples {
    let curve: DirtySamples
    /// Of a dirty history.
    let counts: PageCounts?
    /// u(t) of a dirty history, exact.
    let process: HistoryDirtyProcess?
  }

  static func read(
    _ path: String, memory: Bytes, pageSize: Bytes, id: String?
  ) throws -> Samples {
    let names = Set(try header(path))
    if names.contains("first_page") {
      let history = try DirtyHistoryFile.read(path, memory: memory, pageSize: pageSize, id: id)
      let process = HistoryDirtyProcess(history)
      return Samples(
        curve: try DirtySamples(process), counts: try PageCounts(history), process: process)
    }
    if id != nil {
      throw UsageError("--history-id: \(path) is not a dirty history: it has no first_page")
    }
    if names.contains("window_s") {
      return Samples(curve: try curve(path, memory: memory), counts: nil, process: nil)
    }
    if names.contains("dirty_syncs"), names.contains("t_s") {
      return Samples(curve: try polls(path), counts: nil, process: nil)
    }
    throw BadSamples(
      description: "\(path): neither a dirty history (first_page), nor a dirty curve (window_s), "
        + "nor polls of a migration (t_s, dirty_syncs)")
  }

  private static func header(_ path: String) throws -> [String] {
    var options = TraceOptions()
    options.columns = []
    return try TraceReader(path: path, options: options).batches().names
  }

  private static func table(
    _ path: String, _ definitions: [ColumnDefinition], required: [String]
  ) throws -> Table {
    var options = TraceOptions()
    options.requireRows = true
    options.definitions = definitions
    options.columns = Set(definitions.map(\.name))
    options.requiredColumns = required
    return try TraceReader(path: path, options: options).readTable().table
  }

  private static func curve(_ path: String, memory: Bytes) throws -> DirtySamples {
    let table = try table(
      path,
      [
        ColumnDefinition("window_s", .input, .number(.positive), .seconds, ""),
        ColumnDefinition("dirty_bytes", .input, .number(.nonNegative), .bytes, ""),
        ColumnDefinition("sampled_bytes", .input, .number(.positive), .bytes, ""),
      ], required: ["window_s", "dirty_bytes"])
    let windows = try table.numbers("window_s")
    let dirty = try table.numbers("dirty_bytes")
    let sampled = table.numbersIfPresent("sampled_bytes")
    var points: [DirtySamples.Point] = []
    for row in 0..<table.rowCount {
      guard let window = windows[row], let bytes = dirty[row] else {
        throw BadSamples(
          description: "\(path):\(table.lines?[row] ?? row + 2): a point of a dirty curve needs "
            + "both window_s and dirty_bytes")
      }
      let scale = sampled?[row].map { memory.siValue / $0 } ?? 1
      points.append(.init(window: Seconds(siValue: window), dirty: Bytes(siValue: bytes * scale)))
    }
    return try DirtySamples(points: points)
  }

  private static func polls(_ path: String) throws -> DirtySamples {
    let names = ["t_s", "dirty_rate_bytes_per_s", "dirty_syncs"]
    let table = try table(
      path,
      [
        ColumnDefinition("t_s", .id, .number(.any), .seconds, ""),
        ColumnDefinition(
          "dirty_rate_bytes_per_s", .outcome, .number(.nonNegative), .bytesPerSecond, ""),
        ColumnDefinition("dirty_syncs", .outcome, .number(.nonNegative), .count, ""),
      ], required: names)
    func column(_ name: String) throws -> [Double?] {
      let numbers = try table.numbers(name)
      return (0..<table.rowCount).map { numbers[$0] }
    }
    return try DirtySamples(
      pollTimes: try column(names[0]), dirtyRates: try column(names[1]),
      dirtySyncs: try column(names[2]))
  }

  private struct BadSamples: Failure {
    let description: String
    var category: FailureCategory { .badData }
  }
}

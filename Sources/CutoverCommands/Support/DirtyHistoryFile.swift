import MigrationModels
import ModelCore
import Quantities
import Reporting
import Traces

/// A dirty history as a file: `id, slot_s, slot, first_page, page_count`, a row per run of pages
/// dirtied in a slot (the fourth table of the trace table). `id` may be left out.
///
/// Rows are in the order of their slots; a row of 0 pages says that the slot was watched. Read in
/// batches, so that memory is by runs and not by the text of the file.
enum DirtyHistoryFile {
  private static let columns = [
    ColumnDefinition("id", .id, .text, "names the recording"),
    ColumnDefinition("slot_s", .input, .number(.positive), .seconds, "length of a slot"),
    ColumnDefinition("slot", .input, .number(.nonNegative), .count, "number of the slot, from 0"),
    ColumnDefinition(
      "first_page", .input, .number(.nonNegative), .pages, "first page of a run, from 0"),
    ColumnDefinition(
      "page_count", .input, .number(.nonNegative), .pages, "pages of the run; 0: none"),
  ]
  static let header = "id,slot_s,slot,first_page,page_count\n"

  /// Reads the history of one machine.
  ///
  /// - Parameters:
  ///   - memory: of the machine; pages beyond it are refused.
  ///   - id: the recording, where the file holds several; `nil` when it holds one.
  static func read(
    _ path: String, memory: Bytes, pageSize: Bytes, id: String? = nil
  ) throws -> DirtyHistory {
    var options = TraceOptions()
    options.requireRows = true
    options.definitions = columns
    options.columns = Set(columns.map(\.name))
    options.requiredColumns = ["slot_s", "slot", "first_page", "page_count"]
    let reader = TraceReader(path: path, options: options)
    var collector = Collector(
      path: path == "-" ? "<stdin>" : path, memory: memory, pageSize: pageSize, wanted: id)
    try reader.forEachBatch { batch in try collector.take(batch.table) }
    return try collector.finish()
  }

  /// Writes a history, slot by slot.
  ///
  /// - Parameter id: without commas, quotes and line ends; `checkedID` makes sure.
  static func write(_ history: DirtyHistory, id: String, to destination: Destination) throws {
    try destination.append(header)
    let slotLength = shortestDecimal(history.slot.siValue)
    for slot in 0..<history.slotCount {
      var text = ""
      for run in history.runs(in: slot) {
        text += "\(id),\(slotLength),\(slot),\(run.lowerBound),\(run.count)\n"
      }
      if text.isEmpty { text = "\(id),\(slotLength),\(slot),0,0\n" }
      try destination.append(text)
    }
  }

  /// An id that needs no quotes.
  static func checkedID(_ id: String) throws -> String {
    guard !id.isEmpty, !id.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else {
      throw UsageError("--id: write a name without commas, quotes and line ends")
    }
    return id
  }

  /// Rows into a history, with the place of what is wrong.
  private struct Collector {
    let path: String
    let memory: Bytes
    let pageSize: Bytes
    let wanted: String?
    private var builder: DirtyHistoryBuilder?
    private var slotLength = 0.0
    private var seen: String?
    private var others: Set<String> = []

    init(path: String, memory: Bytes, pageSize: Bytes, wanted: String?) {
      self.path = path
      self.memory = memory
      self.pageSize = pageSize
      self.wanted = wanted
    }

    mutating func take(_ table: Table) throws {
      let ids = table.textIfPresent("id")
      let lengths = try table.numbers("slot_s")
      let slots = try table.numbers("slot")
      let first = try table.numbers("first_page")
      let counts = try table.numbers("page_count")
      for row in 0..<table.rowCount {
        let line = table.lines?[row] ?? row + 2
        let id = ids?[row] ?? ""
        if let wanted, id != wanted {
          if others.count < 100 { others.insert(id) }
          continue
        }
        guard seen == nil || seen == id else {
          throw fault(
            line,
            "a second recording, \"\(id)\", after \"\(seen ?? "")\": choose one with "
              + "--history-id")
        }
        seen = id
        guard let length = lengths[row], let slot = slots[row], let page = first[row],
          let count = counts[row]
        else {
          throw fault(
            line, "a row of a dirty history needs slot_s, slot, first_page and page_count")
        }
        try append(length, slot, page, count, line)
      }
    }

    private mutating func append(
      _ length: Double, _ slot: Double, _ page: Double, _ count: Double, _ line: Int
    ) throws {
      for (name, value) in [("slot", slot), ("first_page", page), ("page_count", count)] {
        guard value == value.rounded(), value < 0x1p53 else {
          throw fault(line, "\(name): \(shortestDecimal(value)) is not a whole number")
        }
      }
      do {
        if builder == nil {
          slotLength = length
          let pages = (memory.siValue / pageSize.siValue).rounded(.up)
          builder = try DirtyHistoryBuilder(
            memoryPages: Int(min(pages, 1e15)), pageSize: pageSize, slot: Seconds(siValue: length))
        }
        guard length == slotLength else {
          throw fault(
            line,
            "slot_s: \(shortestDecimal(length)) after \(shortestDecimal(slotLength)): "
              + "a recording has slots of one length")
        }
        try builder?.append(slot: Int(slot), firstPage: Int(page), pageCount: Int(count))
      } catch let error as DirtyHistoryError {
        throw fault(line, error.description)
      }
    }

    func finish() throws -> DirtyHistory {
      guard let builder else {
        throw fault(
          nil,
          "no recording \"\(wanted ?? "")\""
            + suggestion(nearestWords(to: wanted ?? "", among: others.sorted())))
      }
      return try builder.finish()
    }

    private func fault(_ line: Int?, _ words: String) -> BadHistory {
      BadHistory(description: path + (line.map { ":\($0)" } ?? "") + ": " + words)
    }
  }

  private struct BadHistory: Failure {
    let description: String
    var category: FailureCategory { .badData }
  }
}

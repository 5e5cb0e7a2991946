import ModelCore

/// The columns that rules read, found once.
struct CheckedRows {
  let table: Table
  let file: String
  private let ids: TextColumn?
  private let status: TextColumn?
  private let numbers: [String: NumericColumn]

  init(_ table: Table) {
    self.table = table
    file = table.source ?? ""
    ids = table.textIfPresent("id")
    status = table.textIfPresent("status")
    var numbers: [String: NumericColumn] = [:]
    for column in table.columns {
      if case .numbers(let values) = column.values { numbers[column.name] = values }
    }
    self.numbers = numbers
  }

  func has(_ column: String) -> Bool { table[column] != nil }

  func column(_ name: String) -> NumericColumn? { numbers[name] }

  func value(_ name: String, _ row: Int) -> Double? { numbers[name]?[row] }

  func id(_ row: Int) -> String? { ids?[row] }

  /// The id of the row that begins at a line; `nil` when that row was left out.
  func id(atLine line: Int) -> String? {
    guard let lines = table.lines else { return nil }
    // Lines ascend: bisect.
    var low = 0
    var high = lines.count
    while low < high {
      let middle = (low + high) / 2
      if lines[middle] < line { low = middle + 1 } else { high = middle }
    }
    return low < lines.count && lines[low] == line ? id(low) : nil
  }

  func status(_ row: Int) -> String? { status?[row] }

  func line(_ row: Int) -> Int? { table.lines.map { $0[row] } }

  func finding(
    _ severity: TraceFinding.Severity, _ rule: String, _ row: Int, _ column: String?,
    _ message: String
  ) -> TraceFinding {
    TraceFinding(
      severity, rule: rule, file: file, line: line(row), column: column, id: id(row),
      message: message)
  }
}

/// What one rule says about one row.
struct Complaint {
  let column: String
  let message: String

  init(_ column: String, _ message: String) {
    self.column = column
    self.message = message
  }
}

/// A check of single rows.
struct RowRule: Sendable {
  let severity: TraceFinding.Severity
  let id: String
  let complaint: @Sendable (CheckedRows, Int) -> Complaint?

  init(
    _ severity: TraceFinding.Severity, _ id: String,
    _ complaint: @escaping @Sendable (CheckedRows, Int) -> Complaint?
  ) {
    self.severity = severity
    self.id = id
    self.complaint = complaint
  }

  /// A rule about two columns, for rows where both are known.
  init(
    _ severity: TraceFinding.Severity, _ id: String, _ first: String, _ second: String,
    _ message: @escaping @Sendable (Double, Double) -> String?
  ) {
    self.init(severity, id) { rows, row in
      guard let left = rows.value(first, row), let right = rows.value(second, row),
        let text = message(left, right)
      else { return nil }
      return Complaint(first, text)
    }
  }
}

/// Bounds of the warnings; each with its reason.
enum CheckTolerance {
  /// Phases are counted by other code than the total, headers and device state included: 5 %.
  static let bytesAddUp = 0.05
  /// `zero_fraction` is sampled, `used_bytes` often rounded to a MiB: 0.02 of all pages.
  static let zeroFraction = 0.02
  /// The offered bandwidth is the least of cap and link; 1 % is for rounded units (1000 and 1024).
  static let bandwidth = 0.01
  /// A bandwidth that was computed from the outcome agrees to the digits it was printed with.
  static let derivedBandwidth = 1e-6
  /// A timeout is reported near its limit; a polled one may come late, none comes at half time.
  static let timeout = 0.5
  /// No machine that migrates has less memory than 1 MiB; MiB or GiB were meant.
  static let leastMemory = 1048576.0
  /// No link that carries a migration is slower than 1 kB/s; MB/s or Mbit/s were meant.
  static let leastBandwidth = 1000.0
  /// A migration of 30 days is a time in other units, or a clock that was set.
  static let longestTotal = 30.0 * 86400
  /// A pause of a day is no live migration: QEMU reports its uptime when a counter is not set.
  static let longestDowntime = 86400.0
}

/// The rules for single rows, in the order in which findings of one line are listed.
let rowRules: [RowRule] = [usedAboveMemory, notYesOrNo] + wholeRules + contradictions + unitRules

private let usedAboveMemory = RowRule(
  .error, "used-above-memory", "used_bytes", "memory_bytes"
) { used, memory in
  used > memory ? "\(number(used)) is above memory_bytes (\(number(memory)))" : nil
}

/// Columns with the unit count or pages hold whole numbers, but for the ones that are averages.
let wholeColumns = Glossary.traceColumns
  .filter { $0.unit == .count || $0.unit == .pages }.map(\.name)
  .filter { $0 != "write_words_per_page" && $0 != "host_other_cpu_cores" }

private let wholeRules: [RowRule] =
  wholeColumns
  .map { name in
    RowRule(.error, "not-a-whole-number") { rows, row in
      guard let value = rows.value(name, row), value != value.rounded() else { return nil }
      return Complaint(name, "\(number(value)) is not a whole number")
    }
  }

private let notYesOrNo = RowRule(.error, "not-0-or-1") { rows, row in
  guard let value = rows.value("paced_by_cpu", row), value != 0, value != 1 else { return nil }
  return Complaint("paced_by_cpu", "\(number(value)) is neither 0 nor 1")
}

private let contradictions: [RowRule] = [
  RowRule(.warning, "downtime-above-total", "downtime_s", "total_time_s") { down, total in
    down > total ? "\(number(down)) is above total_time_s (\(number(total)))" : nil
  },
  RowRule(.warning, "setup-above-total", "setup_time_s", "total_time_s") { setup, total in
    setup > total ? "\(number(setup)) is above total_time_s (\(number(total)))" : nil
  },
  RowRule(.warning, "working-set-above-memory", "working_set_bytes", "memory_bytes") {
    set, memory in
    set > memory ? "\(number(set)) is above memory_bytes (\(number(memory)))" : nil
  },
  RowRule(.warning, "finished-before-started", "finished_s", "started_s") { finished, started in
    finished < started ? "\(number(finished)) is before started_s (\(number(started)))" : nil
  },
  RowRule(.warning, "completed-without-total") { rows, row in
    guard rows.status(row) == "completed", rows.value("total_time_s", row) == nil else {
      return nil
    }
    return Complaint("total_time_s", "a completed migration has no total time")
  },
  RowRule(.warning, "timeout-before-limit") { rows, row in
    guard rows.status(row) == "timeout", let total = rows.value("total_time_s", row),
      let limit = rows.value("time_limit_s", row), total < limit * CheckTolerance.timeout
    else { return nil }
    return Complaint(
      "total_time_s", "a timeout after \(number(total)), but time_limit_s is \(number(limit))")
  },
  RowRule(.warning, "bytes-do-not-add-up") { rows, row in
    guard let transferred = rows.value("transferred_bytes", row),
      let precopy = rows.value("precopy_bytes", row), let down = rows.value("downtime_bytes", row)
    else { return nil }
    // A phase that did not happen may be empty; the other two must be known.
    let sum = precopy + down + (rows.value("postcopy_bytes", row) ?? 0)
    guard abs(sum - transferred) > CheckTolerance.bytesAddUp * max(sum, transferred) else {
      return nil
    }
    return Complaint(
      "transferred_bytes",
      "\(number(transferred)), but the phases add up to \(number(sum)) (within 5 % expected)")
  },
  RowRule(.warning, "bandwidth-above-link") { rows, row in
    guard let bandwidth = rows.value("bandwidth_bytes_per_s", row) else { return nil }
    let known = ["bandwidth_cap_bytes_per_s", "link_bytes_per_s"].compactMap { name in
      rows.value(name, row).map { (value: $0, name: name) }
    }
    guard let least = known.min(by: { $0.value < $1.value }),
      bandwidth > least.value * (1 + CheckTolerance.bandwidth)
    else { return nil }
    return Complaint(
      "bandwidth_bytes_per_s",
      "\(number(bandwidth)) is above \(least.name) (\(number(least.value)))")
  },
  RowRule(.warning, "zero-fraction-disagrees") { rows, row in
    guard let zero = rows.value("zero_fraction", row), let used = rows.value("used_bytes", row),
      let memory = rows.value("memory_bytes", row),
      abs(zero - (1 - used / memory)) > CheckTolerance.zeroFraction
    else { return nil }
    return Complaint(
      "zero_fraction",
      "\(number(zero)), but 1 - used_bytes/memory_bytes is \(number(1 - used / memory))")
  },
  RowRule(.warning, "dirty-rate-without-window") { rows, row in
    // A file without that column is one finding, not one per row.
    guard rows.has("dirty_rate_window_s"), rows.value("dirty_rate_bytes_per_s", row) != nil,
      rows.value("dirty_rate_window_s", row) == nil
    else { return nil }
    return Complaint("dirty_rate_window_s", "a dirty rate without the window it was measured over")
  },
]

private let unitRules: [RowRule] = [
  below("memory-looks-small", "memory_bytes", CheckTolerance.leastMemory, "is it in bytes?"),
  below(
    "bandwidth-looks-small", "bandwidth_bytes_per_s", CheckTolerance.leastBandwidth,
    "is it in bytes per second?"),
  above("total-time-looks-long", "total_time_s", CheckTolerance.longestTotal, "is it in seconds?"),
  above(
    "downtime-looks-long", "downtime_s", CheckTolerance.longestDowntime,
    "is it in seconds, and not a counter that was never set?"),
]

private func below(_ id: String, _ column: String, _ bound: Double, _ question: String) -> RowRule {
  RowRule(.warning, id) { rows, row in
    guard let value = rows.value(column, row), value < bound else { return nil }
    return Complaint(column, "\(number(value)) is below \(number(bound)); \(question)")
  }
}

private func above(_ id: String, _ column: String, _ bound: Double, _ question: String) -> RowRule {
  RowRule(.warning, id) { rows, row in
    guard let value = rows.value(column, row), value > bound else { return nil }
    return Complaint(column, "\(number(value)) is above \(number(bound)); \(question)")
  }
}

private func number(_ value: Double) -> String { shortestDecimal(value) }

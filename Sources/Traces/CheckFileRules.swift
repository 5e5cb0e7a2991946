import ModelCore

/// Warnings about the file as a whole. They stand at the header's line.
func fileFindings(_ rows: CheckedRows) -> [TraceFinding] {
  [noMemory(rows), noBandwidth(rows), noWindow(rows), derivedBandwidth(rows)].compactMap { $0 }
}

private func finding(
  _ rows: CheckedRows, _ rule: String, _ column: String, _ message: String
) -> TraceFinding {
  TraceFinding(
    .warning, rule: rule, file: rows.file, line: 1, column: column, message: message)
}

private func noMemory(_ rows: CheckedRows) -> TraceFinding? {
  guard !rows.has("memory_bytes") else { return nil }
  return finding(
    rows, "no-memory", "memory_bytes",
    "no column memory_bytes: every model needs it"
      + suggestion(rows.table.nearestNames(to: "memory_bytes")))
}

private func noBandwidth(_ rows: CheckedRows) -> TraceFinding? {
  let known = ["bandwidth_bytes_per_s", "bandwidth_cap_bytes_per_s", "link_bytes_per_s"]
  guard !known.contains(where: rows.has) else { return nil }
  return finding(
    rows, "no-bandwidth", "bandwidth_bytes_per_s",
    "none of \(known.joined(separator: ", ")): almost every model needs a bandwidth"
      + suggestion(rows.table.nearestNames(to: "bandwidth_bytes_per_s")))
}

private func noWindow(_ rows: CheckedRows) -> TraceFinding? {
  guard rows.has("dirty_rate_bytes_per_s"), !rows.has("dirty_rate_window_s") else { return nil }
  return finding(
    rows, "dirty-rate-without-window", "dirty_rate_window_s",
    "dirty rates without the window they were measured over: a rate without its window is half a"
      + " number")
}

/// A bandwidth that was computed from the migration's own outcome predicts it too well.
private func derivedBandwidth(_ rows: CheckedRows) -> TraceFinding? {
  guard let bandwidth = rows.column("bandwidth_bytes_per_s") else { return nil }
  var known = 0
  var derived = 0
  for row in 0..<bandwidth.count {
    guard let rate = bandwidth[row], let bytes = rows.value("transferred_bytes", row),
      let total = rows.value("total_time_s", row)
    else { continue }
    let sending = total - (rows.value("setup_time_s", row) ?? 0)
    guard sending > 0, bytes > 0 else { continue }
    known += 1
    if abs(rate * sending - bytes) <= CheckTolerance.derivedBandwidth * bytes { derived += 1 }
  }
  // Two rows may agree by chance or by a link that was full; most of at least three do not.
  guard known >= 3, 2 * derived > known else { return nil }
  return finding(
    rows, "bandwidth-is-an-outcome", "bandwidth_bytes_per_s",
    "in \(derived) of \(known) rows it is transferred_bytes / (total_time_s - setup_time_s): the"
      + " throughput that was achieved, not the bandwidth that was offered")
}

/// An id names one row.
func repeatedIDs(_ rows: CheckedRows) -> [TraceFinding] {
  var firstLines: [String: Int] = [:]
  var findings: [TraceFinding] = []
  for row in 0..<rows.table.rowCount {
    guard let id = rows.id(row) else { continue }
    let line = rows.line(row) ?? row + 1
    if let first = firstLines[id] {
      findings.append(
        rows.finding(
          .error, "repeated-id", row, "id",
          "\"\(shownValue(Array(id.utf8)))\" names line \(first) already; ids are unique in a file")
      )
    } else {
      firstLines[id] = line
    }
  }
  return findings
}

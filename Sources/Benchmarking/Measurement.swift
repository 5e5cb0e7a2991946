import ModelCore

/// What many runs of one side of a pair come to.
struct Measurement {
  let benchmark: String
  let side: String
  let runs: [Run]
  /// Per round, the peer's time over ours; empty for the peer.
  let speedUps: [Double]
  /// The least ratio that is asked for; `nil` where none is.
  var goal: Double? = nil
  /// Of the libraries of this side, as it reports them.
  var versions: String? = nil

  private static func median(_ values: [Double]) -> Double? {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }

  static func table(_ rows: [Measurement]) throws -> Table {
    func seconds(_ row: Measurement) -> [Double] { row.runs.map(\.seconds) }
    return try Table([
      Column("benchmark", text: rows.map(\.benchmark)),
      Column("side", text: rows.map(\.side)),
      Column("runs", numbers: rows.map { Double($0.runs.count) }),
      Column("median_s", numbers: rows.map { median(seconds($0)) }),
      Column("min_s", numbers: rows.map { seconds($0).min() }),
      Column("max_s", numbers: rows.map { seconds($0).max() }),
      Column("peak_bytes", numbers: rows.map { $0.runs.map(\.peakBytes).max() }),
      Column("processor_s", numbers: rows.map { median($0.runs.compactMap(\.processorSeconds)) }),
      Column("speed_up", numbers: rows.map { median($0.speedUps) }),
      Column("speed_up_min", numbers: rows.map { $0.speedUps.min() }),
      Column("speed_up_max", numbers: rows.map { $0.speedUps.max() }),
      Column("goal_ratio", numbers: rows.map { row in row.goal.flatMap { $0 > 0 ? $0 : nil } }),
      Column(
        "met",
        flags: rows.map { row in
          guard let goal = row.goal, goal > 0 else { return nil }
          return median(row.speedUps).map { $0 >= goal }
        }),
      Column("versions", text: rows.map(\.versions)),
    ])
  }
}

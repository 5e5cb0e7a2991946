import Foundation

/// All jobs beside what one would take instead.
struct BenchmarkComparison {
  let settings: BenchmarkSettings
  /// Rows of the large tables.
  let rows: Int

  private var cutover: String { settings.cutover }
  /// Where the goals are set at a tenth of the large tables' rows.
  private var tenth: Int { max(rows / 10, 1000) }

  private func ours(_ words: String...) -> Side {
    Side(name: "cutover", command: [cutover, "bench", "job"] + words, clock: .reported)
  }

  private func peer(_ name: String, _ words: String...) -> Side? {
    settings.peers.map { peers in
      Side(name: name, command: [peers.python, peers.script] + words, clock: .reported)
    }
  }

  private func command(_ words: String...) -> Side {
    Side(name: "cutover", command: [cutover] + words, clock: .process)
  }

  /// The pairs, in the order of the goals' table.
  func pairs() -> [TimedPair] {
    let table = "\(settings.folder)/narrow-\(rows).csv"
    let makeTable = {
      try makeFile(table) { try FitRows.write(rows: rows, predictors: 7, to: $0) }
    }
    let scenarios = "\(settings.folder)/scenarios-\(rows).csv"
    let (answers, others) = (
      "\(settings.folder)/answers.csv", "\(settings.folder)/others.csv"
    )
    let fit = ["fit", table, "--stream", "--formula", FitRows.formula(predictors: 7)]
    let fitted = Side(name: "cutover", command: [cutover] + fit, clock: .process)
    var pairs = [
      TimedPair(
        name: "read \(rows) x 8 of CSV into columns", goal: 3, ours: ours("read", table),
        peer: peer("polars read_csv", "read", table), tolerance: 1e-9, prepare: makeTable,
        input: table),
      TimedPair(
        name: "fit \(rows) rows of CSV by 8", goal: 3.5, ours: fitted,
        peer: peer("polars, moment sums", "fit-polars", table), prepare: makeTable, input: table),
      TimedPair(
        name: "fit \(rows) rows of CSV by 8", goal: 3.5, ours: fitted,
        peer: peer("DuckDB, moment sums", "fit-duckdb", table), prepare: makeTable, input: table),
      TimedPair(
        name: "fit \(rows) rows of CSV by 8", goal: 40, ours: fitted,
        peer: peer("pandas and statsmodels", "fit-statsmodels", table), prepare: makeTable,
        input: table),
    ]
    for columns in [16, 64] {
      for core in [nil, "Haswell"] as [String?] {
        var mine = ours("squares", "\(tenth)", "\(columns)")
        var theirs = peer("scipy gelsy", "squares", "\(tenth)", "\(columns)")
        mine.environment = ["OPENBLAS_CORETYPE": core]
        theirs?.environment = ["OPENBLAS_CORETYPE": core]
        pairs.append(
          TimedPair(
            name: "least squares \(tenth) x \(columns) in memory, OPENBLAS_CORETYPE "
              + (core ?? "unset"), goal: columns == 16 ? 5.5 : 5, ours: mine, peer: theirs,
            tolerance: 1e-9))
      }
    }
    return pairs + [
      TimedPair(
        name: "geometric pre-copy of \(rows) scenarios in memory", goal: 2,
        ours: ours("precopy", "\(rows)"), peer: peer("numba parallel", "precopy", "\(rows)"),
        tolerance: 1e-6),
      TimedPair(
        name: "predict \(rows) scenarios, CSV to CSV", goal: 1.4,
        ours: command(
          "predict", "--model", "qemu.precopy", "--scenarios", scenarios, "-o", answers),
        peer: peer("polars, numba, polars", "predict", scenarios, others),
        prepare: { try makeFile(scenarios) { try ScenarioFile.write(rows: rows, to: $0) } },
        input: scenarios),
      TimedPair(
        name: "write \(tenth) x 8 as CSV, few digits", goal: 1,
        ours: ours("write", "\(tenth)", "8", answers),
        peer: peer("polars write_csv", "write", "\(tenth)", "8", others), tolerance: 1e-9),
      TimedPair(
        name: "write \(tenth) x 8 as CSV, 17 digits", goal: 0,
        ours: ours("write", "\(tenth)", "17", answers),
        peer: peer("polars write_csv", "write", "\(tenth)", "17", others), tolerance: 1e-9),
      TimedPair(
        name: "Erlang B at 1000000 servers", goal: 200, ours: ours("erlang", "1000000"),
        peer: peer("numba recurrence", "erlang", "1000000"), tolerance: 1e-12),
      TimedPair(
        name: "grouped 10-fold cross-validation, \(tenth) x 16", goal: 20,
        ours: ours("validation", "\(tenth)"),
        peer: peer("scikit-learn", "validation", "\(tenth)"), tolerance: 1e-2),
      TimedPair(
        name: "bootstrap, 1000 resamples of \(max(tenth / 10, 1000)) x 8", goal: 10,
        ours: ours("bootstrap", "\(max(tenth / 10, 1000))", "1000"),
        peer: peer("NumPy", "bootstrap", "\(max(tenth / 10, 1000))", "1000"), tolerance: 0.2),
      TimedPair(
        name: "one prediction from a cold start", goal: 9,
        ours: command(
          "predict", "--model", "liu.basic", "--memory", "1024MiB", "--bandwidth", "100MiB/s",
          "--dirty-rate", "20MiB/s", "--threshold", "1MiB", "--max-rounds", "29",
          "--resume-time", "20ms", "--format", "csv"),
        peer: settings.peers.map { peers in
          Side(
            name: "Python with NumPy", command: [peers.python, peers.script, "start"],
            clock: .process)
        }),
    ]
  }
}

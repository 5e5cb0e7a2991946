import Dispatch
import Foundation
import LinearAlgebra
import MigrationModels
import ModelCore
import QueueingModels
import Regression
import Reporting
import Traces

/// The jobs that are done inside a process: data in memory first, then the time of the job alone.
struct Jobs {
  /// How often the work is done; the last time counts.
  let times: Int

  /// Runs a job and prints `seconds S` and `value V`, as the peers do.
  func run(_ words: [String]) throws {
    let numbers = words.dropFirst().compactMap(Int.init)
    // Paths aside, a job's words are positive numbers.
    let paths = ["read": 1, "write": 1][words.first ?? ""] ?? 0
    guard numbers.count == words.count - 1 - paths, numbers.allSatisfy({ $0 > 0 }) else {
      throw NoSuchJob(words: words)
    }
    switch (words.first, words.count) {
    case ("read", 2): try read(words[1])
    case ("squares", 3): try squares(rows: numbers[0], columns: numbers[1])
    case ("precopy", 2): try precopy(rows: numbers[0])
    case ("write", 4): try write(rows: numbers[0], digits: numbers[1], path: words[3])
    case ("qemu", 2): try qemu(rows: numbers[0])
    case ("erlang", 2): try erlang(servers: numbers[0])
    case ("validation", 2): try validation(rows: numbers[0])
    case ("bootstrap", 3): try bootstrap(rows: numbers[0], replicates: numbers[1])
    default: throw NoSuchJob(words: words)
    }
  }

  private func report(_ body: () throws -> Double) throws {
    var value = 0.0
    var elapsed = Duration.zero
    for _ in 0..<times { elapsed = try ContinuousClock().measure { value = try body() } }
    let seconds =
      Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
    print("seconds \(seconds)\nvalue \(value)")
  }

  private func read(_ path: String) throws {
    var table: Table?
    try report {
      let read = try TraceReader(path: path).readTable()
      table = read.table
      return 0
    }
    // The sum is what shows that all is there; it is no part of the job.
    print("value \(try table?.numbers("y").storage.reduce(0, +) ?? .nan)")
  }

  /// Column j of the peers' `table`.
  private func column(_ j: Int, rows: Int) -> [Double] {
    (0..<rows).map { i in
      var z = UInt64(1) &+ UInt64(j * rows + i)
      z ^= z >> 30
      z = z &* 0xBF58_476D_1CE4_E5B9
      z ^= z >> 27
      z = z &* 0x94D0_49BB_1331_11EB
      z ^= z >> 31
      return Double(z >> 11) * 0x1p-53
    }
  }

  /// LAPACK is loaded with its first use; the peers' imports are not timed, either.
  private func loadLibraries() throws {
    _ = try PivotedQR(Matrix(columns: [[1, 2], [2, 1]]))
  }

  private func squares(rows: Int, columns: Int) throws {
    try loadLibraries()
    let matrix = try Matrix(columns: (0..<columns).map { column($0, rows: rows) })
    let response = column(columns, rows: rows)
    try report {
      // As a fit in memory makes them.
      let state = try MergeableQR.products(
        of: matrix, response: response, threads: ProcessInfo.processInfo.activeProcessorCount)
      let solved = try state?.leastSquares(predictors: Array(0..<columns), response: columns)
      return solved?.coefficients.first ?? .nan
    }
  }

  private func precopy(rows: Int) throws {
    let scenarios = try LiuBasicBatch(
      memory: column(0, rows: rows).map { (0.5 + 130 * $0) * 1e9 },
      bandwidth: column(2, rows: rows).map { (100 + 1100 * $0) * 1e6 },
      dirtyRate: column(1, rows: rows).map { (1 + 1200 * $0) * 1e6 },
      threshold: column(3, rows: rows).map { (0.05 + $0) * 1e8 },
      resumeTime: [Double](repeating: 0.02, count: rows))
    var answers: LiuBasicBatch.Predictions?
    try report {
      answers = scenarios.predictions()
      return 0
    }
    print("value \(answers?.rounds.reduce(0, +) ?? .nan)")
  }

  private func write(rows: Int, digits: Int, path: String) throws {
    let columns = (0..<8).map { j in
      let values = column(j, rows: rows)
      return Column(
        "x\(j)",
        .numbers(
          NumericColumn(
            storage: digits < 17
              ? values.map { ($0 * pow(10, Double(digits))).rounded(.down) / 1000 } : values)))
    }
    let table = try Table(columns)
    try report {
      var stream = try CSVStream(path: path)
      try stream.append(table)
      try stream.commit()
      return try table.numbers("x0").storage.reduce(0, +)
    }
  }

  private func qemu(rows: Int) throws {
    func named(_ name: String, _ values: [Double]) -> Column {
      Column(name, .numbers(NumericColumn(storage: values)))
    }
    let table = try Table([
      named("memory_bytes", column(0, rows: rows).map { (0.5 + 130 * $0) * 1e9 }),
      named("used_bytes", column(0, rows: rows).map { (0.4 + 100 * $0) * 1e9 }),
      named("bandwidth_bytes_per_s", column(2, rows: rows).map { (100 + 1100 * $0) * 1e6 }),
      named("dirty_rate_bytes_per_s", column(1, rows: rows).map { (1 + 200 * $0) * 1e6 }),
      named("downtime_limit_s", column(3, rows: rows).map { 0.05 + $0 }),
    ])
    let model = try ModelCatalogue.model("qemu.precopy")
    let scenarios = ScenarioRows(table)
    try report {
      let answers = model.predictions(of: scenarios)
      return answers?.number(.totalTime, row: rows - 1) ?? .nan
    }
  }

  private func erlang(servers: Int) throws {
    // As the peer, whose function is compiled beforehand.
    _ = try ErlangLoss(servers: 10, offeredLoad: 9).blocking
    try report {
      try ErlangLoss(servers: Double(servers), offeredLoad: 0.99 * Double(servers)).blocking
    }
  }

  private func fit(rows: Int, predictors: Int, groups: Int?) throws -> LinearFit {
    var columns = (0..<predictors).map {
      Column("x\($0)", .numbers(NumericColumn(storage: column($0, rows: rows))))
    }
    columns.append(Column("y", .numbers(NumericColumn(storage: column(predictors, rows: rows)))))
    if let groups {
      columns.append(
        Column(
          "g", .numbers(NumericColumn(storage: (0..<rows).map { Double($0 / groups) }))))
    }
    let formula = "y ~ " + (0..<predictors).map { "x\($0)" }.joined(separator: " + ")
    return try LeastSquares().fit(try Design(Formula(formula), try Table(columns)))
  }

  private func validation(rows: Int) throws {
    try loadLibraries()
    let fit = try fit(rows: rows, predictors: 16, groups: 100)
    try report {
      let found = try fit.crossValidate(.groupedFolds(10, column: "g"))
      let errors = found.foldScores.compactMap { $0.metrics["rmse"] }
      return errors.reduce(0, +) / Double(errors.count)
    }
  }

  private func bootstrap(rows: Int, replicates: Int) throws {
    try loadLibraries()
    let fit = try fit(rows: rows, predictors: 7, groups: nil)
    try report {
      let found = try Bootstrap(.cases, replicates: replicates).run(fit)
      let values = found.coefficients.map { $0[1] }
      let mean = values.reduce(0, +) / Double(values.count)
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      return (squares / Double(values.count - 1)).squareRoot()
    }
  }
}

/// Words that name no job.
struct NoSuchJob: Failure {
  let words: [String]
  var category: FailureCategory { .usage }
  var description: String {
    "bench job: \(words.joined(separator: " ")) is no job; jobs and their numbers are those of "
      + "'cutover bench compare'"
  }
}

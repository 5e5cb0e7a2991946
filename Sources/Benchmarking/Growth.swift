import Foundation

/// The same fit of ever more rows: time in proportion, memory the same.
enum Growth {
  /// One measurement per number of rows; the rows come from a file where one is there, else through
  /// a pipe, written while they are read.
  static func measure(
    cutover: String, rounds: Int, folder: String, rows: [Int]
  ) throws -> [Measurement] {
    try rows.map { count in
      let path = "\(folder)/narrow-\(count).csv"
      let formula = FitRows.formula(predictors: 7)
      var runs: [Run] = []
      for _ in 0..<rounds {
        if FileManager.default.fileExists(atPath: path) {
          try QuietStart.prepare(reading: path)
          runs.append(try run([cutover, "fit", path, "--stream", "--formula", formula]))
        } else {
          runs.append(try piped(cutover: cutover, rows: count, formula: formula))
        }
      }
      return Measurement(
        benchmark: "fit \(count) rows of CSV by 8, growth", side: "cutover", runs: runs,
        speedUps: [])
    }
  }

  private static func piped(cutover: String, rows: Int, formula: String) throws -> Run {
    let producer = Process()
    producer.executableURL = URL(fileURLWithPath: cutover)
    producer.arguments = ["bench", "rows", String(rows), "--predictors", "7"]
    let pipe = Pipe()
    producer.standardOutput = pipe
    try producer.run()
    let result = try run(
      [cutover, "fit", "-", "--formula", formula, "--stream"],
      input: pipe.fileHandleForReading.fileDescriptor)
    producer.waitUntilExit()
    guard producer.terminationStatus == 0 else {
      throw CommandFailed(command: [cutover, "bench", "rows"], status: producer.terminationStatus)
    }
    return result
  }
}

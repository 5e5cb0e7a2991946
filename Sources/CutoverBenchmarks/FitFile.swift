import Foundation

/// From a CSV file to coefficients and standard errors.
enum FitFile {
  /// One pair per peer, on a file of as many rows, which is made when it is not there.
  ///
  /// - Parameters:
  ///   - python: an interpreter that has NumPy, polars, pandas and statsmodels.
  ///   - scripts: the folder of the peers' scripts.
  static func pairs(
    cutover: String, rows: Int, folder: String, python: String, scripts: String
  ) throws -> [Pair] {
    let path = "\(folder)/fit-\(rows).csv"
    if !FileManager.default.fileExists(atPath: path) {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true)
      // Under another name until it is whole.
      let unfinished = path + ".unfinished"
      let file = open(unfinished, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
      guard file >= 0 else { throw CommandFailed(command: ["open", unfinished], status: errno) }
      defer { close(file) }
      try FitRows.write(rows: rows, to: file)
      try FileManager.default.moveItem(atPath: unfinished, toPath: path)
    }
    let ours = [cutover, "fit", path, "--formula", FitRows.formula, "--stream"]
    return ["numpy", "polars", "statsmodels"].map { peer in
      Pair(
        name: "fit \(rows) rows of CSV by 16", ours: ours, peerName: peer,
        peer: [python, "\(scripts)/fit_\(peer).py", path])
    }
  }
}

/// From a pipe to coefficients: more rows than a disk or a memory may hold.
enum FitPipe {
  /// - Parameter generator: this program, which writes the rows.
  static func measure(cutover: String, generator: String, rows: Int) throws -> Measurement {
    let producer = Process()
    producer.executableURL = URL(fileURLWithPath: generator)
    producer.arguments = ["rows", String(rows)]
    let pipe = Pipe()
    producer.standardOutput = pipe
    try producer.run()
    let result = try run(
      [cutover, "fit", "-", "--formula", FitRows.formula, "--stream"],
      input: pipe.fileHandleForReading.fileDescriptor)
    producer.waitUntilExit()
    guard producer.terminationStatus == 0 else {
      throw CommandFailed(command: [generator], status: producer.terminationStatus)
    }
    return Measurement(
      benchmark: "fit \(rows) rows by 16 from a pipe, written meanwhile", side: "cutover",
      runs: [result], speedUps: [])
  }
}

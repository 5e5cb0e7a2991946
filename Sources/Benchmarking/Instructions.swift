import Foundation
package import ModelCore

/// Instructions per row of jobs, which a busy machine does not change.
///
/// `valgrind --tool=callgrind` counts a program that does its work once and one that does it three
/// times; half the difference is the work alone, without the start and without making its data.
package struct InstructionCount {
  let cutover: String
  let valgrind: String

  package init(cutover: String, valgrind: String) {
    self.cutover = cutover
    self.valgrind = valgrind
  }

  /// The same work twice, once on three times as much.
  private struct Counted {
    let name: String
    /// Words behind `cutover`.
    let once: [String]
    let thrice: [String]
    var rows = InstructionCount.rows
  }

  private static let rows = 20_000

  private static func job(_ name: String, rows: Int = rows, _ words: String...) -> Counted {
    Counted(
      name: name, once: ["bench", "job", "--times", "1"] + words,
      thrice: ["bench", "job", "--times", "3"] + words, rows: rows)
  }

  private static func work(_ folder: String) -> [Counted] {
    func fit(_ file: String) -> [String] {
      ["fit", "\(folder)/\(file)", "--stream", "--formula", FitRows.formula(predictors: 7)]
    }
    func predict(_ file: String) -> [String] {
      ["predict", "--model", "qemu.precopy", "--scenarios", "\(folder)/\(file)", "--format", "csv"]
    }
    return [
      Counted(name: "fit a row of CSV by 8", once: fit("rows-1"), thrice: fit("rows-3")),
      Counted(
        name: "predict a row of CSV", once: predict("scenarios-1"),
        thrice: predict("scenarios-3")),
      job("write a row of 8, few digits", "write", "\(rows)", "8", "/dev/null"),
      job("write a row of 8, 17 digits", "write", "\(rows)", "17", "/dev/null"),
      job("least squares of a row of 16", "squares", "\(rows)", "16"),
      job("geometric pre-copy of a scenario", "precopy", "\(rows)"),
      job("QEMU's pre-copy of a scenario", "qemu", "\(rows)"),
      job("Erlang B at 1000000 servers", rows: 1, "erlang", "1000000"),
    ]
  }

  /// One row per kind of work: what it takes, and what it may take.
  ///
  /// - Parameter limits: instructions per row by benchmark; one without a limit is over it.
  package func measure(
    limits: [String: Double]
  ) throws -> (table: Table, isWithin: Bool) {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "cutover-instructions-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for times in [1, 3] {
      try makeFile(folder.appending(path: "rows-\(times)").path) {
        try FitRows.write(rows: times * Self.rows, predictors: 7, to: $0)
      }
      try makeFile(folder.appending(path: "scenarios-\(times)").path) {
        try ScenarioFile.write(rows: times * Self.rows, to: $0)
      }
    }
    // Without what debuggers read, which valgrind cannot.
    let bare = folder.appending(path: "cutover").path
    _ = try run(["/usr/bin/strip", "-g", "-o", bare, cutover])
    let work = Self.work(folder.path)
    let counts = try work.map { work in
      let (once, thrice) = (
        try count(bare, work.once, folder), try count(bare, work.thrice, folder)
      )
      return (thrice - once) / 2 / Double(work.rows)
    }
    let met = zip(work, counts).map { $1 <= limits[$0.name] ?? 0 }
    let table = try Table([
      Column("benchmark", text: work.map(\.name)),
      Column("instructions", numbers: counts.map { $0.rounded() }),
      Column("most_instructions", numbers: work.map { limits[$0.name] }),
      Column("met", flags: met),
    ])
    return (table, met.allSatisfy(\.self))
  }

  private func count(_ command: String, _ words: [String], _ folder: URL) throws -> Double {
    let output = folder.appending(path: "callgrind.out").path
    _ = try run(
      [
        valgrind, "--tool=callgrind", "--callgrind-out-file=\(output)", "-q", command,
      ] + words)
    let text = try String(contentsOfFile: output, encoding: .utf8)
    guard
      let line = text.split(separator: "\n").last(where: { $0.hasPrefix("totals:") }),
      let count = Double(line.dropFirst(7).trimmingCharacters(in: .whitespaces))
    else { throw CommandFailed(command: [valgrind, "(no totals)"], status: 0) }
    return count
  }
}

import Foundation
import ModelCore
import Reporting

/// Timings with the machine they were made on.
enum BenchReport {
  static func report(_ table: Table) -> Report {
    var notes = [
      "median_s, min_s, max_s: wall clock; processor_s: of all threads; peak_bytes: the process; "
        + "speed_up: the peer's time over Cutover's, round by round.",
      "Peers are timed without their imports and compilation, Cutover's commands with their start; a "
        + "file that a side reads was read through just before, so that it is in memory, and a run "
        + "waits until the processors are idle.",
      "Cutover \(CutoverVersion.number), \(processor()), "
        + "\(ProcessInfo.processInfo.activeProcessorCount) cores.",
    ]
    if let versions = table.textIfPresent("versions") {
      let all = Set((0..<table.rowCount).compactMap { versions[$0] })
      if !all.isEmpty { notes.append("Peers: \(all.sorted().joined(separator: "; ")).") }
    }
    return Report(table, name: "benchmarks", notes: notes)
  }

  /// The processor as the kernel calls it.
  private static func processor() -> String {
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
    return line?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) }
      ?? "processor unknown"
  }
}

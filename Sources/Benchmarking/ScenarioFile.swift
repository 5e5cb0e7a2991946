import Statistics

/// Migrations to predict, the same bytes for the same number of rows: an identifier and what
/// `qemu.precopy` reads, in SI units with few digits.
enum ScenarioFile {
  private static let names = [
    "id", "memory_bytes", "used_bytes", "bandwidth_bytes_per_s", "dirty_rate_bytes_per_s",
    "working_set_bytes", "downtime_limit_s", "resume_time_s",
  ]
  private static let downtimeLimits = ["0.1", "0.3", "0.5", "1"]

  /// Writes the scenarios to a file descriptor.
  static func write(rows: Int, to descriptor: Int32) throws {
    var generator = SplitMix64(seed: 7)
    var buffer = Array((names.joined(separator: ",") + "\n").utf8)
    for row in 0..<rows {
      let memory = (1 + generator.next() % 128) << 30
      let used = memory / 100 * (20 + generator.next() % 80)
      let bandwidth = 100_000_000 + generator.next() % 1_100_000_000
      let rate = 1_000_000 + generator.next() % 200_000_000
      let workingSet = used / 100 * (5 + generator.next() % 40)
      let limit = downtimeLimits[Int(generator.next() % 4)]
      let resume = generator.next() % 2 == 0 ? "0.02" : "0.05"
      let line = "\(row),\(memory),\(used),\(bandwidth),\(rate),\(workingSet),\(limit),\(resume)\n"
      buffer += line.utf8
      if buffer.count > 1 << 20 { try FitRows.flush(&buffer, to: descriptor) }
    }
    try FitRows.flush(&buffer, to: descriptor)
  }
}

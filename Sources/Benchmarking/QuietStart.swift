import Foundation

/// Sees to it that a run does not pay for the one before.
///
/// A process that held gigabytes leaves the kernel work behind: to clear them, and in a virtual
/// machine to give them back to the host. And it may have driven files out of memory.
enum QuietStart {
  /// The shortest time over which the processors' counters, in hundredths of a second, say much.
  private static let window = 0.2
  /// Busier than this is not idle.
  private static let idleShare = 0.95
  /// Somebody else may be at work for good.
  private static let longestWait = 10.0

  /// Returns when the file that will be read is in memory and the machine idle.
  static func prepare(reading path: String?) throws {
    if let path { try readThrough(path) }
    awaitIdleness()
  }

  private static func readThrough(_ path: String) throws {
    let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
    while let block = try file.read(upToCount: 1 << 20), !block.isEmpty {}
    try file.close()
  }

  /// Returns when the processors were idle for a while, or after ten seconds; at once where the
  /// kernel does not tell.
  private static func awaitIdleness() {
    var before = times()
    for _ in 0..<Int(longestWait / window) {
      guard let first = before else { return }
      Thread.sleep(forTimeInterval: window)
      guard let second = times() else { return }
      if second.idle - first.idle >= idleShare * (second.all - first.all) { return }
      before = second
    }
  }

  /// What all processors have spent since the start, idle and in all.
  private static func times() -> (idle: Double, all: Double)? {
    guard let text = try? String(contentsOfFile: "/proc/stat", encoding: .utf8),
      let line = text.split(separator: "\n").first, line.hasPrefix("cpu ")
    else { return nil }
    // user nice system idle iowait irq softirq steal; the guests' times are in the first two.
    let numbers = line.split(separator: " ").dropFirst().prefix(8).compactMap { Double($0) }
    guard numbers.count == 8 else { return nil }
    return (numbers[3] + numbers[4], numbers.reduce(0, +))
  }
}

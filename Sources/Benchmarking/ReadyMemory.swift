import Foundation

/// Memory that the machine has at hand before a clock starts.
///
/// A virtual machine may give free memory back to its host, and wait for it page by page when it
/// is used again: the same read of a file takes a fifth of a second or three seconds. So before
/// every run, of either side, as much memory as the larger side holds is used once and set free.
/// A side that is timed inside its process stops itself right before its clock starts, so that
/// its imports and its data come first.
enum ReadyMemory {
  /// A process that finds this variable stops itself (SIGSTOP) right before its clock starts.
  static let variable = "CUTOVER_BENCH_STOPS"
  /// More than the peak, since what is set free is not used again to the last page.
  private static let surplus = 1.25

  /// Stops this process where whoever started it waits for that.
  static func stopWhereAwaited() {
    if ProcessInfo.processInfo.environment[variable] != nil { raise(SIGSTOP) }
  }

  /// Has memory used once and set free, by a process of its own: what a process held is part of
  /// what the kernel says of those that it starts.
  static func provide(peak: Double, by cutover: String) {
    // Without it a run is slower, no more.
    _ = try? run([cutover, "bench", "job", "ready", "\(Int(peak * surplus))"])
  }

  /// Uses memory once.
  static func use(bytes: Int) {
    let pages = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let pages, pages != MAP_FAILED else { return }
    memset(pages, 1, bytes)
    munmap(pages, bytes)
  }
}

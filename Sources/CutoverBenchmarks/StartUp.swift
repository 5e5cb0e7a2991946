/// From nothing to the answer for one scenario.
enum StartUp {
  /// `predict` on one scenario against the same recursion in Python's standard library, which
  /// is the least a script needs to start.
  static func predictOne(cutover: String) -> Pair {
    let script = """
      V, B, D, S, R = 1024 * 2**20, 100 * 2**20, 20 * 2**20, 2**20, 0.02
      t, v, n = 0.0, V, 0
      while v > S and n < 29:
          t, v, n = t + v / B, D * v / B, n + 1
      print('total_time_s,downtime_s')
      print(f'{t + v / B + R},{v / B + R}')
      """
    return Pair(
      name: "predict one scenario from a cold start",
      ours: [
        cutover, "predict", "--model", "liu.basic", "--memory", "1024MiB", "--bandwidth",
        "100MiB/s", "--dirty-rate", "20MiB/s", "--threshold", "1MiB", "--max-rounds", "29",
        "--resume-time", "20ms", "--format", "csv",
      ],
      peerName: "python3 (standard library only)", peer: ["/usr/bin/python3", "-c", script])
  }
}

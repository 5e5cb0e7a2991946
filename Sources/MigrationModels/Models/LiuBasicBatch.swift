import Dispatch
import Kernels
import ModelCore

/// `liu.basic` over columns: millions of scenarios on all cores.
///
/// Each row is what `LiuBasic.predict` answers, to the last bit: the kernel makes the same
/// operations in the same order, sixteen rows side by side. Equations: see `LiuBasic`.
/// Limits: a cap on the rounds is needed; scenarios that end at no cap go to `LiuBasic`.
///
/// ```swift
/// let answers = try LiuBasicBatch(
///   memory: [8e9], bandwidth: [125e6], dirtyRate: [20e6], threshold: [1e6]).predictions()
/// ```
public struct LiuBasicBatch: Sendable {
  /// Bytes, >= 0.
  public let memory: [Double]
  /// Bytes per second, > 0.
  public let bandwidth: [Double]
  /// Bytes per second, >= 0.
  public let dirtyRate: [Double]
  /// Bytes, >= 0.
  public let threshold: [Double]
  /// Seconds, >= 0.
  public let resumeTime: [Double]
  /// Pre-copy rounds before the guest is stopped in any case, whole, >= 0.
  public let limit: [Double]

  /// One value per scenario in SI units; NaN where there is no end within the range of doubles.
  public struct Predictions: Sendable, Equatable {
    public var totalTime: [Double]
    public var downtime: [Double]
    public var transferredBytes: [Double]
    /// Transfers, the full copy and the stop-and-copy included.
    public var rounds: [Double]
  }

  /// - Parameters:
  ///   - resumeTime: 0 if not given.
  ///   - limit: Xen's 29 if not given.
  /// - Throws: `ModelError.outOfDomain` for columns that differ in length or a value that no
  ///   scenario may have.
  public init(
    memory: [Double], bandwidth: [Double], dirtyRate: [Double], threshold: [Double],
    resumeTime: [Double]? = nil, limit: [Double]? = nil
  ) throws(ModelError) {
    let count = memory.count
    self.memory = memory
    self.bandwidth = bandwidth
    self.dirtyRate = dirtyRate
    self.threshold = threshold
    self.resumeTime = resumeTime ?? [Double](repeating: 0, count: count)
    self.limit = limit ?? [Double](repeating: 29, count: count)
    try Self.check(.memory, memory, count, from: 0)
    try Self.check(.bandwidth, bandwidth, count, from: Double.leastNonzeroMagnitude)
    try Self.check(.dirtyRate, dirtyRate, count, from: 0)
    try Self.check(.threshold, threshold, count, from: 0)
    try Self.check(.resumeTime, self.resumeTime, count, from: 0)
    try Self.check(.maxRounds, self.limit, count, from: 0)
    // Beyond, a double no longer counts by ones; and no lane may keep the others waiting.
    if let value = self.limit.first(where: { $0 > Self.mostRounds || $0 != $0.rounded() }) {
      throw .outOfDomain(
        ScenarioField.maxRounds.column, value: value, expected: "a whole number up to 100000")
    }
  }

  private static let mostRounds = 100_000.0

  private static func check(
    _ field: ScenarioField, _ values: [Double], _ count: Int, from lower: Double
  ) throws(ModelError) {
    guard values.count == count else {
      throw .outOfDomain(
        field.column, value: Double(values.count), expected: "one value for each of \(count) rows")
    }
    let extent = values.withUnsafeBufferPointer { cutover_extent($0.baseAddress, $0.count) }
    guard count == 0 || (extent.lower >= lower && extent.upper.isFinite) else {
      let wrong = values.first { !($0 >= lower && $0.isFinite) } ?? .nan
      throw .outOfDomain(
        field.column, value: wrong,
        expected: "a number " + (lower > 0 ? "above 0" : "of 0 or more"))
    }
  }

  /// The rows of a piece: its columns fit into the second-level cache.
  private static let pieceRows = 8192

  /// The answers of all scenarios.
  ///
  /// - Parameter threads: `nil` for one per core; the answers do not depend on it.
  public func predictions(threads: Int? = nil) -> Predictions {
    let count = memory.count
    var answer = Predictions(totalTime: [], downtime: [], transferredBytes: [], rounds: [])
    answer.totalTime = Array(unsafeUninitializedCapacity: count) { total, totalCount in
      answer.downtime = Array(unsafeUninitializedCapacity: count) { pause, pauseCount in
        answer.transferredBytes = Array(unsafeUninitializedCapacity: count) { sent, sentCount in
          answer.rounds = Array(unsafeUninitializedCapacity: count) { made, madeCount in
            fill(
              Outputs(
                total: total.baseAddress, pause: pause.baseAddress, sent: sent.baseAddress,
                made: made.baseAddress), threads: InOrder.threadCount(threads))
            madeCount = count
          }
          sentCount = count
        }
        pauseCount = count
      }
      totalCount = count
    }
    return answer
  }

  private struct Outputs {
    let total, pause, sent, made: UnsafeMutablePointer<Double>?
  }

  private func fill(_ outputs: Outputs, threads: Int) {
    let count = memory.count
    guard count > 0, let total = outputs.total, let pause = outputs.pause,
      let sent = outputs.sent, let made = outputs.made
    else { return }
    for column in [total, pause, sent, made] { adviseLargePages(column, count) }
    let targets = Targets(total: total, pause: pause, sent: sent, made: made)
    let pieces = (count + Self.pieceRows - 1) / Self.pieceRows
    let workers = min(threads, pieces)
    DispatchQueue.concurrentPerform(iterations: workers) { worker in
      for piece in stride(from: worker, to: pieces, by: workers) {
        let first = piece * Self.pieceRows
        run(first, min(Self.pieceRows, count - first), targets)
      }
    }
  }

  /// Unchecked: every piece is written by one thread.
  private struct Targets: @unchecked Sendable {
    let total, pause, sent, made: UnsafeMutablePointer<Double>
  }

  private func run(_ first: Int, _ count: Int, _ targets: Targets) {
    memory.withUnsafeBufferPointer { memory in
      bandwidth.withUnsafeBufferPointer { bandwidth in
        dirtyRate.withUnsafeBufferPointer { dirtyRate in
          threshold.withUnsafeBufferPointer { threshold in
            resumeTime.withUnsafeBufferPointer { resumeTime in
              limit.withUnsafeBufferPointer { limit in
                func from(_ column: UnsafeBufferPointer<Double>) -> UnsafePointer<Double>? {
                  column.baseAddress.map { $0 + first }
                }
                var inputs = cutover_precopy_inputs(
                  memory: from(memory), bandwidth: from(bandwidth), dirtyRate: from(dirtyRate),
                  threshold: from(threshold), resumeTime: from(resumeTime), limit: from(limit),
                  ceiling: nil)
                var outputs = cutover_precopy_outputs(
                  totalTime: targets.total + first, downtime: targets.pause + first,
                  transferred: targets.sent + first, rounds: targets.made + first,
                  reached: nil)
                cutover_precopy_rounds(&inputs, count, &outputs)
              }
            }
          }
        }
      }
    }
  }
}

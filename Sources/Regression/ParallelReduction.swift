import Dispatch
public import ModelCore
import Synchronization

/// Reduces batches on several cores, with the same bits on any number of them.
///
/// Every batch becomes a state of its own, and states are merged in the order of the batches, so
/// nothing depends on which core did which batch or on how many there are. Batches wait until
/// there is one for every thread; memory is that many batches and states.
/// Limits: the caller reads the batches, so reading is not parallel. Cut the data in batches of
/// the same number of rows to get the same bits again; 2048 rows or more keep the merging, which
/// costs as much as p rows, out of sight.
public struct ParallelReduction: Sendable {
  /// At least 1.
  public let threads: Int
  private let design: StreamingDesign
  private var state: LeastSquaresState
  private var waiting: [Table] = []

  /// - Parameter threads: `nil` for one per core.
  public init(_ design: StreamingDesign, threads: Int? = nil) {
    self.design = design
    self.threads = max(threads ?? CMath.coreCount, 1)
    state = LeastSquaresState(design)
  }

  /// Takes a batch; works when there is one for every thread.
  ///
  /// - Throws: what `LeastSquaresState.add` throws for the first batch in order that it refuses;
  ///   that may be one of the batches before.
  public mutating func add(_ table: Table) throws(RegressionError) {
    waiting.append(table)
    if waiting.count >= threads { try work() }
  }

  /// The state of all batches.
  ///
  /// - Throws: as `add`.
  public mutating func finish() throws(RegressionError) -> LeastSquaresState {
    try work()
    return state
  }

  private mutating func work() throws(RegressionError) {
    let (tables, design) = (waiting, design)
    waiting = []
    guard !tables.isEmpty else { return }
    let answers = Mutex(
      [Result<LeastSquaresState, RegressionError>?](
        repeating: nil, count: tables.count))
    DispatchQueue.concurrentPerform(iterations: tables.count) { index in
      let answer = Self.state(of: tables[index], design)
      answers.withLock { $0[index] = answer }
    }
    for answer in answers.withLock({ $0 }) {
      guard let answer else { continue }
      switch answer {
      case .success(let part): try state.merge(part)
      case .failure(let error): throw error
      }
    }
  }

  private static func state(
    of table: Table, _ design: StreamingDesign
  ) -> Result<LeastSquaresState, RegressionError> {
    var part = LeastSquaresState(design)
    do {
      try part.add(table)
      return .success(part)
    } catch {
      return .failure(error)
    }
  }
}

/// How an iteration ended. Failure until proven otherwise: `isConverged` is set only where the
/// measure was seen below its tolerance.
public struct ConvergenceReport: Sendable, Equatable {
  public var isConverged = false
  /// Steps that were taken.
  public var iterations = 0
  /// What `tolerance` was compared with, in the end; `nil` before the first step.
  public var measure: Double?
  /// The measure at or below which the iteration counts as converged.
  public let tolerance: Double
  /// What the measure is, in words.
  public let criterion: String

  init(tolerance: Double, criterion: String) {
    self.tolerance = tolerance
    self.criterion = criterion
  }

  /// Takes note of a step, and says whether the iteration is over.
  mutating func note(_ value: Double) -> Bool {
    iterations += 1
    measure = value
    isConverged = value <= tolerance
    return isConverged
  }

  /// A warning for the reader of the tables when the iteration did not converge.
  var notes: [String] {
    guard !isConverged else { return [] }
    let reached = measure.map(shortest) ?? "unknown"
    return [
      "NOT CONVERGED after \(iterations) iterations: \(criterion) is \(reached) where at most "
        + "\(shortest(tolerance)) is wanted; do not rely on these numbers."
    ]
  }

  private func shortest(_ value: Double) -> String { formulaNumber(value) }
}

/// The predictions of many scenarios.
public struct PredictionColumns: Sendable {
  /// Numbers of a row.
  public enum Number: Int, CaseIterable, Sendable {
    /// Seconds.
    case totalTime
    /// Seconds.
    case downtime
    /// Bytes.
    case transferred
    /// Transfers, the full copy and the stop-and-copy included.
    case rounds
  }

  /// Why the rounds of each row end; `nil` for a row that `MigrationModel.predict` has to answer.
  public let terminations: [Termination?]
  private let convergence: [Bool]
  /// Column by column.
  private let storage: [Double]

  /// - Parameters:
  ///   - converging: the ends that a model's rounds come to by themselves.
  ///   - storage: the columns of `Number`, one behind the other; NaN where there is no number.
  init(terminations: [Termination?], converging: Set<Termination>, storage: [Double]) {
    self.terminations = terminations
    convergence = terminations.map { $0.map(converging.contains) ?? false }
    self.storage = storage
  }

  /// `nil` where a migration that does not end has none.
  public func number(_ number: Number, row: Int) -> Double? {
    let value = storage[number.rawValue * terminations.count + row]
    return value.isNaN ? nil : value
  }

  /// Whether the rounds of an answered row end by themselves.
  public func converged(row: Int) -> Bool { convergence[row] }
}

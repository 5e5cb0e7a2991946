public import MigrationModels
public import ModelCore
import Quantities

/// What a prediction is held against.
public enum Target: String, Sendable, CaseIterable {
  case totalTime = "total_time_s"
  case downtime = "downtime_s"
  case downtimeObserved = "downtime_observed_s"
  case transferredBytes = "transferred_bytes"
  case energy = "energy_j"

  public var column: String { rawValue }

  public var isDowntime: Bool { self == .downtime || self == .downtimeObserved }

  /// What a prediction says about the target, SI; `nil` when it gives no number.
  public func value(of prediction: MigrationPrediction) -> Double? {
    switch self {
    case .totalTime: prediction.totalMigrationTime?.siValue
    case .downtime, .downtimeObserved: prediction.downtime?.siValue
    case .transferredBytes: prediction.transferredBytes?.siValue
    case .energy: prediction.energy?.siValue
    }
  }
}

/// One row of a trace as fits and comparisons see it: what was known before, and what happened.
public struct MigrationRecord: Sendable {
  /// Position in the table.
  public let row: Int
  public let id: String
  /// Rows of one group are never split between training and test.
  public let group: String
  public let scenario: Scenario
  /// Whether the migration was completed; the times of others are lower bounds.
  public let isCompleted: Bool
  private let outcomes: [Target: Double]

  /// What happened, SI; `nil` when the trace does not say.
  public func observed(_ target: Target) -> Double? { outcomes[target] }

  /// The rows of a trace table. A row without a status is taken for completed when it has a
  /// total time; a row without a group is a group of its own.
  public static func all(in table: Table) -> [MigrationRecord] {
    let scenarios = Scenario.all(in: table)
    let statuses = table.textIfPresent("status")
    let columns = Target.allCases.compactMap { target in
      table.numbersIfPresent(target.column).map { (target, $0) }
    }
    return scenarios.indices.map { row in
      var outcomes: [Target: Double] = [:]
      for (target, column) in columns { outcomes[target] = column[row] }
      let id = table.label("id", row: row) ?? "row \(row + 1)"
      let completed = (statuses?[row]).map { $0 == "completed" } ?? (outcomes[.totalTime] != nil)
      return MigrationRecord(
        row: row, id: id, group: table.label("group", row: row) ?? id, scenario: scenarios[row],
        isCompleted: completed, outcomes: outcomes)
    }
  }
}

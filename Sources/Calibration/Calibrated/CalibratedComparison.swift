import MigrationModels
import ModelCore
import Quantities
import Statistics

/// The calibrated model in a comparison: fitted without each fold, as every model that learns.
struct CalibratedComparison {
  private let rows: [CalibratedRow]
  private let targets: [Target]
  private let without: Set<CalibratedPhysics>

  init(
    _ inputs: [CalibratedInputs], _ records: [MigrationRecord], _ targets: [Target],
    without: Set<CalibratedPhysics>
  ) {
    self.targets = targets
    self.without = without
    rows = zip(inputs, records).map { inputs, record in
      var outcomes: [CalibratedOutcome: Double] = [:]
      for outcome in CalibratedOutcome.allCases {
        outcomes[outcome] = Target(rawValue: outcome.column).flatMap { record.observed($0) }
      }
      return CalibratedRow(
        inputs: inputs, group: record.group, isCompleted: record.isCompleted, outcomes: outcomes)
    }
  }

  func crossValidated(_ folds: GroupedFolds) throws(CalibrationError) -> HeldOutPredictions {
    let fold = folds.fold
    let rows = rows
    let estimator = CalibratedEstimator(without: without)
    let models = try parallelMap(count: folds.count) { part throws(CalibrationError) in
      try estimator.fit(
        rows.indices.filter { fold[$0] != part }.map { rows[$0] }, intervals: false)
    }
    var answers: [CalibratedPrediction] = []
    for (row, part) in zip(rows, fold) { answers.append(try models[part].predict(row.inputs)) }
    var predictions: [Target: [MigrationPrediction]] = [:]
    for target in targets {
      predictions[target] = answers.map { Self.prediction($0, for: target) }
    }
    return HeldOutPredictions(
      id: CalibratedModel.id, predictions: predictions, fitOnAllRows: nil)
  }

  /// The answer in the form that comparisons score; the downtime is the one of the target.
  private static func prediction(
    _ answer: CalibratedPrediction, for target: Target
  ) -> MigrationPrediction {
    var prediction = MigrationPrediction(
      termination: answer.converged ? .downtimeLimit : .notConvergent,
      converged: answer.converged)
    prediction.totalMigrationTime = answer.values[.totalTime].map(Seconds.init(siValue:))
    let downtime: CalibratedOutcome =
      target == .downtimeObserved ? .downtimeObserved : .downtime
    prediction.downtime = answer.values[downtime].map(Seconds.init(siValue:))
    prediction.transferredBytes = answer.values[.transferredBytes].map(Bytes.init(siValue:))
    return prediction
  }
}

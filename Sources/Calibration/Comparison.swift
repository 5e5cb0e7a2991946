public import MigrationModels
public import ModelCore
import Statistics

/// What a comparison is asked for.
public struct ComparisonRequest: Sendable {
  /// Model ids, as typed.
  public var models: [String]
  public var targets: [Target]
  public var folds: Int
  public var seed: UInt64
  /// Splits the scores by the values of this column.
  public var splitColumn: String?
  /// Parts of the calibrated model's physics to leave out.
  public var without: Set<CalibratedPhysics>

  public init(
    models: [String], targets: [Target], folds: Int = 5, seed: UInt64 = 1,
    splitColumn: String? = nil, without: Set<CalibratedPhysics> = []
  ) {
    self.models = models
    self.targets = targets
    self.folds = folds
    self.seed = seed
    self.splitColumn = splitColumn
    self.without = without
  }
}

/// The predictions of one model for the rows of a comparison, each made without its own group.
public struct HeldOutPredictions: Sendable {
  public let id: String
  /// One per record of the comparison, per target (parameters may depend on the target).
  public let predictions: [Target: [MigrationPrediction]]
  /// Fitted on all rows, for the reader; the scores do not use it. `nil` without parameters.
  public let fitOnAllRows: FittedModel?
  /// Weights on all rows, of a stack.
  public var weights: [FittedParameter] = []

  /// What was learned of all rows.
  public var parameters: [FittedParameter] { (fitOnAllRows?.parameters ?? []) + weights }
}

/// A comparison of models on one trace: grouped cross-validation for those with parameters,
/// plain evaluation for the rest, the same rows for all.
public struct Comparison: Sendable {
  public let request: ComparisonRequest
  /// The rows that every model describes and can answer.
  public let records: [MigrationRecord]
  public let models: [HeldOutPredictions]
  /// Rows of techniques that some model does not describe, by technique.
  public let outOfScope: [String: Int]
  /// Rows that lack an input of some model, by column.
  public let lacking: [String: Int]
  /// The value of the split column per record, when one was asked for.
  public let splits: [String]?
  public let foldCount: Int?

  /// Evaluates the models on a trace.
  ///
  /// Only completed rows teach and are scored; censored ones count for the convergence verdict.
  ///
  /// - Parameter progress: called with the share of the work that is done, 0 to 1.
  public init(
    _ table: Table, _ request: ComparisonRequest,
    progress: (Double) -> Void = { _ in }
  ) throws(CalibrationError) {
    self.request = request
    let plain: [any MigrationModel]
    let estimators: [(any MigrationEstimator)?]
    do {
      plain = try request.models.filter { !Self.own.contains($0) }.map {
        try ModelCatalogue.model($0)
      }
      estimators = try request.models.map {
        Self.own.contains($0) ? nil : try estimator(for: $0)
      }
    } catch {
      throw CalibrationError(error)
    }
    try Self.check(request, plain, table)

    let all = MigrationRecord.all(in: table)
    let calibrates = request.models.contains(CalibratedModel.id)
    let inputs = calibrates ? CalibratedInputs.all(in: table) : []
    if calibrates { try OutcomeLeak.refuse(table) }
    let selection = Self.select(all, plain, inputs)
    let kept = selection.kept
    records = kept
    outOfScope = selection.outOfScope
    lacking = selection.lacking
    splits = request.splitColumn.map { column in
      kept.map { table.label(column, row: $0.row) ?? "" }
    }
    guard !kept.isEmpty else {
      throw .nothingToCompare(Self.leftOut(selection.outOfScope, selection.lacking))
    }
    for target in request.targets {
      let scored = kept.count { $0.isCompleted && $0.observed(target) != nil }
      guard scored > 0 else {
        throw .tooFewRows(
          what: "completed rows with \(target.column) that every model can answer", found: 0,
          needed: 1)
      }
    }

    let stacks = request.models.contains(StackedComparison.id)
    let learns = calibrates || stacks || estimators.contains { $0 != nil }
    let folds =
      learns
      ? try GroupedFolds(groups: kept.map(\.group), folds: request.folds, seed: request.seed) : nil
    foldCount = folds?.count
    var answers: [HeldOutPredictions] = []
    for (index, id) in request.models.enumerated() {
      progress(Double(index) / Double(request.models.count))
      if id == CalibratedModel.id, let folds {
        answers.append(
          try CalibratedComparison(
            kept.map { inputs[$0.row] }, kept, request.targets, without: request.without
          )
          .crossValidated(folds))
      } else if id == StackedComparison.id, let folds {
        answers.append(try StackedComparison(request).crossValidated(kept, folds))
      } else if let estimator = estimators[index], let folds {
        answers.append(try Self.crossValidate(id, estimator, kept, folds, request))
      } else {
        let model = plain.first { $0.id == id }
        let predictions =
          try model.map { (model) throws(CalibrationError) in
            try Self.predict(model, kept)
          } ?? []
        answers.append(
          HeldOutPredictions(
            id: id,
            predictions: Dictionary(
              uniqueKeysWithValues: request.targets.map { ($0, predictions) }),
            fitOnAllRows: nil))
      }
    }
    models = answers
    progress(1)
  }

  /// Models that are none of the catalogue's.
  static let own: Set<String> = [CalibratedModel.id, StackedComparison.id]

  private static func check(
    _ request: ComparisonRequest, _ models: [any MigrationModel], _ table: Table
  ) throws(CalibrationError) {
    var seen: Set<String> = []
    if let repeated = request.models.first(where: { !seen.insert($0).inserted }) {
      throw .badSetting("model \(repeated) is listed twice")
    }
    if let column = request.splitColumn, table[column] == nil {
      throw CalibrationError(
        TableError.unknownColumn(column, nearest: table.nearestNames(to: column)))
    }
    for target in request.targets {
      guard table.numbersIfPresent(target.column) != nil else {
        throw .noTarget(target.column, reason: "the trace has no such column")
      }
      for model in models {
        let descriptor = type(of: model).descriptor
        guard target.isGiven(by: descriptor) else {
          throw .notComparable(
            model: model.id,
            reason: "it gives \(descriptor.outputs.joined(separator: ", ")), not \(target.column)")
        }
      }
    }
  }

  private static func select(
    _ all: [MigrationRecord], _ models: [any MigrationModel], _ inputs: [CalibratedInputs]
  ) -> (kept: [MigrationRecord], outOfScope: [String: Int], lacking: [String: Int]) {
    var kept: [MigrationRecord] = []
    var outOfScope: [String: Int] = [:]
    var lacking: [String: Int] = [:]
    for record in all {
      if models.contains(where: { !type(of: $0).describes(record.scenario.technique) }) {
        outOfScope[record.scenario.technique ?? "", default: 0] += 1
        continue
      }
      if let missing = models.lazy.compactMap({ $0.missingInput(for: record.scenario) }).first {
        lacking[missing, default: 0] += 1
        continue
      }
      if !inputs.isEmpty {
        let calibrated = inputs[record.row]
        guard CalibratedInputs.describes(calibrated.technique) else {
          outOfScope[record.scenario.technique ?? "", default: 0] += 1
          continue
        }
        if let missing = calibrated.missing {
          lacking[missing, default: 0] += 1
          continue
        }
      }
      kept.append(record)
    }
    return (kept, outOfScope, lacking)
  }

  private static func leftOut(_ outOfScope: [String: Int], _ lacking: [String: Int]) -> String {
    let reasons =
      outOfScope.sorted { $0.key < $1.key }.map {
        "\($0.value) rows are of technique \($0.key), which some model does not describe"
      }
      + lacking.sorted { $0.key < $1.key }.map {
        "\($0.value) rows have no \($0.key), which some model needs"
      }
    return reasons.joined(separator: "; ")
  }

  private static func predict(
    _ model: any MigrationModel, _ records: [MigrationRecord]
  ) throws(CalibrationError) -> [MigrationPrediction] {
    var answers: [MigrationPrediction] = []
    answers.reserveCapacity(records.count)
    for record in records {
      do {
        answers.append(try model.predict(record.scenario))
      } catch {
        throw CalibrationError(error)
      }
    }
    return answers
  }

  private static func crossValidate(
    _ id: String, _ estimator: any MigrationEstimator, _ records: [MigrationRecord],
    _ folds: GroupedFolds, _ request: ComparisonRequest
  ) throws(CalibrationError) -> HeldOutPredictions {
    // Targets that learn the same parameters share the work.
    var byDowntime: [Target: [MigrationPrediction]] = [:]
    func heldOut(_ downtime: Target) throws(CalibrationError) -> [MigrationPrediction] {
      if let known = byDowntime[downtime] { return known }
      var answers = [MigrationPrediction?](repeating: nil, count: records.count)
      for fold in 0..<folds.count {
        let training = records.indices.filter { folds.fold[$0] != fold }.map { records[$0] }
        let fitted = try estimator.fit(training, downtime: downtime)
        let test = records.indices.filter { folds.fold[$0] == fold }
        let predictions = try predict(fitted.model, test.map { records[$0] })
        for (row, prediction) in zip(test, predictions) { answers[row] = prediction }
      }
      let complete = answers.compactMap { $0 }
      byDowntime[downtime] = complete
      return complete
    }
    let reported = request.targets.first(where: \.isDowntime) ?? .downtime
    var predictions: [Target: [MigrationPrediction]] = [:]
    for target in request.targets {
      predictions[target] = try heldOut(target.isDowntime ? target : reported)
    }
    return HeldOutPredictions(
      id: id, predictions: predictions,
      fitOnAllRows: try estimator.fit(records, downtime: reported))
  }
}

extension MigrationModel {
  /// The first input that a scenario lacks for this model.
  func missingInput(for scenario: Scenario) -> String? {
    do {
      _ = try predict(scenario)
      return nil
    } catch .missingInput(let column) {
      return column
    } catch {
      // The row's values were checked when it was read; a model has nothing else to refuse.
      return nil
    }
  }
}

extension Comparison {
  /// The catalogue's models that give a number for every one of these targets.
  public static func models(giving targets: [Target]) -> [String] {
    ModelCatalogue.all.map { $0.descriptor }.filter { descriptor in
      targets.allSatisfy { $0.isGiven(by: descriptor) }
    }.map(\.id)
  }
}

extension Target {
  /// Whether a model gives a number for it. A predicted downtime stands for both ways of
  /// observing one.
  func isGiven(by descriptor: ModelDescriptor) -> Bool {
    descriptor.outputs.contains(self == .downtimeObserved ? Target.downtime.column : column)
  }
}

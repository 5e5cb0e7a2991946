import MigrationModels
import ModelCore
import Quantities

/// The columns that a prediction fills, in their order.
enum PredictionColumn: String, CaseIterable {
  case model
  case converged
  case termination
  case rounds
  case totalTime = "total_time_s"
  case downtime = "downtime_s"
  case transferredBytes = "transferred_bytes"
  case totalTimeLower = "total_time_lower_s"
  case totalTimeUpper = "total_time_upper_s"
  case downtimeLower = "downtime_lower_s"
  case downtimeUpper = "downtime_upper_s"
  case energy = "energy_j"
  case utilization
  case serviceDowntime = "service_downtime_s"

  /// The first seven, which every prediction has.
  static let common: [PredictionColumn] = Array(allCases.prefix(7))

  /// The common columns and those that one of the models gives on top.
  static func columns(for models: [any MigrationModel]) -> [PredictionColumn] {
    let outputs = Set(models.flatMap { type(of: $0).descriptor.outputs })
    return common + allCases.dropFirst(common.count).filter { outputs.contains($0.rawValue) }
  }

  func number(_ prediction: MigrationPrediction) -> Double? {
    switch self {
    case .model, .converged, .termination: nil
    case .rounds: prediction.roundCount.map(Double.init)
    case .totalTime: prediction.totalMigrationTime?.siValue
    case .downtime: prediction.downtime?.siValue
    case .transferredBytes: prediction.transferredBytes?.siValue
    case .totalTimeLower: prediction.totalMigrationTimeBounds?.lower.siValue
    case .totalTimeUpper: prediction.totalMigrationTimeBounds?.upper.siValue
    case .downtimeLower: prediction.downtimeBounds?.lower.siValue
    case .downtimeUpper: prediction.downtimeBounds?.upper.siValue
    case .energy: prediction.energy?.siValue
    case .utilization: prediction.utilization
    case .serviceDowntime: prediction.serviceDowntime?.siValue
    }
  }

  /// The number of predictions made column by column; `nil` for what these do not give.
  var ofBatches: PredictionColumns.Number? {
    switch self {
    case .rounds: .rounds
    case .totalTime: .totalTime
    case .downtime: .downtime
    case .transferredBytes: .transferred
    default: nil
    }
  }

  /// The cells of many answers as one column.
  func column(_ answers: [Answer], name: String) -> Column {
    switch self {
    case .model: Column(name, text: answers.map(\.model))
    case .converged: Column(name, flags: answers.map(\.converged))
    case .termination: Column(name, text: answers.map(\.termination))
    default: Column(name, numbers: answers.map { $0.prediction.flatMap(number) })
    }
  }
}

/// What one model says of one row: a prediction, or why there is none.
struct Answer {
  let model: String
  let prediction: MigrationPrediction?
  let remark: String?
  /// The input that the model misses.
  let missing: String?
  /// The technique that the model does not describe.
  let outOfScope: String?

  init(
    _ model: any MigrationModel, _ scenario: Scenario, recordingRounds: Bool = false
  ) throws(ModelError) {
    self.model = model.id
    guard type(of: model).describes(scenario.technique) else {
      (prediction, remark, missing, outOfScope) = (nil, nil, nil, scenario.technique)
      return
    }
    outOfScope = nil
    do {
      prediction = try model.predict(scenario, recordingRounds: recordingRounds)
      remark = model.remark(on: scenario)
      missing = nil
    } catch {
      guard case .missingInput(let column) = error else { throw error }
      prediction = nil
      remark = nil
      missing = column
    }
  }

  var converged: Bool? { prediction?.converged }
  var termination: String? {
    prediction?.termination.rawValue ?? missing.map { "missing:\($0)" }
      ?? outOfScope.map { "out_of_scope:\($0)" }
  }
}

/// The name an added column gets beside the columns of the input.
func addedName(_ name: String, beside existing: Set<String>) -> String {
  var answer = name
  while existing.contains(answer) { answer = "predicted_" + answer }
  return answer
}

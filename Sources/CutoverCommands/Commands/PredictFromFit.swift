import Calibration
import Foundation
import ModelCore
import Regression
import Reporting
import Traces

/// `predict --fit FILE`: a saved fit in the place of a model.
struct PredictFromFit {
  let path: String
  let command: PredictCommand

  func run() throws {
    let fit = try SavedFit(try Self.bytes(path), name: path)
    if case .calibrated = fit {
    } else if command.interval != nil {
      throw UsageError("--interval goes with a fit of --model calibrated")
    }
    switch fit {
    case .model(let model):
      let selection = ModelSelection(model)
      if let scenarios = command.scenarios {
        try command.predictRows(of: scenarios, selection)
      } else {
        try command.predictOne(selection)
      }
    case .calibrated(let model): try CalibratedPredictions(model: model, command: command).run()
    case .formula(let fit): try predictRows(fit)
    case .linear(let fit): try predictRows(fit)
    case .nonlinear(let fit): try predictRows(fit)
    }
  }

  static func bytes(_ path: String) throws -> [UInt8] {
    do {
      return Array(try Data(contentsOf: URL(filePath: path)))
    } catch {
      throw NoSuchFit(path: path)
    }
  }

  private struct NoSuchFit: Failure {
    let path: String
    var category: FailureCategory { .noInput }
    var description: String { "\(path): no such file, or it cannot be read" }
  }

  /// One prediction a row, in order, beside the columns of the input.
  private func predictRows(_ fit: some SavedFormulaPredictor) throws {
    guard let path = command.scenarios else {
      throw UsageError("a fitted formula predicts the rows of a file: give --scenarios FILE")
    }
    let rows = try command.rows.read(path)
    try MixedColumn.refuse(rows.mixedColumns, reading: fit.inputColumns)
    let predictions = try fit.predict(rows.table, level: 0.95)
    for (column, outside) in try fit.extrapolations(in: rows.table) {
      say(
        "\(outside.count) of \(rows.table.rowCount) rows have \(column) outside the range the fit "
          + "has seen")
    }
    let empty = predictions.count { $0.value == nil }
    if empty > 0 {
      say("\(empty) of \(predictions.count) predictions are empty; column reason says why")
    }
    let existing = Set(rows.table.names)
    let columns = columns(fit, predictions).map { column in
      Column(addedName(column.name, beside: existing), column.values)
    }
    try command.output.write(
      Report(try rows.table.appending(columns), name: "predictions"))
  }

  /// The columns of every prediction, the formula's own answer in its place, its interval and
  /// the reason for an empty one.
  private func columns(_ fit: some SavedFormulaPredictor, _ predictions: [Prediction]) -> [Column] {
    let name = fit.predictedName
    let values = predictions.map(\.value)
    let nothing = [Double?](repeating: nil, count: predictions.count)
    var columns: [Column] = PredictionColumn.common.map { column in
      switch column {
      case .model:
        Column(column.rawValue, text: predictions.map { _ in fit.formulaText })
      case .converged:
        Column(column.rawValue, flags: predictions.map { _ in nil })
      case .termination:
        Column(column.rawValue, text: predictions.map { _ in nil })
      default:
        Column(column.rawValue, numbers: column.rawValue == name ? values : nothing)
      }
    }
    if !columns.contains(where: { $0.name == name }) {
      columns.append(Column(name, numbers: values))
    }
    return columns + [
      Column("lower", numbers: predictions.map(\.lower)),
      Column("upper", numbers: predictions.map(\.upper)),
      Column("reason", text: predictions.map(\.reason)),
    ]
  }
}

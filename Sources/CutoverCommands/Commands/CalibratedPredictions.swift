import Calibration
import MigrationModels
import ModelCore
import Reporting

/// `predict --fit FILE` with a calibrated fit: every outcome, its interval, and the verdict.
struct CalibratedPredictions {
  let model: CalibratedModel
  let command: PredictCommand

  func run() throws {
    if command.rounds {
      throw UsageError("--rounds: a calibrated fit averages over courses and lists no transfers")
    }
    if let path = command.scenarios {
      let table = try command.rows.read(path).table
      let answers = try predictions(CalibratedInputs.all(in: table))
      let existing = Set(table.names)
      let added = try columns(answers).map { column in
        Column(addedName(column.name, beside: existing), column.values)
      }
      try command.output.write(Report(try table.appending(added), name: "predictions"))
      try checkStrict(answers)
      return
    }
    let scenario = try command.scenario.scenario()
    let answers = try predictions([CalibratedInputs(scenario)])
    if let reason = answers.first?.reason { throw CannotAnswer(description: reason) }
    try command.output.write(Report(try Table(try columns(answers)), name: "predictions"))
    try checkStrict(answers)
  }

  private struct RowAnswer {
    var prediction: CalibratedPrediction?
    var reason: String?
  }

  private func predictions(_ inputs: [CalibratedInputs]) throws -> [RowAnswer] {
    let answers = inputs.map { inputs -> RowAnswer in
      do throws(CalibrationError) {
        return RowAnswer(prediction: try model.predict(inputs))
      } catch {
        return RowAnswer(reason: error.description)
      }
    }
    var reasons: [String: Int] = [:]
    for answer in answers { if let reason = answer.reason { reasons[reason, default: 0] += 1 } }
    for (reason, count) in reasons.sorted(by: { $0.key < $1.key }) where command.scenarios != nil {
      say("\(count) of \(answers.count) predictions are empty: \(reason)")
    }
    let techniques = zip(inputs, answers).filter { $0.1.prediction != nil }.map {
      $0.0.technique ?? "precopy"
    }
    for technique in Set(techniques).sorted() where !model.hasSeen(technique: technique) {
      say(
        "\(techniques.count { $0 == technique }) of \(answers.count) predictions are for technique "
          + "\(technique), which the fit has not seen: what is its own is at the priors")
    }
    return answers
  }

  private func checkStrict(_ answers: [RowAnswer]) throws {
    guard command.strict else { return }
    let failing = answers.count { $0.prediction.map { !$0.converged } ?? false }
    if failing > 0 {
      throw NegativeVerdict(
        message: "\(failing) of \(answers.count) predictions do not converge")
    }
  }

  private func columns(_ answers: [RowAnswer]) throws -> [Column] {
    var columns = [
      Column("model", text: answers.map { _ in CalibratedModel.id }),
      Column("converged", flags: answers.map { $0.prediction?.converged }),
      Column("completion_probability", numbers: answers.map { $0.prediction?.probability }),
    ]
    for outcome in CalibratedOutcome.allCases {
      columns.append(
        Column(outcome.column, numbers: answers.map { $0.prediction?.values[outcome] }))
    }
    if let level = command.interval {
      for outcome in CalibratedOutcome.allCases {
        let ranges = try answers.map { answer in
          try answer.prediction.flatMap {
            try model.interval($0, outcome, level: level / 100)
          }
        }
        columns.append(Column(outcome.column + "_lower", numbers: ranges.map { $0?.lowerBound }))
        columns.append(Column(outcome.column + "_upper", numbers: ranges.map { $0?.upperBound }))
      }
    }
    columns.append(Column("reason", text: answers.map(\.reason)))
    return columns
  }
}

import MigrationModels
import ModelCore
import Traces

/// Rows of a file with the answers of the models behind them, as bytes.
struct AnswerWriter: Sendable {
  private let models: [any MigrationModel]
  private let columns: [PredictionColumn]
  /// The id of each model.
  private let names: [[UInt8]]

  init(models: [any MigrationModel], columns: [PredictionColumn]) {
    self.models = models
    self.columns = columns
    names = models.map { Array($0.id.utf8) }
  }

  /// One line per row and model.
  func bytes(
    of batch: TraceBatch, noting summary: inout BatchSummary
  ) throws(ModelError) -> [UInt8] {
    let scenarios = ScenarioRows(batch.table)
    // Of the models that answer column by column.
    let columns = models.map { $0.predictions(of: scenarios) }
    var text = TextBuffer(capacity: 1 << 20)
    for row in 0..<batch.rowCount {
      // A batch read without a single scenario column has no table rows; its records count.
      let isKnown = row < scenarios.count
      for index in models.indices {
        if isKnown, let column = columns[index], let end = column.terminations[row] {
          summary.noteAnswer(converged: column.converged(row: row))
          batch.records.append(row, to: &text)
          append(column, row, end, names[index], to: &text)
          continue
        }
        let scenario = isKnown ? scenarios[row] : Scenario()
        let answer = try Answer(models[index], scenario)
        summary.note(answer)
        batch.records.append(row, to: &text)
        append(answer, names[index], to: &text)
      }
    }
    return text.take()
  }

  private func append(_ answer: Answer, _ name: [UInt8], to text: inout TextBuffer) {
    for column in columns {
      text.append(UInt8(ascii: ","))
      switch column {
      case .model: text.append(name)
      case .converged:
        if let converged = answer.converged { text.append(converged ? "true" : "false") }
      case .termination: if let word = answer.termination { text.append(word) }
      default:
        if let number = answer.prediction.flatMap(column.number) { text.append(decimal: number) }
      }
    }
    text.append(UInt8(ascii: "\n"))
  }

  private func append(
    _ answers: PredictionColumns, _ row: Int, _ end: Termination, _ name: [UInt8],
    to text: inout TextBuffer
  ) {
    for column in columns {
      text.append(UInt8(ascii: ","))
      let number: PredictionColumns.Number
      switch column {
      case .model:
        text.append(name)
        continue
      case .converged:
        text.append(answers.converged(row: row) ? "true" : "false")
        continue
      case .termination:
        text.append(end.rawValue)
        continue
      case .rounds: number = .rounds
      case .totalTime: number = .totalTime
      case .downtime: number = .downtime
      case .transferredBytes: number = .transferred
      default: continue
      }
      if let value = answers.number(number, row: row) { text.append(decimal: value) }
    }
    text.append(UInt8(ascii: "\n"))
  }

}

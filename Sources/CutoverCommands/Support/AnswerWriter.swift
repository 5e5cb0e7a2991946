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
          append(BatchAnswer(columns: column, row: row, end: end), names[index], to: &text)
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

  /// The added cells of one line.
  private func append(_ answer: some WrittenAnswer, _ name: [UInt8], to text: inout TextBuffer) {
    for column in columns {
      text.append(UInt8(ascii: ","))
      switch column {
      case .model: text.append(name)
      case .converged:
        if let converged = answer.converged { text.append(converged ? "true" : "false") }
      case .termination: if let word = answer.termination { text.append(word) }
      default: if let number = answer.number(column) { text.append(decimal: number) }
      }
    }
    text.append(UInt8(ascii: "\n"))
  }
}

/// What a line of answers says, however it was found.
private protocol WrittenAnswer {
  var converged: Bool? { get }
  var termination: String? { get }
  func number(_ column: PredictionColumn) -> Double?
}

extension Answer: WrittenAnswer {
  fileprivate func number(_ column: PredictionColumn) -> Double? {
    prediction.flatMap(column.number)
  }
}

/// One row of the answers of a model that answers column by column.
private struct BatchAnswer: WrittenAnswer {
  let columns: PredictionColumns
  let row: Int
  let end: Termination

  var converged: Bool? { columns.converged(row: row) }
  var termination: String? { end.rawValue }

  func number(_ column: PredictionColumn) -> Double? {
    column.ofBatches.flatMap { columns.number($0, row: row) }
  }
}

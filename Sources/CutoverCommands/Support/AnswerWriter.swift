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
          append(
            names[index], converged: column.converged(row: row), termination: end.rawValue,
            to: &text
          ) { $0.ofBatches.flatMap { column.number($0, row: row) } }
          continue
        }
        let scenario = isKnown ? scenarios[row] : Scenario()
        let answer = try Answer(models[index], scenario)
        summary.note(answer)
        batch.records.append(row, to: &text)
        append(
          names[index], converged: answer.converged, termination: answer.termination, to: &text
        ) { answer.prediction.flatMap($0.number) }
      }
    }
    return text.take()
  }

  /// The added cells of one line.
  @inline(__always)
  private func append(
    _ name: [UInt8], converged: Bool?, termination: String?, to text: inout TextBuffer,
    number: (PredictionColumn) -> Double?
  ) {
    for column in columns {
      text.append(UInt8(ascii: ","))
      switch column {
      case .model: text.append(name)
      case .converged: if let converged { text.append(converged ? "true" : "false") }
      case .termination: if let termination { text.append(termination) }
      default: if let value = number(column) { text.append(decimal: value) }
      }
    }
    text.append(UInt8(ascii: "\n"))
  }
}

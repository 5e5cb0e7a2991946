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
    let tableRows = batch.table.rowCount
    var text = TextBuffer(capacity: 1 << 20)
    for row in 0..<batch.rowCount {
      // A batch read without a single scenario column has no table rows; its records count.
      let scenario = row < tableRows ? scenarios[row] : Scenario()
      for index in models.indices {
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
        if let converged = answer.converged { text.append(converged ? Self.yes : Self.no) }
      case .termination: if let word = answer.termination { text.append(Array(word.utf8)) }
      default:
        if let number = answer.prediction.flatMap(column.number) { text.append(decimal: number) }
      }
    }
    text.append(UInt8(ascii: "\n"))
  }

  private static let yes = Array("true".utf8)
  private static let no = Array("false".utf8)
}

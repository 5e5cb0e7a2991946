import MigrationModels
import ModelCore
import Reporting
import Traces

/// What a batch has to say beside its rows.
struct BatchSummary {
  var answers = 0
  var notConverged = 0
  /// Answers that were not possible, by the column that is empty.
  var missing: [String: Int] = [:]
  /// Answers that were not possible, by model and technique.
  var outOfScope: [String: Int] = [:]
  /// Remarks of the models on their answers, by text.
  var remarks: [String: Int] = [:]

  /// Notes an answer that needs no remark.
  mutating func noteAnswer(converged: Bool) {
    answers += 1
    if !converged { notConverged += 1 }
  }

  mutating func note(_ answer: Answer) {
    answers += 1
    if let column = answer.missing { missing[column, default: 0] += 1 }
    if let technique = answer.outOfScope {
      outOfScope["\(answer.model) does not describe technique \(technique)", default: 0] += 1
    }
    if let remark = answer.remark { remarks["\(answer.model): \(remark)", default: 0] += 1 }
    if answer.converged == false { notConverged += 1 }
  }

  /// Adds what another part of the rows has to say.
  mutating func add(_ other: BatchSummary) {
    answers += other.answers
    notConverged += other.notConverged
    missing.merge(other.missing, uniquingKeysWith: +)
    outOfScope.merge(other.outOfScope, uniquingKeysWith: +)
    remarks.merge(other.remarks, uniquingKeysWith: +)
  }

  /// Says it on stderr, each thing once.
  func report() {
    for (remark, count) in remarks.sorted(by: { $0.key < $1.key }) {
      say("\(remark) (\(count) predictions)")
    }
    for (reason, count) in outOfScope.sorted(by: { $0.key < $1.key }) {
      say("\(count) of \(answers) predictions are empty: \(reason)")
    }
    for (column, count) in missing.sorted(by: { $0.key < $1.key }) {
      say("\(count) of \(answers) predictions are empty: \(column) is not known in their rows")
    }
  }
}

/// Predictions for every row of a trace: the input's columns as they stand, and the answers.
struct BatchPrediction {
  let path: String
  let models: [any MigrationModel]
  let rows: RowOptions

  private var columns: [PredictionColumn] { PredictionColumn.columns(for: models) }

  /// What one thread made of a stretch of the file.
  private struct Part: Sendable {
    let bytes: [UInt8]
    let summary: BatchSummary
    let skipped: [SkippedRow]
  }

  /// CSV to CSV in constant memory, on all cores; rows keep their order, and the bytes of the
  /// input's rows are not touched.
  func stream(to destination: Destination) throws -> BatchSummary {
    var options = TraceOptions()
    options.columns = Set(Scenario.columns)
    options.requireRows = true
    options.badRows = rows.lenient ? .skip : .fail
    var summary = BatchSummary()
    var leniency = Leniency(path: rows.skipped)
    let progress = ProgressLine(title: "predicting")
    let conversion = try TraceReader(path: path, options: options).mapChunks(
      keepsRecords: true,
      prepare: { empty in
        let existing = Set(empty.names)
        let names = columns.map { addedName($0.rawValue, beside: existing) }
        try destination.append(
          empty.header + Array(("," + names.joined(separator: ",") + "\n").utf8))
        return AnswerWriter(models: models, columns: columns)
      },
      work: { writer, batch in
        var summary = BatchSummary()
        let bytes = try writer.bytes(of: batch, noting: &summary)
        return Part(bytes: bytes, summary: summary, skipped: batch.skipped)
      },
      deliver: { part in
        for row in part.skipped { try leniency.take(row) }
        try destination.append(part.bytes)
        summary.add(part.summary)
        progress.update(rows: summary.answers / models.count)
      })
    progress.finish()
    try leniency.finish()
    sayConversion(conversion)
    try destination.commit()
    return summary
  }

  /// Any format: the table is held in memory.
  func write(to output: OutputOptions) throws -> BatchSummary {
    let table = try rows.read(path).table
    let scenarios = Scenario.all(in: table)
    var summary = BatchSummary()
    var answers: [Answer] = []
    answers.reserveCapacity(scenarios.count * models.count)
    for scenario in scenarios {
      for model in models {
        let answer = try Answer(model, scenario)
        summary.note(answer)
        answers.append(answer)
      }
    }
    let repeated =
      models.count == 1
      ? table
      : table.selecting(scenarios.indices.flatMap { Array(repeating: $0, count: models.count) })
    let existing = Set(table.names)
    let added = columns.map { $0.column(answers, name: addedName($0.rawValue, beside: existing)) }
    try output.write(Report(try repeated.appending(added), name: "predictions"))
    return summary
  }
}

import Foundation
import MigrationModels
public import ModelCore

extension Comparison {
  /// The scores as a table, one row per target, part and model, best first.
  public static func table(of scores: [ModelScore], splitColumn: String?) throws(TableError)
    -> Table
  {
    var columns = [Column("target", text: scores.map(\.target.column))]
    if let splitColumn {
      columns.append(Column(splitColumn, text: scores.map(\.part)))
    }
    func finite(_ value: Double) -> Double? { value.isNaN ? nil : value }
    columns += [
      Column("model", text: scores.map(\.model)),
      Column("n", numbers: scores.map { Double($0.rowCount) }),
      Column("unanswered", numbers: scores.map { Double($0.unanswered) }),
      Column("bias", numbers: scores.map(\.bias)),
      Column("mae", numbers: scores.map(\.meanAbsoluteError)),
      Column("rmse", numbers: scores.map(\.rootMeanSquaredError)),
      Column("mdape", numbers: scores.map { finite($0.medianAbsolutePercentageError) }),
      Column("p90_ape", numbers: scores.map { finite($0.p90AbsolutePercentageError) }),
      Column("r_squared_log", numbers: scores.map(\.logRSquared)),
      Column("verdict_right", numbers: scores.map(\.verdictsRight)),
      Column("smape", numbers: scores.map(\.symmetricError)),
      Column("smape_diff", numbers: scores.map(\.difference)),
      Column("smape_diff_se", numbers: scores.map(\.differenceError)),
      Column("standing", text: scores.map(\.standing)),
    ]
    return try Table(columns)
  }

  /// The parameters fitted on all rows; a table without rows when no model has any.
  public func parameterTable() throws(TableError) -> Table {
    let rows = models.flatMap { model in
      model.parameters.map { (model.id, $0) }
    }
    return try FittedParameter.table(rows)
  }

  /// One row per record, target and model: what was held out, and what was said of it.
  public func predictionTable() throws(TableError) -> Table {
    var id: [String?] = []
    var target: [String?] = []
    var model: [String?] = []
    var observed: [Double?] = []
    var predicted: [Double?] = []
    var converged: [Bool?] = []
    var termination: [String?] = []
    for wanted in request.targets {
      for answers in models {
        for (record, prediction) in zip(records, answers.predictions[wanted] ?? []) {
          id.append(record.id)
          target.append(wanted.column)
          model.append(answers.id)
          observed.append(record.isCompleted ? record.observed(wanted) : nil)
          predicted.append(wanted.value(of: prediction))
          converged.append(prediction.converged)
          termination.append(prediction.termination.rawValue)
        }
      }
    }
    return try Table([
      Column("id", text: id), Column("target", text: target), Column("model", text: model),
      Column("observed", numbers: observed), Column("predicted", numbers: predicted),
      Column("converged", flags: converged), Column("termination", text: termination),
    ])
  }

  /// What a reader of the table has to know, a sentence each: which rows, which were left out
  /// and why, how the numbers were made, and how each model reads a row.
  public func notes() -> [String] {
    let completed = records.count(where: \.isCompleted)
    let censored = records.count - completed
    var notes = [
      "\(completed) completed rows are scored; \(censored) censored rows (cancelled, failed or "
        + "timed out) count in verdict_right only."
    ]
    for (technique, count) in outOfScope.sorted(by: { $0.key < $1.key }) {
      let models = models.map(\.id).filter { id in
        (try? ModelCatalogue.resolve(id).type.descriptor.techniques.contains(technique)) == false
      }
      notes.append(
        "\(count) rows of technique \(technique) are left out: not described by "
          + models.joined(separator: ", ") + ".")
    }
    for (column, count) in lacking.sorted(by: { $0.key < $1.key }) {
      notes.append("\(count) rows are left out: \(column) is empty and some model needs it.")
    }
    let fitted = models.filter {
      $0.fitOnAllRows != nil || Self.own.contains($0.id)
    }.map(\.id)
    if let foldCount, !fitted.isEmpty {
      notes.append(
        "Held out: \(fitted.joined(separator: ", ")) \(fitted.count == 1 ? "is" : "are") fitted "
          + "in \(foldCount)-fold cross-validation by group (seed \(request.seed)); the others "
          + "have nothing to fit.")
    }
    notes.append(
      "smape = mean of 2|p-o|/(p+o), 0 to 2, an unanswered row counts 2; smape_diff is the "
        + "difference to the best model with its paired standard error; within twice that error "
        + "a model is not distinguishable from the best.")
    notes.append(
      "mdape, p90_ape: median and 90th percentile of |p-o|/o, unanswered rows infinite; bias, "
        + "mae, rmse in SI units and r_squared_log over answered rows.")
    if models.contains(where: { $0.id == StackedComparison.id }) {
      notes.append(StackedComparison.note)
    }
    for model in models {
      guard let descriptor = try? ModelCatalogue.resolve(model.id).type.descriptor else { continue }
      let basis = model.id.hasSuffix("+used") ? "starts from used_bytes; " : ""
      let origin = descriptor.provenance.map(\.rawValue).joined(separator: ", ")
      notes.append("\(model.id) [\(origin)]: \(basis)\(descriptor.reading).")
    }
    return notes
  }
}

extension FittedParameter {
  /// A tidy table of parameters, one row each.
  public static func table(_ rows: [(model: String, parameter: FittedParameter)]) throws(TableError)
    -> Table
  {
    let parameters = rows.map(\.parameter)
    return try Table([
      Column("model", text: rows.map(\.model)),
      Column("term", text: parameters.map(\.term)),
      Column("estimate", numbers: parameters.map(\.estimate)),
      Column("std_error", numbers: parameters.map(\.standardError)),
      Column("statistic", numbers: parameters.map(\.statistic)),
      Column("p_value", numbers: parameters.map(\.pValue)),
      Column("conf_low", numbers: parameters.map { $0.confidence?.lowerBound }),
      Column("conf_high", numbers: parameters.map { $0.confidence?.upperBound }),
      Column("unit", text: parameters.map(\.unit)),
      Column("method", text: parameters.map(\.method)),
    ])
  }
}

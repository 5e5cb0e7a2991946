import MigrationModels
public import ModelCore
import Statistics

/// A migration model fitted to a trace, with the tables that a fit prints.
public struct ModelFit: Sendable {
  public let fitted: FittedModel
  private let records: [MigrationRecord]
  private let table: Table

  /// Fits a model's parameters to the completed rows of a trace.
  ///
  /// - Throws: `CalibrationError.notFitted` for a model that a trace cannot teach.
  public init(_ id: String, _ table: Table) throws(CalibrationError) {
    do {
      guard let estimator = try estimator(for: id) else {
        let has = try ModelCatalogue.resolve(id).type.descriptor.parameters.map(\.name)
        throw CalibrationError.notFitted(
          model: id,
          reason: has.isEmpty
            ? "it has no parameters; predict with it as it is"
            : "\(has.joined(separator: ", ")) cannot be learned from a trace; "
              + "set them with predict --parameter")
      }
      self.table = table
      records = MigrationRecord.all(in: table)
      fitted = try estimator.fit(records, downtime: .downtime)
    } catch {
      throw CalibrationError(error)
    }
  }

  /// The columns of a summary after `model`, the same for every kind of fit; what has no meaning
  /// for a model's parameters stays empty.
  private static let summaryColumns = [
    "nobs", "rank", "df_residual", "sigma", "r_squared", "adj_r_squared", "f_statistic",
    "f_p_value", "rmse", "mae", "mdape", "log_likelihood", "aic", "bic", "condition",
  ]

  /// The target that the fit is summed up by: energy for a model that predicts it, else time.
  private var target: Target {
    type(of: fitted.model).descriptor.outputs.contains(Target.energy.column) ? .energy : .totalTime
  }

  /// A row per parameter.
  public func tidy() throws(TableError) -> Table {
    try FittedParameter.table(fitted.parameters.map { (fitted.model.id, $0) })
  }

  /// One row: rows that taught, and the errors on these same rows.
  public func glance() throws(CalibrationError) -> Table {
    var predicted: [Double] = []
    var observed: [Double] = []
    for record in records where record.isCompleted {
      guard let value = record.observed(target),
        let answer = try? fitted.model.predict(record.scenario)
      else { continue }
      observed.append(value)
      predicted.append(target.value(of: answer) ?? .infinity)
    }
    let pairs = zip(predicted, observed).filter { $0.0.isFinite }
    do {
      let finite = (pairs.map(\.0), pairs.map(\.1))
      func metric(_ metric: Metric) throws -> Double? {
        pairs.isEmpty ? nil : try metric(predicted: finite.0, observed: finite.1)
      }
      let mdape =
        observed.isEmpty
        ? nil
        : try Metric.medianAbsolutePercentageError(predicted: predicted, observed: observed)
      let known: [String: Double?] = [
        "nobs": Double(fitted.trainingRows), "rmse": try metric(.rootMeanSquaredError),
        "mae": try metric(.meanAbsoluteError), "mdape": mdape,
      ]
      return try Table(
        [Column("model", text: [fitted.model.id])]
          + Self.summaryColumns.map { Column($0, numbers: [known[$0] ?? nil]) })
    } catch {
      throw CalibrationError(error)
    }
  }

  /// The trace's rows with fitted value and residual of the target.
  public func augment() throws(CalibrationError) -> Table {
    let fittedValues = records.map { record in
      (try? fitted.model.predict(record.scenario)).flatMap { target.value(of: $0) }
    }
    let residuals = zip(records, fittedValues).map { record, value in
      record.isCompleted ? record.observed(target).flatMap { o in value.map { o - $0 } } : nil
    }
    do {
      return try table.appending([
        Column(".fitted", numbers: fittedValues), Column(".resid", numbers: residuals),
      ])
    } catch {
      throw CalibrationError(error)
    }
  }

  public func notes() -> [String] {
    let descriptor = type(of: fitted.model).descriptor
    return [
      "glance is for \(target.column) on the rows that taught the parameters; "
        + "'cutover compare' holds rows out.",
      "\(fitted.model.id) [\(descriptor.provenance.map(\.rawValue).joined(separator: ", "))]: "
        + descriptor.reading + ".",
    ]
  }
}

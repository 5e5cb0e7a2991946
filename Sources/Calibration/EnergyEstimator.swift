public import MigrationModels
import ModelCore

/// Learns Liu's energy law `E = alpha V_mig + beta` from measured energy and measured traffic.
///
/// Traffic is an outcome: it teaches the law, and in a prediction the model's own traffic takes
/// its place.
struct EnergyEstimator: MigrationEstimator {
  let basis: MemoryBasis

  func fit(
    _ records: [MigrationRecord], downtime: Target
  ) throws(CalibrationError) -> FittedModel {
    let pairs = records.filter(\.isCompleted).compactMap { record in
      record.observed(.energy).flatMap { energy in
        record.observed(.transferredBytes).map { (energy, $0) }
      }
    }
    guard pairs.count >= 3 else {
      throw .tooFewRows(
        what: "completed rows with energy_j and transferred_bytes", found: pairs.count, needed: 3)
    }
    let parameters = try LinearTeacher.fit(
      "energy_j ~ transferred_bytes",
      [
        Column("energy_j", numbers: pairs.map(\.0)),
        Column("transferred_bytes", numbers: pairs.map(\.1)),
      ],
      names: [
        "(Intercept)": ("energy_beta", "J"), "transferred_bytes": ("energy_alpha", "J/B"),
      ],
      method: "least squares of energy_j on transferred_bytes")
    do {
      let values = Dictionary(uniqueKeysWithValues: parameters.map { ($0.term, $0.estimate) })
      let model = LiuEnergy(
        parameters: try ModelParameters(LiuEnergy.descriptor, overriding: values), basis: basis)
      return FittedModel(model: model, parameters: parameters, trainingRows: pairs.count)
    } catch {
      throw CalibrationError(error)
    }
  }
}

extension LiuEnergy: LearnableModel {
  public static func estimator(basis: MemoryBasis) -> any MigrationEstimator {
    EnergyEstimator(basis: basis)
  }
}

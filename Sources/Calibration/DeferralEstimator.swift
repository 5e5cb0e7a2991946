public import MigrationModels
import ModelCore
import Quantities

/// Learns the share of dirty memory that `liu.refined` keeps back.
///
/// No trace records gamma, but each records what was sent: per completed row, the constant gamma
/// within 0 and 1 at which the model sends as much is found by bisection, then
/// `gamma = a T_0 + b D + c` by ordinary least squares, T_0 the length of the full copy.
/// Rows that send more than without keeping back (gamma would be negative) teach 0, rows that send
/// less than the model can (as with zero pages, in the variant that walks over all memory) teach 1.
struct DeferralEstimator: MigrationEstimator {
  let basis: MemoryBasis

  /// Halvings of the interval for gamma: beyond the 53 bits of a double nothing changes.
  private static let halvings = 60

  func fit(
    _ records: [MigrationRecord], downtime: Target
  ) throws(CalibrationError) -> FittedModel {
    var gamma: [Double] = []
    var firstRound: [Double] = []
    var dirtyRate: [Double] = []
    for record in records where record.isCompleted {
      guard let sent = record.observed(.transferredBytes),
        let rate = record.scenario.dirtyRate?.siValue,
        let bandwidth = record.scenario.effectiveBandwidth?.siValue,
        let memory = basis == .used ? record.scenario.effectiveUsed : record.scenario.memory,
        let share = try keptBack(record.scenario, sent: sent)
      else { continue }
      gamma.append(share)
      firstRound.append(memory.siValue / bandwidth)
      dirtyRate.append(rate)
    }
    guard gamma.count >= 4 else {
      throw .tooFewRows(
        what: "completed rows with transferred_bytes that liu.refined can answer",
        found: gamma.count, needed: 4)
    }
    let parameters = try LinearTeacher.fit(
      "gamma ~ round_s + dirty_rate",
      [
        Column("gamma", numbers: gamma), Column("round_s", numbers: firstRound),
        Column("dirty_rate", numbers: dirtyRate),
      ],
      names: [
        "(Intercept)": ("gamma_constant", "1"), "round_s": ("gamma_per_s", "1/s"),
        "dirty_rate": ("gamma_per_byte_per_s", "s/B"),
      ],
      method: "least squares of the gamma that explains transferred_bytes")
    let model = try make(
      Dictionary(uniqueKeysWithValues: parameters.map { ($0.term, $0.estimate) }))
    return FittedModel(model: model, parameters: parameters, trainingRows: gamma.count)
  }

  /// The constant gamma at which the model sends this much; `nil` for a row it cannot answer.
  private func keptBack(_ scenario: Scenario, sent: Double) throws(CalibrationError) -> Double? {
    func predicted(_ gamma: Double) throws(CalibrationError) -> Double? {
      let model = try make([
        "gamma_constant": gamma, "gamma_per_s": 0, "gamma_per_byte_per_s": 0,
      ])
      return (try? model.predict(scenario))?.transferredBytes?.siValue
    }
    guard let least = try predicted(1) else { return nil }
    if sent <= least { return 1 }
    // A migration that does not end without keeping back sends more than any number.
    if let most = try predicted(0), sent >= most { return 0 }
    var (low, high) = (0.0, 1.0)
    for _ in 0..<Self.halvings {
      let middle = low + (high - low) / 2
      if let value = try predicted(middle), value <= sent { high = middle } else { low = middle }
    }
    return high
  }

  private func make(_ values: [String: Double]) throws(CalibrationError) -> LiuRefined {
    do {
      return LiuRefined(
        parameters: try ModelParameters(LiuRefined.descriptor, overriding: values), basis: basis)
    } catch {
      throw CalibrationError(error)
    }
  }
}

extension LiuRefined: LearnableModel {
  public static func estimator(basis: MemoryBasis) -> any MigrationEstimator {
    DeferralEstimator(basis: basis)
  }
}

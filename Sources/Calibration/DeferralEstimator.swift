public import MigrationModels
import ModelCore
import Quantities

/// Learns the share of dirty memory that `liu.refined` keeps back.
///
/// No trace records gamma, but each records what was sent: per completed row, the smallest constant
/// gamma within 0 and 1 at which the model sends as little is found, then
/// `gamma = a T_0 + b D + c` by ordinary least squares, T_0 the length of the full copy.
///
/// What is sent falls with gamma, has a minimum, and rises again, because the last transfer
/// sends everything that was kept back: hence the smallest. Rows that send more than without
/// keeping back teach 0; rows that send less than the model ever does (as with zero pages, in
/// the variant that walks over all memory) teach the gamma of its minimum.
struct DeferralEstimator: MigrationEstimator {
  let basis: MemoryBasis

  /// Steps of the first look over gamma, fine enough not to step over the falling branch.
  private static let steps = 50
  /// Halvings of the step that holds the answer: beyond the bits of a double nothing changes.
  private static let halvings = 50

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
    var best: (gamma: Double, sent: Double)?
    var above = 0.0
    for step in 0...Self.steps {
      let gamma = Double(step) / Double(Self.steps)
      // A migration that does not end without keeping back sends more than any number.
      guard let value = try predicted(gamma) else {
        above = gamma
        continue
      }
      if value <= sent {
        guard step > 0 else { return 0 }
        return try bisect(above, gamma) { middle throws(CalibrationError) in
          (try predicted(middle) ?? .infinity) <= sent
        }
      }
      if value < best?.sent ?? .infinity { best = (gamma, value) }
      above = gamma
    }
    return best?.gamma
  }

  /// The smallest value between two at which the predicate holds, if it holds from there on.
  private func bisect(
    _ low: Double, _ high: Double, holds: (Double) throws(CalibrationError) -> Bool
  ) throws(CalibrationError) -> Double {
    var (low, high) = (low, high)
    for _ in 0..<Self.halvings {
      let middle = low + (high - low) / 2
      if try holds(middle) { high = middle } else { low = middle }
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

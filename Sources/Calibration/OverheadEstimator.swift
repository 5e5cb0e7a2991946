import Foundation
public import MigrationModels
import ModelCore
import Statistics

/// Learns the fixed times before the first byte and inside the downtime.
///
/// The part inside the downtime is the median of observed downtime less the model's downtime
/// without overheads; the part before is the median of observed total time less the model's with
/// that downtime part. Neither goes below zero, where a model that overstates the copying would
/// push it. The median, because a model's misses have long tails that would carry a mean away.
/// The interval is the distribution-free one of the order statistics, with a normal
/// approximation of their ranks.
struct OverheadEstimator: MigrationEstimator {
  let model: any MigrationModel.Type
  let basis: MemoryBasis
  /// The parameter before the first byte.
  let before: String
  /// The parameter inside the downtime.
  let after: String

  func fit(
    _ records: [MigrationRecord], downtime: Target
  ) throws(CalibrationError) -> FittedModel {
    let completed = records.filter(\.isCompleted)
    let inside = try overhead(
      after, of: downtime, completed, given: [before: 0, after: 0], optional: true)
    let outside = try overhead(
      before, of: .totalTime, completed, given: [before: 0, after: inside?.estimate ?? 0],
      optional: false)
    let found = [outside, inside].compactMap { $0 }
    let fitted = try make(
      Dictionary(uniqueKeysWithValues: found.map { ($0.term, $0.estimate) }))
    return FittedModel(model: fitted, parameters: found, trainingRows: completed.count)
  }

  private func overhead(
    _ name: String, of target: Target, _ records: [MigrationRecord], given: [String: Double],
    optional: Bool
  ) throws(CalibrationError) -> FittedParameter? {
    let bare = try make(given)
    var residuals: [Double] = []
    for record in records {
      guard let observed = record.observed(target) else { continue }
      // A row that the model cannot answer teaches it nothing.
      guard let prediction = try? bare.predict(record.scenario),
        let predicted = target.value(of: prediction)
      else { continue }
      residuals.append(observed - predicted)
    }
    if residuals.isEmpty {
      if optional { return nil }
      throw .tooFewRows(
        what: "completed rows with \(target.column) that \(bare.id) can answer", found: 0, needed: 1
      )
    }
    do {
      let quantiles = try Quantiles(residuals)
      return FittedParameter(
        term: name, estimate: max(0, quantiles.median), confidence: interval(quantiles.sorted),
        unit: "s", method: "median of observed - predicted \(target.column), not below 0")
    } catch {
      throw CalibrationError(error)
    }
  }

  /// Order statistics that enclose the median with 95 % confidence; `nil` for fewer than six
  /// rows, which cannot reach that confidence.
  private func interval(_ sorted: [Double]) -> ClosedRange<Double>? {
    guard sorted.count >= 6 else { return nil }
    let n = Double(sorted.count)
    // 0.98 = half of the normal quantile 1.96: the rank's standard deviation is sqrt(n) / 2.
    let low = max(0, Int((n / 2 - 0.98 * n.squareRoot()).rounded(.down)))
    let high = min(sorted.count - 1, Int((n / 2 + 0.98 * n.squareRoot()).rounded(.up)))
    return max(0, sorted[low])...max(0, sorted[high])
  }

  private func make(_ values: [String: Double]) throws(CalibrationError) -> any MigrationModel {
    do {
      return model.init(
        parameters: try ModelParameters(model.descriptor, overriding: values), basis: basis)
    } catch {
      throw CalibrationError(error)
    }
  }
}

extension AkoushAverage: LearnableModel {
  public static func estimator(basis: MemoryBasis) -> any MigrationEstimator {
    OverheadEstimator(
      model: Self.self, basis: basis, before: "pre_overhead_s", after: "post_overhead_s")
  }
}

extension QEMUPrecopy: LearnableModel {
  public static func estimator(basis: MemoryBasis) -> any MigrationEstimator {
    OverheadEstimator(
      model: Self.self, basis: basis, before: "setup_time_s", after: "switchover_time_s")
  }
}

import MigrationModels
import ModelCore
import Statistics

/// How well one model predicts one target on one part of a trace.
public struct ModelScore: Sendable {
  public let target: Target
  /// Value of the split column, `nil` without one.
  public let part: String?
  public let model: String
  /// Completed rows that are scored.
  public let rowCount: Int
  /// Of these, rows for which the model gives no number (it says that they never end).
  public let unanswered: Int
  public let bias: Double?
  public let meanAbsoluteError: Double?
  public let rootMeanSquaredError: Double?
  public let medianAbsolutePercentageError: Double
  public let p90AbsolutePercentageError: Double
  public let logRSquared: Double?
  /// Mean of 2 |p - o| / (p + o), 0 to 2; the score that orders the table. A row without an
  /// answer counts 2.
  public let symmetricError: Double
  /// Difference of `symmetricError` to the best model, with its paired standard error.
  public let difference: Double
  public let differenceError: Double?
  /// Share of all rows, censored ones too, whose completion is called right.
  public let verdictsRight: Double
  /// `best`, `not distinguishable` or `worse`.
  public let standing: String
}

extension Comparison {
  /// Scores of every model for every target (and part), best first.
  ///
  /// Order and differences are those of the mean symmetric relative error: bounded, so that
  /// a row that a model says never ends counts as wholly wrong instead of being left out. The
  /// standard error of a difference is paired over rows and clustered by group. Within twice
  /// that error of the best, a model is not distinguishable from it.
  public func scores() throws(CalibrationError) -> [ModelScore] {
    var answer: [ModelScore] = []
    for target in request.targets {
      for (part, rows) in parts() {
        answer += try scores(target, part, rows)
      }
    }
    return answer
  }

  private func parts() -> [(name: String?, rows: [Int])] {
    guard let splits else { return [(nil, Array(records.indices))] }
    return Dictionary(grouping: records.indices, by: { splits[$0] })
      .sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  private func scores(
    _ target: Target, _ part: String?, _ rows: [Int]
  ) throws(CalibrationError) -> [ModelScore] {
    let scored = rows.filter { records[$0].isCompleted && records[$0].observed(target) != nil }
    // A part without a completed row has nothing to score; the notes count its rows.
    guard !scored.isEmpty else { return [] }
    do {
      let drafts = try models.map { try draft($0, target, scored: scored, all: rows) }
      let order = drafts.sorted {
        ($0.symmetricError, $0.id) < ($1.symmetricError, $1.id)
      }
      guard let best = order.first else { return [] }
      let groups = scored.map { records[$0].group }
      return order.map { draft in
        let paired = PairedDifference(
          zip(draft.losses, best.losses).map { $0 - $1 }, groups: groups)
        let standing: String
        if draft.id == best.id {
          standing = "best"
        } else if let error = paired.standardError, paired.mean > 2 * error {
          standing = "worse"
        } else {
          standing = "not distinguishable"
        }
        return ModelScore(
          target: target, part: part, model: draft.id, rowCount: scored.count,
          unanswered: draft.unanswered, bias: draft.bias, meanAbsoluteError: draft.mae,
          rootMeanSquaredError: draft.rmse, medianAbsolutePercentageError: draft.mdape,
          p90AbsolutePercentageError: draft.p90, logRSquared: draft.logRSquared,
          symmetricError: draft.symmetricError, difference: paired.mean,
          differenceError: draft.id == best.id ? nil : paired.standardError,
          verdictsRight: draft.verdictsRight, standing: standing)
      }
    } catch {
      throw CalibrationError(error)
    }
  }

  private struct Draft {
    var id: String
    var unanswered: Int
    var bias, mae, rmse, logRSquared: Double?
    var mdape, p90, symmetricError, verdictsRight: Double
    var losses: [Double]
  }

  private func draft(
    _ model: HeldOutPredictions, _ target: Target, scored: [Int], all: [Int]
  ) throws -> Draft {
    let predictions = model.predictions[target] ?? []
    let pairs: [(predicted: Double, observed: Double)] = scored.compactMap { row in
      records[row].observed(target).map {
        (target.value(of: predictions[row]) ?? .infinity, $0)
      }
    }
    let predicted = pairs.map(\.predicted)
    let observed = pairs.map(\.observed)
    let answered = pairs.filter { $0.predicted.isFinite }
    let finite = (answered.map(\.predicted), answered.map(\.observed))
    func ifAnswered(_ metric: Metric) throws -> Double? {
      guard !answered.isEmpty else { return nil }
      return try metric(predicted: finite.0, observed: finite.1)
    }
    // On the log scale only positive pairs have a place.
    let positive = answered.filter { $0.predicted > 0 && $0.observed > 0 }
    let logRSquared =
      Set(positive.map(\.observed)).count > 1
      ? try Metric.logRSquared(
        predicted: positive.map(\.predicted), observed: positive.map(\.observed)) : nil
    let verdicts = all.count { row in
      predictions[row].completes(within: records[row].scenario.timeLimit)
        == records[row].isCompleted
    }
    return Draft(
      id: model.id, unanswered: pairs.count - answered.count,
      bias: try ifAnswered(.bias), mae: try ifAnswered(.meanAbsoluteError),
      rmse: try ifAnswered(.rootMeanSquaredError), logRSquared: logRSquared,
      mdape: try Metric.medianAbsolutePercentageError(predicted: predicted, observed: observed),
      p90: try Metric.p90AbsolutePercentageError(predicted: predicted, observed: observed),
      symmetricError: try Metric.meanSymmetricRelativeError(
        predicted: predicted, observed: observed),
      verdictsRight: Double(verdicts) / Double(all.count),
      losses: try symmetricRelativeErrors(predicted: predicted, observed: observed))
  }
}

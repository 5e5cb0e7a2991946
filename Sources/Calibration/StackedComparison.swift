import Foundation
import MigrationModels
import ModelCore
import Quantities
import Statistics

/// The literature's models, weighted by what the training rows say of each: `stacked` in a
/// comparison.
///
/// Per fold and target, every model is first fitted and tried in a grouped cross-validation
/// within the training rows; the weights are those of `Stacking` on these predictions. Rows that a
/// model leaves unanswered (another technique, an absent input, no end) are shared out among the
/// models that answer them.
public struct StackedComparison: Sendable {
  public static let id = "stacked"

  let members: [Member]
  let request: ComparisonRequest

  /// A model, with its estimator where a trace can teach it.
  struct Member: Sendable {
    let id: String
    let model: any MigrationModel
    let estimator: (any MigrationEstimator)?
  }

  /// Completed rows that a stack needs to learn from, per model that it weighs.
  private static let leastRows = 5

  /// The models of the comparison's list, but this one and the calibrated one; all that give a
  /// target, variants included, where the list names no other.
  init(_ request: ComparisonRequest) throws(CalibrationError) {
    self.request = request
    let named = request.models.filter { $0 != Self.id && $0 != CalibratedModel.id }
    do {
      let ids =
        named.isEmpty
        ? ModelCatalogue.ids.filter { id in
          guard let type = try? ModelCatalogue.resolve(id).type else { return false }
          return request.targets.contains { $0.isGiven(by: type.descriptor) }
        } : named
      members = try ids.map { id in
        Member(
          id: id, model: try ModelCatalogue.model(id), estimator: try estimator(for: id))
      }
    } catch {
      throw CalibrationError(error)
    }
  }

  /// What a stack says, with the models that it weighs.
  private struct Stack {
    var weights: Stacking
    var members: [Int]
  }

  func crossValidated(
    _ records: [MigrationRecord], _ folds: GroupedFolds
  ) throws(CalibrationError) -> HeldOutPredictions {
    var predictions: [Target: [MigrationPrediction]] = [:]
    var parameters: [FittedParameter] = []
    for target in request.targets {
      let parts = try parallelMap(count: folds.count) {
        (fold) throws(CalibrationError) -> [(Int, MigrationPrediction)] in
        let training = records.indices.filter { folds.fold[$0] != fold }.map { records[$0] }
        let test = records.indices.filter { folds.fold[$0] == fold }
        let stack = try learned(training, target)
        let answers = answers(training, test.map { records[$0] }, target, of: stack.members)
        return zip(test, combined(stack, answers, target, count: test.count)).map { ($0, $1) }
      }
      let none = MigrationPrediction(termination: .notConvergent, converged: false)
      var ordered = [MigrationPrediction](repeating: none, count: records.count)
      for (row, prediction) in parts.joined() { ordered[row] = prediction }
      predictions[target] = ordered
      parameters += self.parameters(of: try learned(records, target), target)
    }
    return HeldOutPredictions(
      id: Self.id, predictions: predictions, fitOnAllRows: nil, weights: parameters)
  }

  /// Weights by predictions of the training rows, each made without its own group.
  private func learned(
    _ records: [MigrationRecord], _ target: Target
  ) throws(CalibrationError) -> Stack {
    let folds = try GroupedFolds(
      groups: records.map(\.group), folds: request.folds, seed: request.seed)
    var errors = [[Double?]](
      repeating: [Double?](repeating: nil, count: records.count),
      count: members.count)
    for fold in 0..<folds.count {
      let training = records.indices.filter { folds.fold[$0] != fold }.map { records[$0] }
      let test = records.indices.filter {
        folds.fold[$0] == fold && records[$0].isCompleted
      }
      let answers = answers(
        training, test.map { records[$0] }, target, of: Array(members.indices))
      for member in members.indices {
        for (place, row) in test.enumerated() {
          guard let value = answers[member][place].flatMap({ target.value(of: $0) }), value > 0,
            value.isFinite, let observed = records[row].observed(target), observed > 0
          else { continue }
          errors[member][row] = log(observed / value)
        }
      }
    }
    return try stack(errors, target)
  }

  /// Which models take part, and their weights.
  ///
  /// The rows that teach are those that every model of the stack answers. While these are fewer
  /// than half of the rows that any model answers, the one that answers fewest is left out (of
  /// equals the last). Of models that say the same of every row the first stands for all.
  private func stack(
    _ errors: [[Double?]], _ target: Target
  ) throws(CalibrationError) -> Stack {
    let rows = errors.first?.indices ?? 0..<0
    let answered = rows.filter { row in errors.contains { $0[row] != nil } }
    var taking = errors.indices.filter { member in errors[member].contains { $0 != nil } }
    func shared() -> [Int] {
      answered.filter { row in taking.allSatisfy { errors[$0][row] != nil } }
    }
    while taking.count > 1, shared().count * 2 < answered.count {
      let counts = taking.map { member in errors[member].count { $0 != nil } }
      guard let fewest = counts.min(), let place = counts.lastIndex(of: fewest) else { break }
      taking.remove(at: place)
    }
    let teaching = shared()
    guard teaching.count >= Self.leastRows else {
      throw .tooFewRows(
        what: "completed rows with \(target.column) that the models of \(Self.id) can answer",
        found: teaching.count, needed: Self.leastRows)
    }
    var seen: Set<[Double]> = []
    var distinct: [Int] = []
    var columns: [[Double]] = []
    for member in taking {
      let column = teaching.compactMap { errors[member][$0] }
      guard seen.insert(column).inserted else { continue }
      distinct.append(member)
      columns.append(column)
    }
    return Stack(weights: try Stacking(errors: columns), members: distinct)
  }

  /// Per model, what it says of the test rows when the training rows have taught it; `nil` where
  /// it cannot say anything.
  private func answers(
    _ training: [MigrationRecord], _ test: [MigrationRecord], _ target: Target, of taking: [Int]
  ) -> [[MigrationPrediction?]] {
    taking.map { index in
      let member = members[index]
      var model = member.model
      if let estimator = member.estimator {
        let downtime = target.isDowntime ? target : .downtime
        // Why the defaults stand where nothing can be learned: they are the model as published.
        if let fitted = try? estimator.fit(training, downtime: downtime) { model = fitted.model }
      }
      return test.map { record in
        guard type(of: model).describes(record.scenario.technique) else { return nil }
        return try? model.predict(record.scenario)
      }
    }
  }

  private func combined(
    _ stack: Stack, _ answers: [[MigrationPrediction?]], _ target: Target, count: Int
  ) -> [MigrationPrediction] {
    (0..<count).map { row in
      let said = answers.map { $0[row] }
      let verdicts = stack.weights.weights(answering: said.map { $0 != nil })
      let converges = zip(said, verdicts).reduce(0.0) { $0 + ($1.0?.converged == true ? $1.1 : 0) }
      let values = said.map { $0.flatMap { target.value(of: $0) } }.map { value in
        value.flatMap { $0 > 0 && $0.isFinite ? $0 : nil }
      }
      let weights = stack.weights.weights(answering: values.map { $0 != nil })
      let isConvergent = converges >= 0.5
      var prediction = MigrationPrediction(
        termination: isConvergent ? .downtimeLimit : .notConvergent, converged: isConvergent)
      guard values.contains(where: { $0 != nil }) else { return prediction }
      let level = zip(values, weights).reduce(0.0) { $0 + ($1.0.map { log($0) } ?? 0) * $1.1 }
      target.set(exp(level), in: &prediction)
      return prediction
    }
  }

  private func parameters(of stack: Stack, _ target: Target) -> [FittedParameter] {
    zip(stack.members, stack.weights.weights).filter { $1 > 0 }.map { member, weight in
      FittedParameter(
        term: "\(target.column): \(members[member].id)", estimate: weight, unit: "1",
        method: "weight, least squares of log(observed / predicted), >= 0, sum 1")
    }
  }

  /// What a reader has to know.
  static let note =
    "stacked: weighted geometric mean of "
    + "the models listed beside it (of all that give a target where none is listed); weights by "
    + "least squares on predictions that are out of fold within the training rows, >= 0, sum 1 "
    + "(Breiman 1996); where a model has no answer the others' weights are scaled up to 1."
}

extension Target {
  /// Puts a number where `value(of:)` looks for it.
  func set(_ value: Double, in prediction: inout MigrationPrediction) {
    switch self {
    case .totalTime: prediction.totalMigrationTime = Seconds(siValue: value)
    case .downtime, .downtimeObserved: prediction.downtime = Seconds(siValue: value)
    case .transferredBytes: prediction.transferredBytes = Bytes(siValue: value)
    case .energy: prediction.energy = Joules(siValue: value)
    }
  }
}

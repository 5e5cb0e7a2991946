import Foundation
import MigrationModels
import ModelCore
import Quantities
import Reporting

/// The rows of a file taken together: which is the cheapest to move, or how they share a link.
struct GroupPrediction {
  private let model: any MigrationModel
  private let table: Table
  private let scenarios: [Scenario]
  private let weights: [String: Double]?

  /// The costs that `--weights` knows, and the columns that hold them.
  private static let costs = [
    "total-time": "total_time_s", "downtime": "downtime_s", "traffic": "transferred_bytes",
    "energy": "energy_j",
  ]

  init(_ selection: ModelSelection, path: String, rows: RowOptions, weights: String?) throws {
    guard let model = selection.models.first, selection.models.count == 1 else {
      throw UsageError("--choose and --split-link take one model")
    }
    self.model = model
    self.weights = try weights.map(Self.parsed)
    table = try rows.read(path).table
    scenarios = Scenario.all(in: table)
  }

  /// Every row with its prediction and cost, the cheapest first.
  func choose(output: OutputOptions) throws {
    let (answers, summary) = try answers(scenarios)
    let weights = try costWeights()
    let candidates = answers.map { $0.prediction ?? Self.none }
    let ranking: [CandidateCost]
    do {
      ranking = try rankedByCost(candidates, weights: weights)
    } catch {
      guard case .missing(let column, let candidate) = error else { throw error }
      throw CannotAnswer(
        description:
          "\(model.id) gives no \(column) for row \(candidate + 1), and it has a weight; "
          + "liu.energy answers all four costs")
    }
    let order = ranking.map(\.index)
    let ordered = order.map { answers[$0] }
    let added =
      [
        Column("cost_rank", numbers: ranking.map { $0.rank.map(Double.init) }),
        Column("cost", numbers: ranking.map(\.cost)),
      ] + predictionColumns(ordered)
    let words = [
      ("total time", weights.totalTime), ("downtime", weights.downtime),
      ("traffic", weights.traffic), ("energy", weights.energy),
    ].map { "\($0.0) \(percentText($0.1))" }
    try write(
      table.selecting(order), added, notes: ["weights: \(words.joined(separator: ", "))"], output)
    summary.report()
  }

  /// Every row with its part of the link and its prediction at that rate.
  func split(_ link: ByteRate, output: OutputOptions) throws {
    let weights = self.weights ?? ["total-time": 1, "downtime": 1]
    if let other = weights.keys.sorted().first(where: { $0 != "total-time" && $0 != "downtime" }) {
      throw UsageError(
        "--weights: the split of a link weighs total-time and downtime, not \(other)")
    }
    let machines = try scenarios.enumerated().map { (row, scenario) throws in
      guard let memory = scenario.memory, let dirtyRate = scenario.dirtyRate else {
        throw CannotAnswer(
          description: "row \(row + 1) has no memory_bytes or no dirty_rate_bytes_per_s, and the "
            + "split needs both")
      }
      // Rounds of the program are fixed; ten is what its authors allow.
      let rounds =
        if case .rounds(let limit) = scenario.roundLimit { limit } else { Self.usualRounds }
      return RateSplit.Machine(memory: memory, dirtyRate: dirtyRate, rounds: rounds)
    }
    let split = try RateSplit(
      machines, link: link, timeWeight: weights["total-time"] ?? 0,
      downtimeWeight: weights["downtime"] ?? 0)
    let shared = zip(scenarios, split.rates).map { (scenario, rate) in
      var scenario = scenario
      scenario.bandwidth = rate
      return scenario
    }
    let (answers, summary) = try answers(shared)
    let added =
      [Column("split_bandwidth_bytes_per_s", numbers: split.rates.map(\.siValue))]
      + predictionColumns(answers)
    let optimality =
      "conditions of optimality hold to \(roundedDecimal(split.residual, significantDigits: 2)); "
      + "one more MB/s would lower the weighted cost by "
      + "\(roundedDecimal(split.price * 1e6, significantDigits: 3)) s"
    let alone = try self.answers(
      scenarios.map { scenario in
        var scenario = scenario
        scenario.bandwidth = link
        return scenario
      }
    ).0
    let notes =
      [
        Self.note(
          "at the same time, split like this", MigrationGroup(atTheSameTime: predictions(answers))),
        Self.note(
          "one after the other in this order, each with the whole link",
          MigrationGroup(oneAfterTheOther: predictions(alone))),
      ].compactMap { $0 } + [optimality]
    try write(table, added, notes: notes, output)
    summary.report()
  }

  /// Rows without an answer make the group's times unknown.
  private func predictions(_ answers: [Answer]) -> [MigrationPrediction] {
    answers.map { $0.prediction ?? Self.none }
  }

  private static func note(_ how: String, _ group: MigrationGroup?) -> String? {
    group.map {
      "\(how): total time \($0.totalMigrationTime.formatted(significantDigits: 4)), "
        + "service downtime \($0.serviceDowntime.formatted(significantDigits: 4))"
    }
  }

  private static let usualRounds = 10

  /// What stands for a row that the model cannot answer: it is never the choice.
  private static let none = MigrationPrediction(termination: .notConvergent, converged: false)

  private func answers(_ scenarios: [Scenario]) throws -> ([Answer], BatchSummary) {
    var summary = BatchSummary()
    let answers = try scenarios.map { scenario throws(ModelError) in
      let answer = try Answer(model, scenario)
      summary.note(answer)
      return answer
    }
    return (answers, summary)
  }

  private func predictionColumns(_ answers: [Answer]) -> [Column] {
    PredictionColumn.columns(for: [model]).map { $0.column(answers, name: $0.rawValue) }
  }

  private func write(
    _ rows: Table, _ added: [Column], notes: [String], _ output: OutputOptions
  ) throws {
    let existing = Set(rows.names)
    let renamed = added.map { Column(addedName($0.name, beside: existing), $0.values) }
    try output.write(Report(try rows.appending(renamed), name: "predictions", notes: notes))
  }

  /// As typed, else all costs alike that the model answers.
  private func costWeights() throws -> CostWeights {
    let outputs = type(of: model).descriptor.outputs
    let weights =
      self.weights
      ?? Self.costs.filter { outputs.contains($0.value) }.mapValues { _ in 1 }
    do {
      return try CostWeights(
        totalTime: weights["total-time"] ?? 0, downtime: weights["downtime"] ?? 0,
        traffic: weights["traffic"] ?? 0, energy: weights["energy"] ?? 0)
    } catch {
      throw UsageError("--weights: \(error)")
    }
  }

  private static func parsed(_ text: String) throws -> [String: Double] {
    var weights: [String: Double] = [:]
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let pair = part.split(separator: "=", maxSplits: 1).map(String.init)
      guard pair.count == 2, let value = Double(pair[1]), value >= 0, value.isFinite else {
        throw UsageError(
          "--weights: \"\(part)\" is not NAME=NUMBER, such as downtime=2; "
            + "numbers are zero or more")
      }
      guard costs[pair[0]] != nil else {
        let names = ["total-time", "downtime", "traffic", "energy"]
        let nearest = nearestWords(to: pair[0], among: names)
        throw UsageError(
          "--weights: no cost \"\(pair[0])\""
            + (nearest.isEmpty
              ? "; costs are \(names.joined(separator: ", "))" : suggestion(nearest)))
      }
      guard weights.updateValue(value, forKey: pair[0]) == nil else {
        throw UsageError("--weights: \(pair[0]) is given twice")
      }
    }
    return weights
  }
}

import MigrationModels
import ModelCore

/// Predictions of one or more models along one or two inputs.
struct Sweep {
  /// One point: the values of the variables, and what a model says there.
  struct Point {
    let values: [Double]
    let answer: Answer
  }

  let variables: [SweepVariable]
  /// The scenario without the variables.
  let base: Scenario
  var modelIDs: [String] { models.map(\.id) }
  private var models: [any MigrationModel]

  /// - Parameters:
  ///   - vary: `NAME=RANGE`, the second one for a family.
  ///   - parameters: as typed; those that are varied may not be among them.
  init(
    _ selection: ModelSelection, vary: [String], base: Scenario, parameters: [String]
  ) throws {
    models = selection.models
    let names = models.flatMap { $0.parameters.definitions.map(\.name) }
    variables = try vary.map {
      try SweepVariable($0, parameters: names, pageSize: base.effectivePageSize)
    }
    self.base = base
    if variables.count == 2, variables[0].kind == variables[1].kind {
      throw UsageError("--vary: \(variables[0].column) is given twice")
    }
    let count = variables.reduce(models.count) { $0 * $1.values.count }
    guard count <= 1_000_000 else {
      throw UsageError("--vary: \(count) predictions; at most a million are made")
    }
    for variable in variables {
      let isFixed =
        switch variable.kind {
        case .field(let field): base[field] != nil
        case .parameter(let name): parameters.contains { $0.hasPrefix(name + "=") }
        }
      if isFixed {
        throw UsageError(
          "--vary: \(variable.words) is varied and given as an option too; leave one out")
      }
    }
  }

  /// Of all models, keeps those that can answer the first point, and says which cannot.
  mutating func keepModelsThatAnswer() throws {
    let first = variables.map { $0.values[0] }
    models = try models.filter { (model) throws in
      do {
        _ = try answer(model, first)
        return true
      } catch let refusal as CannotAnswer {
        say("left out: \(refusal.description)")
        return false
      }
    }
    guard !models.isEmpty else {
      throw CannotAnswer(description: "no model can answer with the options given")
    }
  }

  /// Every combination: models outermost, then the second variable, then the first, so that the
  /// rows of a curve follow each other.
  func answers() throws -> [Point] {
    var points: [Point] = []
    let outer = variables.count == 2 ? variables[1].values.map { [$0] } : [[]]
    for model in models {
      for second in outer {
        for first in variables[0].values {
          let values = [first] + second
          points.append(Point(values: values, answer: try answer(model, values)))
        }
      }
    }
    return points
  }

  private func answer(_ model: any MigrationModel, _ values: [Double]) throws -> Answer {
    var scenario = base
    var overriding: [String: Double] = [:]
    for (variable, value) in zip(variables, values) {
      switch variable.kind {
      case .field(let field): scenario[field] = value
      case .parameter(let name):
        if model.parameters.definitions.contains(where: { $0.name == name }) {
          overriding[name] = value
        }
      }
    }
    let varied =
      overriding.isEmpty
      ? model
      : try ModelCatalogue.model(
        model.id, parameters: model.parameters.named.merging(overriding) { $1 })
    do {
      try scenario.validate()
    } catch {
      throw UsageError("--vary: \(error)")
    }
    let answer: Answer
    do {
      answer = try Answer(varied, scenario)
    } catch {
      guard case .parameterOutOfDomain = error else { throw error }
      throw UsageError("\(model.id): \(error)")
    }
    if let column = answer.missing {
      throw CannotAnswer(
        description: "\(model.id) needs \(optionName(forColumn: column)) (\(column))")
    }
    if let technique = answer.outOfScope {
      throw CannotAnswer(description: "\(model.id) does not describe technique \(technique)")
    }
    return answer
  }

  /// A row per point: the varied inputs, then what `predict` prints.
  func table(_ points: [Point]) throws -> Table {
    let inputs = variables.enumerated().map { (index, variable) in
      Column(variable.column, numbers: points.map { $0.values[index] })
    }
    let answers = points.map(\.answer)
    return try Table(
      inputs + PredictionColumn.columns(for: models).map { $0.column(answers, name: $0.rawValue) })
  }
}

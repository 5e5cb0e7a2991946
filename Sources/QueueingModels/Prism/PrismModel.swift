internal import Foundation

/// Models in PRISM's language, in and out.
public enum PrismModel {
  /// Reads a model of the subset that `PrismParser` lists, and explores its states.
  ///
  /// - Parameters:
  ///   - text: the model.
  ///   - file: its name, for messages.
  /// - Throws: `PrismReadError.syntax` with line and column; `PrismReadError.model` when the text
  ///   is understood and the chain is none that can be kept, such as one beyond 500000 states.
  public static func read(_ text: String, file: String) throws(PrismReadError) -> StateModel {
    let outcome: Result<StateModel, QueueingError>
    do throws(PrismError) {
      let parser = try PrismParser(text)
      switch try explored(parser) {
      case .success(let model): outcome = .success(try decorated(model, parser))
      case .failure(let error): outcome = .failure(error)
      }
    } catch {
      var error = error
      error.file = file
      throw .syntax(error)
    }
    do throws(QueueingError) {
      return try outcome.get()
    } catch {
      throw .model(error)
    }
  }

  /// The chain, or why it cannot be kept.
  private static func explored(
    _ parser: PrismParser
  ) throws(PrismError) -> Result<StateModel, QueueingError> {
    let variables = parser.variables.map { StateVariable($0.name, $0.lower, $0.upper) }
    // The explorer's errors are its own; ours are carried past it.
    var failure: PrismError?
    let explored = Result { () throws(QueueingError) in
      try StateModel(variables: variables, initial: parser.variables.map(\.initial)) {
        (state) throws(QueueingError) in
        do throws(PrismError) {
          return try arrows(parser, state)
        } catch {
          failure = error
          throw .noSolution("")
        }
      }
    }
    if let failure { throw failure }
    return explored
  }

  /// The model with the text's labels and rewards.
  private static func decorated(
    _ model: StateModel, _ parser: PrismParser
  ) throws(PrismError) -> StateModel {
    var model = model
    for label in parser.labels {
      model.labels[label.name] = try model.states.map { (state) throws(PrismError) in
        try label.condition.flag(state, label.place)
      }
    }
    for structure in parser.rewards {
      model.rewards[structure.name] = try model.states.map { (state) throws(PrismError) in
        var sum = 0.0
        for (condition, value, place) in structure.items where try condition.flag(state, place) {
          sum += try value.number(state, place)
          guard sum.isFinite else {
            throw place.error("the reward is no number where \(words(parser, state))")
          }
        }
        return sum
      }
    }
    return model
  }

  private static func arrows(
    _ parser: PrismParser, _ state: [Int]
  ) throws(PrismError) -> [(state: [Int], rate: Double)] {
    var answer: [(state: [Int], rate: Double)] = []
    for command in parser.commands where try command.guardCondition.flag(state, command.place) {
      for update in command.updates {
        let rate = try update.rate.number(state, update.place)
        guard rate >= 0, rate.isFinite else {
          throw update.place.error("the rate is \(rate) where \(words(parser, state))")
        }
        guard rate > 0 else { continue }
        var next = state
        for item in update.assignments {
          let variable = parser.variables[item.variable]
          let value = try assigned(item.value, variable, state, item.place)
          guard (variable.lower...variable.upper).contains(value) else {
            throw item.place.error(
              "\(variable.name) becomes \(value), outside [\(variable.lower)..\(variable.upper)], "
                + "where \(words(parser, state))")
          }
          next[item.variable] = value
        }
        answer.append((next, rate))
      }
    }
    return answer
  }

  private static func assigned(
    _ expression: PrismExpression, _ variable: PrismParser.Variable, _ state: [Int],
    _ place: PrismPlace
  ) throws(PrismError) -> Int {
    if variable.isFlag { return try expression.flag(state, place) ? 1 : 0 }
    let value = try expression.number(state, place)
    guard value.rounded() == value, abs(value) < 1e9 else {
      throw place.error("\(variable.name) becomes \(value), which is not a whole number")
    }
    return Int(value)
  }

  private static func words(_ parser: PrismParser, _ state: [Int]) -> String {
    zip(parser.variables, state).map { "\($0.name)=\($1)" }.joined(separator: ", ")
  }

  /// Writes a model so that PRISM can check the same chain: one command per state, the labels and
  /// the state rewards. Rates are the shortest decimals that read back as the same doubles.
  public static func write(_ model: StateModel, title: String) -> String {
    var lines = ["// \(title)", "ctmc", "", "module model"]
    for (variable, value) in zip(model.variables, model.states[model.initial]) {
      lines.append("  \(variable.name) : [\(variable.lower)..\(variable.upper)] init \(value);")
    }
    for state in model.states.indices {
      let moves = model.chain.transitions(from: state).map { item in
        let changes = model.variables.indices.compactMap { index -> String? in
          let value = model.states[item.to][index]
          return value == model.states[state][index]
            ? nil : "(\(model.variables[index].name)'=\(value))"
        }
        return "\(item.rate):\(changes.joined(separator: "&"))"
      }
      guard !moves.isEmpty else { continue }
      lines.append("  [] \(condition(model, state)) -> \(moves.joined(separator: " + "));")
    }
    lines.append("endmodule")
    for (name, members) in model.labels.sorted(by: { $0.key < $1.key }) {
      let states = members.indices.filter { members[$0] }.map { "(\(condition(model, $0)))" }
      lines.append("")
      lines.append(
        "label \"\(name)\" = \(states.isEmpty ? "false" : states.joined(separator: "|"));")
    }
    for (name, values) in model.rewards.sorted(by: { $0.key < $1.key }) {
      lines.append("")
      lines.append("rewards \"\(name)\"")
      for (state, value) in values.enumerated() where value != 0 {
        lines.append("  \(condition(model, state)) : \(value);")
      }
      lines.append("endrewards")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func condition(_ model: StateModel, _ state: Int) -> String {
    zip(model.variables, model.states[state]).map { "\($0.name)=\($1)" }.joined(separator: "&")
  }
}

/// Reads a model in a subset of PRISM's language.
///
/// Supported: `ctmc`; `const [int|double|bool] NAME = expr;`; `formula NAME = expr;`; `global`
/// variables; any number of modules with variables `NAME : [lo..hi] init e;` and
/// `NAME : bool init e;` and commands `[] guard -> rate : (x'=e) & ... + rate : ...;`;
/// `label "name" = expr;`; `rewards "name" guard : expr; ... endrewards` (state rewards);
/// expressions of `?: => <=> | & ! = != < <= > >= + - * /` and `min max floor ceil round pow mod
/// log`. An action name in brackets may occur in one module only: modules run side by side and do
/// not synchronise. Everything else is refused with its line and column.
struct PrismParser {
  struct Command {
    var guardCondition: PrismExpression
    var updates: [Update]
    var place: PrismPlace
  }

  struct Update {
    var rate: PrismExpression
    var assignments: [(variable: Int, value: PrismExpression, place: PrismPlace)]
    var place: PrismPlace
  }

  struct Variable {
    var name: String
    var lower: Int
    var upper: Int
    var initial: Int
    var isFlag: Bool
  }

  var variables: [Variable] = []
  var commands: [Command] = []
  var labels: [(name: String, condition: PrismExpression, place: PrismPlace)] = []
  var rewards: [(name: String, items: [(PrismExpression, PrismExpression, PrismPlace)])] = []

  var tokens: [PrismToken]
  var next = 0
  var depth = 0
  var expansions = 0
  var constants: [String: PrismValue] = [:]
  var formulas: [String: (start: Int, end: Int)] = [:]
  var openFormulas: Set<String> = []
  private var actions: [String: String] = [:]
  var slots: [String: Int] = [:]

  /// Deeper nesting is no model that a person wrote, and each level costs stack.
  static let maximumDepth = 200
  /// More uses of formulas, those inside of formulas included, are a slip or an attack.
  static let maximumExpansions = 100_000

  init(_ text: String) throws(PrismError) {
    tokens = try PrismLexer.tokens(of: text)
    try parse()
  }

  var current: PrismToken { tokens[next] }

  func unexpected(_ expected: String) -> PrismError {
    current.place.error("found \(current.shown); expected \(expected)")
  }

  mutating func accept(_ text: String) -> Bool {
    guard current.text == text, current.kind == .symbol || current.kind == .word else {
      return false
    }
    next += 1
    return true
  }

  mutating func expect(_ text: String) throws(PrismError) {
    guard accept(text) else { throw unexpected("\"\(text)\"") }
  }

  private mutating func name(_ what: String) throws(PrismError) -> String {
    guard current.kind == .word else { throw unexpected(what) }
    defer { next += 1 }
    return current.text
  }

  private mutating func quoted() throws(PrismError) -> String {
    guard current.kind == .quoted else { throw unexpected("a name in quotes") }
    defer { next += 1 }
    return current.text
  }

  /// Two passes, because names may be used before they are declared: declarations, then the rest.
  private mutating func parse() throws(PrismError) {
    let kinds = ["dtmc", "mdp", "probabilistic", "nondeterministic", "pta", "smg", "pomdp"]
    if kinds.contains(current.text) {
      throw current.place.error("a model of kind \(current.text) is not supported; only ctmc is")
    }
    guard accept("ctmc") || accept("stochastic") else { throw unexpected("\"ctmc\"") }
    let start = next
    try declarations()
    next = start
    try body()
    guard !variables.isEmpty else { throw unexpected("a module with a variable") }
  }

  private mutating func declarations() throws(PrismError) {
    while current.kind != .end {
      if current.text == "const" {
        try constant()
      } else if current.text == "formula" {
        next += 1
        let place = current.place
        let name = try name("the name of a formula")
        try claim(name, place)
        try expect("=")
        let start = next
        try skip(to: ";")
        formulas[name] = (start, next)
        next += 1
      } else if isDeclaration {
        try variable()
      } else {
        next += 1
      }
    }
  }

  /// `NAME :` followed by `[` or `bool`.
  private var isDeclaration: Bool {
    guard current.kind == .word, next + 2 < tokens.count else { return false }
    return tokens[next + 1].text == ":" && tokens[next + 1].kind == .symbol
      && (tokens[next + 2].text == "[" || tokens[next + 2].text == "bool")
  }

  private mutating func skip(to text: String) throws(PrismError) {
    while current.kind != .end, current.text != text { next += 1 }
    guard current.kind != .end else { throw unexpected("\"\(text)\"") }
  }

  private func isClaimed(_ name: String) -> Bool {
    constants[name] != nil || formulas[name] != nil || slots[name] != nil
  }

  private func claim(_ name: String, _ place: PrismPlace) throws(PrismError) {
    if isClaimed(name) { throw place.error("\(name) is declared twice") }
  }

  private mutating func constant() throws(PrismError) {
    next += 1
    if ["int", "double", "bool"].contains(current.text) { next += 1 }
    let place = current.place
    let name = try name("the name of a constant")
    try claim(name, place)
    guard accept("=") else {
      throw current.place.error("the constant \(name) needs a value here: \(name) = ...;")
    }
    let value = try expression().value([])
    try expect(";")
    constants[name] = value
  }

  private mutating func variable() throws(PrismError) {
    let place = current.place
    let name = try name("a variable")
    try claim(name, place)
    try expect(":")
    var variable: Variable
    if accept("bool") {
      variable = Variable(name: name, lower: 0, upper: 1, initial: 0, isFlag: true)
      if accept("init") {
        let start = current.place
        variable.initial = try expression().flag([], start) ? 1 : 0
      }
    } else {
      try expect("[")
      let lower = try wholeNumber()
      try expect("..")
      let upper = try wholeNumber()
      try expect("]")
      guard lower <= upper else { throw place.error("\(name): the range is empty") }
      variable = Variable(name: name, lower: lower, upper: upper, initial: lower, isFlag: false)
      if accept("init") {
        let start = current.place
        variable.initial = try wholeNumber()
        guard (lower...upper).contains(variable.initial) else {
          throw start.error("\(name) starts at \(variable.initial), outside [\(lower)..\(upper)]")
        }
      }
    }
    try expect(";")
    slots[name] = variables.count
    variables.append(variable)
  }

  private mutating func wholeNumber() throws(PrismError) -> Int {
    let place = current.place
    let value = try expression().number([], place)
    guard value.rounded() == value, abs(value) < 1e9 else {
      throw place.error("a whole number is needed, not \(value)")
    }
    return Int(value)
  }

  private mutating func body() throws(PrismError) {
    while current.kind != .end {
      switch current.text {
      case "const", "formula": try skipStatement()
      case "global":
        next += 1
        guard isDeclaration else { throw unexpected("a variable") }
        try skipStatement()
      case "module": try module()
      case "label":
        next += 1
        let place = current.place
        let name = try quoted()
        try expect("=")
        labels.append((name, try expression(), place))
        try expect(";")
      case "rewards": try rewardStructure()
      case "init", "system", "player", "invariant", "observables", "endinit":
        throw current.place.error("\"\(current.text)\" is not supported")
      default:
        throw unexpected("const, formula, global, module, label or rewards")
      }
    }
  }

  private mutating func skipStatement() throws(PrismError) {
    try skip(to: ";")
    next += 1
  }

  private mutating func module() throws(PrismError) {
    next += 1
    let module = try name("the name of a module")
    if current.text == "=" {
      throw current.place.error("renaming a module is not supported: write the module out")
    }
    while current.text != "endmodule" {
      if isDeclaration {
        try skipStatement()
      } else if current.text == "[" {
        try command(in: module)
      } else {
        throw unexpected("a variable, a command or endmodule")
      }
    }
    next += 1
  }

  private mutating func command(in module: String) throws(PrismError) {
    let place = current.place
    try expect("[")
    if current.kind == .word {
      let start = current.place
      let action = try name("an action")
      if let other = actions.updateValue(module, forKey: action), other != module {
        throw start.error(
          "the action \(action) is in the modules \(other) and \(module): synchronisation is not "
            + "supported")
      }
    }
    try expect("]")
    let condition = try expression()
    try expect("->")
    var updates = [try update()]
    while accept("+") { updates.append(try update()) }
    try expect(";")
    commands.append(Command(guardCondition: condition, updates: updates, place: place))
  }

  private mutating func update() throws(PrismError) -> Update {
    let place = current.place
    let isBare =
      current.text == "true"
      || (current.text == "(" && next + 2 < tokens.count && tokens[next + 2].text == "'")
    var rate = PrismExpression.literal(.number(1))
    if !isBare {
      rate = try expression()
      try expect(":")
    }
    var assignments: [(variable: Int, value: PrismExpression, place: PrismPlace)] = []
    if !accept("true") {
      repeat {
        try expect("(")
        let start = current.place
        let name = try name("a variable")
        guard let slot = slots[name] else { throw start.error("no variable \(name)") }
        try expect("'")
        try expect("=")
        assignments.append((slot, try expression(), start))
        try expect(")")
      } while accept("&")
    }
    return Update(rate: rate, assignments: assignments, place: place)
  }

  private mutating func rewardStructure() throws(PrismError) {
    next += 1
    let name = current.kind == .quoted ? try quoted() : "reward"
    var items: [(PrismExpression, PrismExpression, PrismPlace)] = []
    while current.text != "endrewards" {
      if current.text == "[" {
        throw current.place.error("rewards of transitions are not supported; states' are")
      }
      let place = current.place
      let condition = try expression()
      try expect(":")
      items.append((condition, try expression(), place))
      try expect(";")
    }
    next += 1
    rewards.append((name, items))
  }
}

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

  private var tokens: [PrismToken]
  private var next = 0
  private var depth = 0
  private var constants: [String: PrismValue] = [:]
  private var formulas: [String: (start: Int, end: Int)] = [:]
  private var openFormulas: Set<String> = []
  private var actions: [String: String] = [:]
  private var slots: [String: Int] = [:]

  /// Deeper nesting is no model that a person wrote, and each level costs stack.
  private static let maximumDepth = 200

  init(_ text: String) throws(PrismError) {
    tokens = try PrismLexer.tokens(of: text)
    try parse()
  }

  private var current: PrismToken { tokens[next] }

  private func unexpected(_ expected: String) -> PrismError {
    current.place.error("found \(current.shown); expected \(expected)")
  }

  private mutating func accept(_ text: String) -> Bool {
    guard current.text == text, current.kind == .symbol || current.kind == .word else {
      return false
    }
    next += 1
    return true
  }

  private mutating func expect(_ text: String) throws(PrismError) {
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

  // Expressions, loosest first.

  private mutating func expression() throws(PrismError) -> PrismExpression {
    depth += 1
    defer { depth -= 1 }
    guard depth < Self.maximumDepth else {
      throw current.place.error("more than \(Self.maximumDepth) levels of parentheses")
    }
    let condition = try chain(0)
    let place = current.place
    guard accept("?") else { return condition }
    let yes = try expression()
    try expect(":")
    return .choice(condition, yes, try expression(), place)
  }

  private static let levels: [[String]] = [
    ["<=>", "=>"], ["|"], ["&"], ["=", "!="], ["<", "<=", ">", ">="], ["+", "-"], ["*", "/"],
  ]

  private mutating func chain(_ level: Int) throws(PrismError) -> PrismExpression {
    guard level < Self.levels.count else { return try prefix() }
    // A negation binds looser than a comparison: !x=1 is !(x=1).
    if level == 3, current.text == "!" {
      let place = current.place
      next += 1
      return .unary("!", try nested { (parser) throws(PrismError) in try parser.chain(3) }, place)
    }
    var left = try chain(level + 1)
    while current.kind == .symbol, Self.levels[level].contains(current.text) {
      let (sign, place) = (current.text, current.place)
      next += 1
      left = .binary(sign, left, try chain(level + 1), place)
    }
    return left
  }

  private mutating func nested(
    _ body: (inout PrismParser) throws(PrismError) -> PrismExpression
  ) throws(PrismError) -> PrismExpression {
    depth += 1
    defer { depth -= 1 }
    guard depth < Self.maximumDepth else {
      throw current.place.error("more than \(Self.maximumDepth) signs in a row")
    }
    return try body(&self)
  }

  private mutating func prefix() throws(PrismError) -> PrismExpression {
    let token = current
    if accept("-") {
      return .unary("-", try nested { (p) throws(PrismError) in try p.prefix() }, token.place)
    }
    if accept("!") {
      return .unary("!", try nested { (p) throws(PrismError) in try p.prefix() }, token.place)
    }
    if accept("(") {
      let inner = try expression()
      try expect(")")
      return inner
    }
    if token.kind == .number {
      next += 1
      guard let value = Double(token.text), value.isFinite else {
        throw token.place.error("\(token.text) is no number that a double holds")
      }
      return .literal(.number(value))
    }
    guard token.kind == .word else { throw unexpected("a value") }
    next += 1
    if token.text == "true" || token.text == "false" {
      return .literal(.flag(token.text == "true"))
    }
    if let counts = PrismExpression.functions[token.text], accept("(") {
      var arguments = [try expression()]
      while accept(",") { arguments.append(try expression()) }
      try expect(")")
      guard counts.contains(arguments.count) else {
        throw token.place.error("\(token.text) with \(arguments.count) arguments")
      }
      return .call(token.text, arguments, token.place)
    }
    return try resolved(token)
  }

  private mutating func resolved(_ token: PrismToken) throws(PrismError) -> PrismExpression {
    if let value = constants[token.text] { return .literal(value) }
    if let slot = slots[token.text] { return .variable(slot, isFlag: variables[slot].isFlag) }
    guard let formula = formulas[token.text] else {
      throw token.place.error("no constant, variable, formula or function \(token.text)")
    }
    guard openFormulas.insert(token.text).inserted else {
      throw token.place.error("the formula \(token.text) is defined by itself")
    }
    let resume = next
    next = formula.start
    let inner = try expression()
    guard next == formula.end else { throw unexpected("\";\"") }
    next = resume
    openFormulas.remove(token.text)
    return inner
  }
}

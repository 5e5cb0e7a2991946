/// Expressions by recursive descent, the loosest sign first.
extension PrismParser {
  mutating func expression() throws(PrismError) -> PrismExpression {
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
    let first = try chain(level + 1)
    var links: [PrismExpression.Link] = []
    while current.kind == .symbol, Self.levels[level].contains(current.text) {
      let (sign, place) = (current.text, current.place)
      next += 1
      links.append(.init(sign: sign, operand: try chain(level + 1), place: place))
    }
    return links.isEmpty ? first : .chain(first, links)
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
    if let slot = slots[token.text] {
      return .variable(slot, isFlag: variables[slot].isFlag, token.place)
    }
    guard let formula = formulas[token.text] else {
      throw token.place.error("no constant, variable, formula or function \(token.text)")
    }
    guard openFormulas.insert(token.text).inserted else {
      throw token.place.error("the formula \(token.text) is defined by itself")
    }
    // Formulas that use each other twice over grow with the power of two.
    expansions += 1
    guard expansions <= Self.maximumExpansions else {
      throw token.place.error("formulas are used more than \(Self.maximumExpansions) times")
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

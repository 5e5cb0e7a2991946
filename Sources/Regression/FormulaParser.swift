import ModelCore

/// Recursive descent over the tokens of a formula.
///
/// Nesting is counted, in the text and in the tree that grows from it, so that neither reading
/// nor printing nor releasing a formula can exhaust the stack.
struct FormulaParser {
  /// Deeper than any formula that a person writes.
  static let depthLimit = 200

  private let text: String
  private let tokens: [FormulaToken]
  private var position = 0
  private var depth = 0
  /// Where each column is first named, in characters from the start.
  private(set) var columnOffsets: [String: Int] = [:]

  init(_ text: String) throws(FormulaError) {
    self.text = text
    tokens = try FormulaLexer.tokens(of: text)
  }

  // MARK: Whole texts

  /// `response ~ terms`
  mutating func formula() throws(FormulaError) -> (Expression, ModelExpression) {
    if current.kind == .end { throw failure("expected a formula such as y ~ x, found nothing") }
    if current.kind == .symbol("~") {
      throw failure("expected the response before '~', such as log(total_time_s)")
    }
    let left = try arithmetic()
    guard accept("~") else { throw unexpected("'~' between the response and the terms") }
    let right = try modelSum()
    guard current.kind == .end else { throw unexpected("an operator or the end of the formula") }
    return (left, right)
  }

  /// Arithmetic alone.
  mutating func expression() throws(FormulaError) -> Expression {
    let answer = try arithmetic()
    guard current.kind == .end else { throw unexpected("an operator or the end") }
    return answer
  }

  // MARK: Arithmetic

  private mutating func arithmetic() throws(FormulaError) -> Expression {
    try binary(atLeast: 1).expression
  }

  private struct Node {
    let expression: Expression
    let height: Int

    init(_ expression: Expression, height: Int = 1) {
      self.expression = expression
      self.height = height
    }
  }

  private mutating func binary(atLeast level: Int) throws(FormulaError) -> Node {
    var left = try unary()
    while case .symbol(let symbol) = current.kind, let sign = Operator(rawValue: symbol),
      sign != .power, sign.precedence >= level
    {
      advance()
      let right = try binary(atLeast: sign.precedence + 1)
      left = try node(
        .binary(sign, left.expression, right.expression), over: max(left.height, right.height))
    }
    return left
  }

  private mutating func unary() throws(FormulaError) -> Node {
    try enter()
    defer { depth -= 1 }
    if accept("-") {
      let inner = try unary()
      return try node(.negate(inner.expression), over: inner.height)
    }
    if accept("+") { return try unary() }
    let base = try primary()
    guard accept("^") else { return base }
    let exponent = try unary()
    return try node(
      .binary(.power, base.expression, exponent.expression),
      over: max(base.height, exponent.height))
  }

  private mutating func primary() throws(FormulaError) -> Node {
    let token = current
    switch token.kind {
    case .number(let value):
      advance()
      return Node(.number(value))
    case .symbol("("):
      advance()
      let inner = try binary(atLeast: 1)
      try close(token)
      return inner
    case .name(let name, let quoted):
      advance()
      guard !quoted, current.kind == .symbol("(") else { return Node(column(name, token)) }
      guard let function = Function(rawValue: name) else {
        throw failure(at: token, unknownFunction(name, asTerm: false))
      }
      let open = current
      advance()
      let inner = try binary(atLeast: 1)
      if current.kind == .symbol(",") {
        let hint = function == .log ? "; for another base use log2( ) or log10( )" : ""
        throw failure("\(name)( ) takes one argument\(hint)")
      }
      try close(open)
      return try node(.call(function, inner.expression), over: inner.height)
    case .symbol, .end:
      throw unexpected("a column, a number, a function or '('")
    }
  }

  private func node(_ expression: Expression, over height: Int) throws(FormulaError) -> Node {
    guard height < Self.depthLimit else { throw tooDeep() }
    return Node(expression, height: height + 1)
  }

  // MARK: Terms

  private mutating func modelSum() throws(FormulaError) -> ModelExpression {
    var items: [ModelExpression.Item] = []
    repeat {
      // A sum may open with a sign, and `+ -1` is R's other way to write `- 1`.
      var adds = true
      if items.isEmpty {
        if accept("-") { adds = false } else { _ = accept("+") }
      } else {
        adds = accept("+")
        if !adds { _ = accept("-") }
        if adds, accept("-") { adds = false }
      }
      items.append(.init(adds: adds, term: try modelCrossing()))
    } while current.kind == .symbol("+") || current.kind == .symbol("-")
    if items.count == 1, let only = items.first, only.adds { return only.term }
    return .sum(items)
  }

  private mutating func modelCrossing() throws(FormulaError) -> ModelExpression {
    var parts = [try modelInteraction()]
    while true {
      if current.kind == .symbol("/") {
        throw failure(
          "'/' between terms (R's nesting) is not supported; for a quotient write I(a / b)")
      }
      guard accept("*") else { break }
      parts.append(try modelInteraction())
    }
    return parts.count == 1 ? parts[0] : .crossing(parts)
  }

  private mutating func modelInteraction() throws(FormulaError) -> ModelExpression {
    var parts = [try modelPower()]
    while accept(":") { parts.append(try modelPower()) }
    return parts.count == 1 ? parts[0] : .interaction(parts)
  }

  private mutating func modelPower() throws(FormulaError) -> ModelExpression {
    let base = try modelAtom()
    guard accept("^") else { return base }
    guard case .number(let value) = current.kind, value >= 1, let exponent = Int(exactly: value)
    else {
      throw failure(
        "expected a whole number of at least 1 after '^', found \(current.text); for a power of "
          + "a column write I(x^2)")
    }
    advance()
    return .power(base, exponent)
  }

  private mutating func modelAtom() throws(FormulaError) -> ModelExpression {
    try enter()
    defer { depth -= 1 }
    let token = current
    switch token.kind {
    case .symbol("("):
      advance()
      let inner = try modelSum()
      try close(token)
      return inner
    case .number(let value):
      guard value == 0 || value == 1 else {
        throw failure(
          "as a term, \(token.text) has no meaning (only 0 and 1 do); write arithmetic inside I( )")
      }
      advance()
      return .intercept(value == 1)
    case .name(let name, let quoted):
      guard !quoted, tokens[min(position + 1, tokens.count - 1)].kind == .symbol("(") else {
        advance()
        return .variable(.expression(column(name, token)))
      }
      switch name {
      case "C": return .variable(try factor())
      case "poly": return .variable(try polynomial())
      default:
        guard Function(rawValue: name) != nil else {
          throw failure(unknownFunction(name, asTerm: true))
        }
        return .variable(.expression(try primary().expression))
      }
    case .symbol, .end:
      throw unexpected("a term: a column, a function or '('")
    }
  }

  private mutating func factor() throws(FormulaError) -> Variable {
    advance()
    let open = current
    advance()
    let token = current
    guard case .name(let name, _) = token.kind else { throw unexpected("the name of a column") }
    advance()
    _ = column(name, token)
    try close(open)
    return .factor(name)
  }

  private mutating func polynomial() throws(FormulaError) -> Variable {
    advance()
    let open = current
    advance()
    let inner = try arithmetic()
    guard accept(",") else { throw unexpected("',' and a degree, as in poly(x, 2)") }
    guard case .number(let value) = current.kind, value >= 1, let degree = Int(exactly: value),
      degree <= Polynomial.largestDegree
    else {
      throw unexpected("a degree, a whole number from 1 to \(Polynomial.largestDegree)")
    }
    advance()
    let raw = accept(",") ? try rawArgument() : nil
    try close(open)
    guard let raw else { return .polynomial(inner, degree: degree) }
    return .powers(inner, degree: degree, raw: raw)
  }

  /// `raw = TRUE`, answered by the word that was typed; `nil` for FALSE, which says nothing new.
  private mutating func rawArgument() throws(FormulaError) -> String? {
    guard current.kind == .name("raw", quoted: false) else {
      throw unexpected("raw = TRUE, as in poly(x, 2, raw = TRUE)")
    }
    advance()
    guard accept("=") else { throw unexpected("'=' after raw") }
    guard case .name(let word, quoted: false) = current.kind,
      let isRaw = [
        "TRUE": true, "true": true, "T": true, "FALSE": false, "false": false,
        "F": false,
      ][word]
    else { throw unexpected("TRUE or FALSE (true, false, T and F will do)") }
    advance()
    return isRaw ? word : nil
  }

  // MARK: Tokens and messages

  private var current: FormulaToken { tokens[position] }

  private mutating func advance() {
    if position < tokens.count - 1 { position += 1 }
  }

  private mutating func accept(_ symbol: Character) -> Bool {
    guard current.kind == .symbol(symbol) else { return false }
    advance()
    return true
  }

  private mutating func close(_ open: FormulaToken) throws(FormulaError) {
    guard !accept(")") else { return }
    throw unexpected("')' for the '(' at character \(open.offset + 1)")
  }

  private mutating func column(_ name: String, _ token: FormulaToken) -> Expression {
    if columnOffsets[name] == nil { columnOffsets[name] = token.offset }
    return .column(name)
  }

  private mutating func enter() throws(FormulaError) {
    guard depth < Self.depthLimit else { throw tooDeep() }
    depth += 1
  }

  private func tooDeep() -> FormulaError {
    failure("the formula nests deeper than \(Self.depthLimit) levels; compute a column first")
  }

  private func unexpected(_ expected: String) -> FormulaError {
    var message = "expected \(expected), found \(current.text)"
    if case .symbol(":") = current.kind {
      message += "; ':' joins terms, and inside a function only arithmetic is meant"
    }
    return failure(message)
  }

  private func unknownFunction(_ name: String, asTerm: Bool) -> String {
    if name == "C" || name == "poly" {
      return "\(name)( ) is a term and cannot be part of arithmetic"
    }
    let known = Function.allCases.map(\.rawValue) + (asTerm ? ["poly", "C"] : [])
    let near = nearestWords(to: name, among: known)
    let list = known.joined(separator: ", ")
    return "no function \(name)( )"
      + (near.isEmpty ? "; a formula knows \(list)" : suggestion(near))
  }

  private func failure(_ message: String) -> FormulaError { failure(at: current, message) }

  private func failure(at token: FormulaToken, _ message: String) -> FormulaError {
    FormulaError(formula: text, offset: token.offset, message: message)
  }
}

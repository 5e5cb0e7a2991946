import ModelCore

/// Recursive descent over the tokens of a non-linear model's right side.
///
/// Nesting is counted, in the text and in the tree that grows from it, so that neither reading,
/// nor evaluating, nor printing, nor releasing a tree can exhaust the stack.
struct NonlinearParser {
  private let text: String
  private let tokens: [FormulaToken]
  private var position: Int
  private var depth = 0
  /// Where each name first stands, in characters from the start.
  private(set) var offsets: [String: Int] = [:]

  /// - Parameter first: the token to begin with.
  init(_ text: String, tokens: [FormulaToken], first: Int) {
    self.text = text
    self.tokens = tokens
    position = first
  }

  /// Everything up to the end of the text.
  mutating func expression() throws(FormulaError) -> NonlinearExpression {
    let answer = try binary(atLeast: 1).expression
    guard current.kind == .end else { throw unexpected("an operator or the end of the formula") }
    return answer
  }

  private struct Node {
    let expression: NonlinearExpression
    var height = 1
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
    guard depth < FormulaParser.depthLimit else { throw tooDeep() }
    depth += 1
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
      return Node(expression: .number(value))
    case .symbol("("):
      advance()
      let inner = try binary(atLeast: 1)
      try close(token)
      return inner
    case .name(let name, let quoted):
      advance()
      guard !quoted, current.kind == .symbol("(") else {
        if name == "pi", !quoted { return Node(expression: .pi) }
        if offsets[name] == nil { offsets[name] = token.offset }
        return Node(expression: .name(name))
      }
      guard let function = ElementaryFunction(rawValue: name) else {
        throw failure(at: token, unknownFunction(name))
      }
      let open = current
      advance()
      let inner = try binary(atLeast: 1)
      if current.kind == .symbol(",") { throw failure("\(name)( ) takes one argument") }
      try close(open)
      return try node(.call(function, inner.expression), over: inner.height)
    case .symbol, .end:
      throw unexpected("a column, a parameter, a number, a function or '('")
    }
  }

  private func node(
    _ expression: NonlinearExpression, over height: Int
  ) throws(FormulaError) -> Node {
    guard height < FormulaParser.depthLimit else { throw tooDeep() }
    return Node(expression: expression, height: height + 1)
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

  private func tooDeep() -> FormulaError {
    failure("the formula nests deeper than \(FormulaParser.depthLimit) levels")
  }

  private func unexpected(_ expected: String) -> FormulaError {
    var message = "expected \(expected), found \(current.text)"
    if case .symbol(":") = current.kind { message += "; a non-linear model is arithmetic only" }
    return failure(message)
  }

  private func unknownFunction(_ name: String) -> String {
    let known = ElementaryFunction.allCases.map(\.rawValue)
    let near = nearestWords(to: name, among: known)
    return "no function \(name)( )"
      + (near.isEmpty
        ? "; a non-linear model knows \(known.joined(separator: ", "))" : suggestion(near))
  }

  private func failure(_ message: String) -> FormulaError { failure(at: current, message) }

  private func failure(at token: FormulaToken, _ message: String) -> FormulaError {
    FormulaError(formula: text, offset: token.offset, message: message)
  }
}

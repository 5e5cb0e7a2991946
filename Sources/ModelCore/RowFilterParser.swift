/// Turns the text of a row filter into its condition, by recursive descent.
struct RowFilterParser {
  /// Columns in the order of their first mention.
  private(set) var columns: [String] = []
  private let text: String
  private var tokens: [RowFilterToken]
  private var next = 0
  private var depth = 0

  /// Deeper nesting than this is no condition that a person wrote, and each level costs stack.
  private static let maximumDepth = 100

  init(_ text: String) throws(RowFilterError) {
    self.text = text
    tokens = try RowFilterToken.tokens(of: text)
  }

  mutating func parse() throws(RowFilterError) -> RowFilter.Condition {
    let condition = try parseAny()
    guard current.kind == .end else { throw expected("and, or or the end") }
    return condition
  }

  private mutating func parseAny() throws(RowFilterError) -> RowFilter.Condition {
    var parts = [try parseAll()]
    while accept(keyword: "or") { parts.append(try parseAll()) }
    return parts.count == 1 ? parts[0] : .any(parts)
  }

  private mutating func parseAll() throws(RowFilterError) -> RowFilter.Condition {
    var parts = [try parseNot()]
    while accept(keyword: "and") { parts.append(try parseNot()) }
    return parts.count == 1 ? parts[0] : .all(parts)
  }

  private mutating func parseNot() throws(RowFilterError) -> RowFilter.Condition {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.maximumDepth else {
      throw expected("at most \(Self.maximumDepth) levels of parentheses and not")
    }
    if accept(keyword: "not") { return .not(try parseNot()) }
    guard accept(symbol: "(") else { return try parseComparison() }
    let inner = try parseAny()
    guard accept(symbol: ")") else { throw expected("and, or or a closing parenthesis") }
    return inner
  }

  private mutating func parseComparison() throws(RowFilterError) -> RowFilter.Condition {
    let column = current
    guard column.kind == .word || column.kind == .name, !column.isReserved else {
      throw expected("a column name, not or an opening parenthesis")
    }
    next += 1
    if !columns.contains(column.text) { columns.append(column.text) }
    if accept(keyword: "is") {
      let isNegated = accept(keyword: "not")
      guard accept(keyword: "missing") else {
        throw expected(isNegated ? "missing" : "missing or not missing")
      }
      let missing = RowFilter.Condition.isMissing(column: column.text)
      return isNegated ? .not(missing) : missing
    }
    let comparison = try parseOperator()
    let isList = comparison == .oneOf || comparison == .noneOf
    let literals = isList ? try parseList() : [try parseLiteral()]
    return .compare(column: column.text, comparison, literals)
  }

  private mutating func parseOperator() throws(RowFilterError) -> RowFilter.Operator {
    if accept(keyword: "in") { return .oneOf }
    if accept(keyword: "not") {
      guard accept(keyword: "in") else { throw expected("in") }
      return .noneOf
    }
    let spelling = current.text == "==" ? "=" : current.text
    guard current.kind == .symbol, let comparison = RowFilter.Operator(rawValue: spelling) else {
      throw expected("=, !=, <, <=, >, >=, in, not in or is [not] missing")
    }
    next += 1
    return comparison
  }

  private mutating func parseList() throws(RowFilterError) -> [RowFilter.Literal] {
    guard accept(symbol: "(") else { throw expected("an opening parenthesis") }
    var literals = [try parseLiteral()]
    while accept(symbol: ",") { literals.append(try parseLiteral()) }
    guard accept(symbol: ")") else { throw expected("a comma or a closing parenthesis") }
    return literals
  }

  private mutating func parseLiteral() throws(RowFilterError) -> RowFilter.Literal {
    let token = current
    switch token.kind {
    case .quoted:
      next += 1
      return RowFilter.Literal(text: token.text, number: nil)
    case .word where !token.isReserved:
      next += 1
      return RowFilter.Literal(text: token.text, number: decimal(token.text))
    default: throw expected("a number or text")
    }
  }

  /// The value of a plain finite decimal. `inf`, `nan` and hexadecimal are words.
  private func decimal(_ text: String) -> Double? {
    let digits = text.drop { $0 == "+" || $0 == "-" }
    guard let first = digits.first, first.isASCII, first.isNumber || first == ".",
      text.allSatisfy({ $0.isASCII && ($0.isNumber || "+-.eE".contains($0)) }),
      let value = Double(text), value.isFinite
    else { return nil }
    return value
  }

  private var current: RowFilterToken { tokens[next] }

  private mutating func accept(keyword: String) -> Bool {
    guard current.kind == .word, current.text.lowercased() == keyword else { return false }
    next += 1
    return true
  }

  private mutating func accept(symbol: String) -> Bool {
    guard current.kind == .symbol, current.text == symbol else { return false }
    next += 1
    return true
  }

  private func expected(_ what: String) -> RowFilterError {
    .syntax(
      expression: text, position: current.position, found: current.description, expected: what)
  }
}

/// A piece of a row filter's text.
struct RowFilterToken {
  enum Kind {
    /// A bare word: a column, a keyword, a number or text.
    case word
    /// A column in backquotes.
    case name
    /// Text in quotes.
    case quoted
    case symbol
    case end
  }

  let kind: Kind
  let text: String
  /// 1-based character of the expression.
  let position: Int

  var description: String {
    kind == .end ? "the expression ends" : "found \"\(text)\""
  }

  /// Words that join conditions cannot be columns or text unless they are quoted.
  var isReserved: Bool {
    kind == .word && ["and", "or", "not", "in", "is"].contains(text.lowercased())
  }

  /// Cuts the text; the last token is the end.
  static func tokens(of text: String) throws(RowFilterError) -> [RowFilterToken] {
    let characters = Array(text)
    var tokens: [RowFilterToken] = []
    var index = 0
    while index < characters.count {
      let character = characters[index]
      let position = index + 1
      if character.isWhitespace {
        index += 1
      } else if isWord(character) {
        let end = characters[index...].firstIndex { !isWord($0) } ?? characters.count
        tokens.append(.init(kind: .word, text: String(characters[index..<end]), position: position))
        index = end
      } else if "'\"`".contains(character) {
        let (content, end) = try quoted(characters, from: index, text)
        tokens.append(
          .init(kind: character == "`" ? .name : .quoted, text: content, position: position))
        index = end
      } else {
        let pair = String(characters[index..<min(index + 2, characters.count)])
        let symbol = ["==", "!=", "<=", ">="].contains(pair) ? pair : String(character)
        guard symbol.count == 2 || "=<>(),".contains(character) else {
          throw .syntax(
            expression: text, position: position, found: "found \"\(character)\"",
            expected: "a column, a comparison, a value, and, or or not")
        }
        tokens.append(.init(kind: .symbol, text: symbol, position: position))
        index += symbol.count
      }
    }
    return tokens + [.init(kind: .end, text: "", position: characters.count + 1)]
  }

  private static func isWord(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || "_+-./:".contains(character)
  }

  private static func quoted(
    _ characters: [Character], from start: Int, _ expression: String
  ) throws(RowFilterError) -> (String, end: Int) {
    let mark = characters[start]
    var content = ""
    var index = start + 1
    while index < characters.count {
      if characters[index] == mark {
        guard index + 1 < characters.count, characters[index + 1] == mark else {
          return (content, index + 1)
        }
        index += 1
      }
      content.append(characters[index])
      index += 1
    }
    throw .syntax(
      expression: expression, position: start + 1, found: "the quote is not closed",
      expected: "a closing \(mark)")
  }
}

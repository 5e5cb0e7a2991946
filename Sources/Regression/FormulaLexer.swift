/// A token of a formula and the number of characters before it.
struct FormulaToken: Equatable {
  enum Kind: Equatable {
    case number(Double)
    case name(String, quoted: Bool)
    /// One of `+ - * / ^ : ( ) , ~`, and `=` after poly's `raw`.
    case symbol(Character)
    case end
  }

  let kind: Kind
  let offset: Int

  /// The token as a message shows it.
  var text: String {
    switch kind {
    case .number(let value): formulaNumber(value)
    case .name(let name, let quoted): quoted ? "`\(name)`" : name
    case .symbol(let symbol): "'\(symbol)'"
    case .end: "the end of the formula"
    }
  }
}

/// Cuts a formula into tokens.
struct FormulaLexer {
  private let text: String
  private let characters: [Character]
  private var position = 0

  static func tokens(of text: String) throws(FormulaError) -> [FormulaToken] {
    var lexer = FormulaLexer(text: text)
    var answer: [FormulaToken] = []
    while let token = try lexer.next() { answer.append(token) }
    answer.append(FormulaToken(kind: .end, offset: lexer.characters.count))
    return answer
  }

  private init(text: String) {
    self.text = text
    characters = Array(text)
  }

  private mutating func next() throws(FormulaError) -> FormulaToken? {
    while let character = peek(), character.isWhitespace { position += 1 }
    guard let character = peek() else { return nil }
    let start = position
    if isDigit(character) || (character == "." && peek(1).map(isDigit) == true) {
      return FormulaToken(kind: .number(try number()), offset: start)
    }
    if startsName(character, next: peek(1)) {
      while let character = peek(), continuesName(character) { position += 1 }
      return FormulaToken(
        kind: .name(String(characters[start..<position]), quoted: false), offset: start)
    }
    if character == "`" {
      return FormulaToken(kind: .name(try quoted(), quoted: true), offset: start)
    }
    if character == "=", namesArgument(before: start) {
      position += 1
      return FormulaToken(kind: .symbol(character), offset: start)
    }
    guard "+-*/^:(),~".contains(character) else { throw failure(start, hint(character)) }
    if character == "*", peek(1) == "*" { throw failure(start, "write '^' for a power, not '**'") }
    position += 1
    return FormulaToken(kind: .symbol(character), offset: start)
  }

  /// Whether a '=' gives a value to poly's argument `raw`, and is not meant as a comparison.
  private func namesArgument(before start: Int) -> Bool {
    guard peek(1) != "=" else { return false }
    let before = characters[..<start].reversed().drop { $0.isWhitespace }
    let word = String(before.prefix { continuesName($0) }.reversed())
    let rest = before.dropFirst(3).drop { $0.isWhitespace }
    return word == "raw" && rest.first == ","
  }

  private func peek(_ distance: Int = 0) -> Character? {
    position + distance < characters.count ? characters[position + distance] : nil
  }

  private mutating func digits() {
    while let character = peek(), isDigit(character) { position += 1 }
  }

  private mutating func number() throws(FormulaError) -> Double {
    let start = position
    digits()
    if peek() == "." {
      position += 1
      digits()
    }
    if peek() == "e" || peek() == "E" {
      let sign = peek(1) == "+" || peek(1) == "-" ? 1 : 0
      if peek(1 + sign).map(isDigit) == true {
        position += 1 + sign
        digits()
      }
    }
    let text = String(characters[start..<position])
    if let character = peek(), continuesName(character) {
      throw failure(
        start,
        "\"\(text)\(character)\" is neither a number nor a name; expected an operator after "
          + "\(text), or a name between backquotes")
    }
    guard let value = Double(text), value.isFinite else {
      throw failure(start, "the number \(text) is beyond the range of doubles")
    }
    return value
  }

  /// A name between backquotes; a backslash shields a backquote or a backslash inside.
  private mutating func quoted() throws(FormulaError) -> String {
    let start = position
    var name = ""
    position += 1
    while let character = peek() {
      position += 1
      if character == "`" {
        guard !name.isEmpty else { throw failure(start, "a column name may not be empty") }
        return name
      }
      if character == "\\", let shielded = peek(), shielded == "`" || shielded == "\\" {
        name.append(shielded)
        position += 1
      } else {
        name.append(character)
      }
    }
    throw failure(start, "the backquote that opens here is never closed")
  }

  private func hint(_ character: Character) -> String {
    switch character {
    case "%": "%in% and other %operators% are not supported; write a:b for an interaction"
    case "|": "'|' is not supported; a formula has fixed terms only"
    case "\"", "'": "a column is written without quotes, or between backquotes"
    case "=", "<", ">", "!", "&": "comparisons are not supported; make a column of them first"
    case ".": "'.' (all other columns) is not supported; name the columns"
    case "_": "a name that starts with '_' is written between backquotes"
    case "[", "]", "{", "}": "'\(character)' is not supported; group with ( )"
    default:
      "\"\(character)\" has no meaning in a formula; odd names are written between backquotes"
    }
  }

  private func failure(_ offset: Int, _ message: String) -> FormulaError {
    FormulaError(formula: text, offset: offset, message: message)
  }
}

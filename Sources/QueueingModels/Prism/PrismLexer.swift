/// A word, number, name in quotes or sign of PRISM's language.
struct PrismToken: Hashable, Sendable {
  enum Kind: Hashable, Sendable {
    case word, number, quoted, symbol, end
  }

  var kind: Kind
  var text: String
  var place: PrismPlace

  /// As a message shows it.
  var shown: String { kind == .end ? "the end of the file" : "\"\(text)\"" }
}

enum PrismLexer {
  private static let symbols = [
    "<=>", "->", "<=", ">=", "!=", "=>", "..", "=", "<", ">", "&", "|", "!", "+", "-", "*", "/",
    "(", ")", "[", "]", ":", ";", ",", "?", "'",
  ]

  /// Cuts a text into tokens; comments run from `//` to the end of the line.
  static func tokens(of text: String) throws(PrismError) -> [PrismToken] {
    let characters = Array(text)
    var answer: [PrismToken] = []
    var index = 0
    var place = PrismPlace(line: 1, column: 1)
    func take(_ count: Int) {
      for _ in 0..<count {
        if characters[index].isNewline {
          place = PrismPlace(line: place.line + 1, column: 1)
        } else {
          place.column += 1
        }
        index += 1
      }
    }
    func length(_ from: Int, while condition: (Character) -> Bool) -> Int {
      characters[from...].prefix(while: condition).count
    }
    while index < characters.count {
      let character = characters[index]
      let start = place
      if character.isWhitespace {
        take(1)
      } else if character == "/", index + 1 < characters.count, characters[index + 1] == "/" {
        take(length(index) { !$0.isNewline })
      } else if isLetter(character) {
        let size = length(index) { isLetter($0) || isDigit($0) }
        answer.append(word(.word, characters[index..<(index + size)], start))
        take(size)
      } else if isDigit(character) {
        let size = numberLength(characters, index)
        answer.append(word(.number, characters[index..<(index + size)], start))
        take(size)
      } else if character == "\"" {
        let size = length(index + 1) { $0 != "\"" && !$0.isNewline }
        guard index + 1 + size < characters.count, characters[index + 1 + size] == "\"" else {
          throw start.error("the name in quotes does not end on this line")
        }
        answer.append(word(.quoted, characters[(index + 1)..<(index + 1 + size)], start))
        take(size + 2)
      } else if let symbol = symbols.first(where: {
        characters[index...].starts(with: $0)
      }) {
        answer.append(PrismToken(kind: .symbol, text: symbol, place: start))
        take(symbol.count)
      } else {
        throw start.error("\"\(character)\" is no sign of PRISM's language")
      }
    }
    return answer + [PrismToken(kind: .end, text: "", place: place)]
  }

  private static func word(
    _ kind: PrismToken.Kind, _ characters: ArraySlice<Character>, _ place: PrismPlace
  ) -> PrismToken {
    PrismToken(kind: kind, text: String(characters), place: place)
  }

  private static func isLetter(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character == "_")
  }

  private static func isDigit(_ character: Character) -> Bool {
    character.isASCII && character.isNumber
  }

  /// Digits, a point that is not "..", an exponent.
  private static func numberLength(_ characters: [Character], _ start: Int) -> Int {
    var end = start
    func at(_ index: Int) -> Character { index < characters.count ? characters[index] : " " }
    while isDigit(at(end)) { end += 1 }
    if at(end) == ".", isDigit(at(end + 1)) {
      end += 1
      while isDigit(at(end)) { end += 1 }
    }
    if at(end) == "e" || at(end) == "E" {
      let sign = at(end + 1) == "+" || at(end + 1) == "-" ? 1 : 0
      if isDigit(at(end + 1 + sign)) {
        end += 1 + sign
        while isDigit(at(end)) { end += 1 }
      }
    }
    return end - start
  }
}

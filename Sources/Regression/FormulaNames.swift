import ModelCore

/// A column name as a formula writes it: as it is when it reads back as a name, else between
/// backquotes.
func quotedName(_ name: String) -> String {
  guard !isPlainName(name) else { return name }
  let escaped = name.flatMap { $0 == "`" || $0 == "\\" ? ["\\", $0] : [$0] }
  return "`" + String(escaped) + "`"
}

/// A number as a formula writes it: the shortest decimal that reads back.
func formulaNumber(_ value: Double) -> String {
  shortestDecimal(value)
}

func isPlainName(_ name: String) -> Bool {
  guard let first = name.first, startsName(first, next: name.dropFirst().first) else {
    return false
  }
  return name.allSatisfy(continuesName)
}

/// R's rule: a letter, or a dot that no digit follows.
func startsName(_ character: Character, next: Character?) -> Bool {
  if character == "." { return next.map { continuesName($0) && !isDigit($0) } ?? false }
  return character.isLetter
}

func continuesName(_ character: Character) -> Bool {
  character.isLetter || isDigit(character) || character == "_" || character == "."
}

/// An ASCII digit: `Character.isNumber` would let other scripts in, which no number parser reads.
func isDigit(_ character: Character) -> Bool {
  character.isASCII && character.isWholeNumber
}

import Kernels

/// What a cell that should hold a number holds.
enum NumberCell {
  case number(Double)
  case missing
  case notANumber
  case outsideRange
}

/// Reads the decimal that fills a cell; spaces and tabs around it are allowed.
///
/// Correctly rounded (fast_float). Hexadecimal, `nan`, `inf`, thousands separators and units are
/// not numbers here.
@inline(__always)
func parseNumber(_ cell: UnsafeBufferPointer<UInt8>) -> NumberCell {
  guard var first = cell.baseAddress else { return .missing }
  var last = first + cell.count
  while first < last, isSpace(first.pointee) { first += 1 }
  while first < last, isSpace((last - 1).pointee) { last -= 1 }
  guard first < last else { return .missing }
  var value = 0.0
  let status = first.withMemoryRebound(to: CChar.self, capacity: last - first) {
    cutover_parse_double($0, $0 + (last - first), &value)
  }
  switch status {
  case CUTOVER_NUMBER: return .number(value)
  case CUTOVER_OUT_OF_RANGE: return .outsideRange
  default: return .notANumber
  }
}

@inline(__always)
func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

/// The bytes without the spaces and tabs around them.
func trimmed<Bytes: BidirectionalCollection>(_ bytes: Bytes) -> Bytes.SubSequence
where Bytes.Element == UInt8, Bytes.SubSequence: BidirectionalCollection {
  let head = bytes.drop(while: isSpace)
  guard let last = head.lastIndex(where: { !isSpace($0) }) else { return head.prefix(0) }
  return head[...last]
}

/// The problem of a cell that is not a number, with what to write instead.
func notANumber(_ cell: some BidirectionalCollection<UInt8>) -> TraceProblem {
  let text = Array(cell.prefix(hintedBytes))
  let bytes = Array(trimmed(text))
  return .notANumber(shownValue(Array(trimmed(Array(cell.prefix(4096))))), hint: hint(for: bytes))
}

/// A cell longer than this is no misspelt number, and gets no hint.
private let hintedBytes = 64

private func hint(for bytes: [UInt8]) -> String {
  let text = String(decoding: bytes, as: UTF8.self)
  let word = text.drop { $0 == "+" || $0 == "-" }.lowercased()
  let unknown = ["", "nan", "inf", "infinity", "na", "n/a", "#n/a", "null", "none", "nil", "?"]
  if unknown.contains(word) { return "leave the cell empty when the value is not known" }
  if word.hasPrefix("0x") { return "write it in decimal" }
  if let plain = withoutThousands(text) { return "write it without thousands separators: \(plain)" }
  if let comma = text.firstIndex(of: ",") {
    let pointed = text.replacing(",", with: ".", maxReplacements: 1)
    let rest = text[text.index(after: comma)...]
    if !rest.isEmpty, Double(pointed) != nil { return "write it with a decimal point: \(pointed)" }
  }
  let digits = text.prefix { $0.isASCII && ($0.isNumber || "+-.eE".contains($0)) }
  if Double(digits) != nil, text.dropFirst(digits.count).contains(where: \.isLetter) {
    return "write a plain number in the unit that the column's name says"
  }
  return ""
}

/// `1,234,567.8` as `1234567.8`; `nil` when the text is no number in groups of three.
private func withoutThousands(_ text: String) -> String? {
  for separator: Character in [",", " ", "'", "_", "\u{A0}", "\u{202F}"] {
    guard text.contains(separator) else { continue }
    let halves = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let groups = halves[0].split(separator: separator, omittingEmptySubsequences: false)
    guard let first = groups.first, groups.count > 1,
      groups.dropFirst().allSatisfy({ $0.count == 3 })
    else { continue }
    let head = first.drop { $0 == "+" || $0 == "-" }
    let plain = groups.joined() + (halves.count > 1 ? "." + halves[1] : "")
    let digitsOnly = groups.joined().drop { $0 == "+" || $0 == "-" }.allSatisfy(\.isNumber)
    if (1...3).contains(head.count), digitsOnly, Double(plain) != nil { return plain }
  }
  return nil
}

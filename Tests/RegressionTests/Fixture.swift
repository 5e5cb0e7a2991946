import Foundation

/// The rows of a CSV file under `Tests/Fixtures`, by column name; quotes as in RFC 4180.
func fixture(_ path: String, from file: String = #filePath) throws -> [[String: String]] {
  let root = URL(fileURLWithPath: file).deletingLastPathComponent().deletingLastPathComponent()
  let text = try String(
    contentsOf: root.appendingPathComponent("Fixtures/\(path)"), encoding: .utf8)
  let rows = text.split(whereSeparator: \.isNewline).map { cells(String($0)) }
  guard let header = rows.first else { return [] }
  return rows.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(header, $0)) }
}

private func cells(_ line: String) -> [String] {
  var answer = [""]
  var isQuoted = false
  for character in line {
    switch character {
    case "\"": isQuoted.toggle()
    case "," where !isQuoted: answer.append("")
    default: answer[answer.count - 1].append(character)
    }
  }
  return answer
}

func number(_ row: [String: String], _ column: String) throws -> Double {
  struct NotANumber: Error { let column: String }
  guard let value = row[column].flatMap(Double.init) else { throw NotANumber(column: column) }
  return value
}

/// Correct decimal digits: -log10 of the relative error (absolute for an expected 0), at most 16.
func digits(_ value: Double, _ expected: Double) -> Double {
  guard value != expected else { return 16 }
  let error = abs(value - expected) / (expected == 0 ? 1 : abs(expected))
  return min(16, -log10(error))
}

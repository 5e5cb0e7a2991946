import Foundation
import ModelCore
import Regression
import Traces

/// `--map COLUMN=EXPRESSION`, or a file of such lines.
enum MappingOptions {
  static func mappings(_ options: [String]) throws -> [ColumnMapping] {
    var answer: [ColumnMapping] = []
    for option in options {
      if option.contains("=") {
        answer.append(try mapping(option, place: "--map"))
      } else {
        answer += try file(option)
      }
    }
    var names: Set<String> = []
    for mapping in answer where !names.insert(mapping.column).inserted {
      throw UsageError("--map: \(mapping.column) is given twice")
    }
    return answer
  }

  /// A line each; blank ones and those after # say nothing.
  private static func file(_ path: String) throws -> [ColumnMapping] {
    guard let data = FileManager.default.contents(atPath: path),
      let text = String(data: data, encoding: .utf8)
    else {
      throw UsageError(
        "--map: \"\(path)\" is neither COLUMN=EXPRESSION nor a file of such lines that can be read")
    }
    var answer: [ColumnMapping] = []
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      let line = line.prefix { $0 != "#" }.trimmingCharacters(in: .whitespaces)
      if !line.isEmpty { answer.append(try mapping(line, place: "\(path):\(number + 1)")) }
    }
    return answer
  }

  private static func mapping(_ text: String, place: String) throws -> ColumnMapping {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = parts[0].trimmingCharacters(in: .whitespaces)
    guard parts.count == 2, let definition = Glossary.definition(of: name) else {
      throw UsageError(
        "\(place): "
          + (parts.count == 2
            ? "no column \(name)"
              + suggestion(nearestWords(to: name, among: Glossary.traceColumns.map(\.name)))
            : "\"\(text)\" is not COLUMN=EXPRESSION, such as total_time_s=duration_ms/1000"))
    }
    let right = parts[1].trimmingCharacters(in: .whitespaces)
    if case .number = definition.kind {
      let expression: Regression.Expression
      do {
        expression = try Regression.Expression(parsing: right)
      } catch {
        throw UsageError("\(place): \(name): \(error)")
      }
      return ColumnMapping(column: name) { table in
        .numbers(NumericColumn(try expression.values(in: table)))
      }
    }
    return try words(name, right, place: place)
  }

  /// `state`, or `state{ok=completed,error=failed}`.
  private static func words(
    _ column: String, _ text: String, place: String
  ) throws -> ColumnMapping {
    var name = text
    var words: [String: String] = [:]
    if let brace = text.firstIndex(of: "{") {
      guard text.last == "}" else {
        throw UsageError("\(place): \(column): the brace in \"\(text)\" is not closed")
      }
      name = text[..<brace].trimmingCharacters(in: .whitespaces)
      for pair in text[text.index(after: brace)...].dropLast().split(separator: ",") {
        let sides = pair.split(separator: "=", maxSplits: 1)
        guard sides.count == 2 else {
          throw UsageError("\(place): \(column): \"\(pair)\" is not THEIRS=OURS")
        }
        words[sides[0].trimmingCharacters(in: .whitespaces)] =
          sides[1].trimmingCharacters(in: .whitespaces)
      }
    }
    if name.hasPrefix("`"), name.hasSuffix("`"), name.count > 2 {
      name = String(name.dropFirst().dropLast())
    }
    return ColumnMapping(column: column) { [name, words] table in
      guard table[name] != nil else {
        throw TableError.unknownColumn(name, nearest: table.nearestNames(to: name))
      }
      return .text(
        TextColumn(
          (0..<table.rowCount).map { row in
            table.label(name, row: row).map { words[$0] ?? $0 }
          }))
    }
  }
}

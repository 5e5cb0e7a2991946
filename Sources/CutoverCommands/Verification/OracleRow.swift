import Foundation
import ModelCore
import Traces

/// One value that a formula has to reproduce: a row `model,case,inputs,output,value`.
struct OracleRow {
  let line: Int
  /// Which formula: a key of the registry.
  let model: String
  /// Names the case for people; no formula is chosen by it.
  let caseName: String
  let inputs: OracleInputs
  let output: String
  /// As it stands in the file.
  let value: String
}

/// The inputs of a case, `name=value;name=value`, each a number or a word.
///
/// An evaluator takes what its formula needs; a name that no formula asked for is found
/// afterwards in `unused`, so that an input the formula does not know never goes unnoticed.
struct OracleInputs {
  /// As it stands in the file; equal texts are equal cases.
  let text: String
  private let values: [String: String]
  private var taken: Set<String> = []

  /// - Throws: `OracleFault` when a part is not `name=value`, or a name comes twice.
  init(_ text: String) throws(OracleFault) {
    self.text = text
    var values: [String: String] = [:]
    for part in text.split(separator: ";", omittingEmptySubsequences: false) {
      if text.isEmpty { break }
      let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard pair.count == 2, !pair[0].isEmpty, !pair[1].isEmpty else {
        throw OracleFault("\(shown(String(part))) is not NAME=VALUE; inputs look like V=1024;R=100")
      }
      guard values.updateValue(String(pair[1]), forKey: String(pair[0])) == nil else {
        throw OracleFault("the input \(pair[0]) comes twice")
      }
    }
    self.values = values
  }

  /// Names that nothing asked for, sorted.
  var unused: [String] { values.keys.filter { !taken.contains($0) }.sorted() }

  /// Whether an input is there; asking does not use it.
  func has(_ name: String) -> Bool { values[name] != nil }

  /// A number that the formula needs.
  ///
  /// - Throws: `EvaluationError.missing`, `.notANumber`, `.outsideDomain`.
  mutating func number(
    _ name: String, _ domain: ColumnDomain = .nonNegative
  ) throws(EvaluationError) -> Double {
    guard let value = try numberIfPresent(name, domain) else { throw .missing(name) }
    return value
  }

  /// A number that the formula can do without.
  mutating func numberIfPresent(
    _ name: String, _ domain: ColumnDomain = .nonNegative
  ) throws(EvaluationError) -> Double? {
    guard let text = word(name) else { return nil }
    guard let value = Double(text), !value.isNaN else { throw .notANumber(name, text) }
    guard domain.contains(value) else { throw .outsideDomain(name, text, domain.description) }
    return value
  }

  /// A whole number, 0 or more, small enough to count with.
  mutating func count(_ name: String) throws(EvaluationError) -> Int {
    let value = try number(name)
    guard value.rounded() == value, value <= 1e15 else {
      throw .outsideDomain(name, shortestDecimal(value), "a whole number, 0 to 1e15")
    }
    return Int(value)
  }

  /// An input as it stands, `nil` when it is not there.
  mutating func word(_ name: String) -> String? {
    taken.insert(name)
    return values[name]
  }
}

/// Why a formula gives no values for a case.
enum EvaluationError: Error, Equatable {
  case missing(String)
  /// A text where the formula needs a number: the file is wrong.
  case notANumber(String, String)
  case outsideDomain(String, String, String)
  /// The formula says no, in its own words.
  case refused(String)

  var reason: String {
    switch self {
    case .missing(let name): "the input \(name) is missing"
    case .notANumber(let name, let text): "the input \(name): \(shown(text)) is not a number"
    case .outsideDomain(let name, let text, let expected):
      "the input \(name): \(text) is outside its domain (\(expected))"
    case .refused(let words): words
    }
  }
}

/// A row that is not in the form of an oracle file, without its place.
struct OracleFault: Error {
  let words: String
  init(_ words: String) { self.words = words }
}

/// The same with file, line and column: exit status 65.
struct OracleFileError: Failure {
  let file: String
  let line: Int
  let column: Int
  let words: String
  var category: FailureCategory { .badData }
  var description: String { "\(file):\(line):\(column): \(words)" }
}

/// Reads oracle files: CSV with the columns model, case, inputs, output and value.
struct OracleFile {
  private static let columns = ["model", "case", "inputs", "output", "value"]

  let rows: [OracleRow]
  let name: String

  init(path: String) throws {
    var options = TraceOptions()
    options.requireRows = true
    options.requiredColumns = Self.columns
    options.columns = Set(Self.columns)
    // Words and numbers share a column here, and the glossary's words mean something else.
    options.types = Dictionary(uniqueKeysWithValues: Self.columns.map { ($0, .text) })
    options.definitions = []
    let read = try TraceReader(path: path, options: options).readTable()
    let table = read.table
    let file = table.source ?? path
    name = file
    let texts = Self.columns.map { table.textIfPresent($0) }
    let places = Self.columns.map { (read.names.firstIndex(of: $0) ?? 0) + 1 }
    rows = try (0..<table.rowCount).map { (row) throws in
      let line = table.lines?[row] ?? row + 2
      func cell(_ index: Int, canBeEmpty: Bool = false) throws -> String {
        let text = texts[index]?[row] ?? ""
        if text.isEmpty, !canBeEmpty {
          throw OracleFileError(
            file: file, line: line, column: places[index],
            words: "\(Self.columns[index]): empty; every row needs model, case, output and value")
        }
        return text
      }
      let inputText = try cell(2, canBeEmpty: true)
      let inputs: OracleInputs
      do {
        inputs = try OracleInputs(inputText)
      } catch let fault as OracleFault {
        throw OracleFileError(
          file: file, line: line, column: places[2], words: "inputs: \(fault.words)")
      }
      return OracleRow(
        line: line, model: try cell(0), caseName: try cell(1), inputs: inputs,
        output: try cell(3), value: try cell(4))
    }
    inputsColumn = places[2]
  }

  private let inputsColumn: Int

  /// The error of an input that cannot be read, with its place.
  func error(_ row: OracleRow, _ reason: String) -> OracleFileError {
    OracleFileError(
      file: name, line: row.line, column: inputsColumn, words: "inputs: \(reason)")
  }
}

/// A text of the file in quotes, short enough for a message.
func shown(_ text: String) -> String {
  text.count <= 40 ? "\"\(text)\"" : "\"\(text.prefix(40))...\""
}

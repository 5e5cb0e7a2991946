import Foundation
import MigrationModels
import ModelCore
import Quantities
import Reporting

/// An input that `sweep` varies: which one, and over which values.
///
/// `NAME=a..b:n` makes n equidistant values, `NAME=a..b:nlog` n values of a constant ratio,
/// `NAME=a,b,c` just these. NAME is an option of a scenario without its hyphens, or a parameter
/// of the model; values are written as for the option, those of a parameter as SI numbers.
struct SweepVariable {
  enum Kind: Equatable {
    case field(ScenarioField)
    case parameter(String)
  }

  let kind: Kind
  let values: [Double]
  let isLogarithmic: Bool

  /// The column of the answer: the trace column, or the parameter's name.
  var column: String {
    switch kind {
    case .field(let field): field.column
    case .parameter(let name): name
    }
  }

  /// What it is called in titles.
  var words: String {
    switch kind {
    case .field(let field): field.words
    case .parameter(let name): name
    }
  }

  /// What an axis of it counts.
  var plotUnit: PlotUnit {
    switch kind {
    case .field(let field): field.plotUnit
    case .parameter: .plain
    }
  }

  func text(_ value: Double) -> String {
    switch kind {
    case .field(let field): field.text(value)
    case .parameter: roundedDecimal(value, significantDigits: 6)
    }
  }

  /// More values than any curve needs, and few enough to wait for.
  static let mostValues = 100_000

  /// - Parameters:
  ///   - text: as typed behind `--vary`.
  ///   - parameters: names that the models have.
  ///   - pageSize: for dirty rates in pages per second.
  /// - Throws: `UsageError`.
  init(_ text: String, parameters: [String], pageSize: Bytes) throws {
    let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
    guard parts.count == 2, !parts[1].isEmpty else {
      throw UsageError(
        "--vary: \"\(text)\" is not NAME=RANGE, such as dirty-rate=1MiB/s..120MiB/s:200, "
          + "memory=1GiB..64GiB:13log or max-rounds=5,10,30")
    }
    kind = try Self.kind(parts[0], parameters)
    let read: (String) throws -> Double = { [kind] word in
      do {
        switch kind {
        case .field(let field): return try field.value(parsing: word, pageSize: pageSize)
        case .parameter:
          guard let value = Double(word), value.isFinite else {
            throw UsageError("\"\(word)\" is not a number; parameters are in SI units")
          }
          return value
        }
      } catch {
        throw UsageError("--vary \(parts[0]): \(error)")
      }
    }
    if let dots = parts[1].range(of: "..") {
      let rest = parts[1][dots.upperBound...].split(
        separator: ":", omittingEmptySubsequences: false)
      var count = rest.count == 2 ? String(rest[1]) : ""
      isLogarithmic = count.hasSuffix("log")
      if isLogarithmic { count.removeLast(3) }
      guard let number = Int(count), (2...Self.mostValues).contains(number) else {
        throw UsageError(
          "--vary: \"\(text)\": a range is LOW..HIGH:COUNT with 2 to \(Self.mostValues) values, "
            + "or COUNTlog for a constant ratio")
      }
      let low = try read(String(parts[1][..<dots.lowerBound]))
      let high = try read(String(rest[0]))
      guard low < high else {
        throw UsageError(
          "--vary: \"\(text)\": the range does not rise from its low to its high end")
      }
      if isLogarithmic, low <= 0 {
        throw UsageError("--vary: \"\(text)\": a constant ratio needs a low end above zero")
      }
      values = Self.range(low, high, number, isLogarithmic)
    } else {
      isLogarithmic = false
      values = try parts[1].split(separator: ",", omittingEmptySubsequences: false).map {
        try read(String($0))
      }
    }
    if kind == .field(.maxRounds), let broken = values.first(where: { $0 != $0.rounded() }) {
      throw UsageError(
        "--vary: \"\(text)\" makes \(shortestDecimal(broken)) rounds; choose a count that gives "
          + "whole numbers, or list them")
    }
  }

  private static func kind(_ name: String, _ parameters: [String]) throws -> Kind {
    if let field = ScenarioField.allCases.first(where: {
      optionName(forColumn: $0.column) == "--\(name)" || $0.column == name
    }) {
      return .field(field)
    }
    if parameters.contains(name) { return .parameter(name) }
    let known =
      ScenarioField.allCases.map { String(optionName(forColumn: $0.column).dropFirst(2)) }
      + parameters
    throw UsageError(
      "--vary: no input \"\(name)\"" + suggestion(nearestWords(to: name, among: known)))
  }

  private static func range(
    _ low: Double, _ high: Double, _ count: Int, _ isLogarithmic: Bool
  ) -> [Double] {
    (0..<count).map { index in
      // The ends are exact, whatever the roundings between them.
      if index == 0 { return low }
      if index == count - 1 { return high }
      let share = Double(index) / Double(count - 1)
      return isLogarithmic ? low * pow(high / low, share) : low + (high - low) * share
    }
  }
}

public import Foundation

/// Where the committed fixtures lie.
public enum Fixtures {
  public static let directory = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Fixtures")
  public static let checkout = directory.deletingLastPathComponent().deletingLastPathComponent()
}

/// One case of `Fixtures/oracle.csv`: values computed with 60-digit arithmetic.
public struct OracleCase: Sendable, CustomStringConvertible {
  public let model: String
  public let name: String
  public let inputs: [String: String]
  public fileprivate(set) var outputs: [String: String]

  public var description: String { "\(model)/\(name)" }

  /// A numeric input; NaN when the case has none, so that a comparison fails.
  public func input(_ key: String) -> Double { inputs[key].flatMap(Double.init) ?? .nan }

  /// A numeric output; NaN when the case has none, so that a comparison fails.
  public func output(_ key: String) -> Double { outputs[key].flatMap(Double.init) ?? .nan }
}

public enum Oracle {
  /// The cases of one model, in file order.
  public static func cases(_ model: String) -> [OracleCase] {
    all.filter { $0.model == model }
  }

  private static let all: [OracleCase] = {
    let url = Fixtures.directory.appending(path: "oracle.csv")
    guard let text = try? String(contentsOf: url, encoding: .utf8) else {
      fatalError("\(url.path) is missing: the checkout is incomplete")
    }
    var cases: [OracleCase] = []
    for line in text.split(whereSeparator: \.isNewline).dropFirst() {
      let fields = split(line)
      guard fields.count == 5 else { fatalError("oracle.csv: \(line)") }
      if let last = cases.last, last.model == fields[0], last.name == fields[1] {
        cases[cases.count - 1].outputs[fields[3]] = fields[4]
        continue
      }
      let inputs = fields[2].split(separator: ";").map { $0.split(separator: "=", maxSplits: 1) }
      cases.append(
        OracleCase(
          model: fields[0], name: fields[1],
          inputs: Dictionary(
            inputs.filter { $0.count == 2 }.map { (String($0[0]), String($0[1])) },
            uniquingKeysWith: { first, _ in first }),
          outputs: [fields[3]: fields[4]]))
    }
    return cases
  }()

  private static func split(_ line: Substring) -> [String] {
    var fields: [String] = [""]
    var quoted = false
    for character in line {
      switch character {
      case "\"": quoted.toggle()
      case "," where !quoted: fields.append("")
      default: fields[fields.count - 1].append(character)
      }
    }
    return fields
  }
}

/// A bound on a relative error and why it is what it is.
public struct Tolerance: Sendable {
  public let relative: Double
  public let reason: String

  /// Closed forms and short recursions: a few dozen roundings of a double.
  public static let closedForm = Tolerance(
    relative: 1e-12, reason: "a few dozen roundings of a double")
  /// The oracle prints 15 significant digits.
  public static let oracle = Tolerance(
    relative: 2e-12, reason: "15 printed digits, and the roundings of up to 30 rounds")

  public init(relative: Double, reason: String) {
    self.relative = relative
    self.reason = reason
  }

  /// Whether two numbers agree; both zero does, a NaN never does.
  public func accepts(_ value: Double, _ expected: Double) -> Bool {
    if value == expected { return true }
    return abs(value - expected) <= relative * max(abs(value), abs(expected))
  }
}

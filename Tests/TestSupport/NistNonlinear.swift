import Foundation

/// One of NIST's certified sets for non-linear regression, read from NIST's own file.
public struct NistNonlinear: Sendable, CustomStringConvertible {
  public let name: String
  /// The model in the notation of a formula: `y ~ b1*(1-exp(-b2*x))`.
  public let formula: String
  public let parameters: [String]
  /// Start 1 is far from the solution, start 2 near.
  public let starts: [[Double]]
  public let estimates: [Double]
  public let standardErrors: [Double]
  public let residualSquares: Double
  public let residualDeviation: Double
  public let degreesOfFreedom: Int
  /// The names of the columns: y, then x, or x1 and x2.
  public let columns: [String]
  public let rows: [[Double]]

  public var description: String { name }

  public func column(_ name: String) -> [Double] {
    columns.firstIndex(of: name).map { position in rows.map { $0[position] } } ?? []
  }

  public struct Malformed: Error, CustomStringConvertible {
    public let description: String
  }

  /// The 27 sets, in alphabetical order.
  public static let names = [
    "Bennett5", "BoxBOD", "Chwirut1", "Chwirut2", "DanWood", "ENSO", "Eckerle4", "Gauss1",
    "Gauss2", "Gauss3", "Hahn1", "Kirby2", "Lanczos1", "Lanczos2", "Lanczos3", "MGH09", "MGH10",
    "MGH17", "Misra1a", "Misra1b", "Misra1c", "Misra1d", "Nelson", "Rat42", "Rat43", "Roszman1",
    "Thurber",
  ]

  public init(_ name: String) throws {
    let url = Fixtures.directory.appending(path: "nist/nonlinear/\(name).dat")
    let lines = try String(contentsOf: url, encoding: .utf8)
      .split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0.trimmingCharacters(in: .whitespaces) }
    func malformed(_ what: String) -> Malformed { Malformed(description: "\(name): \(what)") }
    self.name = name
    formula = try Self.formula(lines, malformed)

    // "b1 =   500   250   2.3894212918E+02  2.7070075241E+00"
    let table = lines.filter { $0.hasPrefix("b") && $0.contains("=") }.map { line in
      let sides = line.split(separator: "=")
      return (
        sides[0].trimmingCharacters(in: .whitespaces),
        sides[1].split(separator: " ").compactMap { Double($0) }
      )
    }
    guard !table.isEmpty, table.allSatisfy({ $0.1.count == 4 }) else {
      throw malformed("the table of certified values")
    }
    parameters = table.map(\.0)
    starts = [table.map { $0.1[0] }, table.map { $0.1[1] }]
    estimates = table.map { $0.1[2] }
    standardErrors = table.map { $0.1[3] }
    func value(_ label: String) throws -> Double {
      let line = lines.first { $0.hasPrefix(label) }
      guard let value = line?.split(separator: " ").last.flatMap({ Double($0) }) else {
        throw malformed(label)
      }
      return value
    }
    residualSquares = try value("Residual Sum of Squares:")
    residualDeviation = try value("Residual Standard Deviation:")
    degreesOfFreedom = Int(try value("Degrees of Freedom:"))
    let count = Int(try value("Number of Observations:"))

    // The second "Data:" is the header of the columns.
    guard let header = lines.lastIndex(where: { $0.hasPrefix("Data:") }) else {
      throw malformed("the data")
    }
    columns = lines[header].split(separator: " ").dropFirst().map(String.init)
    rows = lines[(header + 1)...].filter { !$0.isEmpty }
      .map { $0.split(separator: " ").compactMap { Double($0) } }
    let width = columns.count
    guard rows.count == count, rows.allSatisfy({ $0.count == width }) else {
      throw malformed("\(rows.count) rows of data where \(count) were announced")
    }
  }

  /// NIST writes `exp[...]`, `**`, `arctan` and ` + e`.
  private static func formula(
    _ lines: [String], _ malformed: (String) -> Malformed
  ) throws -> String {
    let isModel: (String) -> Bool = { line in
      let left = line.split(separator: "=").first?.trimmingCharacters(in: .whitespaces)
      return line.contains("=") && (left == "y" || left == "log[y]")
    }
    guard let first = lines.firstIndex(where: isModel) else { throw malformed("the model") }
    let text = lines[first...].prefix { !$0.isEmpty }.joined(separator: " ")
      .replacingOccurrences(of: "[", with: "(").replacingOccurrences(of: "]", with: ")")
      .replacingOccurrences(of: "**", with: "^").replacingOccurrences(of: "arctan", with: "atan")
    let words = text.split(separator: " ")
    guard words.suffix(2) == ["+", "e"] else { throw malformed("the error term") }
    return words.dropLast(2).joined(separator: " ").replacingOccurrences(of: "=", with: "~")
  }
}

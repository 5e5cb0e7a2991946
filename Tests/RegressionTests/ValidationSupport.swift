import ModelCore
import Regression
import TestSupport
import Testing

/// A case of `Tests/Fixtures/validation`: a formula, weighted when it ends in ` | w`.
struct ReferenceCase: Sendable, CustomTestStringConvertible {
  let name: String
  let rows: [[String: String]]

  var testDescription: String { name }

  static func all(_ file: String) -> [ReferenceCase] {
    guard let rows = try? fixture("validation/\(file)") else { return [] }
    var order: [String] = []
    for row in rows { if let name = row["case"], !order.contains(name) { order.append(name) } }
    return order.map { name in ReferenceCase(name: name, rows: rows.filter { $0["case"] == name }) }
  }

  func fit() throws -> LinearFit {
    let weighted = name.hasSuffix(" | w")
    return try RegressionTests.fit(
      weighted ? String(name.dropLast(4)) : name, referenceData(), weights: weighted ? "w" : nil)
  }

  func rows(_ kind: String) -> [[String: String]] { rows.filter { $0["kind"] == kind } }

  func value(_ kind: String, _ name: String, _ row: String = "") -> Double? {
    rows.first { $0["kind"] == kind && $0["name"] == name && $0["row"] == row }
      .flatMap { $0["value"].flatMap(Double.init) }
  }
}

/// R and statsmodels solve without refinement, with columns of 1e10 beside those of 1: about 1e-16
/// times a condition of 1e6, and a few digits for the differences that follow.
let otherSolver = 1e-8
/// What two routes through our own refined solutions may differ by.
let ownRoutes = 1e-10

/// Equal to a relative tolerance, or to an absolute one of the same size.
func close(_ value: Double?, _ expected: Double?, _ tolerance: Double) -> Bool {
  guard let value, let expected else { return value == nil && expected == nil }
  return abs(value - expected) <= tolerance * max(abs(expected), 1)
}

/// Equal to a relative tolerance alone.
func closeRelative(_ value: Double?, _ expected: Double?, _ tolerance: Double) -> Bool {
  guard let value, let expected else { return value == nil && expected == nil }
  return abs(value - expected) <= tolerance * abs(expected)
}

/// A line with normal errors, in groups of rows that share part of their error.
func simulated(
  rows: Int, seed: UInt64, groups: Int = 1, shared: Double = 0, spread: Bool = false
) throws -> Table {
  var draws = TestRandom(seed: seed)
  let common = (0..<max(groups, 1)).map { _ in shared * draws.normal() }
  let group = (0..<rows).map { $0 % max(groups, 1) }
  let x = (0..<rows).map { _ in draws.unit() * 4 }
  let z = (0..<rows).map { _ in draws.normal() }
  let y = (0..<rows).map { i -> Double in
    let size = spread ? 0.1 + x[i] : 1
    return 2 + 3 * x[i] - z[i] + size * draws.normal() + common[group[i]]
  }
  return try Table([
    Column("x", numbers: x), Column("z", numbers: z), Column("y", numbers: y),
    Column("g", text: group.map { "g\($0)" }),
  ])
}

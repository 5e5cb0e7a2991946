import Foundation
import ModelCore
import Regression
import Testing

/// The rows of `Tests/Fixtures/kinds/data.csv`.
func kindsData() throws -> Table {
  try table(
    of: fixture("kinds/data.csv"), text: ["f", "host", "status"],
    numbers: ["x", "z", "v", "w", "u", "y", "t", "left"])
}

func kindsDesign(_ formula: String, weights: String? = nil) throws -> Design {
  try Design(
    Formula(formula), kindsData(), weights: weights.map { try Expression(parsing: $0) })
}

/// Agreement with a reference, and why not closer.
struct Closeness {
  let digits: Double
  let reason: String
  /// Whether an estimate is measured by its standard error, so that one near zero may be so.
  var bySpread = false

  static let direct = Closeness(digits: 11, reason: "direct solutions in doubles on both sides")
  static let iterated = Closeness(digits: 8, reason: "the other program stops an iteration there")
  static let roundedQuartile = Closeness(
    digits: 3.5,
    reason: "MASS rounds the quartile of the normal distribution to 0.6745",
    bySpread: true)
  static let printed = Closeness(digits: 9, reason: "normal equations or an iteration over there")
}

/// The values of one case of a fixture: `[term: [name: value]]`, the empty term for the fit.
func kindsReference(_ file: String, _ name: String) throws -> [String: [String: Double]] {
  var answer: [String: [String: Double]] = [:]
  for row in try fixture("kinds/\(file).csv") where row["case"] == name {
    answer[row["term"] ?? "", default: [:]][row["name"] ?? ""] = try number(row, "value")
  }
  return answer
}

/// Holds the coefficients against a fixture; returns the values of the fit as a whole.
@discardableResult
func expectCoefficients(
  _ fit: some LinearModelKind, _ file: String, _ name: String, _ closeness: Closeness = .direct,
  errors: Closeness? = nil, sourceLocation: SourceLocation = #_sourceLocation
) throws -> [String: Double] {
  let expected = try kindsReference(file, name)
  #expect(!expected.isEmpty, "no case \(name)", sourceLocation: sourceLocation)
  var seen = 0
  for coefficient in fit.coefficients {
    guard let values = expected[coefficient.term] else { continue }
    seen += 1
    let estimate = try #require(coefficient.estimate)
    let wanted = try #require(values["estimate"])
    let unit = closeness.bySpread ? values["std_error"] : nil
    let agreement = unit.map { -log10(abs(estimate - wanted) / $0) } ?? digits(estimate, wanted)
    #expect(
      agreement >= closeness.digits,
      "\(name) \(coefficient.term): \(estimate), \(wanted) (\(closeness.reason))",
      sourceLocation: sourceLocation)
    if let error = values["std_error"] {
      let mine = try #require(coefficient.standardError)
      let limit = errors ?? closeness
      #expect(
        digits(mine, error) >= limit.digits,
        "\(name) \(coefficient.term) error: \(mine), \(error) (\(limit.reason))",
        sourceLocation: sourceLocation)
    }
  }
  #expect(seen == expected.keys.count { !$0.isEmpty }, sourceLocation: sourceLocation)
  return expected[""] ?? [:]
}

/// The error of a kind that a body throws; records an issue for another.
func kindError(
  sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) throws -> KindError {
  let error = try #require(
    throws: RegressionError.self, sourceLocation: sourceLocation, performing: body)
  guard case .kind(let kind) = error else {
    Issue.record("\(error)", sourceLocation: sourceLocation)
    throw error
  }
  return kind
}

/// A glance cell; `nil` for an empty one.
func glance(_ fit: some FormulaModelFit, _ column: String) throws -> Double? {
  try fit.glance().numbers(column)[0]
}

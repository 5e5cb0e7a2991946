import Foundation
import ModelCore
import Regression
import Testing

/// The state of a table that arrives in batches of so many rows.
func streamed(
  _ formula: String, _ table: Table, weights: String? = nil, batch: Int
) throws -> LeastSquaresState {
  let formula = try Formula(formula)
  let weights = try weights.map { try Expression(parsing: $0) }
  var scan: PolynomialScan?
  if PolynomialScan.isNeeded(for: formula) {
    var first = PolynomialScan(formula, weights: weights)
    for part in batches(of: table, rows: batch) { try first.add(part) }
    scan = first
  }
  var state = LeastSquaresState(
    try StreamingDesign(formula, like: table, weights: weights, polynomials: scan))
  for part in batches(of: table, rows: batch) { try state.add(part) }
  return state
}

func batches(of table: Table, rows: Int) -> [Table] {
  stride(from: 0, to: table.rowCount, by: rows).map {
    table.selecting(Array($0..<min($0 + rows, table.rowCount)))
  }
}

@Suite struct StreamedFitTests {
  // MARK: Certified values

  /// Digits of the worst coefficient, and of the worst of standard errors and residual deviation,
  /// whatever the batches. Above what a QR factorisation in doubles gives (Longley 12, Wampler5 7),
  /// because the solution is refined; Filip is limited by the powers of x, rounded to doubles. A
  /// digit or two is left for other processors. Wampler1 and 2 are exact fits: deviations are 0.
  static let minimum: [String: (estimate: Double, error: Double)] = [
    "norris": (13.5, 12.5), "pontius": (13, 12), "noint1": (14.5, 14), "noint2": (14.5, 14),
    "longley": (13, 11), "filip": (7, 7), "wampler1": (14, 15), "wampler2": (12, 15),
    "wampler3": (13.5, 11), "wampler4": (13.5, 11), "wampler5": (13.5, 11),
  ]

  @Test(arguments: LeastSquaresTests.models.map(\.dataset), [1, 3, 7, 1000])
  func certified(_ dataset: String, _ batch: Int) throws {
    let model = try #require(LeastSquaresTests.models.first { $0.dataset == dataset })
    let names = dataset == "longley" ? (1...6).map { "x\($0)" } : ["x"]
    let data = try table(of: fixture("nist/linear/\(dataset).csv"), numbers: ["y"] + names)
    let fit = try streamed(model.formula, data, batch: batch).fit()
    let certified = try fixture("nist/linear/certified.csv").filter { $0["dataset"] == dataset }
    let minimum = try #require(Self.minimum[dataset])
    let row = try #require(certified.first)
    var (estimates, errors) = (16.0, 16.0)
    #expect(certified.count == fit.coefficients.count)
    for (coefficient, expected) in zip(fit.coefficients, certified) {
      estimates = min(
        estimates, digits(try #require(coefficient.estimate), try number(expected, "estimate")))
      errors = min(
        errors, digits(try #require(coefficient.standardError), try number(expected, "std_error")))
    }
    errors = min(
      errors, digits(try #require(fit.summary.sigma), try number(row, "residual_sd")))
    let rSquared = digits(try #require(fit.summary.rSquared), try number(row, "r_squared"))
    #expect(
      estimates >= minimum.estimate && errors >= minimum.error && rSquared >= 10.5,
      "digits: estimates \(estimates), errors \(errors), R squared \(rSquared)")
    #expect(fit.summary.nobs == Int(try number(row, "nobs")))
    #expect(fit.summary.degreesOfFreedom == Int(try number(row, "df_residual")))
    #expect(fit.summary.rank == certified.count)
  }

  // MARK: R

  /// Everything that R's summary and glance say of models with factors, interactions and
  /// polynomials, weighted and not, with levels that turn up as the rows come.
  @Test(arguments: LeastSquaresTests.cases, [1, 5, 100])
  func agreesWithR(_ name: String, _ batch: Int) throws {
    let weighted = name.hasSuffix(" | w")
    let text = weighted ? String(name.dropLast(4)) : name
    let fit = try streamed(text, referenceData(), weights: weighted ? "w" : nil, batch: batch).fit()
    let tidy = try fit.tidy()
    let glance = try fit.glance()
    let perRow: Set = ["mae", "mdape", "smearing"]
    var compared = 0
    for row in try fixture("regression/fits.csv").filter({ $0["case"] == name }) {
      let (kind, term, field) = (row["kind"] ?? "", row["term"] ?? "", row["name"] ?? "")
      let value: Double?
      switch kind {
      case "tidy":
        let place = try #require(fit.coefficients.firstIndex { $0.term == term })
        value = try tidy.numbers(field)[place]
      case "glance":
        guard !perRow.contains(field) else { continue }
        value = try glance.numbers(field)[0]
        if field == "rmse", value == nil { continue }
      default: continue
      }
      compared += 1
      guard let expected = row["value"].flatMap(Double.init) else {
        #expect(value == nil, "\(kind) \(term) \(field)")
        continue
      }
      // R solves without refinement, with columns of 1e10 beside those of 1.
      let close = value.map { digits($0, expected) >= 8.5 || abs($0 - expected) < 1e-12 } ?? false
      #expect(close, "\(kind) \(term) \(field): \(value as Any), R has \(expected)")
    }
    #expect(compared > 10)
  }

  // MARK: Saved fits

  /// What predicts is saved in the form of every other fit, its checks included.
  @Test func savedFitPredictsTheSameBits() throws {
    let data = try referenceData()
    let fit = try streamed(FormulaFitTests.formula, data, batch: 8).fit().formulaFit
    let back = try JSONDecoder().decode(FormulaFit.self, from: JSONEncoder().encode(fit))
    #expect(try back == fit && back.predict(data) == fit.predict(data))
    #expect(fit.estimates.contains { $0 == nil } && fit.estimates.contains { $0 != nil })
  }
}

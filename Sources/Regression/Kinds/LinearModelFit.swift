import LinearAlgebra
public import ModelCore
import Statistics

/// What the fits of all kinds have in common: coefficients, glance row, rows, predictor, notes.
///
/// A kind (`RidgeFit`, `RobustFit`, ...) holds one of these beside what is its own.
public struct LinearModelFit: FormulaModelFit {
  public let design: Design
  /// One per column of the model matrix, in its order.
  public let coefficients: [Coefficient]
  public let summary: KindSummary
  /// One per row of the design, on the scale of the formula's left side.
  public let fitted: [Double]
  /// Response minus fitted, not weighted.
  public let residuals: [Double]
  /// Leverages, where the method is linear in the response.
  public let hat: [Double]?
  /// The fit as a value of its own, to save and to predict with.
  public let saved: SavedLinearPredictor
  public let notes: [String]
  /// Confidence of intervals.
  public let level: Double
  /// More columns of `augment`, named with a dot: one value per row of the design.
  let extras: [(name: String, values: [Double])]

  public var formulaText: String { design.formula.description }
  public var method: String { saved.method }

  /// A row per term, as `LinearFit.tidy`.
  public func tidy() throws(RegressionError) -> Table {
    try FitTableParts.tidy(coefficients)
  }

  /// One row, the columns of `LinearFit.glance`.
  public func glance() throws(RegressionError) -> Table {
    try FitTableParts.glance(model: formulaText, summary)
  }

  /// The data with `.fitted, .resid, .hat, .std_resid, .cooks_d, .lower, .upper` as
  /// `LinearFit.augment`, `.std_resid` and `.cooks_d` empty, and what the method adds.
  public func augment() throws(RegressionError) -> Table {
    let critical = try SavedLinearPredictor.critical(
      level: level, degreesOfFreedom: saved.degreesOfFreedom)
    let reaches = fitted.indices.map { i in
      saved.spread(design.matrix.row(i), .prediction).map { $0 * critical }
    }
    let count = fitted.count
    let nothing = [Double?](repeating: nil, count: count)
    var added: [(String, [Double?])] = [
      (".fitted", fitted), (".resid", residuals), (".hat", hat ?? nothing),
      (".std_resid", nothing), (".cooks_d", nothing),
      (".lower", (0..<count).map { i in reaches[i].map { fitted[i] - $0 } }),
      (".upper", (0..<count).map { i in reaches[i].map { fitted[i] + $0 } }),
    ]
    added += extras.map { ($0.name, $0.values) }
    return try FitTableParts.augment(design.table, rows: design.rows, added)
  }

  public func predict(_ table: Table, level: Double) throws(RegressionError) -> [Prediction] {
    try saved.predict(table, level: level)
  }
}

/// A kind of linear fit: it offers the tables and predictions of its `model`.
public protocol LinearModelKind: FormulaModelFit {
  var model: LinearModelFit { get }
}

extension LinearModelKind {
  public var formulaText: String { model.formulaText }
  public var method: String { model.method }
  public var notes: [String] { model.notes }
  /// The coefficients, in the order of the model matrix.
  public var coefficients: [Coefficient] { model.coefficients }
  /// The fit as a value of its own, to save and to predict with.
  public var saved: SavedLinearPredictor { model.saved }
  public func tidy() throws(RegressionError) -> Table { try model.tidy() }
  public func glance() throws(RegressionError) -> Table { try model.glance() }
  public func augment() throws(RegressionError) -> Table { try model.augment() }
  public func predict(_ table: Table, level: Double) throws(RegressionError) -> [Prediction] {
    try model.predict(table, level: level)
  }
}

/// How much a coefficient table says beside the estimates.
enum Inference {
  /// Estimates alone.
  case none
  /// Standard errors, without tests or intervals.
  case errorsOnly
  /// All of it.
  case full
}

/// The coefficient table of a kind, from its predictor.
func kindCoefficients(
  _ saved: SavedLinearPredictor, _ inference: Inference, level: Double
) throws(RegressionError) -> [Coefficient] {
  let places = Dictionary(uniqueKeysWithValues: saved.basis.enumerated().map { ($1, $0) })
  let critical = try SavedLinearPredictor.critical(
    level: level, degreesOfFreedom: saved.degreesOfFreedom)
  var answer: [Coefficient] = []
  for (column, name) in saved.recipe.columnNames.enumerated() {
    let estimate = saved.estimates[column]
    var (error, statistic, pValue, reach): (Double?, Double?, Double?, Double?)
    if inference != .none, let root = saved.root, let place = places[column] {
      error = root.reduce(0) { $0 + $1[place] * $1[place] }.squareRoot()
    }
    if inference == .full, let estimate, let found = error, found > 0 {
      statistic = estimate / found
      reach = critical * found
      pValue = try statistics { () throws(StatisticsError) in
        guard let degrees = saved.degreesOfFreedom else {
          return min(2 * (try Normal.standard.upperTail(abs(estimate / found))), 1)
        }
        return try StudentT(degreesOfFreedom: degrees).twoSidedTail(estimate / found)
      }
    }
    // A coefficient that a constraint holds has no error, and no test.
    if error == 0 { error = nil }
    answer.append(
      Coefficient(
        term: name, estimate: estimate, standardError: error, statistic: statistic,
        pValue: pValue, confidenceLow: reach.flatMap { reach in estimate.map { $0 - reach } },
        confidenceHigh: reach.flatMap { reach in estimate.map { $0 + reach } }))
  }
  return answer
}

extension Design {
  /// The notes of every kind: rows left out, and terms without an estimate.
  func kindNotes(_ saved: SavedLinearPredictor) -> [String] {
    var notes = self.notes
    let names = recipe.columnNames
    let missing = names.indices.filter { saved.estimates[$0] == nil }.map { names[$0] }
    notes += FitNotes.unestimated(missing, of: names.count, nobs: response.count)
    return notes
  }

  /// What the reader has to know of a response that was a logarithm, when predictions are means.
  func smearingNotes(_ smearing: Double, how: String) -> [String] {
    let scale = ResponseScale(formula.response)
    guard scale.kind != .identity else { return [] }
    return [FitNotes.smearing(scale.name, how: how, factor: smearing)]
  }
}

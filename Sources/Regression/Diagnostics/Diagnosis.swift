public import ModelCore
import Statistics

/// What can be wrong with a linear fit, in four tables and in plain words.
///
/// `cutover fit --diagnose` prints it. Each note says what was seen and what to do next; a fit
/// about which nothing is to be said has one note that says so.
public struct Diagnosis: Sendable {
  /// `test, statistic, df, df_residual, p_value, meaning`.
  public let checks: Table
  /// The rows of largest Cook's distance: see `Influence.table`.
  public let influence: Table
  /// `term, columns, vif, vif_per_column, condition_index`.
  public let collinearity: Table
  /// `quantile, .resid, .std_resid, normal`.
  public let residuals: Table
  public let notes: [String]
  public let tests: [TestResult]

  /// p below this earns a note: with five tests, one false alarm in some twenty sound fits.
  static let alarm = 0.01
  /// Cook's distance that moves all coefficients to the edge of their 50 % region, about.
  static let largeDistance = 1.0
  /// Standard errors more than three times those of unrelated columns.
  static let largeInflation = 10.0
  /// Belsley, Kuh and Welsch call dependencies from 30 on strong.
  static let largeIndex = 30.0

  /// White's test takes a column per product: 90 for so many, and soon more than there are rows.
  static let whiteColumns = 12

  /// Diagnoses a fit.
  ///
  /// - Parameter influentialRows: how many rows the table `influence` has at most.
  /// - Throws: `RegressionError` when linear algebra fails.
  public init(_ fit: LinearFit, influentialRows: Int = 10) throws(RegressionError) {
    let collinearity = try Collinearity(fit)
    let influence = Influence(fit)
    let white = fit.basis.count <= Self.whiteColumns ? try fit.white() : nil
    let tests = try [
      fit.breuschPagan(), white, fit.reset(), fit.durbinWatson(), fit.jarqueBera(),
      fit.outlierTest(),
    ].compactMap { $0 }
    self.tests = tests
    checks = try TestResult.table(tests)
    self.influence = try influence.table(limit: influentialRows)
    self.collinearity = try collinearity.table()
    residuals = try Self.quantiles(fit)
    let notes =
      Self.testNotes(tests) + Self.influenceNotes(influence)
      + Self.collinearityNotes(collinearity) + Self.sizeNotes(fit)
    self.notes =
      notes.isEmpty
      ? ["none of the checks raises an alarm (p < \(shortestDecimal(Self.alarm)))."] : notes
  }

  /// Residuals at some probabilities, beside those of a standard normal distribution.
  private static func quantiles(_ fit: LinearFit) throws(RegressionError) -> Table {
    let probabilities = [0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1]
    let standardized = fit.standardizedResiduals.compactMap { $0 }
    let columns = try statistics { () throws(StatisticsError) in
      let plain = try Quantiles(fit.residuals)
      let scaled = standardized.isEmpty ? nil : try Quantiles(standardized)
      return (
        try probabilities.map { (p) throws(StatisticsError) in try plain(p) },
        try probabilities.map { (p) throws(StatisticsError) in try scaled?(p) },
        try probabilities.map { (p) throws(StatisticsError) in
          p > 0 && p < 1 ? try Normal.standard.quantile(p) : nil
        }
      )
    }
    do {
      return try Table([
        Column("quantile", numbers: probabilities),
        Column(".resid", numbers: columns.0),
        Column(".std_resid", numbers: columns.1),
        Column("normal", numbers: columns.2),
      ])
    } catch {
      throw .table(error)
    }
  }

  private static func testNotes(_ tests: [TestResult]) -> [String] {
    tests.filter { $0.pValue < alarm }.compactMap { test in
      let p = "p = \(rounded(test.pValue))"
      return switch test.test {
      case "breusch_pagan", "white":
        "\(test.test): the residuals do not scatter alike (\(p)); use standard errors that allow "
          + "for it (wild bootstrap), or model the logarithm of the response."
      case "reset":
        "reset: the form does not fit (\(p)); try logarithms, poly(x, 2) or a product of terms."
      case "durbin_watson":
        "durbin_watson: neighbouring rows resemble each other (\(p)); if rows come in runs of one "
          + "machine or time, give their group and use grouped standard errors and folds."
      case "jarque_bera":
        "jarque_bera: the residuals are not normal (\(p)); coefficients of many rows do not "
          + "suffer, prediction intervals do: use conformal ones."
      case "outlier":
        "outlier: the row at the largest studentised residual is beyond chance (\(p)); see the "
          + "influence table, and check that row against its source before leaving it out."
      default: nil
      }
    }
  }

  private static func influenceNotes(_ influence: Influence) -> [String] {
    var notes: [String] = []
    let rows = influence.cooksDistance.indices.filter {
      (influence.cooksDistance[$0] ?? 0) > largeDistance
    }
    if !rows.isEmpty {
      notes.append(
        "\(rows.count) rows have a Cook's distance above 1: the coefficients hang on them; fit "
          + "once without them and compare.")
    }
    let alone = influence.hat.count { $0 >= Influence.fullLeverage }
    if alone > 0, influence.fit.summary.degreesOfFreedom > 0 {
      notes.append(
        "\(alone) rows alone determine a term of the model (leverage 1), which nothing can check.")
    }
    return notes
  }

  private static func collinearityNotes(_ collinearity: Collinearity) -> [String] {
    let inflated = collinearity.terms.filter {
      ($0.inflationPerColumn.map { $0 * $0 } ?? 0) > largeInflation
    }
    var notes: [String] = []
    if !inflated.isEmpty {
      notes.append(
        "\(inflated.map(\.name).joined(separator: ", ")): other terms say nearly the same (vif "
          + "above 10), so these coefficients are uncertain; predictions inside the data are not. "
          + "Leave one out, or bring data in which they differ.")
    }
    if let largest = collinearity.conditionIndices.last, largest > largeIndex,
      inflated.isEmpty
    {
      notes.append(
        "the largest condition index is \(rounded(largest)): some term hardly varies beside its "
          + "mean; measure it from a middle value, as in I(x - 100).")
    }
    return notes
  }

  private static func sizeNotes(_ fit: LinearFit) -> [String] {
    let degrees = fit.summary.degreesOfFreedom
    if degrees <= 0 {
      return ["as many terms as rows: there is nothing left to check the model with."]
    }
    if fit.summary.sigma == 0 {
      return ["the fit is perfect, so no check applies; is the response computed from the terms?"]
    }
    guard degrees < 10 else { return [] }
    return [
      "\(degrees) residual degrees of freedom are too few for these tests to find much."
    ]
  }

  /// Two significant digits: a p value in a sentence.
  private static func rounded(_ value: Double) -> String {
    guard value > 0, value.isFinite else { return shortestDecimal(value) }
    let digits = 1 - Int(CMath.apply(.log10, value).rounded(.down))
    guard abs(digits) <= 15 else { return value < 1 ? "< 1e-14" : "> 1e14" }
    let factor = CMath.exp10(Double(digits))
    return shortestDecimal((value * factor).rounded() / factor)
  }
}

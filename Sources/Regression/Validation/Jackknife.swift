import LinearAlgebra
public import ModelCore
import Statistics

/// The coefficients without each row, or without each group of rows.
///
/// `se = sqrt((G - 1)/G sum (b(g) - mean)^2)` over the G rows or groups left out: standard errors
/// that assume neither normal errors nor, by groups, independent rows. For single rows this is
/// close to the heteroscedasticity-consistent HC3.
/// Source: Efron, The Jackknife, the Bootstrap and Other Resampling Plans (1982), chapter 3;
/// MacKinnon and White, J. of Econometrics 29 (1985).
public struct Jackknife: Sendable {
  public let fit: LinearFit
  /// In the order of the fit's basis; `nil` where what is left cannot tell the terms apart.
  public let coefficients: [[Double]?]
  /// Duan's factor of each fit without a group; `nil` for single rows, where it takes O(n^2).
  private let groupSmearing: [Double]?
  /// The column of the groups, `nil` for single rows.
  public let groupColumn: String?

  /// Leaves out each row, without refits (exact for least squares).
  ///
  /// - Throws: `ValidationError.tooFew` for fewer than two rows.
  public init(_ fit: LinearFit) throws(ValidationError) {
    guard fit.residuals.count >= 2 else {
      throw .tooFew(what: "rows for a jackknife", found: fit.residuals.count, needed: 2)
    }
    let changes = try validatedFit { () throws(RegressionError) in
      try Influence(fit).coefficientChanges()
    }
    let estimates = fit.basisEstimates
    coefficients = changes.map { change in
      change.map { zip(estimates, $0).map { $0 - $1 } }
    }
    groupSmearing = nil
    groupColumn = nil
    self.fit = fit
  }

  /// Leaves out each group, with a refit for each.
  ///
  /// - Parameter column: of the fit's table; its values name the groups.
  /// - Throws: `ValidationError.tooFew` for fewer than two groups, and as `Design.groups`.
  public init(
    _ fit: LinearFit, groups column: String, threads: Int? = nil
  ) throws(ValidationError) {
    let (group, count) = try fit.design.groupNumbers(column)
    guard count >= 2 else {
      throw .tooFew(what: "groups (\(column)) for a jackknife", found: count, needed: 2)
    }
    let solver = try ReplicateSolver(fit)
    let batches = (count + Bootstrap.batch - 1) / Bootstrap.batch
    let answers = try parallelMap(count: batches, threads: threads) {
      (batch) throws(ValidationError) in
      let first = batch * Bootstrap.batch
      return try solver.cases(
        (first..<min(first + Bootstrap.batch, count)).map { left in
          group.map { $0 == left ? 0 : 1 }
        })
    }.flatMap { $0 }
    coefficients = answers.map { $0?.coefficients }
    groupSmearing = answers.map { $0?.smearing ?? 1 }
    groupColumn = column
    self.fit = fit
  }

  /// Duan's factor of each fit, 1 for a response on its own scale; O(n^2 p) for single rows.
  func smearing(threads: Int? = nil) throws(ValidationError) -> [Double] {
    if let groupSmearing { return groupSmearing }
    return try fit.leaveOneOutSmearing(threads: threads)
  }

  /// Rows or groups without which the terms cannot be told apart.
  public var failures: Int { coefficients.count { $0 == nil } }

  /// One per coefficient of the basis; `nil` with fewer than two fits.
  public var standardErrors: [Double?] {
    let fits = coefficients.compactMap { $0 }
    return fit.basis.indices.map { place in Self.standardError(fits.map { $0[place] }) }
  }

  /// A row per coefficient: `term, estimate, std_error, statistic, p_value, conf_low, conf_high`
  /// by Student's t with G - 1 degrees of freedom, G the fits.
  ///
  /// - Throws: `ValidationError.regression` for a level outside (0, 1).
  public func tidy(level: Double = 0.95) throws(ValidationError) -> Table {
    let errors = standardErrors
    let degrees = coefficients.count - failures - 1
    var rows: [Coefficient] = []
    for (place, column) in fit.basis.enumerated() {
      let estimate = fit.coefficients[column].estimate ?? 0
      guard let error = errors[place], error > 0, degrees > 0 else {
        rows.append(
          Coefficient(
            term: fit.coefficients[column].term, estimate: estimate, standardError: errors[place],
            statistic: nil, pValue: nil, confidenceLow: nil, confidenceHigh: nil))
        continue
      }
      let reach =
        error
        * (try validatedFit { () throws(RegressionError) in
          try LinearPredictor.critical(level: level, degreesOfFreedom: degrees)
        })
      let pValue = try validatedStatistics { () throws(StatisticsError) in
        try StudentT(degreesOfFreedom: Double(degrees)).twoSidedTail(estimate / error)
      }
      rows.append(
        Coefficient(
          term: fit.coefficients[column].term, estimate: estimate, standardError: error,
          statistic: estimate / error, pValue: pValue, confidenceLow: estimate - reach,
          confidenceHigh: estimate + reach))
    }
    return try validatedTable([
      Column("term", text: rows.map(\.term)),
      Column("estimate", numbers: rows.map(\.estimate)),
      Column("std_error", numbers: rows.map(\.standardError)),
      Column("statistic", numbers: rows.map(\.statistic)),
      Column("p_value", numbers: rows.map(\.pValue)),
      Column("conf_low", numbers: rows.map(\.confidenceLow)),
      Column("conf_high", numbers: rows.map(\.confidenceHigh)),
    ])
  }

  static func standardError(_ values: [Double]) -> Double? {
    guard let first = values.first, values.count >= 2 else { return nil }
    let count = Double(values.count)
    let mean = first + values.reduce(0) { $0 + ($1 - first) } / count
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return ((count - 1) / count * squares).squareRoot()
  }
}

extension LinearFit {
  /// The estimates that there are, in the order of the basis.
  var basisEstimates: [Double] { basis.map { coefficients[$0].estimate ?? 0 } }
}

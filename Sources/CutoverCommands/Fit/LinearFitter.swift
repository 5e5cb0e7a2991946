import Calibration
import Foundation
import ModelCore
import Regression

/// Fits a formula in R's notation by the method that the options ask for.
struct LinearFitter: FormulaFitter {
  private enum Plan: Sendable {
    case leastSquares(StandardErrorKind?)
    case selection(TermSelection)
    case ridge(RidgeRegression)
    case bounded(BoundedLeastSquares)
    case constrained(ConstrainedLeastSquares)
    case robust(RobustRegression)
    case quantile(QuantileRegression)
    /// Without limits the column `status` says which times are lower bounds.
    case tobit(limits: CensoringRule?)
  }

  private let formula: Formula
  private let weights: Regression.Expression?
  private let level: Double
  private let plan: Plan

  /// Checks the options before any row is read.
  init(_ text: String, _ options: FormulaOptions) throws {
    formula = try Self.checkedFormula(text, options)
    if let word = options.nonlinearWords.first {
      throw UsageError("\(word) goes with --nls")
    }
    weights = try options.weights.map { text throws(FormulaError) in
      try Regression.Expression(parsing: text)
    }
    level = options.level
    plan = try Self.plan(options)
  }

  /// The formula, without outcomes on its right side unless they were let in by name.
  static func checkedFormula(_ text: String, _ options: FormulaOptions) throws -> Formula {
    let formula = try Formula(text)
    try formula.checkRoles(allowing: Set(options.allowOutcome))
    for name in options.allowOutcome where !formula.columnsRead.contains(name) {
      throw UsageError("--allow-outcome: \(name) is not on the right side of the formula")
    }
    return formula
  }

  private static func plan(_ options: FormulaOptions) throws -> Plan {
    let level = options.level
    let isPlain = options.method == .ols
    if options.se != nil, !isPlain { throw UsageError("--se goes with --method ols") }
    if options.select != nil, !isPlain || options.se != nil {
      throw UsageError("--select goes with --method ols and without --se")
    }
    if !options.bounds.isEmpty, options.method != .bounded {
      throw UsageError("--bounds goes with --method bounded, or with --nls")
    }
    if !options.constraint.isEmpty, options.method != .constrained {
      throw UsageError("--constraint goes with --method constrained")
    }
    if options.limits != nil, options.method != .tobit {
      throw UsageError("--limits goes with --method tobit")
    }
    switch options.method {
    case .ols:
      if let criterion = options.select {
        return .selection(
          TermSelection(
            TermSelection.Search(rawValue: options.search.rawValue) ?? .both,
            by: criterion == .bic ? .bic : .aicc, level: level))
      }
      return .leastSquares(try options.se.map(standardErrors))
    case .ridge:
      if options.penalty == "gcv" {
        return .ridge(RidgeRegression(.generalisedCrossValidation, level: level))
      }
      guard let penalty = Double(options.penalty), penalty >= 0, penalty.isFinite else {
        throw UsageError("--penalty: \"\(options.penalty)\" is neither a number >= 0 nor gcv")
      }
      return .ridge(RidgeRegression(.fixed(penalty), level: level))
    case .nnls: return .bounded(BoundedLeastSquares(isNonNegative: true, level: level))
    case .bounded:
      guard !options.bounds.isEmpty else { throw UsageError("--method bounded needs --bounds") }
      return .bounded(
        BoundedLeastSquares(try options.bounds.map { try TermBound(parsing: $0) }, level: level))
    case .constrained:
      guard !options.constraint.isEmpty else {
        throw UsageError("--method constrained needs --constraint")
      }
      return .constrained(
        ConstrainedLeastSquares(
          try options.constraint.map { try EqualityConstraint(parsing: $0) }, level: level))
    case .huber: return .robust(RobustRegression(.huber(), level: level))
    case .bisquare: return .robust(RobustRegression(.bisquare(), level: level))
    case .quantile: return .quantile(QuantileRegression(tau: options.tau, level: level))
    case .tobit: return .tobit(limits: try options.limits.map(limits))
    }
  }

  private static func standardErrors(_ text: String) throws -> StandardErrorKind {
    guard let kind = StandardErrorKind(parsing: text) else {
      throw UsageError("--se: \"\(text)\" is none of classical, hc0 to hc3, cluster:COLUMN")
    }
    return kind
  }

  private static func limits(_ limits: String) throws -> CensoringRule {
    let parts = limits.components(separatedBy: "..")
    func end(_ text: String) throws -> Double? {
      if text.isEmpty { return nil }
      guard let value = Double(text), value.isFinite else {
        throw UsageError(
          "--limits: \"\(limits)\" is not LOWER..UPPER with numbers, one may be empty")
      }
      return value
    }
    guard parts.count == 2, parts != ["", ""] else {
      throw UsageError("--limits: \"\(limits)\" is not LOWER..UPPER with numbers, one may be empty")
    }
    return .limits(lower: try end(parts[0]), upper: try end(parts[1]))
  }

  var formulaText: String { formula.description }
  var columnsRead: [String] { formula.responseColumns + formula.columnsRead }
  var responseColumns: [String] { formula.responseColumns }

  var wantsCensoredRows: Bool {
    if case .tobit = plan { true } else { false }
  }

  func fit(_ table: Table) throws -> FittedFormula {
    let design = try Design(formula, table, weights: weights)
    switch plan {
    case .leastSquares(let kind):
      let fit = try LeastSquares(level: level).fit(design)
      guard let kind, kind != .classical else {
        return FittedFormula(fit: fit, saved: .formula(fit.formulaFit))
      }
      return linear(try fit.withStandardErrors(kind))
    case .selection(let selection):
      let selected = try selection.fit(design)
      return FittedFormula(
        fit: selected, saved: .formula(selected.fit.formulaFit),
        extras: [("steps", try selected.stepTable())])
    case .ridge(let estimator): return linear(try estimator.fit(design))
    case .bounded(let estimator): return linear(try estimator.fit(design))
    case .constrained(let estimator): return linear(try estimator.fit(design))
    case .robust(let estimator):
      let fit = try estimator.fit(design)
      return linear(fit, isConverged: fit.convergence.isConverged)
    case .quantile(let estimator): return linear(try estimator.fit(design))
    case .tobit(let limits):
      let rule = limits ?? .status(column: "status", right: Self.notCompleted(table))
      let fit = try TobitRegression(rule, level: level).fit(design)
      return linear(fit, isConverged: fit.convergence.isConverged)
    }
  }

  /// The statuses of the table that are not `completed`.
  private static func notCompleted(_ table: Table) -> Set<String> {
    guard let statuses = table.textIfPresent("status") else { return [] }
    return Set((0..<statuses.count).compactMap { statuses[$0] }.filter { $0 != "completed" })
  }

  private func linear(_ fit: some LinearModelKind, isConverged: Bool = true) -> FittedFormula {
    FittedFormula(fit: fit, saved: .linear(fit.saved), isConverged: isConverged)
  }
}

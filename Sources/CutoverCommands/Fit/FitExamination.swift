import ModelCore
import Regression
import Reporting

/// A least squares fit with intervals from its own errors, tests, and scores on rows held out.
struct FitExamination {
  private let fit: LinearFit
  private let level: Double
  private let bootstrap: BootstrapFit?
  private let conformal: ConformalIntervals?
  private(set) var extras: [(name: String, table: Table)] = []
  private(set) var notes: [String] = []

  init(_ fit: LinearFit, _ asked: ExaminationOptions, _ options: FormulaOptions) throws {
    self.fit = fit
    level = options.level
    bootstrap =
      asked.interval == .bootstrap ? try Bootstrap(.cases, seed: options.seed).run(fit) : nil
    conformal = asked.interval == .conformal ? try ConformalIntervals.jackknifePlus(fit) : nil
    notes += bootstrap.map { $0.notes } ?? []
    if let conformal {
      notes += try conformal.notes(level: level)
      notes.append(
        "--table augment has them per row: .predicted, .predicted_lower, .predicted_upper.")
    }
    let weights = try options.weights.map { text throws(FormulaError) in
      try Expression(parsing: text)
    }
    var pair: (larger: LinearFit, smaller: LinearFit)?
    if let text = asked.against {
      // Like with like: both on the rows that are complete for the larger one.
      let common = fit.design.table.selecting(fit.design.rows)
      let formula = try LinearFitter.checkedFormula(text, options)
      let fits = try [fit.design.formula, formula].map { formula in
        try LeastSquares(level: level).fit(Design(formula, common, weights: weights))
      }
      pair = (fits[0], fits[1])
    }
    try addTests(pair, asked.test, scored: asked.folds != nil)
    if let folds = asked.folds {
      try addScores(pair, folds: folds, seed: options.seed, weights: weights)
    }
  }

  private mutating func addTests(
    _ pair: (larger: LinearFit, smaller: LinearFit)?, _ hypotheses: [String], scored: Bool
  ) throws {
    var tests: [TestResult] = []
    if let pair {
      do {
        tests.append(try pair.larger.fTest(against: pair.smaller))
        tests.append(try pair.larger.likelihoodRatioTest(against: pair.smaller))
      } catch {
        // Held-out rows compare any two formulas; these tests only nested ones.
        guard case .notNested = error, scored else { throw error }
        notes.append("no F test: \(error.description).")
      }
    }
    if !hypotheses.isEmpty {
      let equations = try hypotheses.map { try EqualityConstraint(parsing: $0) }
      tests.append(
        try fit.waldTest(equations.map { LinearHypothesis($0.factors, equals: $0.value) }))
    }
    if !tests.isEmpty { extras.append(("tests", try TestResult.table(tests))) }
  }

  private mutating func addScores(
    _ pair: (larger: LinearFit, smaller: LinearFit)?, folds: Int, seed: UInt64,
    weights: Expression?
  ) throws {
    let larger = pair?.larger ?? fit
    let table = larger.design.table
    let groups = table["group"] == nil ? nil : "group"
    let scheme: CrossValidation.Scheme =
      groups.map { .groupedFolds(folds, column: $0) } ?? .folds(folds)
    let validation = try larger.crossValidate(scheme, seed: seed, weights: weights)
    extras.append(("cross_validation", try validation.table()))
    notes += validation.notes
    guard let smaller = pair?.smaller else { return }
    let other = try smaller.crossValidate(scheme, seed: seed, weights: weights)
    let labels = groups.map { name in validation.rows.map { table.label(name, row: $0) ?? "" } }
    let comparison = try FitComparison(
      [(larger.formulaText, validation), (smaller.formulaText, other)], groups: labels)
    extras.append(("comparison", try comparison.table()))
    notes.append("loss is the mean absolute error of rows held out, its difference paired.")
  }

  func tidy() throws -> Table {
    try bootstrap?.tidy(level: level) ?? fit.tidy()
  }

  /// The rows of the fit. Conformal intervals are of the response itself, so they stand apart
  /// from the columns on the formula's scale, in place of its analytic ends.
  func augment() throws -> Table {
    let table = try fit.augment()
    guard let conformal else { return table }
    let predictions = try conformal.predict(fit.design.table, level: level)
    let kept = table.columns.filter { $0.name != ".lower" && $0.name != ".upper" }
    return try Table(
      kept + [
        Column(".predicted", numbers: predictions.map(\.value)),
        Column(".predicted_lower", numbers: predictions.map(\.lower)),
        Column(".predicted_upper", numbers: predictions.map(\.upper)),
      ], source: table.source, lines: table.lines)
  }

  /// What may be wrong with a fit.
  static func diagnosis(_ fit: LinearFit, _ notes: [String]) throws -> Report {
    let diagnosis = try Diagnosis(fit)
    var report = Report()
    report.add(title: "\(fit.formulaText): what may be wrong")
    try report.add(diagnosis.checks, name: "checks")
    try report.add(diagnosis.influence, name: "influence")
    try report.add(diagnosis.collinearity, name: "collinearity")
    try report.add(diagnosis.residuals, name: "residuals")
    report.add(notes: notes + diagnosis.notes)
    return report
  }
}

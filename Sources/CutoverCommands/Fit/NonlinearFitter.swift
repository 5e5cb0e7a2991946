import Calibration
import Foundation
import ModelCore
import Regression

/// Fits a formula that is not linear in its parameters.
struct NonlinearFitter: FormulaFitter {
  private let formula: NonlinearFormula
  private let weights: Regression.Expression?
  private let starts: NonlinearStarts
  private let bounds: [String: ParameterBounds]
  private let parameters: [String]
  private let estimator: NonlinearLeastSquares

  /// Checks the options before any row is read.
  init(_ text: String, _ options: FormulaOptions) throws {
    formula = try NonlinearFormula(text)
    guard options.method == .ols, options.se == nil, options.select == nil,
      options.constraint.isEmpty, options.limits == nil
    else {
      throw UsageError(
        "--method, --se, --select, --constraint and --limits go with --formula, not with --nls")
    }
    let points = try options.start.map(Self.point)
    guard !points.isEmpty || options.randomStarts > 0 else {
      throw UsageError("--nls needs --start NAME=NUMBER,... or --random-starts N with --bounds")
    }
    guard options.randomStarts >= 0, options.randomStarts <= 10_000 else {
      throw UsageError("--random-starts: \(options.randomStarts) is not between 0 and 10000")
    }
    starts = NonlinearStarts(points, randomCount: options.randomStarts, seed: options.seed)
    var bounds: [String: ParameterBounds] = [:]
    for text in options.bounds {
      let bound = try TermBound(parsing: text)
      bounds[bound.term] = ParameterBounds(
        lower: bound.lower ?? -.infinity, upper: bound.upper ?? .infinity)
    }
    self.bounds = bounds
    var seen: Set<String> = []
    parameters = (points.flatMap { $0.keys.sorted() } + bounds.keys.sorted())
      .filter { seen.insert($0).inserted }
    try formula.checkRoles(parameters: seen, allowing: Set(options.allowOutcome))
    weights = try options.weights.map { text throws(FormulaError) in
      try Regression.Expression(parsing: text)
    }
    estimator = try NonlinearLeastSquares(
      options: NonlinearOptions(loss: Self.loss(options)), level: options.level)
  }

  private static func loss(_ options: FormulaOptions) -> RobustLoss {
    switch options.loss {
    case .squared: .squared
    case .softL1: .softL1(scale: options.lossScale)
    case .huber: .huber(scale: options.lossScale)
    case .cauchy: .cauchy(scale: options.lossScale)
    }
  }

  private static func point(_ text: String) throws -> [String: Double] {
    var point: [String: Double] = [:]
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let sides = part.split(separator: "=", maxSplits: 1).map {
        String($0).trimmingCharacters(in: .whitespaces)
      }
      guard sides.count == 2, !sides[0].isEmpty, let value = Double(sides[1]), value.isFinite else {
        throw UsageError("--start: \"\(part)\" is not NAME=NUMBER, such as b1=500")
      }
      guard point.updateValue(value, forKey: sides[0]) == nil else {
        throw UsageError("--start: \(sides[0]) is given twice in \"\(text)\"")
      }
    }
    return point
  }

  var formulaText: String { formula.description }
  var columnsRead: [String] { formula.responseColumns + formula.names }
  var responseColumns: [String] { formula.responseColumns }
  var wantsCensoredRows: Bool { false }

  func fit(_ table: Table) throws -> FittedFormula {
    let design = try NonlinearDesign(formula, table, parameters: parameters, weights: weights)
    let fit = try estimator.fit(design, starts: starts, bounds: bounds)
    let runs = try fit.runs()
    return FittedFormula(
      fit: fit, saved: .nonlinear(fit.formulaFit), extras: [("runs", try Self.summary(of: runs))],
      logs: [.runs: runs, .iterations: try fit.iterations()], isConverged: fit.isConverged)
  }

  /// What fits a terminal; `--table runs` has the rest.
  private static func summary(of runs: Table) throws -> Table {
    let printed = [
      "run", "is_best", "status", "term", "start", "end", "at_bound", "objective_start",
      "objective_end", "iterations", "residual_evaluations", "jacobian_evaluations",
      "gradient_norm",
    ]
    return try Table(runs.columns.filter { printed.contains($0.name) })
  }
}

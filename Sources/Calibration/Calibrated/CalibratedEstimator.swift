public import ModelCore
import Regression
import Statistics

/// Learns a `CalibratedModel` from a trace.
public struct CalibratedEstimator: Sendable {
  /// Folds of the cross-validation that the intervals rest on.
  public var folds: Int
  public var seed: UInt64

  public init(folds: Int = 10, seed: UInt64 = 1) {
    self.folds = folds
    self.seed = seed
  }

  /// Fewer completed rows than this teach nothing.
  static let leastRows = 5
  /// Courses of events per row while fitting: enough to smooth the steps of one.
  private static let courses = 7
  /// Residuals beyond this many scales count less and less: a busy host spoils single rows.
  private static let loss = RobustLoss.softL1(scale: 0.5)

  /// Fits to the rows of a trace.
  ///
  /// Rows that were not completed count as bounds of their total time. Intervals and standard
  /// errors come from fits that leave out a fold of groups each.
  ///
  /// - Throws: `CalibrationError.tooFewRows`; `.noTarget` when an input column gives away an
  ///   outcome; `.notFitted` when the solver finds no finite start.
  public func fit(_ table: Table) throws(CalibrationError) -> CalibratedModel {
    try OutcomeLeak.refuse(table)
    let rows = try Self.rows(table)
    return try fit(rows, intervals: true)
  }

  func fit(_ rows: [CalibratedRow], intervals: Bool) throws(CalibrationError) -> CalibratedModel {
    let completed = rows.count(where: \.isCompleted)
    guard completed >= Self.leastRows else {
      throw .tooFewRows(
        what: "completed rows that \(CalibratedModel.id) describes", found: completed,
        needed: Self.leastRows)
    }
    let knowledge = Knowledge(donors: rows.map(\.inputs))
    let best = try Self.minimise(rows, knowledge)
    let bare = CalibratedModel(
      parameters: CalibratedParameters(logarithms: best), relativeErrors: nil,
      trainingRows: completed, knowledge: knowledge, intervals: ConformalScale([:]))
    guard intervals, Set(rows.map(\.group)).count >= 2 else { return bare }

    let assigned = try GroupedFolds(groups: rows.map(\.group), folds: folds, seed: seed)
    let parts = try parallelMap(count: assigned.count) {
      (fold) throws(CalibrationError) -> CalibratedModel? in
      let rest = rows.indices.filter { assigned.fold[$0] != fold }.map { rows[$0] }
      guard rest.count(where: \.isCompleted) >= Self.leastRows else { return nil }
      return try fit(rest, intervals: false)
    }
    let heldOut = try Self.heldOut(rows, assigned.fold, parts)
    return CalibratedModel(
      parameters: bare.parameters, relativeErrors: Self.jackknife(parts.compactMap { $0 }),
      trainingRows: completed, knowledge: knowledge, intervals: ConformalScale(heldOut))
  }

  /// From the priors on a single course, then on several.
  private static func minimise(
    _ rows: [CalibratedRow], _ knowledge: Knowledge
  ) throws(CalibrationError) -> [Double] {
    var point = CalibratedParameters().logarithms
    for (courses, iterations) in [(1, 40), (Self.courses, 12)] {
      let function = CalibrationResiduals(rows, knowledge, courses: courses)
      // Tolerances of a per mille of a standard error: the runs have steps, and there is no
      // finer optimum to find.
      let options = NonlinearOptions(
        objectiveTolerance: 1e-5, stepTolerance: 1e-3, gradientTolerance: 1e-4,
        maximumIterations: iterations, loss: Self.loss, usesAcceleration: false,
        polishingSteps: 1)
      do {
        let start = Dictionary(uniqueKeysWithValues: zip(function.parameterNames, point))
        let bounds = zip(CalibratedParameter.allCases, CalibratedParameters().logarithms).map {
          ParameterBounds(lower: $1 - 4 * $0.spread, upper: $1 + 4 * $0.spread)
        }
        let reports = try NonlinearLeastSquares(options: options).minimise(
          function, starts: NonlinearStarts([start]), bounds: bounds)
        guard let report = reports.first, report.status != .notFinite else {
          throw CalibrationError.notFitted(
            model: CalibratedModel.id, reason: "no finite value at the start")
        }
        point = report.end
      } catch {
        throw CalibrationError(error)
      }
    }
    return point
  }

  /// Errors of completed rows under the fit that has not seen their fold.
  private static func heldOut(
    _ rows: [CalibratedRow], _ fold: [Int], _ parts: [CalibratedModel?]
  ) throws(CalibrationError) -> [CalibratedOutcome: [ConformalScale.HeldOut]] {
    var answer: [CalibratedOutcome: [ConformalScale.HeldOut]] = [:]
    for (row, fold) in zip(rows, fold) where row.isCompleted {
      guard let model = parts[fold] else { continue }
      let prediction = try model.predict(row.inputs)
      for outcome in CalibratedOutcome.allCases {
        guard let observed = row.outcomes[outcome], observed > 0,
          let value = prediction.values[outcome], value > 0
        else { continue }
        answer[outcome, default: []].append(
          ConformalScale.HeldOut(
            stratum: prediction.stratum, error: logarithm(observed / value),
            spread: prediction.spreads[outcome] ?? 0))
      }
    }
    return answer
  }

  /// Standard errors on the log scale: `se^2 = (k - 1) / k sum (theta_k - mean)^2`.
  ///
  /// Why not from the Jacobian: the runs have steps, and rows scatter more than a curve at the
  /// optimum can say. Source: Shao and Wu, Annals of Statistics 17 (1989), delete-d jackknife.
  private static func jackknife(_ parts: [CalibratedModel]) -> [Double]? {
    guard parts.count >= 2 else { return nil }
    let points = parts.map(\.parameters.logarithms)
    let k = Double(points.count)
    return CalibratedParameter.allCases.map { parameter in
      let values = points.map { $0[parameter.rawValue] }
      let mean = values.reduce(0, +) / k
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      return ((k - 1) / k * squares).squareRoot()
    }
  }

  /// The rows that the physics describes and that state what it needs.
  static func rows(_ table: Table) throws(CalibrationError) -> [CalibratedRow] {
    let statuses = table.textIfPresent("status")
    let columns = CalibratedOutcome.allCases.compactMap { outcome in
      table.numbersIfPresent(outcome.column).map { (outcome, $0) }
    }
    return CalibratedInputs.all(in: table).enumerated().compactMap { row, inputs in
      guard inputs.missing == nil, CalibratedInputs.describes(inputs.technique) else { return nil }
      var outcomes: [CalibratedOutcome: Double] = [:]
      for (outcome, column) in columns { outcomes[outcome] = column[row] }
      let id = table.label("id", row: row) ?? "row \(row + 1)"
      let completed = (statuses?[row]).map { $0 == "completed" } ?? (outcomes[.totalTime] != nil)
      return CalibratedRow(
        inputs: inputs, group: table.label("group", row: row) ?? id, isCompleted: completed,
        outcomes: outcomes)
    }
  }
}

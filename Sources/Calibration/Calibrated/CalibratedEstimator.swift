public import ModelCore
import Regression
import Statistics

/// Learns a `CalibratedModel` from a trace.
public struct CalibratedEstimator: Sendable {
  /// Folds of the cross-validation that the intervals rest on.
  public var folds: Int
  public var seed: UInt64
  /// Parts of the physics to leave out.
  public var without: Set<CalibratedPhysics>
  /// An earlier fit of the same site, to refine with rows that it has not seen: its parameters
  /// and their standard errors stand for its rows (a normal approximation of what they said),
  /// and its inputs and scores stay in use.
  public var previous: CalibratedModel?
  /// The parameters that another site may have otherwise than the earlier fit's; the rest is held
  /// at that fit's values. `nil`: the same site, on which all may move a little.
  public var free: Set<CalibratedParameter>?

  public init(
    folds: Int = 10, seed: UInt64 = 1, without: Set<CalibratedPhysics> = [],
    previous: CalibratedModel? = nil, free: Set<CalibratedParameter>? = nil
  ) {
    self.free = free
    self.folds = folds
    self.seed = seed
    // What the earlier fit was made without stays out: its other parameters stand for that.
    self.without = without.union(previous?.parameters.without ?? [])
    self.previous = previous
  }

  /// Fewer completed rows than this teach nothing.
  static let leastRows = 5
  /// Rounds of least squares, reading the rows and searching, and the iterations of each.
  private static let iterations = [15, 10, 10]
  /// Beside their noise rows have errors that are far larger: a busy host, a guest's memory that
  /// nobody described. Such a row should weigh less the farther off it is, not as much as any other:
  /// where a parameter hangs on a handful of rows, one of them would lead it.
  ///
  /// Source: Lange, Little and Taylor, JASA 84 (1989), Student's t with one degree of freedom.
  static let loss = RobustLoss.cauchy(scale: 1)

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
    let needed = previous == nil ? Self.leastRows : 1
    guard completed >= needed else {
      throw .tooFewRows(
        what: "completed rows that \(CalibratedModel.id) describes", found: completed,
        needed: needed)
    }
    let best = try minimise(rows)
    let knowledge = Knowledge(
      donors: (previous?.knowledge.donors ?? [])
        + zip(rows, best.hidden).map { Knowledge.Donor(inputs: $0.inputs, hidden: $1) })
    let before = previous?.trainingRows ?? 0
    let bare = CalibratedModel(
      parameters: CalibratedParameters(logarithms: best.logarithms, without: without),
      relativeErrors: previous?.relativeErrors, trainingRows: before + completed,
      knowledge: knowledge,
      // What the physics leaves on one site is not what it leaves on another.
      regression: free == nil ? previous?.regression ?? ResidualRegression() : .init(),
      intervals: free == nil ? previous?.intervals ?? ConformalScale([:]) : ConformalScale([:]))
    if let previous, free == nil { return try refined(bare, previous, rows) }
    guard intervals, Set(rows.map(\.group)).count >= 2 else { return bare }

    let assigned = try GroupedFolds(groups: rows.map(\.group), folds: folds, seed: seed)
    let parts = try parallelMap(count: assigned.count) {
      (fold) throws(CalibrationError) -> CalibratedModel? in
      let rest = rows.indices.filter { assigned.fold[$0] != fold }.map { rows[$0] }
      guard rest.count(where: \.isCompleted) >= needed else { return nil }
      return try fit(rest, intervals: false)
    }
    let answers = try Self.heldOut(rows, assigned.fold, parts)
    let regression =
      without.contains(.residuals) ? ResidualRegression() : try Self.regression(answers)
    return CalibratedModel(
      parameters: bare.parameters, relativeErrors: errors(jackknife(parts.compactMap { $0 })),
      trainingRows: bare.trainingRows, knowledge: knowledge, regression: regression,
      intervals: Self.intervals(answers, regression))
  }

  /// Standard errors of the parameters that were free, the earlier fit's of the rest.
  private func errors(_ own: [Double]?) -> [Double]? {
    guard let previous, let free else { return own }
    return CalibratedParameter.allCases.map { parameter in
      let source = free.contains(parameter) ? own : previous.relativeErrors
      return source?[parameter.rawValue] ?? 0
    }
  }

  /// The fit with what only all rows, old and new, can say: scores, and how sure it is.
  ///
  /// The earlier fit has not seen the new rows, so its errors on them are out of sample; they join
  /// the scores that it had. Standard errors shrink as the rows grow.
  private func refined(
    _ bare: CalibratedModel, _ previous: CalibratedModel, _ rows: [CalibratedRow]
  ) throws(CalibrationError) -> CalibratedModel {
    let answers = try Self.heldOut(rows, rows.map { _ in 0 }, [previous])
    let shrinkage = (Double(previous.trainingRows) / Double(bare.trainingRows)).squareRoot()
    let moves = zip(bare.parameters.logarithms, previous.parameters.logarithms).map { $0 - $1 }
    return CalibratedModel(
      parameters: bare.parameters,
      relativeErrors: previous.relativeErrors.map {
        // Rows that tell nothing of a parameter leave it as unsure as it was.
        zip($0, moves).map { abs($1) > Self.standing ? $0 * shrinkage : $0 }
      },
      trainingRows: bare.trainingRows, knowledge: bare.knowledge,
      regression: previous.regression,
      intervals: previous.intervals.adding(Self.scores(answers, ResidualRegression())))
  }

  private var prior: CalibrationPrior {
    previous.map { CalibrationPrior($0, free: free) } ?? CalibrationPrior()
  }

  /// From the priors, taking turns: parameters with the hidden inputs given, the hidden inputs
  /// with the parameters given, and parameters with the rows read as they are explained best.
  private func minimise(
    _ rows: [CalibratedRow]
  ) throws(CalibrationError) -> (logarithms: [Double], hidden: [HiddenInputs]) {
    var reading = HiddenReading(rows, loss: Self.loss)
    let prior = prior
    let moving = CalibratedParameter.allCases.filter { free?.contains($0) ?? true }
    var point = prior.logarithms
    func read() {
      guard !without.contains(.hidden) else { return }
      reading.read(with: CalibratedParameters(logarithms: point, without: without))
    }
    // The parameters should not begin by standing in for quantities that nobody measured.
    if reading.isOpen || moving.isEmpty { read() }
    guard !moving.isEmpty else { return (point, reading.hidden) }
    let bounds = moving.map {
      let middle = prior.logarithms[$0.rawValue]
      // A narrow prior is a pull, not a wall: another host may be several times as fast.
      let reach = max(4 * $0.spread, 2)
      return ParameterBounds(lower: middle - reach, upper: middle + reach)
    }
    func move(to end: [Double]) {
      for (parameter, value) in zip(moving, end) { point[parameter.rawValue] = value }
    }
    for iterations in Self.iterations {
      let function = CalibrationResiduals(
        rows, hidden: reading.hidden, without: without, prior: prior, moving: moving)
      let start = moving.map { point[$0.rawValue] }
      move(to: try Self.descend(function, from: start, bounds, iterations: iterations))
      read()
      let search = CompassSearch(function, readings: reading.likeliest, loss: Self.loss)
      move(to: search.least(from: moving.map { point[$0.rawValue] }, bounds: bounds))
      read()
    }
    return (point, reading.hidden)
  }

  /// Where least squares end.
  private static func descend(
    _ function: CalibrationResiduals, from start: [Double], _ bounds: [ParameterBounds],
    iterations: Int
  ) throws(CalibrationError) -> [Double] {
    // Tolerances of a per mille of a standard error: the runs have steps, and there is no
    // finer optimum to find.
    let options = NonlinearOptions(
      objectiveTolerance: 1e-5, stepTolerance: 1e-3, gradientTolerance: 1e-4,
      maximumIterations: iterations, loss: Self.loss, usesAcceleration: false, polishingSteps: 1)
    do {
      let start = Dictionary(
        uniqueKeysWithValues: zip(function.parameterNames, start).map { ($0, $1) })
      let reports = try NonlinearLeastSquares(options: options).minimise(
        function, starts: NonlinearStarts([start]), bounds: bounds)
      guard let report = reports.first, report.status != .notFinite else {
        throw CalibrationError.notFitted(
          model: CalibratedModel.id, reason: "no finite value at the start")
      }
      return report.end
    } catch {
      throw CalibrationError(error)
    }
  }

  /// A completed row and what the fit that has not seen its fold says of it.
  private struct HeldOutRow {
    let row: CalibratedRow
    let prediction: CalibratedPrediction

    /// log(observed / predicted).
    func error(_ outcome: CalibratedOutcome) -> Double? {
      guard let observed = row.outcomes[outcome], observed > 0,
        let value = prediction.values[outcome], value > 0
      else { return nil }
      return logarithm(observed / value)
    }
  }

  private static func heldOut(
    _ rows: [CalibratedRow], _ fold: [Int], _ parts: [CalibratedModel?]
  ) throws(CalibrationError) -> [HeldOutRow] {
    let answers = try parallelMap(count: rows.count) {
      (index) throws(CalibrationError) -> HeldOutRow? in
      guard rows[index].isCompleted, let model = parts[fold[index]] else { return nil }
      return HeldOutRow(row: rows[index], prediction: try model.predict(rows[index].inputs))
    }
    return answers.compactMap { $0 }
  }

  private static func regression(
    _ answers: [HeldOutRow]
  ) throws(CalibrationError) -> ResidualRegression {
    var rows: [CalibratedOutcome: [ResidualRegression.Row]] = [:]
    for outcome in CalibratedOutcome.allCases {
      rows[outcome] = answers.compactMap { answer in
        answer.error(outcome).map { .init(inputs: answer.row.inputs, error: $0) }
      }
    }
    do { return try ResidualRegression(rows) } catch { throw CalibrationError(error) }
  }

  private static func intervals(
    _ answers: [HeldOutRow], _ regression: ResidualRegression
  ) -> ConformalScale {
    ConformalScale(scores(answers, regression))
  }

  /// What the regression leaves of the held-out errors.
  private static func scores(
    _ answers: [HeldOutRow], _ regression: ResidualRegression
  ) -> [CalibratedOutcome: [ConformalScale.HeldOut]] {
    var scores: [CalibratedOutcome: [ConformalScale.HeldOut]] = [:]
    for outcome in CalibratedOutcome.allCases {
      scores[outcome] = answers.compactMap { answer in
        answer.error(outcome).map {
          ConformalScale.HeldOut(
            stratum: answer.prediction.stratum,
            error: $0 - logarithm(regression.factor(outcome, answer.row.inputs)),
            spread: answer.prediction.spreads[outcome] ?? 0)
        }
      }
    }
    return scores
  }

  /// A parameter that moved less on the log scale stands where it was but for rounding.
  private static let standing = 1e-9

  /// Standard errors on the log scale: `se^2 = (k - 1) / k sum (theta_k - mean)^2`, and the prior's
  /// width of what stands at the prior in every part: the rows tell nothing of it.
  ///
  /// Why not from the Jacobian: the runs have steps, and rows scatter more than a curve at the
  /// optimum can say. Source: Shao and Wu, Annals of Statistics 17 (1989), delete-d jackknife.
  private func jackknife(_ parts: [CalibratedModel]) -> [Double]? {
    guard parts.count >= 2 else { return nil }
    let prior = prior
    let points = parts.map(\.parameters.logarithms)
    let k = Double(points.count)
    return CalibratedParameter.allCases.map { parameter in
      let values = points.map { $0[parameter.rawValue] }
      let start = prior.logarithms[parameter.rawValue]
      if values.allSatisfy({ abs($0 - start) <= Self.standing }) {
        return prior.spreads[parameter.rawValue]
      }
      let mean = values.reduce(0, +) / k
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      return ((k - 1) / k * squares).squareRoot()
    }
  }

  /// The rows that the physics describes and that state what it needs.
  static func rows(_ table: Table) throws(CalibrationError) -> [CalibratedRow] {
    let columns = CalibratedOutcome.allCases.compactMap { outcome in
      table.numbersIfPresent(outcome.column).map { (outcome, $0) }
    }
    let completed = completed(table)
    return CalibratedInputs.all(in: table).enumerated().compactMap { row, inputs in
      guard inputs.missing == nil, CalibratedInputs.describes(inputs.technique) else { return nil }
      var outcomes: [CalibratedOutcome: Double] = [:]
      for (outcome, column) in columns { outcomes[outcome] = column[row] }
      let id = table.label("id", row: row) ?? "row \(row + 1)"
      return CalibratedRow(
        inputs: inputs, group: table.label("group", row: row) ?? id, isCompleted: completed[row],
        outcomes: outcomes)
    }
  }

  /// Whether each row of a table is of a migration that came to its end.
  static func completed(_ table: Table) -> [Bool] {
    let statuses = table.textIfPresent("status")
    let times = table.numbersIfPresent(CalibratedOutcome.totalTime.column)
    return (0..<table.rowCount).map { row in
      (statuses?[row]).map { $0 == "completed" } ?? (times?[row] != nil)
    }
  }
}

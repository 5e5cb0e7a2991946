import ModelCore
import Statistics

/// What the calibrated model says of one migration, conditional on its completion.
public struct CalibratedPrediction: Sendable {
  /// SI, by outcome.
  public let values: [CalibratedOutcome: Double]
  /// Of completing by itself, within the time limit where there is one.
  public let probability: Double
  /// Whether that is likelier than not.
  public var converged: Bool { probability >= 0.5 }
  let spreads: [CalibratedOutcome: Double]
  let stratum: String
}

/// The physics of QEMU's migration with parameters learned from a trace, and intervals that were
/// tried on rows held out.
///
/// Source: QEMU migration/migration.c and ram.c (pacing, stop rule, synchronisation; recalled);
/// dirty processes, Equations.md section 0; conformal intervals, `ConformalScale`.
/// Assumptions: QEMU's algorithms; one migration at a time; a guest that writes as it was
/// measured before. Limits: without writes it is two copies; without a cap, a link and a queue it
/// is the CPU's time.
public struct CalibratedModel: Sendable {
  public static let id = "calibrated"
  public let parameters: CalibratedParameters
  /// On the log scale, by delete-group jackknife; `nil` where the folds were not fitted.
  public let relativeErrors: [Double]?
  public let trainingRows: Int
  let knowledge: Knowledge
  let regression: ResidualRegression
  let intervals: ConformalScale

  /// Whether the trace held a migration of this technique; of another, the parameters that it
  /// alone has are at their priors.
  public func hasSeen(technique: String?) -> Bool {
    knowledge.donors.contains { ($0.inputs.technique ?? "precopy") == (technique ?? "precopy") }
  }

  /// Courses of events per prediction.
  static let courseCount = 25

  init(
    parameters: CalibratedParameters, relativeErrors: [Double]?, trainingRows: Int,
    knowledge: Knowledge, regression: ResidualRegression = ResidualRegression(),
    intervals: ConformalScale
  ) {
    self.parameters = parameters
    self.relativeErrors = relativeErrors
    self.trainingRows = trainingRows
    self.knowledge = knowledge
    self.regression = regression
    self.intervals = intervals
  }

  /// The rows whose errors are taken together: a technique on a link, or behind a cap.
  static func stratum(_ inputs: CalibratedInputs) -> String {
    (inputs.technique ?? "precopy") + (inputs[.link] == nil ? " (direct)" : " (link)")
  }

  /// What it says about one migration.
  ///
  /// - Throws: `CalibrationError.cause`, cannot answer, for a technique that the physics does not
  ///   describe, and when memory or every rate is absent.
  public func predict(_ inputs: CalibratedInputs) throws(CalibrationError) -> CalibratedPrediction {
    if let missing = inputs.missing {
      throw .cause(.cannotAnswer, "\(Self.id) needs \(missing)")
    }
    guard CalibratedInputs.describes(inputs.technique) else {
      throw .cause(
        .cannotAnswer,
        "\(Self.id) does not describe technique \(inputs.technique ?? "")")
    }
    let chances = self.chances
    return predict(inputs, knowledge.courses(for: inputs, chances), chances)
  }

  private var chances: [Chance] {
    Chance.courses(parameters.has(.chance) ? Self.courseCount : 1)
  }

  /// What it says of the rows that taught it, in their order, with the hidden inputs that their own
  /// outcomes gave away: no prediction, but what is left when nothing is hidden.
  func explain(_ rows: [CalibratedRow]) -> [CalibratedPrediction] {
    let donors = Array(knowledge.donors.suffix(rows.count))
    let chances = self.chances
    return parallelMap(count: rows.count) { index in
      let inputs = rows[index].inputs
      let courses = knowledge.courses(for: inputs, chances, hidden: donors[index].hidden)
      return predict(inputs, courses, chances)
    }
  }

  private func predict(
    _ inputs: CalibratedInputs, _ courses: [MigrationFacts], _ chances: [Chance]
  ) -> CalibratedPrediction {
    let ensemble = Ensemble(courses, chances, parameters)
    var values: [CalibratedOutcome: Double] = [:]
    var spreads: [CalibratedOutcome: Double] = [:]
    for outcome in CalibratedOutcome.allCases {
      let (value, spread) = ensemble.centre(outcome, within: inputs[.timeLimit])
      values[outcome] = value * regression.factor(outcome, inputs)
      spreads[outcome] = spread
    }
    let stratum = Self.stratum(inputs)
    return CalibratedPrediction(
      values: values,
      probability: ensemble.probability(
        within: inputs[.timeLimit],
        scale: intervals.scale(.totalTime, stratum: stratum, spread: 0)),
      spreads: spreads, stratum: stratum)
  }

  /// The interval that holds an outcome of a completed migration with probability `level`.
  ///
  /// - Returns: `nil` when the trace held too few rows for the level.
  /// - Throws: `CalibrationError.cause` for a level outside (0, 1).
  public func interval(
    _ prediction: CalibratedPrediction, _ outcome: CalibratedOutcome, level: Double
  ) throws(CalibrationError) -> ClosedRange<Double>? {
    guard let value = prediction.values[outcome] else { return nil }
    do {
      return try intervals.interval(
        outcome, at: value, stratum: prediction.stratum, spread: prediction.spreads[outcome] ?? 0,
        level: level)
    } catch {
      throw CalibrationError(error)
    }
  }
}

extension CalibratedModel: Codable {
  private enum Key: String, CodingKey {
    case parameters
    case relativeErrors = "relative_errors"
    case trainingRows = "training_rows"
    case knowledge, regression, without, intervals
  }

  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: Key.self)
    let named = try fields.decode([String: Double].self, forKey: .parameters)
    var parameters = CalibratedParameters()
    for (name, value) in named {
      guard let parameter = CalibratedParameter(name: name) else {
        throw CalibrationError.cause(.badData, "it has no parameter \"\(name)\" to set")
      }
      guard value > 0, value.isFinite else {
        throw CalibrationError.cause(
          .badData, "parameter \(name) is \(value); expected a finite number > 0")
      }
      parameters[parameter] = value
    }
    parameters.without =
      try fields.decodeIfPresent(Set<CalibratedPhysics>.self, forKey: .without) ?? []
    let errors = try fields.decodeIfPresent([String: Double].self, forKey: .relativeErrors)
    let rows = try fields.decode(Int.self, forKey: .trainingRows)
    let regression =
      try fields.decodeIfPresent(ResidualRegression.self, forKey: .regression)
      ?? ResidualRegression()
    let intervals = try fields.decode(ConformalScale.self, forKey: .intervals)
    let problems = [
      rows > 0 ? nil : "training_rows is \(rows); expected a number > 0",
      errors?.first { $0.value < 0 }.map { "the error of \($0.key) is \($0.value), below zero" },
      regression.problem, intervals.problem,
    ]
    if let problem = problems.compactMap(\.self).first {
      throw CalibrationError.cause(.badData, problem)
    }
    self.init(
      parameters: parameters,
      relativeErrors: errors.map { errors in
        CalibratedParameter.allCases.map { errors[$0.name] ?? 0 }
      },
      trainingRows: rows,
      knowledge: try fields.decode(Knowledge.self, forKey: .knowledge),
      regression: regression, intervals: intervals)
  }

  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: Key.self)
    let cases = CalibratedParameter.allCases
    try fields.encode(
      Dictionary(uniqueKeysWithValues: cases.map { ($0.name, parameters[$0]) }),
      forKey: .parameters)
    try fields.encodeIfPresent(
      relativeErrors.map { errors in
        Dictionary(uniqueKeysWithValues: zip(cases, errors).map { ($0.name, $1) })
      }, forKey: .relativeErrors)
    try fields.encode(trainingRows, forKey: .trainingRows)
    try fields.encode(knowledge, forKey: .knowledge)
    try fields.encode(regression, forKey: .regression)
    if !parameters.without.isEmpty {
      try fields.encode(
        parameters.without.sorted { $0.rawValue < $1.rawValue }, forKey: .without)
    }
    try fields.encode(intervals, forKey: .intervals)
  }
}

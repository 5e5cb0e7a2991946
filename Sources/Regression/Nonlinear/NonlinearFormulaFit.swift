import LinearAlgebra
public import ModelCore

/// A fitted non-linear formula that stands on its own: all that a prediction needs, and nothing
/// of the data.
///
/// `Codable`; decoding checks that the parts agree and throws otherwise.
public struct NonlinearFormulaFit: Sendable, Equatable {
  /// The version of the saved form.
  public static let formatVersion = 1
  /// What the saved form says of itself, to be told from a linear one.
  public static let kind = "nonlinear"

  public let formula: NonlinearFormula
  /// The parameters, in the order of appearance.
  public let parameterNames: [String]
  /// One per parameter.
  public let estimates: [Double]
  public let status: NonlinearStatus
  /// Rows that the model was fitted to.
  public let nobs: Int
  /// Duan's factor for a logarithm on the left side, else 1.
  public let smearing: Double
  /// What the columns of the right side covered in training.
  public let ranges: [ColumnRange]
  /// The parameters that no bound held back, by position.
  let free: [Int]
  let predictor: LinearPredictor

  public var scale: ResponseScale { ResponseScale(formula.response) }
  /// The name of what is predicted.
  public var predictedName: String { scale.name }
  /// Residual standard deviation on the scale of the formula's left side.
  public var sigma: Double? { predictor.sigma }
  public var degreesOfFreedom: Int { predictor.degreesOfFreedom }
  /// The columns that a table needs.
  public var columnsRead: [String] {
    formula.names.filter { !parameterNames.contains($0) }
  }

  init(_ fit: NonlinearFit) {
    formula = fit.design.formula
    parameterNames = fit.design.parameterNames
    estimates = fit.report.end
    status = fit.report.status
    nobs = fit.summary.nobs
    smearing = fit.smearing
    ranges = fit.design.ranges
    free = fit.inference.free
    predictor = fit.inference.predictor
  }

  /// Predicts the rows of a table.
  ///
  /// The variance of the model's value is g' Cov g with g its gradient by the parameters (the
  /// delta method); a prediction interval adds sigma^2. Logarithms on the left side are undone
  /// as in `FormulaFit.predict`. A fit that did not converge gives no intervals.
  ///
  /// A row gets a reason in place of a value when a cell is missing, the model has no finite
  /// value there, or it depends on what the data could not tell apart.
  /// - Throws: `RegressionError` for a column that the table lacks or that holds text, and for a
  ///   level outside (0, 1).
  public func predict(
    _ table: Table, level: Double = 0.95, interval: IntervalKind = .prediction
  ) throws(RegressionError) -> [Prediction] {
    guard level > 0, level < 1 else { throw .level(level) }
    let needed = columnsRead
    for name in needed where table[name] == nil {
      throw .table(.unknownColumn(name, nearest: table.nearestNames(to: name)))
    }
    let missing = TableRows.firstMissing(needed, in: table)
    let rows = TableRows(table: table, positions: missing.indices.filter { missing[$0] == nil })
    var names: [String: DualColumns] = [:]
    for name in needed { names[name] = DualColumns(values: try rows.values(of: .column(name))) }
    for (index, name) in parameterNames.enumerated() {
      names[name] = DualColumns(values: [estimates[index]], partials: [index: [1]])
    }
    let duals = formula.right.evaluate(names)
    var answer = missing.map { column in
      Prediction(reason: "\(column ?? "a cell") is missing")
    }
    for (index, position) in rows.positions.enumerated() {
      let gradient = free.map { j in
        duals.partials[j].map { $0.count == 1 ? $0[0] : $0[index] } ?? 0
      }
      answer[position] = try prediction(
        duals.values.count == 1 ? duals.values[0] : duals.values[index], gradient, level: level,
        interval)
    }
    return answer
  }

  private func prediction(
    _ centre: Double, _ gradient: [Double], level: Double, _ interval: IntervalKind
  ) throws(RegressionError) -> Prediction {
    let value = scale.back(centre) * smearing
    guard value.isFinite else {
      return Prediction(reason: "the model has no finite value for this row")
    }
    guard status.isConverged, gradient.allSatisfy(\.isFinite) else {
      return Prediction(value: value, lower: nil, upper: nil)
    }
    if let position = predictor.brokenAlias(gradient) {
      return Prediction(
        reason: "the fit says nothing about this row: \(parameterNames[free[position]]) could not "
          + "be told apart from other parameters in training")
    }
    let reach = try predictor.halfWidth(gradient, level: level, kind: interval)
    let factor = interval == .confidence ? smearing : 1
    let bounds = reach.map {
      (scale.back(centre - $0) * factor, scale.back(centre + $0) * factor)
    }
    let usable = bounds.flatMap { $0.0.isFinite && $0.1.isFinite ? $0 : nil }
    return Prediction(value: value, lower: usable?.0, upper: usable?.1)
  }
}

extension NonlinearFormulaFit: Codable {
  private enum Key: String, CodingKey {
    case kind, version, formula, parameters, estimates, status, free, pivots, triangle, aliases
    case sigma, nobs, smearing, ranges
    case degreesOfFreedom = "df_residual"
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(Self.kind, forKey: .kind)
    try container.encode(Self.formatVersion, forKey: .version)
    try container.encode(formula.description, forKey: .formula)
    try container.encode(parameterNames, forKey: .parameters)
    try container.encode(estimates, forKey: .estimates)
    try container.encode(status, forKey: .status)
    try container.encode(free, forKey: .free)
    try container.encode(predictor.pivots, forKey: .pivots)
    let order = predictor.triangle.order
    let triangle = (0..<order).flatMap { j in
      (0...j).map { predictor.triangle.matrix[$0, j] }
    }
    try container.encode(triangle, forKey: .triangle)
    let aliases = predictor.aliases.sorted { $0.key < $1.key }
      .map { SavedAlias(column: $0.key, coefficients: $0.value) }
    try container.encode(aliases, forKey: .aliases)
    try container.encodeIfPresent(predictor.sigma, forKey: .sigma)
    try container.encode(predictor.degreesOfFreedom, forKey: .degreesOfFreedom)
    try container.encode(nobs, forKey: .nobs)
    try container.encode(smearing, forKey: .smearing)
    try container.encode(ranges, forKey: .ranges)
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let kind = try container.decode(String.self, forKey: .kind)
    guard kind == Self.kind else {
      throw RegressionError.inconsistentFit("its kind is \(kind), not \(Self.kind)")
    }
    let version = try container.decode(Int.self, forKey: .version)
    guard version == Self.formatVersion else {
      throw RegressionError.inconsistentFit(
        "its version is \(version), and this program reads \(Self.formatVersion)")
    }
    formula = try NonlinearFormula(container.decode(String.self, forKey: .formula))
    parameterNames = try container.decode([String].self, forKey: .parameters)
    estimates = try container.decode([Double].self, forKey: .estimates)
    status = try container.decode(NonlinearStatus.self, forKey: .status)
    free = try container.decode([Int].self, forKey: .free)
    nobs = try container.decode(Int.self, forKey: .nobs)
    smearing = try container.decode(Double.self, forKey: .smearing)
    ranges = try container.decode([ColumnRange].self, forKey: .ranges)
    let (names, values, positions) = (parameterNames, estimates, free)
    guard Set(names).count == names.count, names.allSatisfy(formula.names.contains),
      values.count == names.count, values.allSatisfy(\.isFinite),
      Set(positions).count == positions.count, positions.allSatisfy(names.indices.contains)
    else { throw RegressionError.inconsistentFit("its parameters are not those of its formula") }
    let aliases = try container.decode([SavedAlias].self, forKey: .aliases)
    let redundant = Set(aliases.map(\.column))
    let sigma = try container.decodeIfPresent(Double.self, forKey: .sigma)
    let degrees = try container.decode(Int.self, forKey: .degreesOfFreedom)
    let saved = SavedPredictor(
      terms: positions.map { names[$0] },
      estimates: positions.enumerated().map { redundant.contains($0) ? nil : values[$1] },
      pivots: try container.decode([Int].self, forKey: .pivots),
      triangle: try container.decode([Double].self, forKey: .triangle), aliases: aliases,
      // A robust fit may lack a sigma in spite of its degrees of freedom; the rest is checked.
      sigma: sigma ?? (degrees > 0 ? 0 : nil), degreesOfFreedom: degrees)
    let checked = try saved.checked(names: positions.map { names[$0] }, nobs: nobs)
    predictor = LinearPredictor(
      estimates: checked.estimates, pivots: checked.pivots, triangle: checked.triangle,
      aliases: checked.aliases, sigma: sigma, degreesOfFreedom: degrees)
    let wanted = Set(formula.names).subtracting(names)
    guard smearing > 0, smearing.isFinite,
      ResponseScale(formula.response).kind != .identity || smearing == 1
    else { throw RegressionError.inconsistentFit("the smearing factor is \(smearing)") }
    for range in ranges {
      guard wanted.contains(range.column), range.lower <= range.upper,
        range.lower.isFinite, range.upper.isFinite
      else { throw RegressionError.inconsistentFit("the range of \(range.column)") }
    }
  }
}

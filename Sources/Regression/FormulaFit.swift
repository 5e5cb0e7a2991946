import LinearAlgebra
public import ModelCore

/// A fitted formula that stands on its own: all that a prediction needs, and nothing of the data.
///
/// `Codable`; decoding checks that the parts agree and throws otherwise, so that a file that was
/// edited by hand cannot make a prediction trap or lie about its formula.
public struct FormulaFit: Sendable, Equatable {
  /// The version of the saved form.
  public static let formatVersion = 1

  public let recipe: DesignRecipe
  /// Rows that the model was fitted to.
  public let nobs: Int
  /// Duan's factor for a logarithm on the left side, else 1.
  public let smearing: Double
  /// What the numeric columns of the right side covered in training.
  public let ranges: [ColumnRange]
  let predictor: LinearPredictor

  public var formula: Formula { recipe.formula }
  public var scale: ResponseScale { ResponseScale(formula.response) }
  /// The name of what is predicted.
  public var predictedName: String { scale.name }
  /// One per name in `recipe.columnNames`; `nil` for a redundant column.
  public var estimates: [Double?] { predictor.estimates }
  /// Residual standard deviation on the scale of the formula's left side.
  public var sigma: Double? { predictor.sigma }
  public var degreesOfFreedom: Int { predictor.degreesOfFreedom }

  init(_ fit: LinearFit) {
    recipe = fit.design.recipe
    predictor = fit.predictor
    nobs = fit.summary.nobs
    smearing = fit.smearing
    ranges = fit.design.ranges
  }

  /// Predicts the rows of a table.
  ///
  /// For a logarithm on the left side the prediction is `back(x'b)` times Duan's factor, an
  /// estimate of the mean. A prediction interval is taken back as it is, because quantiles
  /// survive a monotone change of scale (the mean of a very skewed response can lie outside);
  /// a confidence interval is taken back and multiplied by the factor, taken as known.
  ///
  /// A row gets a reason in place of a value when a cell is missing, a level of a factor was
  /// never seen, a term is not finite, or the row breaks a relation among redundant columns.
  /// - Throws: `RegressionError` for a column that the table lacks or that holds text where
  ///   numbers are needed, and for a level outside (0, 1).
  public func predict(
    _ table: Table, level: Double = 0.95, interval: IntervalKind = .prediction
  ) throws(RegressionError) -> [Prediction] {
    guard level > 0, level < 1 else { throw .level(level) }
    let rows = try recipe.apply(to: table)
    let names = recipe.columnNames
    let scale = self.scale
    var answer: [Prediction] = []
    answer.reserveCapacity(table.rowCount)
    for row in rows {
      switch row {
      case .failure(let problem): answer.append(Prediction(reason: problem.reason))
      case .success(let x):
        if let column = predictor.brokenAlias(x) {
          answer.append(
            Prediction(
              reason: "the fit says nothing about this row: \(names[column]) could not be told "
                + "apart from other terms in training"))
          continue
        }
        let centre = predictor.value(x)
        let reach = try predictor.halfWidth(x, level: level, kind: interval)
        let value = scale.back(centre) * smearing
        guard value.isFinite else {
          answer.append(Prediction(reason: Prediction.beyondDoubles))
          continue
        }
        let factor = interval == .confidence ? smearing : 1
        let bounds = reach.map {
          (scale.back(centre - $0) * factor, scale.back(centre + $0) * factor)
        }
        let usable = bounds.flatMap { $0.0.isFinite && $0.1.isFinite ? $0 : nil }
        answer.append(Prediction(value: value, lower: usable?.0, upper: usable?.1))
      }
    }
    return answer
  }
}

extension FormulaFit: Codable {
  private enum Key: String, CodingKey {
    case version, recipe, terms, estimates, pivots, triangle, aliases, sigma, nobs, smearing, ranges
    case degreesOfFreedom = "df_residual"
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(Self.formatVersion, forKey: .version)
    try container.encode(recipe, forKey: .recipe)
    try container.encode(recipe.columnNames, forKey: .terms)
    try container.encode(predictor.estimates, forKey: .estimates)
    try container.encode(predictor.pivots, forKey: .pivots)
    let order = predictor.triangle.order
    let packed = (0..<order).flatMap { j in (0...j).map { predictor.triangle.matrix[$0, j] } }
    try container.encode(packed, forKey: .triangle)
    let aliases = predictor.aliases.sorted { $0.key < $1.key }.map {
      SavedAlias(column: $0.key, coefficients: $0.value)
    }
    try container.encode(aliases, forKey: .aliases)
    try container.encodeIfPresent(predictor.sigma, forKey: .sigma)
    try container.encode(predictor.degreesOfFreedom, forKey: .degreesOfFreedom)
    try container.encode(nobs, forKey: .nobs)
    try container.encode(smearing, forKey: .smearing)
    try container.encode(ranges, forKey: .ranges)
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let version = try container.decode(Int.self, forKey: .version)
    guard version == Self.formatVersion else {
      throw RegressionError.inconsistentFit(
        "its version is \(version), and this program reads \(Self.formatVersion)")
    }
    recipe = try container.decode(DesignRecipe.self, forKey: .recipe)
    nobs = try container.decode(Int.self, forKey: .nobs)
    smearing = try container.decode(Double.self, forKey: .smearing)
    ranges = try container.decode([ColumnRange].self, forKey: .ranges)
    let saved = SavedPredictor(
      terms: try container.decode([String].self, forKey: .terms),
      estimates: try container.decode([Double?].self, forKey: .estimates),
      pivots: try container.decode([Int].self, forKey: .pivots),
      triangle: try container.decode([Double].self, forKey: .triangle),
      aliases: try container.decode([SavedAlias].self, forKey: .aliases),
      sigma: try container.decodeIfPresent(Double.self, forKey: .sigma),
      degreesOfFreedom: try container.decode(Int.self, forKey: .degreesOfFreedom))
    predictor = try saved.checked(names: recipe.columnNames, nobs: nobs)
    let wanted = Set(recipe.formula.columnsRead)
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

/// A redundant column and the combination that makes it so.
struct SavedAlias: Codable {
  let column: Int
  let coefficients: [Double]
}

/// The linear part as it was read, before anything in it is believed.
struct SavedPredictor {
  let terms: [String]
  let estimates: [Double?]
  let pivots: [Int]
  let triangle: [Double]
  let aliases: [SavedAlias]
  let sigma: Double?
  let degreesOfFreedom: Int

  func checked(names: [String], nobs: Int) throws(RegressionError) -> LinearPredictor {
    try hold(terms == names, "its terms are not those of its formula")
    try hold(
      estimates.count == names.count, "\(estimates.count) estimates for \(names.count) terms")
    try hold(estimates.allSatisfy { $0?.isFinite ?? true }, "an estimate is not finite")
    let kept = names.indices.filter { estimates[$0] != nil }
    try hold(pivots.sorted() == kept, "its pivots are not the terms with an estimate")
    let redundant = names.indices.filter { estimates[$0] == nil }
    try hold(
      aliases.map(\.column) == redundant, "its aliases are not the terms without an estimate")
    try hold(
      aliases.allSatisfy {
        $0.coefficients.count == kept.count && $0.coefficients.allSatisfy(\.isFinite)
      },
      "an alias does not fit its terms")
    try hold(
      nobs > 0 && degreesOfFreedom == nobs - kept.count,
      "\(degreesOfFreedom) degrees of freedom for \(nobs) rows and \(kept.count) estimates")
    try hold((sigma != nil) == (degreesOfFreedom > 0), "sigma and degrees of freedom disagree")
    try hold(sigma.map { $0 >= 0 && $0.isFinite } ?? true, "sigma is not a standard deviation")
    let order = kept.count
    try hold(triangle.count == order * (order + 1) / 2, "its triangle has the wrong size")
    var matrix = Matrix(rows: order, columns: order)
    var next = 0
    for j in 0..<order {
      for i in 0...j {
        matrix[i, j] = triangle[next]
        next += 1
      }
    }
    let full = matrix
    return LinearPredictor(
      estimates: estimates, pivots: pivots,
      triangle: try algebra { () throws(LinearAlgebraError) in try UpperTriangle(full) },
      aliases: Dictionary(uniqueKeysWithValues: aliases.map { ($0.column, $0.coefficients) }),
      sigma: sigma, degreesOfFreedom: degreesOfFreedom)
  }

  private func hold(_ holds: Bool, _ otherwise: String) throws(RegressionError) {
    guard holds else { throw .inconsistentFit(otherwise) }
  }
}

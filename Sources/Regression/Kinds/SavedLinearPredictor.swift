import LinearAlgebra
public import ModelCore
import Statistics

/// A fitted linear form that stands on its own, whichever method found its coefficients: all
/// that a prediction needs, and nothing of the data.
///
/// The prediction is `back(x'b)` times `smearing`. Where the method gives a covariance V of b, kept
/// as a root M with M'M = V, a confidence interval is `x'b +- c |Mx|`; where it gives the spread s
/// of a single observation too, a prediction interval is `x'b +- c sqrt(|Mx|^2 + s^2)`. c is the
/// critical value of Student's t, or of the normal distribution without degrees of freedom.
/// Both are taken back as in `FormulaFit.predict`.
///
/// `Codable`; decoding checks that the parts agree and throws otherwise.
public struct SavedLinearPredictor: Sendable, Equatable {
  /// The version of the saved form.
  public static let formatVersion = 1

  /// How the coefficients were found, in a few words.
  public let method: String
  public let recipe: DesignRecipe
  /// Rows that the model was fitted to.
  public let nobs: Int
  /// The factor on a prediction that was taken back from a logarithm, else 1.
  public let smearing: Double
  /// What the numeric columns of the right side covered in training.
  public let ranges: [ColumnRange]
  /// One per name in `recipe.columnNames`; `nil` for a column that could not be estimated.
  public let estimates: [Double?]
  /// The spread of a single observation on the scale of the formula's left side.
  public let sigma: Double?
  /// Of the critical value; `nil` for the normal distribution.
  public let degreesOfFreedom: Double?
  /// For each column without an estimate its coefficients on those with one.
  let aliases: [Int: [Double]]
  /// M, row by row, over the columns with an estimate; `nil` when there is no covariance.
  var root: [[Double]]?

  public var formula: Formula { recipe.formula }
  public var scale: ResponseScale { ResponseScale(formula.response) }
  /// The name of what is predicted.
  public var predictedName: String { scale.name }
  /// The columns with an estimate, ascending.
  var basis: [Int] { estimates.indices.filter { estimates[$0] != nil } }

  init(
    method: String, design: Design, estimates: [Double?], aliases: [Int: [Double]], root: Matrix?,
    sigma: Double?, degreesOfFreedom: Double?, smearing: Double
  ) {
    self.method = method
    recipe = design.recipe
    nobs = design.response.count
    ranges = design.ranges
    self.estimates = estimates
    self.aliases = aliases
    self.root = root.map { root in (0..<root.rows).map { root.row($0) } }
    self.sigma = sigma
    self.degreesOfFreedom = degreesOfFreedom
    self.smearing = smearing
  }

  /// Predicts the rows of a table; a row that cannot be predicted says why.
  ///
  /// - Throws: `RegressionError` for a column that the table lacks or that holds text where
  ///   numbers are needed, and for a level outside (0, 1).
  public func predict(
    _ table: Table, level: Double = 0.95, interval: IntervalKind = .prediction
  ) throws(RegressionError) -> [Prediction] {
    let critical = try Self.critical(level: level, degreesOfFreedom: degreesOfFreedom)
    var answer: [Prediction] = []
    answer.reserveCapacity(table.rowCount)
    for row in try recipe.apply(to: table) {
      switch row {
      case .failure(let problem): answer.append(Prediction(reason: problem.reason))
      case .success(let x):
        answer.append(prediction(x, critical: critical, interval: interval))
      }
    }
    return answer
  }

  private func prediction(
    _ x: [Double], critical: Double, interval: IntervalKind
  ) -> Prediction {
    if let column = brokenAlias(x) {
      let name = recipe.columnNames[column]
      return Prediction(
        reason: "the training data say nothing about \(name) apart from other terms, and this "
          + "row differs")
    }
    let scale = self.scale
    let centre = linearForm(x)
    let value = scale.back(centre) * smearing
    guard value.isFinite else {
      return Prediction(reason: "the prediction is beyond the range of doubles")
    }
    guard let reach = spread(x, interval).map({ $0 * critical }) else {
      return Prediction(value: value, lower: nil, upper: nil)
    }
    let factor = interval == .confidence ? smearing : 1
    let (lower, upper) = (scale.back(centre - reach) * factor, scale.back(centre + reach) * factor)
    let usable = lower.isFinite && upper.isFinite
    return Prediction(
      value: value, lower: usable ? lower : nil, upper: usable ? upper : nil)
  }

  /// x'b.
  func linearForm(_ x: [Double]) -> Double {
    var sum = 0.0
    for (cell, estimate) in zip(x, estimates) { sum += cell * (estimate ?? 0) }
    return sum
  }

  /// The standard deviation that an interval is made of; `nil` when the method gives none.
  func spread(_ x: [Double], _ interval: IntervalKind) -> Double? {
    guard let root else { return nil }
    if interval == .prediction, sigma == nil { return nil }
    let part = basis.map { x[$0] }
    var sum = 0.0
    for row in root {
      var product = 0.0
      for (factor, cell) in zip(row, part) { product += factor * cell }
      sum += product * product
    }
    if interval == .prediction, let sigma { sum += sigma * sigma }
    return sum.squareRoot()
  }

  private func brokenAlias(_ x: [Double]) -> Int? {
    let basis = self.basis
    for (column, coefficients) in aliases.sorted(by: { $0.key < $1.key }) {
      var gap = x[column]
      var size = abs(x[column])
      for (place, coefficient) in zip(basis, coefficients) {
        gap -= coefficient * x[place]
        size += abs(coefficient * x[place])
      }
      if abs(gap) > LinearPredictor.aliasTolerance * size { return column }
    }
    return nil
  }

  /// The two-sided critical value of Student's t, of the normal distribution for `nil`.
  static func critical(
    level: Double, degreesOfFreedom: Double?
  ) throws(RegressionError) -> Double {
    guard level > 0, level < 1 else { throw .level(level) }
    return try statistics { () throws(StatisticsError) in
      guard let degreesOfFreedom else { return try Normal.standard.upperQuantile((1 - level) / 2) }
      return try StudentT(degreesOfFreedom: degreesOfFreedom).upperQuantile((1 - level) / 2)
    }
  }
}

extension SavedLinearPredictor: Codable {
  private enum Key: String, CodingKey {
    case version, method, recipe, terms, estimates, aliases, root, sigma, nobs, smearing, ranges
    case degreesOfFreedom = "df_residual"
  }

  private struct Alias: Codable {
    let column: Int
    let coefficients: [Double]
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(Self.formatVersion, forKey: .version)
    try container.encode(method, forKey: .method)
    try container.encode(recipe, forKey: .recipe)
    try container.encode(recipe.columnNames, forKey: .terms)
    try container.encode(estimates, forKey: .estimates)
    try container.encode(
      aliases.sorted { $0.key < $1.key }.map { Alias(column: $0.key, coefficients: $0.value) },
      forKey: .aliases)
    try container.encodeIfPresent(root, forKey: .root)
    try container.encodeIfPresent(sigma, forKey: .sigma)
    try container.encodeIfPresent(degreesOfFreedom, forKey: .degreesOfFreedom)
    try container.encode(nobs, forKey: .nobs)
    try container.encode(smearing, forKey: .smearing)
    try container.encode(ranges, forKey: .ranges)
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let version = try container.decode(Int.self, forKey: .version)
    try Self.hold(
      version == Self.formatVersion,
      "its version is \(version), and this program reads \(Self.formatVersion)")
    method = try container.decode(String.self, forKey: .method)
    recipe = try container.decode(DesignRecipe.self, forKey: .recipe)
    estimates = try container.decode([Double?].self, forKey: .estimates)
    let list = try container.decode([Alias].self, forKey: .aliases)
    aliases = Dictionary(list.map { ($0.column, $0.coefficients) }) { first, _ in first }
    root = try container.decodeIfPresent([[Double]].self, forKey: .root)
    sigma = try container.decodeIfPresent(Double.self, forKey: .sigma)
    degreesOfFreedom = try container.decodeIfPresent(Double.self, forKey: .degreesOfFreedom)
    nobs = try container.decode(Int.self, forKey: .nobs)
    smearing = try container.decode(Double.self, forKey: .smearing)
    ranges = try container.decode([ColumnRange].self, forKey: .ranges)
    try Self.hold(
      try container.decode([String].self, forKey: .terms) == recipe.columnNames,
      "its terms are not those of its formula")
    try checkParts()
  }

  private func checkParts() throws(RegressionError) {
    let names = recipe.columnNames
    try Self.hold(
      estimates.count == names.count, "\(estimates.count) estimates for \(names.count) terms")
    try Self.hold(estimates.allSatisfy { $0?.isFinite ?? true }, "an estimate is not finite")
    let kept = basis.count
    try Self.hold(kept > 0, "it has no estimate")
    try Self.hold(
      aliases.keys.sorted() == names.indices.filter { estimates[$0] == nil },
      "its aliases are not the terms without an estimate")
    try Self.hold(
      aliases.values.allSatisfy { $0.count == kept && $0.allSatisfy(\.isFinite) },
      "an alias does not fit its terms")
    try Self.hold(
      root?.allSatisfy { $0.count == kept && $0.allSatisfy(\.isFinite) } ?? true,
      "its covariance does not fit its terms")
    try Self.hold(nobs > 0, "it was fitted to \(nobs) rows")
    try Self.hold(sigma.map { $0 >= 0 && $0.isFinite } ?? true, "sigma is no standard deviation")
    try Self.hold(
      degreesOfFreedom.map { $0 > 0 && $0.isFinite } ?? true, "its degrees of freedom")
    try Self.hold(
      smearing > 0 && smearing.isFinite && (scale.kind != .identity || smearing == 1),
      "the smearing factor is \(smearing)")
    let wanted = Set(formula.columnsRead)
    for range in ranges {
      try Self.hold(
        wanted.contains(range.column) && range.lower <= range.upper && range.lower.isFinite
          && range.upper.isFinite, "the range of \(range.column)")
    }
  }

  private static func hold(
    _ holds: Bool, _ otherwise: @autoclosure () -> String
  ) throws(RegressionError) {
    guard holds else { throw .inconsistentFit(otherwise()) }
  }
}

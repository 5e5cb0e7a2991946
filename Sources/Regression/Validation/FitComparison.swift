public import ModelCore
import Statistics

/// What a wrong prediction costs.
public enum Loss: String, Sendable, CaseIterable {
  /// |p - o|, in the unit of the response; its mean is `mae`.
  case absolute
  /// (p - o)^2; its mean is the square of `rmse`.
  case squared
  /// 2 |p - o| / (p + o), 0 to 2; a row without an answer counts 2. For values >= 0.
  case symmetricRelative = "symmetric_relative"

  func callAsFunction(
    predicted: [Double], observed: [Double]
  ) throws(StatisticsError) -> [Double] {
    switch self {
    case .absolute: zip(predicted, observed).map { abs($0 - $1) }
    case .squared: zip(predicted, observed).map { ($0 - $1) * ($0 - $1) }
    case .symmetricRelative:
      try symmetricRelativeErrors(predicted: predicted, observed: observed)
    }
  }
}

/// Models compared on the same rows by the same loss, best first.
///
/// The difference of each model to the best is a mean of row-by-row differences, so what makes a
/// row hard for both cancels; its standard error is paired over rows, and clustered when rows come
/// in groups. Within twice that error of the best a model is not distinguishable from it: the order
/// is then as good as a coin's. The best is picked by the same rows, so a difference flatters it a
/// little.
/// Source: Vehtari, Gelman and Gabry, Statistics and Computing 27 (2017), equation 24;
/// `PairedDifference`.
public struct FitComparison: Sendable, Equatable {
  public struct Standing: Sendable, Equatable {
    public let model: String
    /// Mean loss over the rows.
    public let loss: Double
    /// Less that of the best, >= 0.
    public let difference: Double
    /// `nil` for the best, and for fewer than two groups.
    public let standardError: Double?
    /// `best`, `not distinguishable` or `worse`.
    public let verdict: String
  }

  public let loss: Loss
  public let rowCount: Int
  /// Best first; equal losses by name.
  public let standings: [Standing]

  /// Compares held-out predictions.
  ///
  /// - Parameters:
  ///   - models: names, each once, and their cross-validations.
  ///   - groups: the group of each row, `nil` when rows are independent.
  /// - Throws: `ValidationError.notComparable` unless all rest on the same rows and responses, or
  ///   when a model leaves rows unanswered under a loss that is not `symmetricRelative`;
  ///   `.setting` for no model or a name that comes twice; `.regression` for a negative value
  ///   under `symmetricRelative`.
  public init(
    _ models: [(name: String, validation: CrossValidation)], loss: Loss = .absolute,
    groups: [String]? = nil
  ) throws(ValidationError) {
    guard let first = models.first else { throw .setting("there is no model to compare") }
    var losses: [(name: String, values: [Double], mean: Double)] = []
    for (name, validation) in models {
      try Self.check(name, validation, against: first, loss)
      guard !losses.contains(where: { $0.name == name }) else {
        throw .setting("model \(name) is listed twice")
      }
      let values = try validatedStatistics { () throws(StatisticsError) in
        try loss(
          predicted: validation.predicted.map { $0 ?? .infinity }, observed: validation.observed)
      }
      losses.append((name, values, values.reduce(0, +) / Double(values.count)))
    }
    let rows = first.validation.rows.count
    if let groups, groups.count != rows {
      throw .setting("\(groups.count) groups for \(rows) rows")
    }
    self.loss = loss
    rowCount = rows
    let order = losses.sorted { ($0.mean, $0.name) < ($1.mean, $1.name) }
    let best = order[0]
    standings = order.map { entry in
      if entry.name == best.name {
        return Standing(
          model: entry.name, loss: entry.mean, difference: 0, standardError: nil,
          verdict: "best")
      }
      let gaps = zip(entry.values, best.values).map { $0 - $1 }
      let paired = groups.map { PairedDifference(gaps, groups: $0) } ?? PairedDifference(gaps)
      let isWorse = paired.standardError.map { paired.mean > 2 * $0 } ?? false
      return Standing(
        model: entry.name, loss: entry.mean, difference: paired.mean,
        standardError: paired.standardError,
        verdict: isWorse ? "worse" : "not distinguishable")
    }
  }

  private static func check(
    _ name: String, _ validation: CrossValidation,
    against first: (name: String, validation: CrossValidation), _ loss: Loss
  ) throws(ValidationError) {
    guard validation.rows == first.validation.rows else {
      throw .notComparable(
        first.name, name,
        difference:
          "they use \(first.validation.rows.count) and \(validation.rows.count) rows that "
          + "are not the same; leave out the rows that either lacks")
    }
    guard validation.target == first.validation.target,
      validation.observed == first.validation.observed
    else {
      throw .notComparable(
        first.name, name,
        difference: "one predicts \(first.validation.target), the other \(validation.target)")
    }
    guard validation.pooled.unanswered == 0 || loss == .symmetricRelative else {
      throw .notComparable(
        first.name, name,
        difference: "\(name) leaves \(validation.pooled.unanswered) rows without a prediction; "
          + "compare by symmetric_relative, where such a row counts as wholly wrong")
    }
  }

  /// `model, n, loss, loss_diff, loss_diff_se, standing`, best first.
  public func table() throws(ValidationError) -> Table {
    try validatedTable([
      Column("model", text: standings.map(\.model)),
      Column("n", numbers: standings.map { _ in Double(rowCount) }),
      Column("loss", numbers: standings.map(\.loss)),
      Column("loss_diff", numbers: standings.map(\.difference)),
      Column("loss_diff_se", numbers: standings.map(\.standardError)),
      Column("standing", text: standings.map(\.verdict)),
    ])
  }
}

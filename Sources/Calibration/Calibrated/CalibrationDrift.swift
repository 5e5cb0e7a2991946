public import ModelCore
import Statistics

/// Whether a site still migrates as it did when a calibrated fit was made.
///
/// On rows that came after the fit: the median of observed / predicted, whether that is as often
/// above as below 1 (sign test), and whether the 90 % intervals hold nine in ten (binomial test).
/// Both tests are exact and two-sided; with two tests per outcome, a p-value below
/// `significance` over their number is called drift (Bonferroni).
public struct CalibrationDrift: Sendable {
  public struct Line: Sendable {
    public var outcome: CalibratedOutcome
    public var rows: Int
    /// Median of observed / predicted.
    public var ratio: Double
    /// Median of |predicted - observed| / observed.
    public var error: Double
    public var signTest: Double
    /// Share of rows inside the 90 % interval; `nil` when the fit has no intervals.
    public var coverage: Double?
    public var coverageTest: Double?
    public var hasDrifted: Bool
  }

  public let lines: [Line]
  /// Completed rows that the model cannot answer: an input is missing, or the technique is unknown.
  public let unanswered: Int

  public static let significance = 0.05
  private static let level = 0.9

  /// - Throws: `CalibrationError.tooFewRows` without a completed row to look at.
  public init(_ model: CalibratedModel, _ table: Table) throws(CalibrationError) {
    let rows = try CalibratedEstimator.rows(table).filter(\.isCompleted)
    var pairs: [(CalibratedRow, CalibratedPrediction)] = []
    for row in rows { pairs.append((row, try model.predict(row.inputs))) }
    unanswered = CalibratedEstimator.completed(table).count { $0 } - rows.count
    guard !pairs.isEmpty else {
      throw .tooFewRows(
        what: "completed rows that \(CalibratedModel.id) describes", found: 0, needed: 1)
    }
    let threshold = Self.significance / Double(2 * CalibratedOutcome.allCases.count)
    var lines: [Line] = []
    for outcome in CalibratedOutcome.allCases {
      var ratios: [Double] = []
      var inside: [Bool] = []
      for (row, prediction) in pairs {
        guard let observed = row.outcomes[outcome], observed > 0,
          let value = prediction.values[outcome], value > 0
        else { continue }
        ratios.append(observed / value)
        if let range = try model.interval(prediction, outcome, level: Self.level) {
          inside.append(range.contains(observed))
        }
      }
      guard !ratios.isEmpty else { continue }
      do {
        let above = ratios.count { $0 > 1 }
        let sign = try Self.twoSided(above, of: ratios.count, probability: 0.5)
        let held = inside.count { $0 }
        let cover =
          inside.isEmpty
          ? nil : try Self.twoSided(held, of: inside.count, probability: Self.level)
        lines.append(
          Line(
            outcome: outcome, rows: ratios.count, ratio: try Quantiles(ratios).median,
            error: try Quantiles(ratios.map { abs(1 / $0 - 1) }).median, signTest: sign,
            coverage: inside.isEmpty ? nil : Double(held) / Double(inside.count),
            coverageTest: cover, hasDrifted: min(sign, cover ?? 1) < threshold))
      } catch {
        throw CalibrationError(error)
      }
    }
    self.lines = lines
  }

  public var hasDrifted: Bool { lines.contains(where: \.hasDrifted) }

  /// One row per outcome.
  public func table() throws(TableError) -> Table {
    try Table([
      Column("target", text: lines.map(\.outcome.column)),
      Column("n", numbers: lines.map { Double($0.rows) }),
      Column("median_ratio", numbers: lines.map(\.ratio)),
      Column("mdape", numbers: lines.map(\.error)),
      Column("sign_p_value", numbers: lines.map(\.signTest)),
      Column("coverage", numbers: lines.map(\.coverage)),
      Column("coverage_p_value", numbers: lines.map(\.coverageTest)),
      Column("drifted", flags: lines.map(\.hasDrifted)),
    ])
  }

  /// Twice the smaller tail, at most 1.
  private static func twoSided(
    _ count: Int, of trials: Int, probability: Double
  ) throws(StatisticsError) -> Double {
    let law = try Binomial(trials: Double(trials), probability: probability)
    let atLeast = try law.probabilityOfAtLeast(Double(count))
    let above = count < trials ? try law.probabilityOfAtLeast(Double(count + 1)) : 0
    return min(1, 2 * min(atLeast, 1 - above))
  }
}

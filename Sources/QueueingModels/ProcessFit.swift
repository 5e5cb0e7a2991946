internal import Foundation
internal import Statistics

/// What a sample of times says about its law: mean, variability, whether it can be exponential.
public struct TimeSample: Sendable, Hashable {
  public let count: Int
  public let mean: Double
  /// Standard deviation over mean.
  public let variation: Double
  /// Two-sided p-value of Moran's test of exponentiality; absent when a time is 0 or there are
  /// fewer than 3.
  ///
  ///     M = 2 n (ln mean - mean ln) / (1 + (n + 1)/(6 n)) ~ chi-squared with n - 1 degrees
  ///
  /// Small M: more regular than exponential; large M: burstier.
  /// Source: Moran 1951, with Bartlett's correction [recalled].
  public let exponentialPValue: Double?

  /// - Throws: `QueueingError.outOfDomain` for no times or a bad one; `.noConvergence`.
  public init(_ times: [Double]) throws(QueueingError) {
    try require(!times.isEmpty, "times", Double(times.count), "at least one")
    for time in times { try require(time >= 0 && time.isFinite, "time", time, ">= 0 s, finite") }
    let n = Double(times.count)
    let average = times.reduce(0, +) / n
    let squares = times.reduce(0) { $0 + ($1 - average) * ($1 - average) }
    count = times.count
    mean = average
    variation = average > 0 && n > 1 ? (squares / (n - 1)).squareRoot() / average : 0
    guard times.count >= 3, times.allSatisfy({ $0 > 0 }) else {
      exponentialPValue = nil
      return
    }
    // Against the mean before taking logarithms: their difference keeps its digits.
    let logs = times.reduce(0) { $0 + log($1 / average) } / n
    let statistic = max(-2 * n * logs / (1 + (n + 1) / (6 * n)), 0)
    exponentialPValue = try numerically("Moran's test") { () throws(StatisticsError) in
      let law = try ChiSquared(degreesOfFreedom: n - 1)
      return min(1, 2 * min(try law.cdf(statistic), try law.upperTail(statistic)))
    }
  }
}

/// How the time of a migration depends on how many run at once, over groups that kept a fixed
/// number going.
///
///     independent servers            T(k) = s          (M/M/C, M/G/C: each has its own bandwidth)
///     processor sharing              T(k) = w k        (one link, shared without loss)
///     processor sharing, overhead    T(k) = o + w k    (o seconds that sharing does not stretch)
///
/// Least squares over the groups' mean times, one observation per group, as times within a group
/// are not independent. A form *fits* when no level's mean is off by more than `tolerance`; of
/// those that fit, the one with the least Akaike criterion is the answer.
public struct ConcurrencyFit: Sendable, Hashable {
  public enum Form: String, Sendable, CaseIterable {
    case independentServers = "independent servers"
    case processorSharing = "processor sharing"
    case sharingWithOverhead = "processor sharing with overhead"
  }

  /// The migrations of one number at once.
  public struct Level: Sendable, Hashable {
    public let concurrency: Int
    public let sample: TimeSample
    public let groups: Int
  }

  /// One form, fitted.
  public struct Fit: Sendable, Hashable {
    public let form: Form
    /// Seconds that do not depend on k.
    public let fixed: Double
    /// Seconds per migration at once.
    public let perMigration: Double
    /// Root mean squared error over the groups' means, in seconds.
    public let rmse: Double
    /// `m ln(RSS/m) + 2 p`.
    public let aic: Double
    /// The largest relative error over the levels' means.
    public let worstError: Double

    /// T(k), in seconds.
    public func time(_ concurrency: Int) -> Double { fixed + perMigration * Double(concurrency) }
  }

  /// A level's mean that is off by more than a tenth would mislead a plan.
  public static let tolerance = 0.1

  public let levels: [Level]
  public let fits: [Fit]

  /// - Parameter groups: per group its concurrency and times.
  /// - Throws: `QueueingError.noSolution` with fewer than two levels.
  public init(groups: [(concurrency: Int, times: [Double])]) throws(QueueingError) {
    let byLevel = Dictionary(grouping: groups, by: \.concurrency).sorted { $0.key < $1.key }
    guard byLevel.count >= 2 else {
      throw .noSolution("the trace has one number of migrations at once; two are needed to compare")
    }
    var levels: [Level] = []
    for (concurrency, members) in byLevel {
      levels.append(
        Level(
          concurrency: concurrency, sample: try TimeSample(members.flatMap(\.times)),
          groups: members.count))
    }
    self.levels = levels
    let points = groups.map { group in
      (Double(group.concurrency), group.times.reduce(0, +) / Double(group.times.count))
    }
    fits = Form.allCases.map { Self.fit($0, points, levels) }
  }

  /// The form that fits best; `nil` when none fits.
  public var best: Fit? {
    fits.filter { $0.worstError <= Self.tolerance }.min { $0.aic < $1.aic }
  }

  private static func fit(_ form: Form, _ points: [(Double, Double)], _ levels: [Level]) -> Fit {
    let count = Double(points.count)
    let meanX = points.reduce(0) { $0 + $1.0 } / count
    let meanY = points.reduce(0) { $0 + $1.1 } / count
    var (fixed, slope) = (meanY, 0.0)
    switch form {
    case .independentServers: break
    case .processorSharing:
      fixed = 0
      slope =
        points.reduce(0) { $0 + $1.0 * $1.1 } / points.reduce(0) { $0 + $1.0 * $1.0 }
    case .sharingWithOverhead:
      slope =
        points.reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) }
        / points.reduce(0) { $0 + ($1.0 - meanX) * ($1.0 - meanX) }
      fixed = meanY - slope * meanX
    }
    let (o, w) = (fixed, slope)
    let residuals = points.reduce(0) { $0 + pow($1.1 - o - w * $1.0, 2) }
    let parameters = form == .sharingWithOverhead ? 2.0 : 1
    let worst = levels.reduce(0) {
      max($0, abs(o + w * Double($1.concurrency) - $1.sample.mean) / $1.sample.mean)
    }
    return Fit(
      form: form, fixed: o, perMigration: w, rmse: (residuals / count).squareRoot(),
      aic: count * log(max(residuals, .leastNormalMagnitude) / count) + 2 * parameters,
      worstError: worst)
  }
}

/// Mean and standard error of paired differences whose groups are independent, not their rows.
///
/// `se = sqrt(G / (G - 1) sum over groups of (sum over rows of (d - mean))^2) / n`; for groups
/// of one row it is the usual `sd / sqrt(n)`.
/// Source: Cameron and Miller, Journal of Human Resources 50 (2015), equation 11, for a mean.
public struct PairedDifference: Sendable, Equatable {
  public let mean: Double
  /// `nil` for fewer than two groups.
  public let standardError: Double?

  /// - Parameters:
  ///   - differences: one per row, at least one.
  ///   - groups: the group of each row.
  public init(_ differences: [Double], groups: [String]) {
    self.init(differences, group: distinctGroups(groups).group)
  }

  /// Every row is a group of its own.
  public init(_ differences: [Double]) {
    self.init(differences, group: Array(differences.indices))
  }

  private init(_ differences: [Double], group: [Int]) {
    let n = Double(differences.count)
    let mean = differences.reduce(0, +) / n
    self.mean = mean
    let count = (group.max() ?? -1) + 1
    guard count >= 2 else {
      standardError = nil
      return
    }
    // Summed in order of appearance, so that the last bits are the same everywhere.
    var sums = [Double](repeating: 0, count: count)
    for (difference, group) in zip(differences, group) { sums[group] += difference - mean }
    let squares = sums.reduce(0) { $0 + $1 * $1 }
    standardError = (Double(count) / Double(count - 1) * squares).squareRoot() / n
  }
}

/// An assignment of rows to folds for cross-validation; a group is never split.
///
/// Groups, in order of first appearance, are shuffled by the seed and dealt out one by one, so
/// that folds differ by at most one group. The same rows, folds and seed give the same
/// assignment on every machine and in every release.
/// Source: Hastie, Tibshirani and Friedman, The Elements of Statistical Learning (2009), 7.10;
/// the rows of a group must stay together, because they are not independent (Roberts et al.,
/// Ecography 40 (2017)).
public struct Folds: Sendable, Equatable {
  public let count: Int
  /// The fold of each row, 0 ..< `count`; every fold has a row.
  public let fold: [Int]

  /// Folds that keep the rows of a group together, the groups given as `distinctGroups` has them.
  ///
  /// - Throws: `StatisticsError.domain` for fewer than two folds or fewer than two groups.
  package init(
    groups: (group: [Int], count: Int), count: Int, seed: UInt64
  ) throws(StatisticsError) {
    try self.init(units: groups.group, distinct: groups.count, count: count, seed: seed)
  }

  /// Folds that keep the rows of a group together.
  ///
  /// - Parameters:
  ///   - groups: the group of each row.
  ///   - count: >= 2; fewer folds are made when there are fewer groups.
  /// - Throws: `StatisticsError.domain` for fewer than two folds or fewer than two groups.
  public init(groups: [String], count: Int, seed: UInt64) throws(StatisticsError) {
    let (group, distinct) = distinctGroups(groups)
    try self.init(units: group, distinct: distinct, count: count, seed: seed)
  }

  /// Folds of single rows, as if each row were a group of its own.
  ///
  /// - Throws: `StatisticsError.domain` for fewer than two folds or fewer than two rows.
  public init(rows: Int, count: Int, seed: UInt64) throws(StatisticsError) {
    try self.init(
      units: Array(0..<max(rows, 0)), distinct: max(rows, 0), count: count, seed: seed)
  }

  /// A fold per row.
  ///
  /// - Throws: `StatisticsError.domain` for fewer than two rows.
  public static func leavingOneOut(rows: Int) throws(StatisticsError) -> Folds {
    try require(rows >= 2, "folds", "rows", Double(rows), ">= 2")
    return Folds(count: rows, fold: Array(0..<rows))
  }

  /// A fold per group, in order of first appearance.
  ///
  /// - Throws: `StatisticsError.domain` for fewer than two groups.
  public static func leavingOneGroupOut(groups: [String]) throws(StatisticsError) -> Folds {
    try leavingOneGroupOut(groups: distinctGroups(groups))
  }

  /// A fold per group, the groups given as `distinctGroups` has them.
  ///
  /// - Throws: `StatisticsError.domain` for fewer than two groups.
  package static func leavingOneGroupOut(
    groups: (group: [Int], count: Int)
  ) throws(StatisticsError) -> Folds {
    try require(groups.count >= 2, "folds", "groups", Double(groups.count), ">= 2")
    return Folds(count: groups.count, fold: groups.group)
  }

  private init(count: Int, fold: [Int]) {
    self.count = count
    self.fold = fold
  }

  private init(
    units: [Int], distinct: Int, count: Int, seed: UInt64
  ) throws(StatisticsError) {
    try require(count >= 2, "folds", "number of folds", Double(count), ">= 2")
    try require(distinct >= 2, "folds", "groups of rows", Double(distinct), ">= 2")
    self.count = min(count, distinct)
    var random = Xoshiro256StarStar(seed: seed)
    var foldOfUnit = [Int](repeating: 0, count: distinct)
    for (position, unit) in random.shuffled(Array(0..<distinct)).enumerated() {
      foldOfUnit[unit] = position % self.count
    }
    fold = units.map { foldOfUnit[$0] }
  }

  /// The rows of a fold, ascending.
  public func rows(of fold: Int) -> [Int] {
    self.fold.indices.filter { self.fold[$0] == fold }
  }

  /// The rows of one fold after those of another, ascending within each: those of fold k stand at
  /// `starts[k] ..< starts[k + 1]`. O(rows), where `rows(of:)` of every fold is O(rows folds).
  package func rowsByFold() -> (order: [Int], starts: [Int]) {
    var starts = [Int](repeating: 0, count: count + 1)
    for number in fold { starts[number + 1] += 1 }
    for number in 0..<count { starts[number + 1] += starts[number] }
    var next = starts
    var order = [Int](repeating: 0, count: fold.count)
    for (row, number) in fold.enumerated() {
      order[next[number]] = row
      next[number] += 1
    }
    return (order, starts)
  }

  /// The rows of all other folds, ascending: what a model learns from.
  public func rows(outside fold: Int) -> [Int] {
    self.fold.indices.filter { self.fold[$0] != fold }
  }
}

/// The group of each row as a number, in order of first appearance, and how many there are.
public func distinctGroups(_ labels: [String]) -> (group: [Int], count: Int) {
  var numbers: [String: Int] = [:]
  let group = labels.map { label in
    if let number = numbers[label] { return number }
    numbers[label] = numbers.count
    return numbers.count - 1
  }
  return (group, numbers.count)
}

import Statistics

/// An assignment of rows to folds that never splits a group.
///
/// `Statistics.Folds` with the messages of a comparison.
public struct GroupedFolds: Sendable, Equatable {
  public let count: Int
  /// The fold of each row.
  public let fold: [Int]

  /// - Parameters:
  ///   - groups: the group of each row.
  ///   - folds: >= 2; fewer are made when there are fewer groups.
  /// - Throws: `CalibrationError.badSetting` for fewer than two folds,
  ///   `CalibrationError.tooFewRows` for fewer than two groups.
  public init(groups: [String], folds: Int, seed: UInt64) throws(CalibrationError) {
    guard folds >= 2 else {
      throw .badSetting("--folds: \(folds) is too few; at least 2 are needed")
    }
    var seen: Set<String> = []
    let distinct = groups.filter { seen.insert($0).inserted }
    guard distinct.count >= 2 else {
      throw .tooFewRows(what: "groups for cross-validation", found: distinct.count, needed: 2)
    }
    do {
      let assigned = try Folds(groups: groups, count: folds, seed: seed)
      count = assigned.count
      fold = assigned.fold
    } catch {
      throw CalibrationError(error)
    }
  }
}

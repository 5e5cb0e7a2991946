import Calibration
import TestSupport
import Testing

@Suite struct GroupedFoldsTests {
  @Test func groupsStayTogetherAndFoldsAreEven() throws {
    let seed: UInt64 = 31
    var random = TestRandom(seed: seed)
    for trial in 0..<100 {
      let groupCount = 2 + Int(random.uniform(0, 30))
      let rows = groupCount + Int(random.uniform(0, 200))
      let groups = (0..<rows).map {
        "g\($0 < groupCount ? $0 : Int(random.uniform(0, Double(groupCount))))"
      }
      let wanted = 2 + Int(random.uniform(0, 10))
      let folds = try GroupedFolds(groups: groups, folds: wanted, seed: random.next())
      let context: Comment = "seed \(seed), trial \(trial)"
      #expect(folds.count == min(wanted, groupCount), context)
      var foldOfGroup: [String: Int] = [:]
      for (group, fold) in zip(groups, folds.fold) {
        #expect(foldOfGroup.updateValue(fold, forKey: group) ?? fold == fold, context)
      }
      let sizes = Dictionary(grouping: foldOfGroup.values, by: { $0 }).mapValues(\.count)
      #expect(sizes.count == folds.count, context)
      #expect((sizes.values.max() ?? 0) - (sizes.values.min() ?? 0) <= 1, context)
    }
  }

  @Test func seedDecides() throws {
    let groups = (0..<50).map(String.init)
    let one = try GroupedFolds(groups: groups, folds: 5, seed: 1)
    #expect(try GroupedFolds(groups: groups, folds: 5, seed: 1) == one)
    #expect(try GroupedFolds(groups: groups, folds: 5, seed: 2) != one)
  }

  @Test func refusals() {
    #expect(throws: CalibrationError.self) {
      try GroupedFolds(groups: ["a", "b"], folds: 1, seed: 1)
    }
    #expect(
      throws: CalibrationError.tooFewRows(what: "groups for cross-validation", found: 1, needed: 2)
    ) {
      try GroupedFolds(groups: ["a", "a"], folds: 2, seed: 1)
    }
  }
}

import Statistics
import Testing

@Suite struct FoldsTests {
  @Test(arguments: [2, 3, 5, 7], [1, 2, 3] as [UInt64])
  func foldsAreEvenAndReproducible(_ count: Int, _ seed: UInt64) throws {
    let folds = try Folds(rows: 23, count: count, seed: seed)
    #expect(folds == (try Folds(rows: 23, count: count, seed: seed)))
    let sizes = (0..<count).map { folds.rows(of: $0).count }
    #expect(sizes.reduce(0, +) == 23 && (sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
    for fold in 0..<count {
      #expect((folds.rows(of: fold) + folds.rows(outside: fold)).sorted() == Array(0..<23))
    }
    #expect(folds != (try Folds(rows: 23, count: count, seed: seed + 100)))
  }

  /// The assignment is part of the program's answers, so it must not change between releases.
  @Test func assignmentIsFixed() throws {
    let groups = ["a", "b", "a", "c", "d", "b", "e"]
    let folds = try Folds(groups: groups, count: 2, seed: 1)
    #expect(folds.fold == Self.expected)
    for (row, group) in groups.enumerated() {
      for (other, label) in groups.enumerated() where label == group {
        #expect(folds.fold[row] == folds.fold[other])
      }
    }
  }

  /// By the same shuffle written out: Fisher and Yates from the end over xoshiro256**.
  static var expected: [Int] {
    var random = Xoshiro256StarStar(seed: 1)
    var order = ["a", "b", "c", "d", "e"]
    for i in stride(from: 4, to: 0, by: -1) {
      let j = (try? random.integer(below: i + 1)) ?? 0
      order.swapAt(i, j)
    }
    return ["a", "b", "a", "c", "d", "b", "e"].map { (order.firstIndex(of: $0) ?? -1) % 2 }
  }

  @Test func fewerGroupsThanFolds() throws {
    #expect(try Folds(groups: ["a", "b", "b"], count: 10, seed: 1).count == 2)
    #expect(try Folds.leavingOneOut(rows: 4).fold == [0, 1, 2, 3])
    #expect(try Folds.leavingOneGroupOut(groups: ["x", "y", "x"]).fold == [0, 1, 0])
  }

  @Test func mistakes() {
    #expect(throws: StatisticsError.self) { try Folds(rows: 5, count: 1, seed: 1) }
    #expect(throws: StatisticsError.self) { try Folds(rows: 1, count: 2, seed: 1) }
    #expect(throws: StatisticsError.self) { try Folds(rows: -3, count: 2, seed: 1) }
    #expect(throws: StatisticsError.self) { try Folds(groups: ["a", "a"], count: 2, seed: 1) }
    #expect(throws: StatisticsError.self) { try Folds(groups: [], count: 2, seed: 1) }
    #expect(throws: StatisticsError.self) { try Folds.leavingOneOut(rows: 1) }
    #expect(throws: StatisticsError.self) { try Folds.leavingOneGroupOut(groups: ["a"]) }
  }
}

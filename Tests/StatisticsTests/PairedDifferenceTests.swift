import Statistics
import Testing

@Suite struct PairedDifferenceTests {
  /// By hand: single rows give sd / sqrt(n); groups add their deviations up first.
  @Test func byHand() {
    let differences: [Double] = [1, 2, 4, 5]
    let rows = PairedDifference(differences)
    #expect(rows.mean == 3)
    // Deviations -2 -1 1 2: variance 10/3, divided by 4.
    #expect(rows.standardError.map { abs($0 - (10.0 / 12).squareRoot()) < 1e-15 } == true)
    #expect(PairedDifference(differences, groups: ["a", "b", "c", "d"]) == rows)
    // Groups: -3 and 3, so 2 x 18 under the root, divided by 4.
    let paired = PairedDifference(differences, groups: ["a", "a", "b", "b"])
    #expect(paired.standardError == 36.0.squareRoot() / 4)
    #expect(PairedDifference(differences, groups: ["a", "a", "a", "a"]).standardError == nil)
  }
}

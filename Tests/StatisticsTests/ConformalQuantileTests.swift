import Statistics
import Testing

@Suite struct ConformalQuantileTests {
  /// ceil((n + 1) level) by exact rational arithmetic: level = p/1000.
  @Test func position() throws {
    for n in 1...300 {
      for p in [500, 700, 800, 900, 950, 990, 999] {
        let exact = ((n + 1) * p + 999) / 1000
        let found = try ConformalQuantile.position(scores: n, level: Double(p) / 1000)
        #expect(found == exact, "n = \(n), level = \(p)/1000")
      }
    }
  }

  @Test func ends() throws {
    let scores: [Double] = [5, 3, 1, 4, 2, 9, 8, 7, 6]
    // Ten times 0.9 is 9: the largest; a hair more has none.
    #expect(try ConformalQuantile.upper(scores, level: 0.9) == 9)
    #expect(try ConformalQuantile.upper(scores, level: 0.91) == nil)
    #expect(try ConformalQuantile.upper(scores, level: 0.5) == 5)
    #expect(try ConformalQuantile.lower(scores, level: 0.9) == 1)
    #expect(try ConformalQuantile.lower(scores, level: 0.8) == 2)
    #expect(try ConformalQuantile.leastScores(level: 0.9) == 9)
    #expect(try ConformalQuantile.leastScores(level: 0.95) == 19)
    #expect(try ConformalQuantile.leastScores(level: 0.99) == 99)
    for level in [0.5, 0.8, 0.9, 0.95, 0.975, 0.99] {
      let least = try ConformalQuantile.leastScores(level: level)
      #expect(try ConformalQuantile.position(scores: least, level: level) <= least)
      if least > 1 {
        #expect(try ConformalQuantile.position(scores: least - 1, level: level) > least - 1)
      }
    }
  }

  @Test func mistakes() {
    for level in [0, 1, -0.1, 1.5, Double.nan] {
      #expect(throws: StatisticsError.self) { try ConformalQuantile.upper([1], level: level) }
    }
    #expect(throws: StatisticsError.self) { try ConformalQuantile.upper([.nan], level: 0.5) }
  }
}

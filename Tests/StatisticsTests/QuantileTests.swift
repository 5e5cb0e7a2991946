import Statistics
import Testing

@Suite struct QuantileTests {
  /// R: quantile(c(15, 20, 35, 40, 50), c(0.05, 0.3, 0.4, 0.5, 1), type = 7)
  @Test(arguments: zip([0.05, 0.3, 0.4, 0.5, 1, 0], [16, 23, 29, 35, 50, 15.0]))
  func type7(_ p: Double, _ expected: Double) throws {
    // One rounding in the position, one in the interpolation.
    #expect(abs(try quantile([50, 15, 40, 20, 35], p) - expected) < 1e-13)
  }

  @Test func infinitySortsLast() throws {
    let values = try Quantiles([Double.infinity, 1, 2, .infinity])
    #expect(try values(1.0 / 3) == 2 && values(0.5) == .infinity && values(1) == .infinity)
    #expect(values.median == .infinity)
    #expect(try Quantiles([3]).median == 3 && Quantiles([1, 2]).median == 1.5)
    #expect(try Quantiles([5, 1, 2]).median == quantile([5, 1, 2], 0.5))
  }

  @Test func mistakes() {
    #expect(throws: StatisticsError.empty(function: "quantile")) { try Quantiles([]) }
    #expect(throws: StatisticsError.self) { try Quantiles([1, .nan]) }
    #expect(throws: StatisticsError.self) { try Quantiles([1, -.infinity]) }
    #expect(throws: StatisticsError.self) { try quantile([1], 1.01) }
    #expect(throws: StatisticsError.self) { try quantile([1], .nan) }
  }
}

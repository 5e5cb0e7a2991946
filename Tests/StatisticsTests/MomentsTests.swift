import Statistics
import Testing

@Suite struct SampleShapeTests {
  /// SciPy: skew([1, 2, 3, 10]), kurtosis(..., fisher=False), jarque_bera(...).
  @Test func agreesWithSciPy() throws {
    let shape = try SampleShape([1, 2, 3, 10])
    #expect(abs(shape.skewness - 1.0182337649086284) < 1e-14)
    #expect(abs(shape.kurtosis - 2.2304) < 1e-14)
    #expect(abs(shape.jarqueBera - 0.7899140266666667) < 1e-14)
    // Units and places do not matter, however large.
    let far = try SampleShape([1e300, 2e300, 3e300, 1e301])
    #expect(abs(far.skewness - shape.skewness) < 1e-12)
  }

  @Test func mistakes() {
    #expect(throws: StatisticsError.self) { try SampleShape([]) }
    #expect(throws: StatisticsError.self) { try SampleShape([2, 2, 2]) }
    #expect(throws: StatisticsError.self) { try SampleShape([1, .infinity]) }
  }
}

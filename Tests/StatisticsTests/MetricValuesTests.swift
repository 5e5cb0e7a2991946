import TestSupport
import Testing

@testable import Statistics

@Suite struct MetricValuesTests {
  /// All at once has the bits of one by one, with values that some metrics do not apply to.
  @Test(arguments: [1, 2, 9, 5000, 20_011])
  func bitsOfEachMetric(count: Int) throws {
    for seed in UInt64(1)...4 {
      print("seed \(seed)")
      var draws = TestRandom(seed: seed)
      for odd in [nil, 0.0, -2, .infinity, .nan] {
        var predicted = (0..<count).map { _ in draws.uniform(0.5, 9) }
        var observed = (0..<count).map { _ in draws.uniform(0.5, 9) }
        if let odd { predicted[count / 2] = odd }
        if seed == 2 { observed[count / 3] = 0 }
        if seed == 3 { observed[count - 1] = predicted[count - 1].isFinite ? -3 : 1 }
        let all = Metric.values(predicted: predicted, observed: observed)
        for metric in Metric.all {
          let expected = try? metric(predicted: predicted, observed: observed)
          // Not a number is a metric without a value to whoever reads the dictionary.
          #expect(all[metric.name] == expected || expected?.isNaN == true, "\(metric.name)")
        }
      }
    }
    #expect(Metric.values(predicted: [], observed: []).isEmpty)
    #expect(Metric.values(predicted: [1], observed: [.infinity]).isEmpty)
  }

  @Test func quantilesAsSorted() throws {
    var draws = TestRandom(seed: 7)
    for count in [1, 2, 4095, 4096, 10_000] {
      var values = (0..<count).map { _ in draws.logUniform(1e-300, 1e300) }
      for i in 0..<(count / 10) { values[i] = 0 }
      if count > 2 { values[count - 1] = .infinity }
      let sorted = try Quantiles(values)
      var ranked = OrderStatistics(values)
      for p in [0, 0.01, 0.25, 0.5, 0.9, 0.999, 1] {
        #expect(try ranked.quantile(p) == sorted(p), "\(p) of \(count)")
      }
    }
  }
}

import Foundation
import Statistics
import Testing

@Suite struct MetricsTests {
  let predicted = [1.0, 2, 4, 8]
  let observed = [2.0, 2, 5, 4]

  @Test func byHand() throws {
    #expect(try Metric.bias(predicted: predicted, observed: observed) == 0.5)
    #expect(try Metric.meanAbsoluteError(predicted: predicted, observed: observed) == 1.5)
    #expect(
      digits(
        try Metric.rootMeanSquaredError(predicted: predicted, observed: observed), 4.5.squareRoot())
        > 15)
    #expect(absolutePercentageErrors(predicted: predicted, observed: observed) == [0.5, 0, 0.2, 1])
    #expect(
      try Metric.medianAbsolutePercentageError(predicted: predicted, observed: observed) == 0.35)
    #expect(
      digits(try Metric.p90AbsolutePercentageError(predicted: predicted, observed: observed), 0.85)
        > 15)
    #expect(
      digits(
        try Metric.meanAbsolutePercentageError(predicted: predicted, observed: observed), 0.425)
        > 15)
    let symmetric = (2.0 / 3 + 0 + 2.0 / 9 + 2.0 / 3) / 4
    #expect(
      digits(
        try Metric.meanSymmetricRelativeError(predicted: predicted, observed: observed), symmetric)
        > 15)
  }

  @Test func logRSquaredByTheDefinition() throws {
    let logs = observed.map { log($0) }
    let mean = logs.reduce(0, +) / 4
    let total = logs.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let residual = zip(predicted, observed).reduce(0) { $0 + pow(log($1.0) - log($1.1), 2) }
    #expect(
      digits(try Metric.logRSquared(predicted: predicted, observed: observed), 1 - residual / total)
        > 14)
    #expect(try Metric.logRSquared(predicted: observed, observed: observed) == 1)
    #expect(throws: StatisticsError.self) {
      try Metric.logRSquared(predicted: [1, 0], observed: [1, 2])
    }
    #expect(throws: StatisticsError.self) {
      try Metric.logRSquared(predicted: [1, 2], observed: [3, 3])
    }
  }

  @Test func zerosAndInfinities() throws {
    #expect(
      absolutePercentageErrors(predicted: [0, 1, .infinity], observed: [0, 0, 5]) == [
        0, .infinity, .infinity,
      ])
    #expect(
      try symmetricRelativeErrors(predicted: [0, 1, .infinity, 0], observed: [0, 0, 5, 3]) == [
        0, 2, 2, 2,
      ])
    let huge = Double.greatestFiniteMagnitude
    #expect(try symmetricRelativeErrors(predicted: [huge], observed: [huge / 3])[0] < 2)
    #expect(try Metric.rootMeanSquaredError(predicted: [1e300], observed: [0]) == 1e300)
    #expect(
      try Metric.rootMeanSquaredError(predicted: [.infinity, 1], observed: [1, 1]) == .infinity)
  }

  @Test(arguments: Metric.all.indices)
  func mistakes(_ index: Int) {
    let metric = Metric.all[index]
    #expect(throws: StatisticsError.empty(function: metric.name)) {
      try metric(predicted: [], observed: [])
    }
    #expect(throws: StatisticsError.unequalLengths(function: metric.name, 1, 2)) {
      try metric(predicted: [1], observed: [1, 2])
    }
    #expect(throws: StatisticsError.self) { try metric(predicted: [.nan, 1], observed: [1, 2]) }
    #expect(throws: StatisticsError.self) {
      try metric(predicted: [1, 1], observed: [.infinity, 2])
    }
  }

  /// Random data never leave a metric's range, and the perfect prediction is its best value.
  @Test(arguments: [1, 2, 3] as [UInt64])
  func ranges(_ seed: UInt64) throws {
    var generator = Xoshiro256StarStar(seed: seed)
    let observed = (0..<50).map { _ in 0.01 + 10 * generator.unitInterval() }
    let predicted = observed.map { $0 * (0.2 + 2 * generator.unitInterval()) }
    for metric in Metric.all {
      let value = try metric(predicted: predicted, observed: observed)
      let best = try metric(predicted: observed, observed: observed)
      #expect(
        metric.range.contains(value) && metric.range.contains(best), "seed \(seed) \(metric.name)")
      switch metric.direction {
      case .lowerIsBetter: #expect(best == 0 && value > best)
      case .higherIsBetter: #expect(best == 1 && value < best)
      case .nearerZeroIsBetter: #expect(best == 0 && abs(value) > 0)
      }
    }
    #expect(Set(Metric.all.map(\.name)).count == Metric.all.count)
  }
}

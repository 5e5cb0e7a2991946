import Foundation
import Statistics
import Testing

@Suite struct BootstrapIntervalTests {
  static func values(_ set: String, _ name: String) throws -> [Double] {
    try fixture("validation/bootstrap.csv")
      .filter { $0["set"] == set && $0["name"] == name }.map { try number($0, "value") }
  }

  /// `boot.ci` of R on the same replicates: all kinds, three levels, an odd and an even number.
  @Test(arguments: ["b999", "b100"], [0.8, 0.9, 0.95])
  func agreesWithBoot(_ set: String, _ level: Double) throws {
    let replicates = try Self.values(set, "replicate")
    #expect(replicates.count == (set == "b999" ? 999 : 100))
    let estimate = try #require(Self.values(set, "estimate").first)
    let jackknife = try Self.values(set, "jackknife")
    let distribution = try BootstrapDistribution(estimate: estimate, replicates: replicates)
    let intervals = [
      "percentile": try distribution.percentile(level: level),
      "basic": try distribution.basic(level: level),
      "bca": try #require(try distribution.bca(level: level, jackknife: jackknife)),
    ]
    for (kind, interval) in intervals {
      let expected = try Self.values(set, "\(kind)_\(level)")
      #expect(expected.count == 2)
      // Quantiles of the normal distribution in between: a few dozen roundings.
      #expect(abs(interval.lower - expected[0]) < 1e-12 * max(1, abs(expected[0])), "\(kind)")
      #expect(abs(interval.upper - expected[1]) < 1e-12 * max(1, abs(expected[1])), "\(kind)")
      #expect(!interval.isExtreme)
    }
  }

  @Test func extremes() throws {
    let few = try BootstrapDistribution(estimate: 2, replicates: [1, 2, 3, 4, 5, 6, 7, 8, 9])
    // (B + 1) a = 0.25: outside of all, so the ends stand in and say so.
    let wide = try few.percentile(level: 0.95)
    #expect(wide == BootstrapInterval(lower: 1, upper: 9, isExtreme: true))
    // (B + 1) a = 1 and 9: the extreme order statistics themselves.
    let exact = try few.percentile(level: 0.8)
    #expect(exact == BootstrapInterval(lower: 1, upper: 9, isExtreme: false))
    #expect(try few.basic(level: 0.8) == BootstrapInterval(lower: -5, upper: 3, isExtreme: false))
  }

  /// BCa follows a monotone change of scale, basic does not; without bias and acceleration BCa is
  /// the percentile interval.
  @Test func properties() throws {
    var random = Xoshiro256StarStar(seed: 77)
    let replicates = (0..<999).map { _ in 1 + random.unitInterval() }
    let jackknife = (0..<20).map { _ in 1.5 + 0.01 * random.unitInterval() }
    let plain = try BootstrapDistribution(estimate: 1.5, replicates: replicates)
    let cubed = try BootstrapDistribution(
      estimate: 1.5 * 1.5 * 1.5, replicates: replicates.map { $0 * $0 * $0 })
    // With (B + 1) a whole nothing is interpolated, so the order statistics map exactly.
    #expect(try cubed.percentile(level: 0.9).lower == pow3(try plain.percentile(level: 0.9).lower))
    let flat = try #require(try plain.bca(level: 0.9, jackknife: [2, 2, 2]))
    let below = replicates.count { $0 < 1.5 }
    if below * 2 == replicates.count { #expect(flat == (try plain.percentile(level: 0.9))) }
    let symmetric = try BootstrapDistribution(estimate: 5, replicates: (1...9).map(Double.init))
    let shifted = try #require(try symmetric.bca(level: 0.8, jackknife: [1, 1]))
    #expect(shifted.lower <= 1.5)
    #expect(BootstrapDistribution.acceleration(jackknife) != 0)
    #expect(BootstrapDistribution.acceleration([3, 3, 3]) == 0)
    // By hand: d = 2/3, 2/3, -4/3: sum d^3 = -16/9, sum d^2 = 8/3.
    let expected = -16.0 / 9 / (6 * pow(8.0 / 3, 1.5))
    #expect(abs(BootstrapDistribution.acceleration([0, 0, 2]) - expected) < 1e-15)
  }

  private func pow3(_ x: Double) -> Double { x * x * x }

  @Test func mistakes() throws {
    #expect(throws: StatisticsError.self) {
      try BootstrapDistribution(estimate: 1, replicates: [])
    }
    #expect(throws: StatisticsError.self) {
      try BootstrapDistribution(estimate: .nan, replicates: [1])
    }
    #expect(throws: StatisticsError.self) {
      try BootstrapDistribution(estimate: 1, replicates: [.infinity])
    }
    let single = try BootstrapDistribution(estimate: 1, replicates: [2])
    #expect(single.standardError == nil && single.bias == 1)
    #expect(throws: StatisticsError.self) { try single.percentile(level: 1) }
    // All on one side: there is no bias correction.
    #expect(try single.bca(level: 0.9, jackknife: [1, 2]) == nil)
  }
}

import Foundation
import QueueingModels
import TestSupport
import Testing

@Suite struct ProcessFitTests {
  static let seed: UInt64 = 99

  /// Under the hypothesis p-values are uniform; regular and bursty times are told apart.
  @Test func testOfExponentialityHoldsItsLevel() throws {
    var random = TestRandom(seed: Self.seed)
    var rejected = 0
    for _ in 0..<2000 {
      let times = (0..<25).map { _ in -3 * log(1 - random.uniform(0, 1)) }
      if try #require(try TimeSample(times).exponentialPValue) < 0.05 { rejected += 1 }
    }
    // 100 expected of 2000 at 5 %; four standard deviations are 39.
    #expect((61...139).contains(rejected), "seed \(Self.seed): \(rejected)")
    let regular = (0..<25).map { _ in random.uniform(0.9, 1.1) }
    #expect(try #require(try TimeSample(regular).exponentialPValue) < 1e-6)
    let bursty = (0..<40).map { _ in random.logUniform(1e-3, 1e3) }
    #expect(try #require(try TimeSample(bursty).exponentialPValue) < 1e-3)
  }

  @Test(arguments: ConcurrencyFit.Form.allCases)
  func findsTheFormThatMadeTheTimes(_ form: ConcurrencyFit.Form) throws {
    var random = TestRandom(seed: Self.seed)
    let groups = (0..<60).map { index -> (concurrency: Int, times: [Double]) in
      let k = 1 + index % 4
      let mean =
        switch form {
        case .independentServers: 20.0
        case .processorSharing: 15.0 * Double(k)
        case .sharingWithOverhead: 9 + 12 * Double(k)
        }
      return (k, (0..<8).map { _ in mean * (1 + 0.02 * random.normal()) })
    }
    let fit = try ConcurrencyFit(groups: groups)
    let best = try #require(fit.best)
    // A flat line is also an overhead without sharing: the simpler form has to win or tie.
    if form == .sharingWithOverhead {
      #expect(best.form == form)
      #expect(abs(best.fixed - 9) < 0.5 && abs(best.perMigration - 12) < 0.2)
    } else {
      let same = try #require(fit.fits.first { $0.form == form })
      #expect(same.aic <= best.aic + 2 && same.worstError < 0.02, "seed \(Self.seed)")
    }
  }

  @Test func oneLevelCannotBeCompared() {
    #expect(throws: QueueingError.self) {
      try ConcurrencyFit(groups: [(concurrency: 2, times: [1, 2]), (concurrency: 2, times: [3])])
    }
  }
}

import Calibration
import Foundation
import MigrationModels
import Quantities
import TestSupport
import Testing

@Suite struct FrequencyLawsTests {
  /// Probabilities of counts sum to one, for laws, lengths and parameters across their range.
  @Test(arguments: FrequencyLaw.allCases)
  func probabilitiesSumToOne(_ law: FrequencyLaw) {
    let seed: UInt64 = 51
    var random = TestRandom(seed: seed)
    for trial in 0..<500 {
      let n = 1 + Int(random.logUniform(1, 3000))
      let slot = random.logUniform(0.01, 10)
      let parameter =
        law == .bernoulli ? random.uniform(0, 1) : random.logUniform(1e-6, 100) / slot
      let probabilities = law.probabilities(parameter, slots: n, slot: slot)
      #expect(probabilities.count == n + 1 && probabilities.allSatisfy { $0 >= 0 })
      // Logarithms of the gamma function cost a digit per decade of n.
      #expect(
        abs(probabilities.reduce(0, +) - 1) < 1e-9, "\(law), seed \(seed), trial \(trial)")
    }
  }

  /// The count distribution of the reciprocal law is that of pages drawn from it.
  @Test func reciprocalCountsBySimulation() {
    let seed: UInt64 = 52
    var random = TestRandom(seed: seed)
    let (n, slot, scale, pages) = (20, 0.5, 0.3, 200_000)
    var histogram = [Double](repeating: 0, count: n + 1)
    for _ in 0..<pages {
      // F(f) = f / (f + c): f = c u / (1 - u).
      let share = random.uniform(0, 1)
      let x = scale * share / (1 - share) * Double(n) * slot
      // A phase in [0, 1): floor(x + phase) writes fall into the window, a slot has one at most.
      histogram[min(n, Int(min(1e6, x) + random.uniform(0, 1)))] += 1
    }
    let expected = FrequencyLaw.reciprocal.probabilities(scale, slots: n, slot: slot)
    for k in 0...n {
      // Five binomial deviations.
      let deviation = 5 * (expected[k] * (1 - expected[k]) / Double(pages)).squareRoot()
      #expect(
        abs(histogram[k] / Double(pages) - expected[k]) <= deviation, "seed \(seed), count \(k)")
    }
  }

  static func counts(
    pages: Int, slots: Int, seed: UInt64, _ count: (inout TestRandom) -> Int
  ) throws -> PageCounts {
    var random = TestRandom(seed: seed)
    var histogram = [Int](repeating: 0, count: slots + 1)
    for _ in 0..<pages { histogram[min(slots, count(&random))] += 1 }
    return try PageCounts(
      histogram: histogram, slot: Seconds(siValue: 1), pageSize: Bytes(siValue: 4096))
  }

  /// Each law is found again in pages that follow it, with its parameter, and preferred.
  @Test func lawsAreFoundAgain() throws {
    let n = 100
    let bernoulli = try Self.counts(pages: 20_000, slots: n, seed: 61) { random in
      (0..<n).reduce(0) { sum, _ in sum + (random.uniform(0, 1) < 0.07 ? 1 : 0) }
    }
    let reciprocal = try Self.counts(pages: 20_000, slots: n, seed: 62) { random in
      let share = random.uniform(0, 1)
      return Int(min(1e6, 0.02 * share / (1 - share) * Double(n)) + random.uniform(0, 1))
    }
    let deterministic = try Self.counts(pages: 20_000, slots: n, seed: 63) { random in
      Int(0.123 * Double(n) + random.uniform(0, 1))
    }
    for (counts, law, parameter, slack) in [
      // Five standard errors: 2e6 draws of 0.07; 20000 pages of a heavy tail; of 0.3 of a count.
      (bernoulli, FrequencyLaw.bernoulli, 0.07, 5 * 1.8e-4),
      (reciprocal, .reciprocal, 0.02, 5 * 2.5e-4),
      (deterministic, .deterministic, 0.123, 5 * 3.3e-5),
    ] {
      let fits = try FrequencyLawFit.all(counts)
      let best = try #require(fits.first)
      #expect(best.law == law, "\(law)")
      #expect(abs(best.parameter - parameter) <= slack, "\(law): \(best.parameter)")
      #expect(best.unexplainedShare < 1e-3, "\(law)")
      #expect(fits[1].aic > best.aic + 100, "\(law)")
      #expect(best.largestCDFDistance < 0.02, "\(law)")
      #expect(best.process.measurement == counts.measurement)
    }
  }

  /// Pages that no law explains raise the unexplained share, not the parameter.
  @Test func strangersAreLeftUnexplained() throws {
    let n = 100
    let counts = try Self.counts(pages: 10_000, slots: n, seed: 64) { random in
      random.uniform(0, 1) < 0.1
        ? Int(random.uniform(0, 101))
        : (0..<n).reduce(0) { sum, _ in sum + (random.uniform(0, 1) < 0.3 ? 1 : 0) }
    }
    let fit = try FrequencyLawFit(.bernoulli, to: counts)
    // Five standard errors of a share of 0.1 among 10000.
    #expect(abs(fit.unexplainedShare - 0.1) < 5 * 0.003 && abs(fit.parameter - 0.3) < 0.003)
  }

  /// No neighbouring parameter does better: the maximum is one.
  @Test(arguments: FrequencyLaw.allCases)
  func likelihoodIsLargest(_ law: FrequencyLaw) throws {
    let counts = try Self.counts(pages: 5000, slots: 30, seed: 65) { random in
      Int(random.logUniform(1, 40)) - 1
    }
    let fit = try FrequencyLawFit(law, to: counts)
    for factor in [0.3, 0.8, 0.99, 1.01, 1.25, 3] {
      let parameter = fit.parameter * factor
      guard law != .bernoulli || parameter < 1 else { continue }
      let probabilities = law.probabilities(parameter, slots: 30, slot: 1)
      for share in [fit.unexplainedShare, 0.1, 0.5, 0.9] {
        var sum = 0.0
        for (count, pages) in counts.histogram.enumerated() where pages > 0 {
          sum += Double(pages) * log((1 - share) * probabilities[count] + share / 31)
        }
        #expect(sum <= fit.logLikelihood + 1e-6 * abs(fit.logLikelihood), "\(law), \(factor)")
      }
    }
  }

  @Test func edges() throws {
    for histogram in [[], [5], [0, 0], [-1, 2]] {
      #expect(throws: DirtyFitError.noPages) {
        try PageCounts(
          histogram: histogram, slot: Seconds(siValue: 1), pageSize: Bytes(siValue: 4096))
      }
    }
    // A machine that was never dirty, and one that always is: every law can say so.
    for histogram in [[100, 0, 0], [0, 0, 100]] {
      let counts = try PageCounts(
        histogram: histogram, slot: Seconds(siValue: 1), pageSize: Bytes(siValue: 4096))
      for fit in try FrequencyLawFit.all(counts) {
        #expect(fit.logLikelihood > -1 && fit.largestCDFDistance < 1e-3, "\(fit.law)")
      }
    }
  }
}

internal import Foundation
public import MigrationModels
internal import Quantities
internal import Statistics

/// A law of per-page frequencies as a distribution of counts: in how many of n slots is a page
/// dirty?
///
/// The three laws of Zhang, Ren and Lin. Each has one parameter; probabilities are exact:
/// - deterministic: every page is written with the same period P, at a phase of its own. Of n
///   slots of s, `x = n s / P` are dirty: `floor(x)` or one more, with probability `x - floor(x)`.
/// - Bernoulli: `Binomial(n, q)`.
/// - reciprocal: a page's frequency has the CDF `f / (f + c)`, periodic at a phase of its own.
///   With `a = c n s`: `P(0) = 1 - a ln(1 + 1/a)`, `P(k) = -a ln(1 - 1/(k + a)^2)`,
///   `P(n) = a ln(1 + 1/(n - 1 + a))`, the triangle of the phases integrated over the law.
///
/// Source: laws Equations.md 4.2 to 4.4; the distributions of counts are [derived], and checked
/// against sums and simulation.
public enum FrequencyLaw: String, Sendable, CaseIterable {
  case deterministic, bernoulli, reciprocal

  /// The name and the unit of the parameter.
  public var parameterName: String { self == .bernoulli ? "dirty_probability" : "frequency_per_s" }

  /// P(k) for k = 0 ... n.
  ///
  /// - Parameter parameter: the frequency 1/P, the probability q, or the median frequency c; >= 0.
  public func probabilities(_ parameter: Double, slots n: Int, slot: Double) -> [Double] {
    (0...n).map { probability(of: $0, parameter, slots: n, slot: slot) }
  }

  /// P(k), 0 <= k <= n.
  func probability(of k: Int, _ parameter: Double, slots n: Int, slot: Double) -> Double {
    let (place, count) = (Double(k), Double(n))
    switch self {
    case .deterministic:
      return max(0, 1 - abs(min(count, parameter * count * slot) - place))
    case .bernoulli:
      if parameter <= 0 { return k == 0 ? 1 : 0 }
      if parameter >= 1 { return k == n ? 1 : 0 }
      // Logarithms of factorials: binomial coefficients leave the doubles at n = 1030.
      let coefficient = lgamma(count + 1) - lgamma(place + 1) - lgamma(count - place + 1)
      return exp(coefficient + place * log(parameter) + (count - place) * log1p(-parameter))
    case .reciprocal:
      let a = parameter * count * slot
      if a <= 0 { return k == 0 ? 1 : 0 }
      if k == 0 { return 1 - a * log1p(1 / a) }
      if k == n { return a * log1p(1 / (count - 1 + a)) }
      return -a * log1p(-1 / ((place + a) * (place + a)))
    }
  }

  /// The dirty process of a machine whose pages follow the law.
  func process(_ parameter: Double, of counts: PageCounts) -> any DirtyProcess {
    switch self {
    case .deterministic:
      ConstantDirtyProcess(
        rate: counts.memory * parameter / Seconds(siValue: 1), ceiling: counts.memory,
        measurement: counts.measurement)
    case .bernoulli:
      BernoulliDirtyProcess(
        memory: counts.memory,
        hazard: Frequency(siValue: -log1p(-parameter) / counts.slot.siValue),
        measurement: counts.measurement)
    case .reciprocal:
      ReciprocalDirtyProcess(
        memory: counts.memory, scale: Frequency(siValue: parameter),
        measurement: counts.measurement)
    }
  }
}

/// A law fitted to per-page counts by maximum likelihood.
///
/// No law is true of every page of a real machine, and one page that a law forbids would make its
/// likelihood zero. So each law is fitted with a second parameter, the share of pages that it
/// leaves unexplained, whose counts are taken as uniform over 0 ... n:
/// `P(k) = (1 - e) P_law(k) + e / (n + 1)`. All laws have two parameters, so that their
/// likelihoods compare as they stand.
public struct FrequencyLawFit: Sendable {
  public let law: FrequencyLaw
  /// 1/P, q or c.
  public let parameter: Double
  /// e, 0 to 1.
  public let unexplainedShare: Double
  public let logLikelihood: Double
  /// `2 * 2 - 2 log L`.
  public let aic: Double
  /// Largest distance between the CDFs of law (without e) and data.
  public let largestCDFDistance: Double
  /// The law as a dirty process of that machine.
  public let process: any DirtyProcess
  /// P(count <= k) by the law, k = 0 ... n.
  public let cumulativeShares: [Double]

  /// - Throws: `DirtyFitError.searchFailed` when the likelihood is not a number anywhere.
  public init(_ law: FrequencyLaw, to counts: PageCounts) throws(DirtyFitError) {
    let likelihood = LawLikelihood(law, counts)
    let (parameter, best) = try likelihood.maximum()
    self.law = law
    self.parameter = parameter
    unexplainedShare = best.share
    logLikelihood = best.logLikelihood
    aic = 4 - 2 * best.logLikelihood
    process = law.process(parameter, of: counts)
    var sum = 0.0
    let shares = law.probabilities(
      parameter, slots: counts.slotCount, slot: counts.slot.siValue
    ).map { probability in
      sum += probability
      return min(1, sum)
    }
    cumulativeShares = shares
    largestCDFDistance = zip(shares, counts.cumulativeShares).reduce(0) {
      max($0, abs($1.0 - $1.1))
    }
  }

  /// All laws, best first by AIC.
  public static func all(_ counts: PageCounts) throws(DirtyFitError) -> [FrequencyLawFit] {
    var fits: [FrequencyLawFit] = []
    for law in FrequencyLaw.allCases { fits.append(try FrequencyLawFit(law, to: counts)) }
    return fits.sorted { $0.aic < $1.aic }
  }
}

/// The likelihood of a law and its search.
private struct LawLikelihood {
  let law: FrequencyLaw
  let slots: Int
  let slot: Double
  /// The counts that occur, and how often.
  let seen: [(count: Int, pages: Double)]

  init(_ law: FrequencyLaw, _ counts: PageCounts) {
    self.law = law
    slots = counts.slotCount
    slot = counts.slot.siValue
    seen = counts.histogram.enumerated().filter { $0.element > 0 }
      .map { ($0.offset, Double($0.element)) }
  }

  /// The likelihood at a parameter, with the share that makes it largest.
  func profile(_ parameter: Double) -> (share: Double, logLikelihood: Double)? {
    let probabilities = seen.map {
      law.probability(of: $0.count, parameter, slots: slots, slot: slot)
    }
    let uniform = 1 / Double(slots + 1)
    // Concave in the share, so there is one maximum.
    let best = try? minimum(in: 1e-12...1) { share in
      var sum = 0.0
      for (entry, probability) in zip(seen, probabilities) {
        sum -= entry.pages * log((1 - share) * probability + share * uniform)
      }
      return sum
    }
    return best.map { ($0.place, -$0.value) }
  }

  func maximum() throws(DirtyFitError) -> (Double, (share: Double, logLikelihood: Double)) {
    var candidates: [(Double, Double)] = []
    for (low, high) in brackets() {
      let best = try? minimum(in: low...high) { -(profile(exp($0))?.logLikelihood ?? -.infinity) }
      if let best { candidates.append((exp(best.place), -best.value)) }
    }
    guard let best = candidates.max(by: { $0.1 < $1.1 }), let profile = profile(best.0) else {
      throw .searchFailed
    }
    return (best.0, profile)
  }

  /// Where the likelihood may have its maximum, in logarithms of the parameter.
  private func brackets() -> [(Double, Double)] {
    let length = Double(slots) * slot
    if law == .deterministic {
      // Two neighbouring counts at a time: the pairs that hold the most pages.
      var pages = [Double](repeating: 0, count: slots + 2)
      for (count, number) in seen { pages[count] = number }
      let pairs = (0..<slots).map { pages[$0] + pages[$0 + 1] }
      return pairs.indices.sorted { pairs[$0] > pairs[$1] }.prefix(5).map { count in
        let low = max(1e-9, Double(count))
        return (log(low / length), log(Double(count + 1) / length))
      }
    }
    // A mixture may have several maxima: a scan, then the neighbourhood of the best three.
    let (least, most) =
      law == .bernoulli ? (1e-12 / Double(slots), 1 - 1e-12) : (1e-9 / length, 1e6 / slot)
    let steps = 160
    let grid = (0...steps).map {
      log(least) + (log(most) - log(least)) * Double($0) / Double(steps)
    }
    let values = grid.map { profile(exp($0))?.logLikelihood ?? -.infinity }
    return grid.indices.sorted { values[$0] > values[$1] }.prefix(3).map {
      (grid[max(0, $0 - 1)], grid[min(steps, $0 + 1)])
    }
  }
}

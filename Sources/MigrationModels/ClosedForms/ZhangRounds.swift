internal import Foundation
internal import Statistics

/// The rounds of the deterministic law in closed form, for a number of rounds that is given.
///
/// `V_i = M rho^i`, `rho = d / B`: the least bandwidth for the downtime is
/// `B_delta(n) = (M d^n / delta)^(1/(n+1))`, the one for the total time is the root of
/// `M sum d^i / B^(i+1) = tau`; the answer to both is the least over n of the larger one. A
/// second route to `LeastBandwidth`.
///
/// Source: Equations.md 4.2 (derived). Without a cap at the memory, which no answer of more than
/// one round meets: there rho < 1.
public enum ZhangDeterministicRounds {
  /// B_delta(n), for d > 0.
  public static func bandwidth(
    forDowntime limit: Double, memory: Double, dirtyRate: Double, index: Int
  ) -> Double {
    // Logarithms: M d^n leaves the doubles for n of a few dozens.
    let n = Double(index)
    return exp((log(memory / limit) + n * log(dirtyRate)) / (n + 1))
  }

  /// B_tau(n); `nil` when the search fails.
  public static func bandwidth(
    forTotalTime limit: Double, memory: Double, dirtyRate: Double, index: Int
  ) -> Double? {
    func time(_ bandwidth: Double) -> Double {
      let ratio = dirtyRate / bandwidth
      // Horner: 1 + rho (1 + rho (1 + ...)).
      var sum = 1.0
      for _ in 0..<index { sum = 1 + ratio * sum }
      return memory / bandwidth * sum
    }
    // One copy takes at least that long; n + 1 copies at rho = 1 take the longest.
    let low = memory / limit * (1 - 1e-12)
    let high = max(dirtyRate, memory * Double(index + 1) / limit) * (1 + 1e-12)
    return (try? bracketedRoot(in: low...high) { time($0) / limit - 1 })?.upper
  }
}

/// The rounds of the reciprocal law in closed form.
///
/// With `k = c M / B` and `v = V / M` the recursion is `v' = k v / (1 + k v)`, whose inverse is
/// affine: `v_n = k^n (1 - k) / (1 - k^(n+1))`, and `1 / (n + 1)` for k = 1.
///
/// k < 1: vanishes geometrically. k > 1: never below `1 - 1/k`. k = 1: falls as 1/n, and the
/// total time grows without bound. Written with `expm1` of `ln k`, it keeps its digits at k = 1.
/// Source: Equations.md 4.4 (derived).
public struct ReciprocalRounds: Sendable, Hashable {
  /// c M / B.
  public let ratio: Double
  /// M / B, seconds.
  public let fullCopy: Double

  /// - Parameters: memory bytes, bandwidth bytes per second, scale c in 1/s; all > 0.
  public init(memory: Double, bandwidth: Double, scale: Double) {
    ratio = scale * memory / bandwidth
    fullCopy = memory / bandwidth
  }

  /// v_n: the share of the memory that transfer n sends.
  public func share(_ index: Int) -> Double {
    if index == 0 { return 1 }
    if ratio == 0 { return 0 }
    let logRatio = ratio > 0.5 && ratio < 2 ? log1p(ratio - 1) : log(ratio)
    if logRatio == 0 { return 1 / Double(index + 1) }
    // Divided by k^n on both sides, so that neither end of the range of k overflows:
    // (1 - k) / (k^(-n) - k) for k < 1 and (1 - 1/k) / (1 - k^(-n-1)) for k > 1.
    if logRatio < 0 {
      return -expm1(logRatio) * exp(Double(index) * logRatio)
        / -expm1(Double(index + 1) * logRatio)
    }
    return -expm1(-logRatio) / -expm1(-Double(index + 1) * logRatio)
  }

  /// (M / B) v_n: the downtime when transfer n is the last.
  public func downtime(_ index: Int) -> Double { fullCopy * share(index) }

  /// (M / B) sum of v_0 ... v_n.
  public func totalTime(_ index: Int) -> Double {
    var sum = 0.0
    // Small terms first.
    for i in (0...index).reversed() { sum += share(i) }
    return fullCopy * sum
  }

  /// The downtime that no number of rounds gets below: `M/B - 1/c`, or 0.
  public var downtimeFloor: Double {
    ratio > 1 ? fullCopy * (1 - 1 / ratio) : 0
  }
}

/// The downtime floor of the Bernoulli law: the positive root of `v = 1 - exp(-k v)`, `k = theta M
/// / B`, which is `1 + W0(-k e^(-k)) / k` for k > 1 and 0 otherwise, times M / B.
///
/// Source: Equations.md 4.3 (derived; the Lambert form is ours).
public func bernoulliDowntimeFloor(
  memory: Double, bandwidth: Double, hazard: Double
) -> Double {
  let k = hazard * memory / bandwidth
  guard k > 1 else { return 0 }
  guard k.isFinite else { return memory / bandwidth }
  guard let w = try? LambertW.principal(-k * exp(-k)) else { return 0 }
  return memory / bandwidth * (1 + w / k)
}

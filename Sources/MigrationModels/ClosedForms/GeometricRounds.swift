import Foundation

/// The geometric pre-copy recursion in closed form: the second route to `LiuBasic`.
///
/// With `lambda = D / R`: `n = ceil(ln(V_thd / V) / ln(lambda))`, then corrected by direct
/// comparison because the quotient of two rounded logarithms can land on the wrong side of an
/// integer; `S_n = expm1((n + 1) ln lambda) / expm1(ln lambda)`, which keeps its digits near
/// lambda = 1 where `(1 - lambda^(n+1)) / (1 - lambda)` loses them; volume `V S_n`.
///
/// Source: Liu et al. 2011 (Equations.md 1.1, recalled; 0, core identities 2 and 3, derived).
/// Limits: `V_thd >= V`: n = 0. D = 0: n = 1 with an empty last round. lambda >= 1 or
/// `V_thd = 0`: n is the cap.
public struct GeometricRounds: Sendable, Hashable {
  /// Index of the last transfer; there are n + 1.
  public let lastIndex: Int
  public let converged: Bool
  /// Bytes of all transfers.
  public let volume: Double
  /// Bytes of the last transfer.
  public let lastVolume: Double

  /// - Parameters:
  ///   - memory: V, bytes, >= 0.
  ///   - bandwidth: R, bytes per second, > 0.
  ///   - dirtyRate: D, bytes per second, >= 0.
  ///   - threshold: V_thd, bytes, >= 0.
  ///   - roundCap: N, >= 0.
  public init(
    memory: Double, bandwidth: Double, dirtyRate: Double, threshold: Double, roundCap: Int
  ) {
    let ratio = dirtyRate / bandwidth
    // Equal but for the roundings of either side is reached, as in `ThresholdRule`.
    let threshold = threshold * (1 + ThresholdRule.tie)
    var index = Self.lastIndex(memory: memory, ratio: ratio, threshold: threshold, cap: roundCap)
    if index > 0, ratio > 0, ratio < 1 {
      while index > 0, memory * pow(ratio, Double(index - 1)) <= threshold { index -= 1 }
      while index < roundCap, memory * pow(ratio, Double(index)) > threshold { index += 1 }
    }
    lastIndex = index
    lastVolume = index == 0 ? memory : memory * pow(ratio, Double(index))
    converged = lastVolume <= threshold
    let count = Double(index + 1)
    if ratio == 1 {
      volume = memory * count
    } else if ratio == 0 || index == 0 {
      volume = memory
    } else {
      let logRatio = log1p((dirtyRate - bandwidth) / bandwidth)
      volume = memory * expm1(count * logRatio) / expm1(logRatio)
    }
  }

  private static func lastIndex(memory: Double, ratio: Double, threshold: Double, cap: Int) -> Int {
    if threshold >= memory { return 0 }
    if ratio == 0 { return min(1, cap) }
    if ratio >= 1 || threshold == 0 { return cap }
    let real = (log(threshold / memory) / log(ratio)).rounded(.up)
    return real < Double(cap) ? max(1, Int(real)) : cap
  }
}

/// The smooth approximation in which the last round takes exactly the downtime budget:
/// `T = (V - D delta) / (R - D)`, for D < R.
///
/// Within one round of the exact value; delta -> 0 gives `V / (R - D)`.
/// Source: Equations.md 0, core identity 4 (derived).
///
/// - Returns: seconds, or `nil` when `D >= R` and the budget does not hold the whole memory: it
///   is never met.
public func relaxedTotalTime(
  memory: Double, bandwidth: Double, dirtyRate: Double, downtimeBudget: Double
) -> Double? {
  // A budget that holds the whole memory is a stop-and-copy.
  guard downtimeBudget * bandwidth < memory else { return memory / bandwidth }
  guard dirtyRate < bandwidth else { return nil }
  return (memory - dirtyRate * downtimeBudget) / (bandwidth - dirtyRate)
}

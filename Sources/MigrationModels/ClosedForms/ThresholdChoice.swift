internal import Foundation
public import Quantities

/// One stop threshold of a pre-copy, and what it makes of the migration.
public struct ThresholdOutcome: Sendable, Hashable {
  /// Iterations I: transfers before the guest is paused.
  public let iterations: Int
  /// The smallest threshold, as a fraction of the memory, that stops after I iterations.
  public let fraction: Double
  public let downtime: Seconds
  public let totalMigrationTime: Seconds
  /// Network utilisation `Lambda tau pages`; 0 when no arrival rate was given.
  public let utilization: Double
}

/// What a threshold has to keep.
public struct ThresholdBounds: Sendable, Hashable {
  /// At most this share of the link's time; `nil`: no bound.
  public var utilization: Double?
  public var totalMigrationTime: Seconds?
  public var downtime: Seconds?

  public init(
    utilization: Double? = nil, totalMigrationTime: Seconds? = nil, downtime: Seconds? = nil
  ) {
    self.utilization = utilization
    self.totalMigrationTime = totalMigrationTime
    self.downtime = downtime
  }
}

/// The best stop threshold of a pre-copy under bounds, in Aldhalaan and Menasce's model with
/// uniform dirtying.
///
/// More iterations shorten the downtime and lengthen everything else. So least downtime is the
/// largest I that keeps the bounds on utilisation and total time, and least utilisation the
/// smallest I that keeps the bound on downtime.
///
/// `rho^(I+1) >= 1 - U_max (1 - rho) / (Lambda P tau)`, hence
/// `I* = floor(ln(1 - U_max (1 - rho) / (Lambda P tau)) / ln rho) - 1` and `alpha* = rho^I*`: as a
/// function of alpha the downtime is a saw-tooth, and every alpha of `[rho^I, rho^(I-1))` makes the
/// same migration. The relaxed answer takes I for a real number, so that alpha has one best value.
///
/// Source: Aldhalaan and Menasce 2013 (Equations.md 3.4, derived).
/// Numerics: the logarithms only start the search; the integer is settled by the values.
/// Limits: D = 0: one iteration leaves nothing. rho >= 1: iterations only make it worse, so the
/// one candidate is the stop-and-copy. A bound that even this one breaks is infeasible.
public struct ThresholdChoice: Sendable, Hashable {
  public let memory: Double
  public let bandwidth: Double
  public let dirtyRate: Double
  public let arrivalRate: Double
  public let resumeTime: Double
  public let pageSize: Double

  private var ratio: Double { dirtyRate / bandwidth }

  /// - Parameters:
  ///   - memory: V, > 0.
  ///   - bandwidth: > 0.
  ///   - dirtyRate: D, >= 0.
  ///   - arrivalRate: Lambda, migrations per second, >= 0.
  ///   - resumeTime: T_res, part of downtime and total time.
  ///   - pageSize: below a page there is nothing left to send.
  public init(
    memory: Bytes, bandwidth: ByteRate, dirtyRate: ByteRate, arrivalRate: Frequency = .zero,
    resumeTime: Seconds = .zero, pageSize: Bytes = Bytes(siValue: 4096)
  ) {
    self.memory = memory.siValue
    self.bandwidth = bandwidth.siValue
    self.dirtyRate = dirtyRate.siValue
    self.arrivalRate = arrivalRate.siValue
    self.resumeTime = resumeTime.siValue
    self.pageSize = pageSize.siValue
  }

  /// What stopping after so many iterations gives.
  public func outcome(iterations: Int) -> ThresholdOutcome {
    let fraction = iterations == 0 ? 1 : pow(ratio, Double(iterations))
    let volume = memory * geometricSum(count: Double(iterations) + 1)
    return ThresholdOutcome(
      iterations: iterations, fraction: fraction,
      downtime: Seconds(siValue: memory * fraction / bandwidth + resumeTime),
      totalMigrationTime: Seconds(siValue: volume / bandwidth + resumeTime),
      utilization: arrivalRate * volume / bandwidth)
  }

  /// What a threshold gives: as many iterations as leave at most that fraction of the memory.
  ///
  /// - Parameter fraction: alpha, above 0, at most 1.
  /// - Returns: `nil` when the rounds never get there.
  public func outcome(stopFraction fraction: Double) -> ThresholdOutcome? {
    guard fraction < 1 else { return outcome(iterations: 0) }
    if dirtyRate == 0 { return outcome(iterations: 1) }
    guard ratio < 1, fraction > 0 else { return nil }
    let guess = max(1, Int(min(1e15, (log(fraction) / log(ratio)).rounded(.up))))
    return outcome(iterations: settled(guess) { pow(ratio, Double($0)) <= fraction * (1 + tie) })
  }

  /// The largest number of iterations that means anything: at less than a page nothing is left.
  public var largestIterations: Int {
    if dirtyRate == 0 { return 1 }
    guard ratio < 1 else { return 0 }
    let pages = memory / pageSize
    guard pages >= 1 else { return 0 }
    return settled(max(1, Int(min(1e15, (log(1 / pages) / log(ratio)).rounded(.up))))) {
      pages * pow(ratio, Double($0)) < 1
    }
  }

  /// The threshold of least downtime that keeps the bounds on utilisation and total time; of
  /// two with the same downtime the one with fewer iterations.
  ///
  /// A bound on downtime is a bound too: `nil` when the best does not keep it.
  ///
  /// - Returns: `nil` when even a single copy breaks a bound.
  public func leastDowntime(_ bounds: ThresholdBounds) -> ThresholdOutcome? {
    var volume = Double.infinity
    if let limit = bounds.utilization, arrivalRate > 0 {
      volume = min(volume, limit * bandwidth / arrivalRate)
    }
    if let limit = bounds.totalMigrationTime {
      volume = min(volume, (limit.siValue - resumeTime) * bandwidth)
    }
    // Equal but for roundings is within the bound.
    let allowed = volume * (1 + tie)
    guard memory <= allowed else { return nil }
    let best = outcome(iterations: largestCount(volume: volume, allowed: allowed))
    if let limit = bounds.downtime, best.downtime.siValue > limit.siValue * (1 + tie) { return nil }
    return best
  }

  /// The threshold of least utilisation that keeps the bound on downtime.
  ///
  /// - Returns: `nil` when no number of iterations keeps it, or the other bounds are broken by
  ///   the one that does.
  public func leastUtilization(_ bounds: ThresholdBounds) -> ThresholdOutcome? {
    guard let limit = bounds.downtime else { return nil }
    let fraction = (limit.siValue - resumeTime) * bandwidth / memory
    guard fraction >= 0 else { return nil }
    guard let best = outcome(stopFraction: min(fraction, 1)) else { return nil }
    if let limit = bounds.utilization, best.utilization > limit * (1 + tie) { return nil }
    if let limit = bounds.totalMigrationTime,
      best.totalMigrationTime.siValue > limit.siValue * (1 + tie)
    {
      return nil
    }
    return best
  }

  /// The same with a real number of iterations: `pages = P (1 - alpha rho) / (1 - rho)`,
  /// `T_down = alpha P tau`.
  ///
  /// - Returns: fraction, downtime, total time and utilisation at the bound; `nil` when it
  ///   cannot be kept or rho >= 1.
  public func relaxedLeastDowntime(_ bounds: ThresholdBounds) -> RelaxedThreshold? {
    guard ratio < 1 else { return nil }
    var volume = Double.infinity
    if let limit = bounds.utilization, arrivalRate > 0 {
      volume = min(volume, limit * bandwidth / arrivalRate)
    }
    if let limit = bounds.totalMigrationTime {
      volume = min(volume, (limit.siValue - resumeTime) * bandwidth)
    }
    guard memory <= volume * (1 + tie) else { return nil }
    guard volume.isFinite, ratio > 0 else { return relaxed(fraction: 0) }
    return relaxed(fraction: min(1, max(0, (1 - volume * (1 - ratio) / memory) / ratio)))
  }

  /// The relaxed answer to least utilisation under a bound on downtime.
  public func relaxedLeastUtilization(downtime: Seconds) -> RelaxedThreshold? {
    let fraction = (downtime.siValue - resumeTime) * bandwidth / memory
    guard ratio < 1, fraction >= 0 else { return nil }
    return relaxed(fraction: min(1, fraction))
  }

  private func relaxed(fraction: Double) -> RelaxedThreshold {
    let volume = memory * (1 - fraction * ratio) / (1 - ratio)
    return RelaxedThreshold(
      fraction: fraction,
      downtime: Seconds(siValue: fraction * memory / bandwidth + resumeTime),
      totalMigrationTime: Seconds(siValue: volume / bandwidth + resumeTime),
      utilization: arrivalRate * volume / bandwidth)
  }

  /// The most iterations whose volume is allowed.
  private func largestCount(volume: Double, allowed: Double) -> Int {
    guard ratio < 1 else { return 0 }
    if dirtyRate == 0 { return 1 }
    let rest = 1 - volume * (1 - ratio) / memory
    guard rest > 0 else { return largestIterations }
    let guess = max(0, Int(min(1e15, (log(rest) / log(ratio)).rounded(.down) - 1)))
    // A bound so loose that it binds only below a page does not bind.
    return min(
      largestIterations,
      settled(guess + 1) { memory * geometricSum(count: Double($0) + 1) > allowed } - 1)
  }

  /// The least count at which a condition that is false, then true, holds; bisected around a
  /// guess by logarithms, which near rho = 1 have few digits left.
  private func settled(_ guess: Int, _ holds: (Int) -> Bool) -> Int {
    if holds(0) { return 0 }
    var (below, above) = (0, max(1, guess))
    while !holds(above), above < Self.mostIterations {
      below = above
      above *= 2
    }
    while above - below > 1 {
      let middle = below + (above - below) / 2
      if holds(middle) { above = middle } else { below = middle }
    }
    return above
  }

  /// Beyond it a count is no longer exact in a double.
  private static let mostIterations = 1 << 52

  /// `1 + rho + ... ` with so many terms.
  private func geometricSum(count: Double) -> Double {
    if ratio == 0 || count <= 1 { return 1 }
    if ratio == 1 { return count }
    let logarithm = log1p((dirtyRate - bandwidth) / bandwidth)
    return expm1(count * logarithm) / expm1(logarithm)
  }

  private var tie: Double { ThresholdRule.tie }
}

/// A threshold whose iterations are a real number.
public struct RelaxedThreshold: Sendable, Hashable {
  public let fraction: Double
  public let downtime: Seconds
  public let totalMigrationTime: Seconds
  public let utilization: Double
}

internal import Foundation
public import Quantities
internal import Statistics

/// The least bandwidth that keeps a migration inside a total time and a downtime.
///
/// Rounds 0 ... n, `t_0 = M / B`, `t_(i+1) = u(t_i) / B`; the guest is paused at the first n with
/// `t_n <= delta`. Sought: the least B with `t_0 + ... + t_n <= tau`, for some n up to a cap.
///
/// For every n all t_i fall with B because u does not fall, so the bandwidths that are enough for
/// that n are a half-line, and so is their union: bisection finds its end, and a root finder with
/// a certified bracket (TOMS 748) the last digits. The answer is the upper end of that bracket: it
/// keeps both limits, and a bandwidth smaller by a few roundings is known not to.
///
/// Source: the problem of Zhang, Ren, Lin 2014; derivation Equations.md 4.1 (derived).
/// Limits: delta >= tau, or everything dirty at once: one copy at M / min(tau, delta). Nothing
/// ever dirty: M / tau. Zero fixed times: setup and resume are to be taken off the limits before.
public struct LeastBandwidth: Sendable {
  /// M, bytes, > 0.
  public let memory: Bytes
  public let process: any DirtyProcess
  /// tau, > 0, finite.
  public let totalTimeLimit: Seconds
  /// delta, > 0; infinite when any downtime will do.
  public let downtimeLimit: Seconds
  /// The largest n.
  public let maximumIndex: Int
  /// With which probability the limits are to be kept; `nil`: with the expected dirty volumes.
  public let guarantee: BinomialGuarantee?

  /// - Throws: `ModelError.outOfDomain` for a limit or a memory that is not above zero.
  public init(
    memory: Bytes, process: any DirtyProcess, totalTimeLimit: Seconds, downtimeLimit: Seconds,
    maximumIndex: Int = 200, guarantee: BinomialGuarantee? = nil
  ) throws(ModelError) {
    func positive(_ value: Double, _ name: String, orInfinite: Bool = false) throws(ModelError) {
      guard value > 0, value.isFinite || orInfinite, !value.isNaN else {
        throw .outOfDomain(name, value: value, expected: "> 0")
      }
    }
    try positive(memory.siValue, "memory_bytes")
    try positive(totalTimeLimit.siValue, "total_time_s")
    try positive(downtimeLimit.siValue, "downtime_s", orInfinite: true)
    guard maximumIndex >= 0 else {
      throw .outOfDomain("max_rounds", value: Double(maximumIndex), expected: ">= 0")
    }
    self.memory = memory
    self.process = process
    self.totalTimeLimit = totalTimeLimit
    self.downtimeLimit = downtimeLimit
    self.maximumIndex = maximumIndex
    self.guarantee = guarantee
  }

  /// What the rounds are at a bandwidth.
  public struct Plan: Sendable, Hashable {
    public let bandwidth: ByteRate
    /// n; there are n + 1 transfers.
    public let lastIndex: Int
    public let totalTime: Seconds
    public let downtime: Seconds
  }

  /// The least bandwidth.
  ///
  /// - Throws: `ModelError.searchFailed` when no bandwidth of a double's range is enough.
  public func solve() throws(ModelError) -> Plan {
    var upper = stopAndCopyBandwidth.siValue
    // One copy is enough here but for the rounding of a quotient.
    while plan(at: upper) == nil {
      upper = upper.nextUp
      guard upper < 2 * stopAndCopyBandwidth.siValue, upper.isFinite else { throw .searchFailed }
    }
    // The full copy alone takes longer than tau below.
    var lower = memory.siValue / totalTimeLimit.siValue * (1 - 1e-12)
    guard upper.isFinite, lower.isNormal else { throw .searchFailed }
    while upper / lower > 1 + 1e-6 {
      // Square roots apart: the product of two small bandwidths may be no double.
      let middle = upper.squareRoot() * lower.squareRoot()
      if plan(at: middle) != nil { upper = middle } else { lower = middle }
    }
    return try polish(lower, upper)
  }

  /// The last digits: the root for the n that serves at the upper end, as often as a smaller
  /// bandwidth turns out to serve with another n.
  private func polish(_ lower: Double, _ upper: Double) throws(ModelError) -> Plan {
    var upper = upper
    for _ in 0...maximumIndex + 1 {
      guard let best = plan(at: upper) else { throw .searchFailed }
      let bracket: RootBracket
      do {
        bracket = try bracketedRoot(in: lower...upper) { excess(at: $0, index: best.lastIndex) }
      } catch {
        // Both ends serve with this n, or the upper does not for a rounding: the bracket is
        // as small as the numbers allow.
        return extended(best)
      }
      let below = bracket.lower * (1 - Self.certificateGap)
      guard below > lower, plan(at: below) != nil else {
        // A rounding may leave the root's upper end a shade short.
        var end = bracket.upper
        while plan(at: end) == nil, end < upper { end = end.nextUp }
        return extended(plan(at: end) ?? best)
      }
      upper = below
    }
    throw .searchFailed
  }

  /// The n of the exact answer where rounding hides it.
  ///
  /// With the downtime binding after shrinking rounds, each further round would allow a smaller
  /// bandwidth, so the exact answer uses as many as tau and the cap admit. When the rounds
  /// approach a floor at delta itself, bandwidths for dozens of n are one double: the search
  /// stops at the first of them.
  private func extended(_ plan: Plan) -> Plan {
    let tight = downtimeLimit.siValue * (1 - 1e-12)
    var (index, total, last) = (
      plan.lastIndex, plan.totalTime.siValue, plan.downtime.siValue
    )
    guard index > 0, last >= tight else { return plan }
    while index < maximumIndex {
      let next = dirtyVolume(after: last, number: index + 1) / plan.bandwidth.siValue
      guard next >= tight, next <= downtimeLimit.siValue,
        total + next <= totalTimeLimit.siValue
      else { break }
      (index, total, last) = (index + 1, total + next, next)
    }
    return Plan(
      bandwidth: plan.bandwidth, lastIndex: index, totalTime: Seconds(siValue: total),
      downtime: Seconds(siValue: last))
  }

  /// How far below the answer a bandwidth is tried and must not serve: some ten roundings.
  static let certificateGap = 2e-15

  /// Above zero when a limit is missed with exactly so many transfers before the last.
  private func excess(at bandwidth: Double, index: Int) -> Double {
    var volume = memory.siValue
    var (total, last) = (0.0, 0.0)
    for i in 0...index {
      last = volume / bandwidth
      total += last
      volume = dirtyVolume(after: last, number: i + 1)
    }
    return max(total / totalTimeLimit.siValue, last / downtimeLimit.siValue) - 1
  }

  /// The rounds at a bandwidth, or `nil` when it is not enough.
  public func plan(at bandwidth: ByteRate) -> Plan? { plan(at: bandwidth.siValue) }

  private func plan(at bandwidth: Double) -> Plan? {
    var volume = memory.siValue
    var total = 0.0
    for index in 0...maximumIndex {
      let last = volume / bandwidth
      total += last
      guard total <= totalTimeLimit.siValue else { return nil }
      if last <= downtimeLimit.siValue {
        return Plan(
          bandwidth: ByteRate(siValue: bandwidth), lastIndex: index,
          totalTime: Seconds(siValue: total), downtime: Seconds(siValue: last))
      }
      volume = dirtyVolume(after: last, number: index + 1)
    }
    return nil
  }

  /// What the round of that length leaves dirty, with the guarantee's margin where there is one.
  private func dirtyVolume(after duration: Double, number: Int) -> Double {
    let expected = min(memory.siValue, process.dirtyBytes(after: duration))
    guard let guarantee else { return expected }
    return guarantee.volume(
      expected: expected, of: process.independentMemory?.siValue ?? memory.siValue, round: number)
  }
}

extension LeastBandwidth {
  /// M / min(tau, delta): one copy, the guest paused all the while.
  public var stopAndCopyBandwidth: ByteRate {
    memory / min(totalTimeLimit, downtimeLimit)
  }

  /// What the downtime limit asks for even if the migration may last forever: `u(delta) / delta`.
  ///
  /// For u concave from the origin, rounds shrink towards a round of length t* with
  /// `u(t*) = B t*`, which is at most delta exactly from this bandwidth on. Deterministic law: d.
  /// Bernoulli: `M (1 - e^(-theta delta)) / delta`. Reciprocal: `M / (delta + 1/c)`. For a
  /// dirty curve that is not concave it is an estimate.
  /// Source: Equations.md 4.3, 4.4 (derived).
  public var floorBandwidth: ByteRate {
    guard downtimeLimit.siValue.isFinite else { return .zero }
    let dirty = min(memory.siValue, process.dirtyBytes(after: downtimeLimit.siValue))
    return Bytes(siValue: dirty) / downtimeLimit
  }

  /// The downtime that no number of rounds gets below at a bandwidth; 0 where the dirty volume
  /// vanishes.
  ///
  /// The largest fixed point of `t -> u(t) / B`, approached from above by the rounds themselves.
  /// Answers 0 when the rounds fall below a billionth of the full copy.
  public func downtimeFloor(at bandwidth: ByteRate) -> Seconds {
    let full = memory / bandwidth
    var duration = full.siValue
    // Convergence is geometric but for a bandwidth at the very edge, where it is as 1/n: there
    // the last round is the answer to four digits.
    for _ in 0..<10_000 {
      let dirty = min(memory.siValue, process.dirtyBytes(after: duration))
      let next = dirty / bandwidth.siValue
      if next < full.siValue * 1e-9 { return .zero }
      if next >= duration * (1 - 1e-15) { return Seconds(siValue: duration) }
      duration = next
    }
    return Seconds(siValue: duration)
  }

  /// The smooth approximation of the deterministic law: `B* = d + (M - d delta) / tau`, at most
  /// M / min(tau, delta).
  ///
  /// The last round takes exactly delta. Source: Equations.md 4.2 (derived).
  public static func relaxed(
    memory: Bytes, dirtyRate: ByteRate, totalTimeLimit: Seconds, downtimeLimit: Seconds
  ) -> ByteRate {
    let stopAndCopy = memory / min(totalTimeLimit, downtimeLimit)
    guard downtimeLimit < totalTimeLimit else { return stopAndCopy }
    return min(
      stopAndCopy, dirtyRate + (memory - dirtyRate * downtimeLimit) / totalTimeLimit)
  }
}

/// Dirty volumes that are exceeded with a small probability only.
///
/// Round i's dirty count is binomial with N pages and p = u(t)/M; it is provided for by the least
/// count that is exceeded with probability at most `(1 - P) 6 / (pi^2 i^2)`. These shares add up to
/// 1 - P over any number of rounds, and rounds that all stay within their provision end within
/// the limits, so the limits are kept with probability P at least.
///
/// Source: Equations.md 4.3 (derived: the binomial count; the split over rounds is ours).
public struct BinomialGuarantee: Sendable, Hashable {
  /// P, between 0 and 1.
  public let probability: Double
  public let pageSize: Bytes

  /// - Throws: `ModelError.outOfDomain` unless 0 < P < 1 and a page has a size.
  public init(probability: Double, pageSize: Bytes) throws(ModelError) {
    guard probability > 0, probability < 1 else {
      throw .outOfDomain("probability", value: probability, expected: "> 0, < 1")
    }
    guard pageSize.siValue > 0, pageSize.siValue.isFinite else {
      throw .outOfDomain("page_size_bytes", value: pageSize.siValue, expected: "> 0")
    }
    self.probability = probability
    self.pageSize = pageSize
  }

  /// What to provide for in place of an expected volume.
  ///
  /// - Parameters:
  ///   - expected: bytes, 0 to `memory`.
  ///   - memory: whose pages are dirty or not, independently, bytes.
  ///   - round: i, from 1.
  public func volume(expected: Double, of memory: Double, round: Int) -> Double {
    let pages = (memory / pageSize.siValue).rounded(.up)
    let share = min(1, max(0, expected / memory))
    let failure = (1 - probability) * 6 / (.pi * .pi * Double(round) * Double(round))
    guard let counts = try? Binomial(trials: pages, probability: share),
      let count = try? counts.leastCount(failing: failure)
    else { return memory }
    return min(memory, count * pageSize.siValue)
  }
}

public import Quantities

/// What a hypervisor knows when it decides whether to make another round.
public struct RoundState: Sendable {
  /// Transfers made so far; 0 before the full copy.
  public var completedRounds: Int
  /// Seconds since the first byte.
  public var elapsed: Double
  /// Memory that the next round would send, bytes, zero pages counted in full.
  public var remaining: Double
  /// The same as stream bytes.
  public var remainingOnWire: Double
  /// Stream bytes sent so far.
  public var sent: Double
  /// Memory that the last round sent, `nil` before the full copy.
  public var lastSent: Double?
  /// Memory that the round before the last sent, `nil` before there are two.
  public var sentBefore: Double?
  /// Throughput of the last round, stream bytes per second; the channel's before the first.
  public var measuredBandwidth: Double

  public init(
    completedRounds: Int, elapsed: Double, remaining: Double, remainingOnWire: Double,
    sent: Double, lastSent: Double?, sentBefore: Double? = nil, measuredBandwidth: Double
  ) {
    self.completedRounds = completedRounds
    self.elapsed = elapsed
    self.remaining = remaining
    self.remainingOnWire = remainingOnWire
    self.sent = sent
    self.lastSent = lastSent
    self.sentBefore = sentBefore
    self.measuredBandwidth = measuredBandwidth
  }
}

/// What follows from a stop rule.
public enum StopDecision: Sendable, Hashable {
  case goOn
  /// Pause the guest and send the rest.
  case stopAndCopy(Termination, converged: Bool)
  /// Give up: the guest stays where it is.
  case abandon(Termination)
}

/// When do the rounds end?
public protocol StopRule: Sendable {
  /// The decision before the next transfer, the full copy included.
  func decision(_ state: RoundState) -> StopDecision
  /// Whether a cap makes certain that the rounds end however large the dirty volume stays.
  var isCertainToEnd: Bool { get }
}

/// Stop when the remaining memory is at or below a threshold, or rounds run out.
///
/// Liu 2011, conditions (i) and (ii); with `endsWhenGrowing`, condition (iii) too: the next
/// round would be larger than the last.
public struct ThresholdRule: StopRule, Hashable {
  public let threshold: Bytes
  public let limit: RoundLimit
  public let endsWhenGrowing: Bool

  public init(threshold: Bytes, limit: RoundLimit, endsWhenGrowing: Bool = false) {
    self.threshold = threshold
    self.limit = limit
    self.endsWhenGrowing = endsWhenGrowing
  }

  public var isCertainToEnd: Bool { limit != .unlimited }

  /// Remaining memory that exceeds the threshold by no more than this share counts as reaching
  /// it. Where a decimal input makes both equal (V 0.1^3 = V_thd), their doubles differ by some
  /// roundings, and a whole round would hang on the last bit.
  static let tie = 1e-13

  public func decision(_ state: RoundState) -> StopDecision {
    if state.remaining <= threshold.siValue * (1 + Self.tie) {
      return .stopAndCopy(.threshold, converged: true)
    }
    if endsWhenGrowing, let last = state.lastSent, state.remaining > last {
      return .stopAndCopy(.notShrinking, converged: false)
    }
    if limit.forbids(state.completedRounds) {
      return .stopAndCopy(.roundLimit, converged: false)
    }
    return .goOn
  }
}

/// Xen's conditions: few dirty pages, 29 iterations, three times the memory sent.
///
/// Tested after each iteration in this order, so the full copy is always made and a migration
/// has at most 30 transfers.
///
/// Xen's source stops too when the last iteration sent more than the one before it; the papers'
/// loops leave that out, so it is `endsWhenGrowing`.
///
/// Source: Akoush et al., MASCOTS 2010 (Equations.md 2.2: found in public
/// re-implementations with exactly 29, 3.0 and 50; the fourth condition recalled).
public struct XenStopRule: StopRule, Hashable {
  public let memory: Bytes
  public let pageSize: Bytes
  public let minimumPages: Double
  public let limit: RoundLimit
  public let trafficFactor: Double
  public let endsWhenGrowing: Bool

  public init(
    memory: Bytes, pageSize: Bytes, minimumPages: Double = 50, limit: RoundLimit = .rounds(29),
    trafficFactor: Double = 3, endsWhenGrowing: Bool = false
  ) {
    self.memory = memory
    self.pageSize = pageSize
    self.minimumPages = minimumPages
    self.limit = limit
    self.trafficFactor = trafficFactor
    self.endsWhenGrowing = endsWhenGrowing
  }

  public var isCertainToEnd: Bool { true }

  public func decision(_ state: RoundState) -> StopDecision {
    guard state.completedRounds > 0 else { return .goOn }
    if state.remaining / pageSize.siValue < minimumPages {
      return .stopAndCopy(.fewPages, converged: true)
    }
    if limit.forbids(state.completedRounds) {
      return .stopAndCopy(.roundLimit, converged: false)
    }
    if state.sent > trafficFactor * memory.siValue {
      return .stopAndCopy(.trafficLimit, converged: false)
    }
    if endsWhenGrowing, let last = state.lastSent, let before = state.sentBefore, last > before {
      return .stopAndCopy(.notShrinking, converged: false)
    }
    return .goOn
  }
}

/// QEMU's condition: what remains can be sent within the downtime limit at the bandwidth
/// measured so far.
///
/// `remaining / measured bandwidth <= downtime limit`, remaining memory counted in full pages.
/// The full copy is always made: QEMU has no measured bandwidth before it.
public struct DowntimeLimitRule: StopRule, Hashable {
  public let downtimeLimit: Seconds
  public let limit: RoundLimit

  public init(downtimeLimit: Seconds, limit: RoundLimit = .unlimited) {
    self.downtimeLimit = downtimeLimit
    self.limit = limit
  }

  public var isCertainToEnd: Bool { limit != .unlimited }

  public func decision(_ state: RoundState) -> StopDecision {
    guard state.completedRounds > 0 else { return .goOn }
    if state.remaining / state.measuredBandwidth <= downtimeLimit.siValue {
      return .stopAndCopy(.downtimeLimit, converged: true)
    }
    if limit.forbids(state.completedRounds) {
      return .stopAndCopy(.roundLimit, converged: false)
    }
    return .goOn
  }
}

/// Stop when the next transfer takes no longer than the downtime limit; give up after a
/// deadline.
///
/// The deadline is looked at first and after whole transfers, as in the published predictor.
///
/// Source: A. Gudkov, QEMU mailing list, 2023 (Equations.md 9.8).
public struct TransferTimeRule: StopRule, Hashable {
  /// `nil`: any downtime will do, so the first transfer is the last.
  public let downtimeLimit: Seconds?
  public let deadline: Seconds

  public init(downtimeLimit: Seconds?, deadline: Seconds) {
    self.downtimeLimit = downtimeLimit
    self.deadline = deadline
  }

  public var isCertainToEnd: Bool { true }

  public func decision(_ state: RoundState) -> StopDecision {
    if state.elapsed > deadline.siValue { return .abandon(.deadline) }
    guard let downtimeLimit else { return .stopAndCopy(.downtimeLimit, converged: true) }
    // Why the channel's bandwidth serves: the predictor's channel does not change its rate.
    if state.remainingOnWire / state.measuredBandwidth <= downtimeLimit.siValue {
      return .stopAndCopy(.downtimeLimit, converged: true)
    }
    return .goOn
  }
}

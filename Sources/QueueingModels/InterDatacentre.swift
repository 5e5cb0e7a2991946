internal import Foundation

/// Blocking of group migrations between data centres: Poisson requests to move k machines over c
/// channels of one rate.
///
///     sequential      one channel for the k migrations in turn: Erlang B, a = lambda T_group
///     rigid parallel  k channels at once: Erlang B with floor(c/k) servers, a = lambda T_one
///     shared parallel k migrations on one channel: Erlang B, a = lambda T_shared
///
/// Source: after Cerroni 2014 and Cerroni, Callegati 2014, whose chain was not at hand (Queues.md
/// 6.3) [derived]. Erlang B is insensitive, so fixed holding times are no approximation. The times
/// come from a migration model. Rigid parallel with mixed sizes: `MultiRateLoss`.
public struct InterDatacentre: Sendable, Hashable {
  public let channels: Int
  public let groupSize: Int
  /// Requests per second.
  public let groupRate: Double
  /// Seconds to move the group one after another at full rate.
  public let sequentialTime: Double
  /// Seconds to move one machine at full rate: what k channels are held for.
  public let singleTime: Double
  /// Seconds to move the group at once over one channel; `nil` when it never ends.
  public let sharedTime: Double?

  /// - Throws: `QueueingError.outOfDomain`.
  public init(
    channels: Int, groupSize: Int, groupRate: Double, sequentialTime: Double, singleTime: Double,
    sharedTime: Double?
  ) throws(QueueingError) {
    try requireServers(channels)
    try require(groupSize >= 1, "group size", Double(groupSize), ">= 1")
    try require(groupRate >= 0 && groupRate.isFinite, "group rate", groupRate, ">= 0 per second")
    for time in [sequentialTime, singleTime, sharedTime ?? 1] {
      try require(time > 0 && time.isFinite, "migration time", time, "> 0 s")
    }
    self.channels = channels
    self.groupSize = groupSize
    self.groupRate = groupRate
    self.sequentialTime = sequentialTime
    self.singleTime = singleTime
    self.sharedTime = sharedTime
  }

  /// Erlang's loss function of the sequential strategy.
  public func sequential() throws(QueueingError) -> ErlangLoss {
    try ErlangLoss(servers: Double(channels), offeredLoad: groupRate * sequentialTime)
  }

  /// That of the rigid parallel strategy: 0 servers, which refuse all, when a group is larger than
  /// the channels.
  public func rigid() throws(QueueingError) -> ErlangLoss {
    try ErlangLoss(servers: Double(channels / groupSize), offeredLoad: groupRate * singleTime)
  }

  /// That of the shared parallel strategy.
  public func shared() throws(QueueingError) -> ErlangLoss? {
    guard let sharedTime else { return nil }
    return try ErlangLoss(servers: Double(channels), offeredLoad: groupRate * sharedTime)
  }
}

/// What failures of the transmission make of a service time.
///
/// Source: Sun et al. 2016 name a failure rate; the formula was not at hand (Equations.md 5.1)
/// [derived].
public enum ServiceWithFailures {
  /// Mean time when each attempt fails with probability p and starts again: `T / (1 - p)`.
  ///
  /// - Throws: `QueueingError.outOfDomain` unless T > 0 and 0 <= p < 1.
  public static func mean(
    serviceTime: Double, failureProbability p: Double
  ) throws(QueueingError) -> Double {
    try require(serviceTime > 0 && serviceTime.isFinite, "service time", serviceTime, "> 0 s")
    try require(p >= 0 && p < 1, "failure probability", p, "0 to below 1")
    return serviceTime / (1 - p)
  }

  /// Mean time when the link fails at a rate while a migration of fixed length runs, which then
  /// starts again: `(e^(f T) - 1)/f`; long migrations suffer most.
  ///
  /// - Throws: `QueueingError.outOfDomain` unless T > 0 and the rate >= 0.
  public static func mean(
    serviceTime: Double, linkFailureRate rate: Double
  ) throws(QueueingError) -> Double {
    try require(serviceTime > 0 && serviceTime.isFinite, "service time", serviceTime, "> 0 s")
    try require(rate >= 0 && rate.isFinite, "link failure rate", rate, ">= 0 per second")
    return rate == 0 ? serviceTime : expm1(rate * serviceTime) / rate
  }
}

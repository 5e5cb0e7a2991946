internal import Foundation

/// A class of requests of one size.
public struct TrafficClass: Sendable, Hashable {
  /// Offered load in erlang of requests (arrival rate x mean holding time).
  public var offeredLoad: Double
  /// Channels that one request takes.
  public var channels: Int

  public init(offeredLoad: Double, channels: Int) {
    self.offeredLoad = offeredLoad
    self.channels = channels
  }
}

/// Multi-rate loss: C channels shared by classes of requests that take b_s channels each, refused
/// when fewer are free. Groups of migrations of different size on one link.
///
///     j q(j) = sum_s a_s b_s q(j - b_s),  P_s = sum_{j > C - b_s} q(j),  sum q = 1
///
/// Source: Kaufman, IEEE Trans. Comm. 29 (1981); Roberts 1981 (Queues.md 6.3). Exact, and
/// insensitive to the holding times. All terms are positive; a running power of two keeps them in
/// range, so blocking below the smallest double still has its logarithm. O(C x classes).
/// Limits: one class of b = 1 is Erlang B; b_s > C refuses the class entirely.
public struct MultiRateLoss: Sendable, Hashable {
  /// An occupancy is kept per channel.
  public static let maximumChannels = 10_000_000

  public let channels: Int
  public let classes: [TrafficClass]
  /// ln of the probability that j channels are taken.
  private let logOccupancy: [Double]

  /// - Throws: `QueueingError.outOfDomain`.
  public init(channels: Int, classes: [TrafficClass]) throws(QueueingError) {
    try require(
      channels >= 1 && channels <= Self.maximumChannels, "channels", Double(channels),
      "1 to \(Self.maximumChannels)")
    try require(!classes.isEmpty, "classes", Double(classes.count), "at least 1")
    for item in classes {
      try require(
        item.offeredLoad >= 0 && item.offeredLoad.isFinite, "offered load", item.offeredLoad,
        ">= 0 erlang")
      try require(item.channels >= 1, "channels of a class", Double(item.channels), ">= 1")
    }
    self.channels = channels
    self.classes = classes
    logOccupancy = Self.recursion(channels, classes)
  }

  private static func recursion(_ channels: Int, _ classes: [TrafficClass]) -> [Double] {
    // q in units of e^shift: rescaled whenever the window of the largest request leaves the
    // middle of the doubles' range.
    var window = [Double](repeating: 0, count: channels + 1)
    window[0] = 1
    var shift = 0.0
    var logs = [0.0]
    logs.reserveCapacity(channels + 1)
    let reach = classes.map(\.channels).max() ?? 1
    for j in stride(from: 1, through: channels, by: 1) {
      var sum = 0.0
      for item in classes where item.channels <= j {
        sum += item.offeredLoad * Double(item.channels) * window[j - item.channels]
      }
      window[j] = sum / Double(j)
      logs.append(shift + log(window[j]))
      let recent = max(0, j - reach + 1)...j
      if window[j] > 1e100 || (window[j] < 1e-100 && window[j] > 0) {
        let scale = 1 / window[j]
        // What overflows relative to the newest is kept at the edge only if it can still matter.
        if recent.allSatisfy({ (window[$0] * scale).isFinite }) {
          for i in recent { window[i] *= scale }
          shift -= log(scale)
        }
      }
    }
    let top = logs.max() ?? 0
    let total = top + log(logs.reduce(0) { $0 + exp($1 - top) })
    return logs.map { $0 - total }
  }

  /// P(j channels are taken).
  public func occupancy(_ j: Int) -> Double {
    logOccupancy.indices.contains(j) ? exp(logOccupancy[j]) : 0
  }

  /// ln of the probability that a request of the class is refused; minus infinity for never.
  public func logBlocking(_ index: Int) -> Double {
    let size = min(classes[index].channels, channels + 1)
    let blocked = logOccupancy.suffix(size)
    let top = blocked.max() ?? -.infinity
    guard top > -.infinity else { return top }
    return min(top + log(blocked.reduce(0) { $0 + exp($1 - top) }), 0)
  }

  /// The probability that a request of the class is refused.
  public func blocking(_ index: Int) -> Double { exp(logBlocking(index)) }

  /// 1 - blocking, without cancellation.
  public func acceptance(_ index: Int) -> Double {
    let free = logOccupancy.dropLast(min(classes[index].channels, channels + 1))
    return min(free.reduce(0) { $0 + exp($1) }, 1)
  }

  /// Mean channels taken: `sum_s a_s b_s (1 - P_s)`.
  public var meanOccupancy: Double {
    logOccupancy.enumerated().reduce(0) { $0 + Double($1.offset) * exp($1.element) }
  }

  /// Mean requests of the class under way.
  public func carried(_ index: Int) -> Double {
    classes[index].offeredLoad * acceptance(index)
  }
}

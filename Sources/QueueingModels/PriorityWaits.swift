internal import Foundation

/// Mean waits of priority classes that do not interrupt a service, in an M/M/C or an M/G/1 queue
/// whose classes share one law of service.
///
///     W_k = R / ((1 - s_(k-1)) (1 - s_k)),  s_k = load per server of the classes 1 ... k
///     R = C(c, a) / (c mu) for M/M/C,  lambda E[S^2] / 2 for M/G/1
///
/// Source: Cobham, "Priority assignment in waiting line problems", Operations Research 2 (1954);
/// M/M/C with equal rates: the same paper [recalled]. Limits: one class waits as without classes;
/// the mean over the classes, by their shares, is that of first come first served.
public struct PriorityWaits: Sendable, Hashable {
  /// Mean wait of each class in seconds, the first class first; nil for a class whose load, with
  /// those before it, is not below the servers.
  public let meanWaits: [Double?]

  /// M/M/C with classes.
  ///
  /// - Parameter shares: of the arrivals, the first class first; they sum to 1.
  /// - Throws: `QueueingError.outOfDomain`.
  public init(_ queue: DelayQueue, shares: [Double]) throws(QueueingError) {
    try Self.check(shares)
    let full = Double(queue.servers) * queue.serviceRate
    // Who arrives while all are busy waits at least for the next departure. With a load that is too
    // high for all, the servers are busy for ever.
    meanWaits = Self.waits(
      residual: queue.waiting / full, load: queue.arrivalRate / full, shares)
  }

  /// M/G/1 with classes.
  public init(_ queue: SingleServerQueue, shares: [Double]) throws(QueueingError) {
    try Self.check(shares)
    let load = queue.arrivalRate * queue.service.mean
    // What is left of the service under way; the server is never idle at loads above 1.
    let residual = min(load, 1) * queue.service.secondMoment / (2 * queue.service.mean)
    meanWaits = Self.waits(residual: residual, load: load, shares)
  }

  private static func check(_ shares: [Double]) throws(QueueingError) {
    try require(!shares.isEmpty, "classes", 0, "at least one")
    for share in shares {
      try require(share >= 0 && share <= 1, "share of a class", share, "0 to 1")
    }
    let sum = shares.reduce(0, +)
    // Decimal shares miss 1 by roundings.
    try require(abs(sum - 1) < 1e-9, "sum of the shares of classes", sum, "1")
  }

  private static func waits(residual: Double, load: Double, _ shares: [Double]) -> [Double?] {
    var before = 0.0
    return shares.map { share in
      let own = before + load * share
      defer { before = own }
      return own < 1 ? residual / ((1 - before) * (1 - own)) : nil
    }
  }
}

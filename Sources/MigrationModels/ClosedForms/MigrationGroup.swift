public import Quantities

/// What a service of several machines sees of their migrations.
///
/// The service needs all of its machines: it is down from the first pause to the moment the last
/// machine runs at its destination.
/// - one after the other: `T = sum of T_j`, service downtime `T_dn,1 + sum of T_j from the second on`
/// - at the same time: `T = max T_j`, service downtime `max T_j - min (T_j - T_dn,j)`
///
/// Source: Cerroni 2014, 2015 (Equations.md 6.2, recalled and derived); for equal machines the
/// second is `T_dn`, as published.
/// Limits: one machine is its own group; a machine that never ends has no group.
public struct MigrationGroup: Sendable, Hashable {
  public let totalMigrationTime: Seconds
  public let serviceDowntime: Seconds

  /// Machines one after the other, in this order.
  ///
  /// - Returns: `nil` without machines, or when one of them has no total time or downtime.
  public init?(oneAfterTheOther machines: [MigrationPrediction]) {
    guard let times = Self.times(machines), let first = times.first else { return nil }
    let total = times.reduce(Seconds.zero) { $0 + $1.total }
    totalMigrationTime = total
    serviceDowntime = times.dropFirst().reduce(first.downtime) { $0 + $1.total }
  }

  /// Machines that start at the same time.
  ///
  /// - Returns: `nil` without machines, or when one of them has no total time or downtime.
  public init?(atTheSameTime machines: [MigrationPrediction]) {
    guard let times = Self.times(machines), let last = times.map(\.total).max(),
      let firstPause = times.map({ $0.total - $0.downtime }).min()
    else { return nil }
    totalMigrationTime = last
    // The machine that ends last was down itself, whatever the roundings of the difference.
    let own = times.filter { $0.total == last }.map(\.downtime).max() ?? .zero
    serviceDowntime = max(last - firstPause, own)
  }

  private static func times(
    _ machines: [MigrationPrediction]
  ) -> [(total: Seconds, downtime: Seconds)]? {
    var times: [(Seconds, Seconds)] = []
    for machine in machines {
      guard let total = machine.totalMigrationTime, let downtime = machine.downtime else {
        return nil
      }
      times.append((total, downtime))
    }
    return times.isEmpty ? nil : times
  }
}

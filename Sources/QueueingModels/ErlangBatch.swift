/// Erlang's loss function over columns, on all cores, with the answers of the single face to the
/// last bit.
public enum ErlangBatch {
  /// Pairs that one piece of work holds: a tenth of a millisecond of work at least, so that handing
  /// it to a core costs nothing, and enough pieces to share.
  private static let chunk = 4096

  /// B for each pair of servers and offered load.
  ///
  /// - Parameters:
  ///   - servers: 0 to 10^7 each, real.
  ///   - offeredLoads: as many, in erlang, >= 0.
  /// - Throws: `QueueingError.outOfDomain` for unequal lengths or a pair outside the domain, which
  ///   it names by its position from 0.
  public static func blocking(
    servers: [Double], offeredLoads: [Double]
  ) throws(QueueingError) -> [Double] {
    try require(
      servers.count == offeredLoads.count, "offered loads", Double(offeredLoads.count),
      "as many as servers (\(servers.count))")
    let limit = Double(ErlangLoss.maximumServers)
    for index in servers.indices {
      let (c, a) = (servers[index], offeredLoads[index])
      try require(c >= 0 && c <= limit, "servers at \(index)", c, "0 to \(limit)")
      try require(a >= 0 && a.isFinite, "offered load at \(index)", a, ">= 0 erlang")
    }
    let starts = Array(stride(from: 0, to: servers.count, by: chunk))
    let parts = concurrentMap(starts) { start in
      (start..<min(start + chunk, servers.count)).map {
        ErlangLoss(unchecked: servers[$0], offeredLoads[$0]).blocking
      }
    }
    return parts.flatMap { $0 }
  }
}

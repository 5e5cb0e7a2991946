public import MigrationModels
public import Quantities

/// In how many of n slots each page was dirty: what a recording says about per-page frequencies.
public struct PageCounts: Sendable, Hashable {
  /// Pages dirty in exactly k slots, k = 0 ... n.
  public let histogram: [Int]
  public let slot: Seconds
  public let pageSize: Bytes

  /// - Parameter histogram: at least two entries (one slot), one page at least, no negative count.
  /// - Throws: `DirtyFitError.noPages`.
  public init(histogram: [Int], slot: Seconds, pageSize: Bytes) throws(DirtyFitError) {
    guard histogram.count >= 2, histogram.allSatisfy({ $0 >= 0 }),
      histogram.contains(where: { $0 > 0 })
    else { throw .noPages }
    self.histogram = histogram
    self.slot = slot
    self.pageSize = pageSize
  }

  /// The counts of a recording; pages that were never dirty are part of them.
  public init(_ history: DirtyHistory) throws(DirtyFitError) {
    try self.init(
      histogram: history.pageCountHistogram(), slot: history.slot, pageSize: history.pageSize)
  }

  /// n.
  public var slotCount: Int { histogram.count - 1 }
  public var pageCount: Int { histogram.reduce(0, +) }
  public var memory: Bytes { pageSize * Double(pageCount) }

  /// Share of the pages that were dirty in k slots at most, k = 0 ... n.
  public var cumulativeShares: [Double] {
    var sum = 0
    let total = Double(pageCount)
    return histogram.map { count in
      sum += count
      return Double(sum) / total
    }
  }

  public var measurement: DirtyMeasurement {
    DirtyMeasurement(
      source: .pageCounts, shortest: slot, longest: slot * Double(slotCount),
      sampleCount: pageCount)
  }
}

public import Quantities

/// Distinct memory dirtied in a window of a recorded history, mean over all starts of the window.
///
/// With the history closed to a ring of n slots, a window of x slots misses a page exactly when
/// it lies in a gap between two writes of the page:
/// `u(x) = P - (1/n) sum over gaps g > x of (g - x)`, P the pages ever dirtied. Continuous,
/// concave, straight between whole slots, and P from the longest gap on.
///
/// Source: the working-set identity of Denning and Schwartz 1972 (CACM 15:3), for a periodic
/// reference string [recalled]; the sum over gaps is [derived] and checked by brute force. Within
/// a slot nothing is known: u is a straight line there.
public struct HistoryDirtyProcess: DirtyProcess, Hashable {
  public let history: DirtyHistory
  /// Pages ever dirtied.
  public let distinctPages: Int
  /// Per whole number of slots w: pages times gaps longer than w, and the sum of these gaps.
  private let gapCount: [Double]
  private let gapSum: [Double]

  public init(_ history: DirtyHistory) {
    self.history = history
    let segments = PageSegments(history)
    let n = history.slotCount
    var histogram = [Double](repeating: 0, count: n + 1)
    var firstSlot = [Int32](repeating: -1, count: segments.count)
    var lastSlot = [Int32](repeating: -1, count: segments.count)
    for slot in 0..<n {
      for index in history.runRange(of: slot) {
        for segment in segments.segments(of: history.run(at: index)) {
          let last = lastSlot[segment]
          if last < 0 {
            firstSlot[segment] = Int32(slot)
          } else {
            histogram[slot - Int(last)] += Double(segments.width(of: segment))
          }
          lastSlot[segment] = Int32(slot)
        }
      }
    }
    var distinct = 0
    for segment in 0..<segments.count where lastSlot[segment] >= 0 {
      // Around the ring, from the last write to the first one.
      histogram[n - Int(lastSlot[segment] - firstSlot[segment])] +=
        Double(segments.width(of: segment))
      distinct += segments.width(of: segment)
    }
    distinctPages = distinct
    var counts = [Double](repeating: 0, count: n + 1)
    var sums = counts
    for w in (0..<n).reversed() {
      counts[w] = counts[w + 1] + histogram[w + 1]
      sums[w] = sums[w + 1] + histogram[w + 1] * Double(w + 1)
    }
    gapCount = counts
    gapSum = sums
  }

  public var ceiling: Bytes? { history.pageSize * Double(distinctPages) }

  public var measurement: DirtyMeasurement? {
    DirtyMeasurement(
      source: .history, shortest: history.slot, longest: history.duration,
      sampleCount: history.slotCount)
  }

  public func dirtyBytes(after window: Double) -> Double {
    let slots = window / history.slot.siValue
    guard slots < Double(history.slotCount) else { return bytes(distinctPages: .infinity) }
    let w = Int(slots)
    return bytes(
      distinctPages: Double(distinctPages)
        - (gapSum[w] - slots * gapCount[w]) / Double(history.slotCount))
  }

  public func dirtyRate(at window: Double) -> Double {
    let slots = window / history.slot.siValue
    guard slots < Double(history.slotCount) else { return 0 }
    return history.pageSize.siValue * gapCount[Int(slots)]
      / (Double(history.slotCount) * history.slot.siValue)
  }

  public func window(untilDirty bytes: Double) -> Double? {
    if bytes <= 0 { return 0 }
    guard let ceiling, bytes <= ceiling.siValue else { return nil }
    // The first whole number of slots that has so much; the answer lies in the slot before it.
    var (low, high) = (0, history.slotCount)
    while low < high {
      let middle = low + (high - low) / 2
      if dirtyBytes(after: Double(middle) * history.slot.siValue) >= bytes {
        high = middle
      } else {
        low = middle + 1
      }
    }
    let start = Double(max(0, low - 1)) * history.slot.siValue
    let slope = dirtyRate(at: start + history.slot.siValue / 2)
    guard slope > 0 else { return start }
    return start + max(0, bytes - dirtyBytes(after: start)) / slope
  }

  /// Within what the arithmetic of gaps may round.
  private func bytes(distinctPages pages: Double) -> Double {
    history.pageSize.siValue * min(Double(distinctPages), max(0, pages))
  }
}

/// The pages of a machine cut at every place where some run of a history begins or ends: pages of
/// one segment share their fate in all slots. There are at most twice as many as runs.
struct PageSegments {
  private let cuts: PageSet
  /// Cuts before each word of `cuts`.
  private let ranks: [Int32]
  private let firstPages: [Int]

  init(_ history: DirtyHistory) {
    var cuts = PageSet(capacity: history.memoryPages + 1)
    cuts.insert(0..<1)
    for index in 0..<history.runCount {
      let run = history.run(at: index)
      cuts.insert(run.lowerBound..<run.lowerBound + 1)
      cuts.insert(run.upperBound..<run.upperBound + 1)
    }
    var ranks: [Int32] = []
    var firstPages: [Int] = []
    ranks.reserveCapacity(cuts.words.count)
    for (index, word) in cuts.words.enumerated() {
      ranks.append(Int32(firstPages.count))
      var rest = word
      while rest != 0 {
        firstPages.append(index << 6 + rest.trailingZeroBitCount)
        rest &= rest - 1
      }
    }
    if firstPages.last != history.memoryPages { firstPages.append(history.memoryPages) }
    self.cuts = cuts
    self.ranks = ranks
    self.firstPages = firstPages
  }

  var count: Int { firstPages.count - 1 }

  func width(of segment: Int) -> Int { firstPages[segment + 1] - firstPages[segment] }

  /// The segments that make up a run of the history.
  func segments(of run: Range<Int>) -> Range<Int> {
    index(ofCutAt: run.lowerBound)..<index(ofCutAt: run.upperBound)
  }

  private func index(ofCutAt page: Int) -> Int {
    let below = (1 as UInt64) << UInt64(page & 63) - 1
    return Int(ranks[page >> 6]) + (cuts.words[page >> 6] & below).nonzeroBitCount
  }
}

extension DirtyHistory {
  /// How many pages were dirty in exactly k slots, for k = 0 ... slotCount; the pages that never
  /// were are entry 0.
  public func pageCountHistogram() -> [Int] {
    let segments = PageSegments(self)
    var counts = [Int32](repeating: 0, count: segments.count)
    for index in 0..<runCount {
      for segment in segments.segments(of: run(at: index)) { counts[segment] += 1 }
    }
    var histogram = [Int](repeating: 0, count: slotCount + 1)
    for segment in 0..<segments.count {
      histogram[Int(counts[segment])] += segments.width(of: segment)
    }
    return histogram
  }
}

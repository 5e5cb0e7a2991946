/// A set of page numbers, one bit each: what a hypervisor's bitmaps are.
///
/// 64 GiB of 4 KiB pages take 2 MiB, whatever the length of a history.
struct PageSet: Sendable {
  private(set) var words: [UInt64]
  /// Pages are numbered 0 ..< capacity.
  let capacity: Int

  init(capacity: Int, full: Bool = false) {
    self.capacity = capacity
    words = [UInt64](repeating: full ? .max : 0, count: (capacity + 63) / 64)
    if full, capacity % 64 != 0 { words[words.count - 1] = (1 << UInt64(capacity % 64)) - 1 }
  }

  /// How many pages are in the set.
  var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

  func contains(_ page: Int) -> Bool { words[page >> 6] >> UInt64(page & 63) & 1 == 1 }

  mutating func insert(_ range: Range<Int>) {
    guard !range.isEmpty else { return }
    let (first, last) = (range.lowerBound >> 6, (range.upperBound - 1) >> 6)
    let head = UInt64.max << UInt64(range.lowerBound & 63)
    let tail = UInt64.max >> UInt64(63 - (range.upperBound - 1) & 63)
    if first == last {
      words[first] |= head & tail
      return
    }
    words[first] |= head
    for word in first + 1..<last { words[word] = .max }
    words[last] |= tail
  }

  mutating func removeAll() {
    for word in words.indices { words[word] = 0 }
  }

  /// Walks upward over the pages that are in this set and not in `excluded`.
  ///
  /// - Returns: how many were met, at most `limit`, and where the walk goes on: the page after
  ///   the last one met, or `capacity` at the end.
  func walk(
    from start: Int, excluding excluded: PageSet?, limit: Int
  ) -> (met: Int, next: Int) {
    var met = 0
    var index = start >> 6
    var mask = UInt64.max << UInt64(start & 63)
    while index < words.count {
      var word = words[index] & mask
      if let excluded { word &= ~excluded.words[index] }
      let found = word.nonzeroBitCount
      if met + found >= limit {
        // The page that makes the limit full: drop the set bits below it.
        for _ in 0..<(limit - met - 1) { word &= word - 1 }
        return (limit, index << 6 + word.trailingZeroBitCount + 1)
      }
      met += found
      mask = .max
      index += 1
    }
    return (met, capacity)
  }
}

/// Values by their rank, without sorting all of them.
///
/// For non-negative numbers, whose bits are ordered as they are: counted by their leading 16 bits,
/// so that only those that share them with a wanted rank are sorted. O(n) unless most values agree
/// in their first two digits.
struct OrderStatistics {
  private let values: [Double]
  /// How many values lie in the classes before each class; empty when all values are sorted.
  private var before: [Int] = []
  private var classes: [Int: [Double]] = [:]

  /// Fewer values than this are sorted.
  private static let fewest = 4096
  private static let shift: UInt64 = 48

  /// - Parameter values: >= 0, +infinity allowed, no NaN and no -0.
  init(_ values: [Double]) {
    guard values.count >= Self.fewest else {
      self.values = values.sorted()
      return
    }
    self.values = values
    var counts = [Int](repeating: 0, count: 1 << (64 - Self.shift))
    for value in values { counts[Int(value.bitPattern >> Self.shift)] += 1 }
    var sum = 0
    for index in counts.indices { (counts[index], sum) = (sum, sum + counts[index]) }
    before = counts
  }

  var count: Int { values.count }

  /// The value of a rank, 0 for the smallest.
  mutating func value(rank: Int) -> Double {
    guard !before.isEmpty else { return values[rank] }
    // The last class that does not start behind the rank.
    var (low, high) = (0, before.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if before[middle] <= rank { low = middle } else { high = middle }
    }
    let index = low
    if classes[index] == nil {
      classes[index] =
        values.filter { Int($0.bitPattern >> Self.shift) == index }.sorted()
    }
    return classes[index]?[rank - before[index]] ?? .nan
  }

  /// The quantile for a probability in [0, 1], as `Quantiles` has it; for at least one value.
  mutating func quantile(_ p: Double) -> Double {
    var statistics = self
    defer { self = statistics }
    return Quantiles.interpolate(p, count: count) { statistics.value(rank: $0) }
  }
}

internal import Foundation

extension MarkovChain {
  /// The long-run share of time in each state, by the elimination of Grassmann, Taksar and Heyman.
  ///
  ///     for n = last ... 1:  s = sum_{j<n} q(n,j);  q(i,j) += q(i,n) q(n,j) / s  for i, j < n
  ///     then pi(n) = sum_{i<n} pi(i) q(i,n) / s, normalised
  ///
  /// No subtraction: every probability, the tiniest included, has a relative error of a few times
  /// `n` roundings (O'Cinneide 1993). States are renumbered to a narrow band first (reverse
  /// Cuthill-McKee); work is states x band^2.
  /// Source: Grassmann, Taksar, Heyman, Operations Research 33 (1985) [recalled].
  ///
  /// - Throws: `QueueingError.notIrreducible`; `.tooLarge` beyond 2 x 10^8 cells of the band.
  public func stationaryDistribution() throws(QueueingError) -> [Double] {
    try requireIrreducible()
    guard stateCount > 1 else { return [1] }
    let order = bandOrder()
    var band = try BandRates(self, order: order)
    // Probabilities in units that may leave the doubles' range: each is scaled by its own power
    // of two as soon as it would.
    var exits = [Double](repeating: 0, count: stateCount)
    for n in stride(from: stateCount - 1, through: 1, by: -1) {
      exits[n] = band.eliminate(n)
    }
    var answer = [Double](repeating: 0, count: stateCount)
    answer[0] = 1
    var total = 1.0
    for n in 1..<stateCount {
      var inflow = 0.0
      for i in band.sources(of: n) { inflow += answer[i] * band[i, n] }
      answer[n] = inflow / exits[n]
      total += answer[n]
      if total > Self.rescaleLimit {
        for i in 0...n { answer[i] /= total }
        total = 1
      }
    }
    var ordered = [Double](repeating: 0, count: stateCount)
    for (position, state) in order.enumerated() { ordered[state] = answer[position] / total }
    return ordered
  }

  /// Far from overflow even after a product of two rates.
  private static let rescaleLimit = 1e200

  /// A numbering in which arrows are short: reverse Cuthill-McKee on the arrows without direction.
  func bandOrder() -> [Int] {
    var neighbours = [Set<Int>](repeating: [], count: stateCount)
    for item in transitions {
      neighbours[item.from].insert(item.to)
      neighbours[item.to].insert(item.from)
    }
    let sorted = neighbours.map { list in
      list.sorted { (neighbours[$0].count, $0) < (neighbours[$1].count, $1) }
    }
    var seen = [Bool](repeating: false, count: stateCount)
    var order: [Int] = []
    order.reserveCapacity(stateCount)
    let byDegree = (0..<stateCount).sorted {
      (neighbours[$0].count, $0) < (neighbours[$1].count, $1)
    }
    for root in byDegree where !seen[root] {
      seen[root] = true
      var next = order.count
      order.append(root)
      while next < order.count {
        for state in sorted[order[next]] where !seen[state] {
          seen[state] = true
          order.append(state)
        }
        next += 1
      }
    }
    return order.reversed()
  }
}

/// The rates of a chain as a dense band: row i holds the columns i - lower ... i + upper.
struct BandRates {
  let count: Int
  let lower: Int
  let upper: Int
  private var cells: [Double]

  /// 1.6 GB of doubles; beyond, the elimination would take hours.
  static let maximumCells = 200_000_000

  init(_ chain: MarkovChain, order: [Int]) throws(QueueingError) {
    count = chain.stateCount
    var position = [Int](repeating: 0, count: count)
    for (index, state) in order.enumerated() { position[state] = index }
    var (lower, upper) = (0, 0)
    for item in chain.transitions {
      let distance = position[item.to] - position[item.from]
      lower = max(lower, -distance)
      upper = max(upper, distance)
    }
    self.lower = lower
    self.upper = upper
    let width = lower + upper + 1
    guard width <= Self.maximumCells / count else {
      throw .tooLarge(
        "\(count) states whose arrows span \(width) neighbours need \(count) x \(width) cells, "
          + "above \(Self.maximumCells); make the model smaller")
    }
    cells = [Double](repeating: 0, count: count * width)
    for item in chain.transitions {
      self[position[item.from], position[item.to]] = item.rate
    }
  }

  subscript(i: Int, j: Int) -> Double {
    get { cells[i * (lower + upper + 1) + j - i + lower] }
    set { cells[i * (lower + upper + 1) + j - i + lower] = newValue }
  }

  /// The states below n that may have an arrow to n.
  func sources(of n: Int) -> Range<Int> { max(0, n - upper)..<n }

  /// The states below n that n may have an arrow to.
  func targets(of n: Int) -> Range<Int> { max(0, n - lower)..<n }

  /// Takes state n out: its visitors go on to where n would have sent them. Returns the rate at
  /// which n is left for lower states.
  mutating func eliminate(_ n: Int) -> Double {
    let (sources, targets) = (sources(of: n), targets(of: n))
    let width = lower + upper + 1
    let (low, up) = (lower, upper)
    var exit = 0.0
    for j in targets { exit += self[n, j] }
    cells.withUnsafeMutableBufferPointer { cells in
      let row = n * width - n + low
      for i in sources {
        let flow = cells[i * width + n - i + low] / exit
        guard flow > 0 else { continue }
        let base = i * width - i + low
        // Arrows of n that land outside i's band cannot be: the band is the widest distance, and
        // i <= n, j < n keep j - i within it.
        for j in max(targets.lowerBound, i - low)..<min(targets.upperBound, i + up + 1) {
          cells[base + j] += flow * cells[row + j]
        }
      }
    }
    return exit
  }
}

internal import Foundation

/// How a chain ends.
public struct AbsorptionAnswer: Sendable, Hashable {
  /// Mean time until the end from each state, in seconds; 0 for a state that is an end.
  public var meanTimes: [Double]
  /// Mean reward that is collected until the end from each state.
  public var meanRewards: [Double]
  /// Per end state, in their order, the probability of ending there from each state.
  public var probabilities: [[Double]]
  /// The end states, ascending.
  public var ends: [Int]
}

extension MarkovChain {
  /// Mean times, rewards and probabilities of absorption, by elimination of states without
  /// subtraction.
  ///
  /// With exit sums `s_i` over all arrows left, taking out state n adds
  /// `q(i,n)/s_n` times the arrows, the cost rate and the end rates of n to those of i: all
  /// positive, so that times over many orders of magnitude keep their digits.
  /// Source: as `stationaryDistribution`, on the transient states [derived].
  ///
  /// - Parameters:
  ///   - ends: further states at which to stop, besides the absorbing ones.
  ///   - rewards: reward per second in each state; none by default.
  /// - Throws: `QueueingError.notIrreducible` when some state can never end, `.tooLarge`,
  ///   `.outOfDomain`.
  public func absorption(
    into extra: [Int] = [], rewards: [Double]? = nil
  ) throws(QueueingError) -> AbsorptionAnswer {
    for state in extra {
      try require(
        (0..<stateCount).contains(state), "state", Double(state), "0 to \(stateCount - 1)")
    }
    let gains = rewards ?? [Double](repeating: 0, count: stateCount)
    try require(
      gains.count == stateCount, "rewards", Double(gains.count), "one per state (\(stateCount))")
    let ends = Array(Set(absorbingStates).union(extra)).sorted()
    guard !ends.isEmpty else {
      throw .notIrreducible("no state absorbs: name the states at which to stop")
    }
    if let state = reaching(ends).firstIndex(of: false) {
      throw .notIrreducible("no end can be reached from state \(state): its mean time is infinite")
    }
    let isEnd = Set(ends)
    let order = bandOrder().filter { !isEnd.contains($0) }
    var work = try AbsorptionWork(self, order: order, ends: ends, rewards: gains)
    work.solve()
    var answer = AbsorptionAnswer(
      meanTimes: [Double](repeating: 0, count: stateCount),
      meanRewards: [Double](repeating: 0, count: stateCount),
      probabilities: ends.map { end in (0..<stateCount).map { $0 == end ? 1 : 0 } }, ends: ends)
    for (position, state) in order.enumerated() {
      answer.meanTimes[state] = work.values[0][position]
      answer.meanRewards[state] = work.values[1][position]
      for index in ends.indices {
        answer.probabilities[index][state] = work.values[index + 2][position]
      }
    }
    return answer
  }
}

/// The elimination over the transient states.
private struct AbsorptionWork {
  var band: BandRates
  /// Per right-hand side (time, reward, one per end), its rate in each state, then the answer.
  var values: [[Double]]

  init(
    _ chain: MarkovChain, order: [Int], ends: [Int], rewards: [Double]
  ) throws(QueueingError) {
    var position = [Int](repeating: -1, count: chain.stateCount)
    for (index, state) in order.enumerated() { position[state] = index }
    var inner: [Transition] = []
    let endIndex = Dictionary(
      uniqueKeysWithValues: ends.enumerated().map { ($0.element, $0.offset) })
    values = [[Double]](
      repeating: [Double](repeating: 0, count: order.count), count: ends.count + 2)
    for (index, state) in order.enumerated() {
      values[0][index] = 1
      values[1][index] = rewards[state]
      for item in chain.transitions(from: state) {
        if let end = endIndex[item.to] {
          values[end + 2][index] += item.rate
        } else {
          inner.append(Transition(from: index, to: position[item.to], rate: item.rate))
        }
      }
    }
    let kept = MarkovChain(unchecked: max(order.count, 1), inner)
    band = try BandRates(kept, order: Array(0..<max(order.count, 1)))
  }

  mutating func solve() {
    let count = values[0].count
    guard count > 0 else { return }
    var exits = [Double](repeating: 0, count: count)
    for n in stride(from: count - 1, through: 0, by: -1) {
      var exit = 0.0
      for index in values.indices.dropFirst(2) { exit += values[index][n] }
      for j in band.targets(of: n) { exit += band[n, j] }
      exits[n] = exit
      for i in band.sources(of: n) {
        let flow = band[i, n] / exit
        guard flow > 0 else { continue }
        for j in band.targets(of: n) where j != i { band[i, j] += flow * band[n, j] }
        for index in values.indices { values[index][i] += flow * values[index][n] }
      }
    }
    for n in 0..<count {
      for index in values.indices {
        var sum = values[index][n]
        for j in band.targets(of: n) { sum += band[n, j] * values[index][j] }
        values[index][n] = sum / exits[n]
      }
    }
  }
}

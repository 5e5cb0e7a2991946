internal import Foundation

/// One arrow of a Markov chain.
public struct Transition: Sendable, Hashable {
  public var from: Int
  public var to: Int
  /// Per second.
  public var rate: Double

  public init(from: Int, to: Int, rate: Double) {
    self.from = from
    self.to = to
    self.rate = rate
  }
}

/// A continuous-time Markov chain with sparse rates.
///
/// Diagonals are not stored: the rate out of a state is the sum of its arrows, so that nothing
/// is ever subtracted. Arrows between the same states add up; arrows from a state to itself, which
/// change nothing, are dropped.
public struct MarkovChain: Sendable, Hashable {
  public let stateCount: Int
  /// Sorted by origin, then by target; one per pair.
  public let transitions: [Transition]
  /// Where the arrows out of each state begin in `transitions`, and their end.
  let starts: [Int]

  /// - Parameters:
  ///   - stateCount: states are 0 ..< stateCount, at least one.
  ///   - transitions: rates > 0 are arrows, 0 is none.
  /// - Throws: `QueueingError.outOfDomain` for a state that does not exist or a bad rate.
  public init(stateCount: Int, transitions: [Transition]) throws(QueueingError) {
    try require(stateCount >= 1, "states", Double(stateCount), "at least 1")
    let states = 0..<stateCount
    for item in transitions {
      for state in [item.from, item.to] {
        try require(states.contains(state), "state", Double(state), "0 to \(stateCount - 1)")
      }
      try require(
        item.rate >= 0 && item.rate.isFinite,
        "rate of the transition from state \(item.from) to \(item.to)", item.rate,
        ">= 0 per second, finite")
    }
    self.init(unchecked: stateCount, transitions)
  }

  init(unchecked stateCount: Int, _ list: [Transition]) {
    self.stateCount = stateCount
    var merged: [Transition] = []
    merged.reserveCapacity(list.count)
    for item in list.sorted(by: { ($0.from, $0.to) < ($1.from, $1.to) })
    where item.rate > 0 && item.from != item.to {
      if let last = merged.last, last.from == item.from, last.to == item.to {
        merged[merged.count - 1].rate += item.rate
      } else {
        merged.append(item)
      }
    }
    transitions = merged
    var starts = [Int](repeating: 0, count: stateCount + 1)
    for item in merged { starts[item.from + 1] += 1 }
    for state in 0..<stateCount { starts[state + 1] += starts[state] }
    self.starts = starts
  }

  /// The arrows out of a state.
  public func transitions(from state: Int) -> ArraySlice<Transition> {
    transitions[starts[state]..<starts[state + 1]]
  }

  /// The total rate out of a state; 0 when it absorbs.
  public func exitRate(_ state: Int) -> Double {
    transitions(from: state).reduce(0) { $0 + $1.rate }
  }

  /// States without a way out.
  public var absorbingStates: [Int] {
    (0..<stateCount).filter { starts[$0] == starts[$0 + 1] }
  }

  /// The states that can be reached from some, themselves included.
  public func reachable(from origins: [Int]) -> [Bool] {
    Self.search(origins, stateCount) { state in transitions(from: state).map(\.to) }
  }

  /// The states from which one of the targets can be reached, themselves included.
  public func reaching(_ targets: [Int]) -> [Bool] {
    var sources = [[Int]](repeating: [], count: stateCount)
    for item in transitions { sources[item.to].append(item.from) }
    return Self.search(targets, stateCount) { sources[$0] }
  }

  private static func search(
    _ origins: [Int], _ count: Int, _ next: (Int) -> [Int]
  ) -> [Bool] {
    var seen = [Bool](repeating: false, count: count)
    var stack = origins
    for origin in origins { seen[origin] = true }
    while let state = stack.popLast() {
      for target in next(state) where !seen[target] {
        seen[target] = true
        stack.append(target)
      }
    }
    return seen
  }

  /// Checks that every state can be reached from every other.
  ///
  /// - Throws: `QueueingError.notIrreducible`, naming a state that absorbs, cannot be reached, or
  ///   cannot be left for the first one again.
  public func requireIrreducible() throws(QueueingError) {
    guard stateCount > 1 else { return }
    if let state = absorbingStates.first {
      throw .notIrreducible(
        "state \(state) absorbs: the chain has no steady state over its states; "
          + "ask for absorption times instead")
    }
    if let state = reachable(from: [0]).firstIndex(of: false) {
      throw .notIrreducible(
        "state \(state) cannot be reached from state 0: the chain has no single steady state")
    }
    if let state = reaching([0]).firstIndex(of: false) {
      throw .notIrreducible(
        "state 0 cannot be reached from state \(state): the chain has no single steady state")
    }
  }
}

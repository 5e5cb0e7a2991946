internal import Foundation

/// A whole-number variable of a model's state.
public struct StateVariable: Sendable, Hashable {
  public var name: String
  public var lower: Int
  public var upper: Int

  public init(_ name: String, _ lower: Int, _ upper: Int) {
    self.name = name
    self.lower = lower
    self.upper = upper
  }
}

/// A Markov chain whose states have a meaning: values of variables, labels, rewards.
public struct StateModel: Sendable, Hashable {
  /// Explored states beyond this are refused.
  public static let maximumStates = 500_000

  public var variables: [StateVariable]
  /// The values of the variables in each state.
  public var states: [[Int]]
  public var chain: MarkovChain
  public var initial: Int
  /// Named sets of states, in order of name.
  public var labels: [String: [Bool]]
  /// Named rewards per second in each state.
  public var rewards: [String: [Double]]

  /// Explores from an initial state all that can be reached.
  ///
  /// - Parameter arrows: the states that one leads to, with rates > 0.
  /// - Throws: `QueueingError.tooLarge` beyond `maximumStates`, and what `arrows` throws.
  public init(
    variables: [StateVariable], initial: [Int],
    arrows: ([Int]) throws(QueueingError) -> [(state: [Int], rate: Double)]
  ) throws(QueueingError) {
    var index = [initial: 0]
    var states = [initial]
    var transitions: [Transition] = []
    var next = 0
    while next < states.count {
      for arrow in try arrows(states[next]) {
        let target: Int
        if let known = index[arrow.state] {
          target = known
        } else {
          target = states.count
          guard target < Self.maximumStates else {
            throw .tooLarge("the model has more than \(Self.maximumStates) states; make it smaller")
          }
          index[arrow.state] = target
          states.append(arrow.state)
        }
        transitions.append(Transition(from: next, to: target, rate: arrow.rate))
      }
      next += 1
    }
    self.variables = variables
    self.states = states
    self.initial = 0
    chain = try MarkovChain(stateCount: states.count, transitions: transitions)
    labels = [:]
    rewards = [:]
  }

  /// A state in words: `n=2 w=0`.
  public func description(of state: Int) -> String {
    zip(variables, states[state]).map { "\($0.name)=\($1)" }.joined(separator: " ")
  }

  /// Probability 1 of the initial state.
  public var start: [Double] { states.indices.map { $0 == initial ? 1 : 0 } }

  /// The sum of a reward over a distribution.
  public func mean(_ reward: [Double], _ probabilities: [Double]) -> Double {
    zip(reward, probabilities).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// The probability of a label.
  public func probability(_ label: [Bool], _ probabilities: [Double]) -> Double {
    zip(label, probabilities).reduce(0) { $0 + ($1.0 ? $1.1 : 0) }
  }
}

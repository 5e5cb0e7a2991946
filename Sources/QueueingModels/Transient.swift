internal import Foundation

/// Where a chain is at a time, with a proven bound on the error.
public struct TransientAnswer: Sendable, Hashable {
  /// Probability of each state.
  public var probabilities: [Double]
  /// Mean time spent in each state until then, in seconds.
  public var occupation: [Double]
  /// Each probability is at most this too small, and never too large, roundings apart: the mass
  /// of the Poisson series that was left out.
  public var truncation: Double
  /// Steps of the uniformised chain that were taken.
  public var steps: Int
}

extension MarkovChain {
  /// Steps that one call may take: under a minute for a chain of 10^4 arrows.
  private static let maximumSteps = 5_000_000

  /// The state probabilities at time t and the occupation times until t, by uniformisation.
  ///
  ///     pi(t) = sum_k Poisson(k; q t) pi(0) P^k,   P = I + Q/q,  q = largest exit rate
  ///     integral_0^t pi = (1/q) sum_k P(Poisson(q t) > k) pi(0) P^k
  ///
  /// Truncated on the right where the Poisson mass left is below `tolerance`; all terms are
  /// positive, so the result is below the truth by at most that mass.
  /// Source: Jensen 1953; Gross and Miller, Operations Research 32 (1984) [recalled].
  ///
  /// - Parameters:
  ///   - start: probabilities of the states at time 0.
  ///   - t: seconds, >= 0.
  /// - Throws: `QueueingError.outOfDomain`; `.tooLarge` when more than 5 x 10^6 steps are needed.
  public func transient(
    from start: [Double], after t: Double, tolerance: Double = 1e-14
  ) throws(QueueingError) -> TransientAnswer {
    try requireDistribution(start)
    try require(t >= 0 && t.isFinite, "time", t, ">= 0 s")
    try require(tolerance > 0 && tolerance < 1, "tolerance", tolerance, "above 0, below 1")
    let rate = (0..<stateCount).map(exitRate).max() ?? 0
    let mean = rate * t
    guard mean > 0 else {
      return TransientAnswer(
        probabilities: start, occupation: start.map { $0 * t }, truncation: 0, steps: 0)
    }
    guard mean < Double(Self.maximumSteps) else {
      throw .tooLarge(
        "the chain makes about \(Int(min(mean, 1e18))) moves in that time, above "
          + "\(Self.maximumSteps): ask for a shorter time, or for the steady state")
    }
    var vector = start
    var next = [Double](repeating: 0, count: stateCount)
    let stay = (0..<stateCount).map { 1 - exitRate($0) / rate }
    var answer = [Double](repeating: 0, count: stateCount)
    var occupation = answer
    // P(Poisson > k) from the right: exact to roundings, and the mass left out is known.
    let window = PoissonWindow(mean: mean, tolerance: tolerance)
    var step = 0
    while true {
      let weight = window.probability(step)
      let above = window.tail(step)
      for state in 0..<stateCount {
        answer[state] += weight * vector[state]
        occupation[state] += above / rate * vector[state]
      }
      if step >= window.last { break }
      for state in 0..<stateCount { next[state] = vector[state] * stay[state] }
      for item in transitions { next[item.to] += vector[item.from] * (item.rate / rate) }
      swap(&vector, &next)
      step += 1
    }
    return TransientAnswer(
      probabilities: answer, occupation: occupation, truncation: window.leftOut, steps: step)
  }

  func requireDistribution(_ start: [Double]) throws(QueueingError) {
    try require(
      start.count == stateCount, "initial probabilities", Double(start.count),
      "one per state (\(stateCount))")
    for value in start {
      try require(value >= 0 && value <= 1, "initial probability", value, "0 to 1")
    }
    let total = start.reduce(0, +)
    // A thousand states' probabilities may miss 1 by their roundings.
    try require(abs(total - 1) < 1e-9, "sum of the initial probabilities", total, "1")
  }
}

/// Poisson probabilities up to where no more than a tolerance is left.
struct PoissonWindow {
  let mean: Double
  /// The last count that is kept.
  let last: Int
  /// P(X > last): at most the tolerance.
  let leftOut: Double
  private let probabilities: [Double]
  private let tails: [Double]

  init(mean: Double, tolerance: Double) {
    self.mean = mean
    var k = Int(mean)
    // Steps of a standard deviation, then single ones are not needed: a few terms more are cheap.
    let stride = max(Int(mean.squareRoot() / 4), 1)
    func left(_ k: Int) -> Double {
      let c = Double(k)
      return exp(PoissonKernel.logProbability(c, mean)) * PoissonKernel.upperTailRatio(c, mean)
    }
    while left(k) > tolerance { k += stride }
    last = k
    leftOut = left(k)
    probabilities = (0...k).map { exp(PoissonKernel.logProbability(Double($0), mean)) }
    var tails = [Double](repeating: 0, count: k + 1)
    var above = leftOut
    for j in Swift.stride(from: k, through: 0, by: -1) {
      tails[j] = above
      above += probabilities[j]
    }
    self.tails = tails
  }

  func probability(_ k: Int) -> Double { probabilities[k] }
  /// P(X > k).
  func tail(_ k: Int) -> Double { min(tails[k], 1) }
}

internal import Foundation

/// How long a chain goes on before it ends: P(T > t) for every t from one run of its steps.
///
///     P(T > t) = sum_k Poisson(k; q t) a_k,   a_k = v P^k 1,   P = I + Q/q,  q = largest exit rate
///
/// The steps `a_k` do not depend on t, so a percentile costs one run. Once they shrink by a
/// constant factor they are continued by it. Source: Jensen's uniformisation, 1953 [derived].
struct SurvivalCurve: Sendable {
  /// Arrow traversals that a curve may take: a second or two.
  private static let maximumWork = 500_000_000
  /// Steps whose survivors are fewer do not move a percentile.
  private static let negligible = 1e-18
  /// The rates of decay before and after doubling the steps agree to this where they have settled:
  /// their own roundings are about as large.
  private static let settled = 1e-8
  private static let checkEvery = 512

  private let rate: Double
  private let steps: [Double]
  /// ln of the factor between further steps; nil when none of them count.
  private let logFactor: Double?

  /// - Parameters:
  ///   - chain: its states are 0 ..< stateCount; the last one is the end, and has no arrows out.
  ///   - start: weights of the states; may sum to less than 1 (the rest has ended at 0).
  /// - Returns: nil when more work than seconds allow is needed.
  init?(_ chain: MarkovChain, from start: [Double]) {
    let end = chain.stateCount - 1
    let exits = (0..<end).map(chain.exitRate)
    let rate = exits.max() ?? 0
    guard rate > 0 else { return nil }
    self.rate = rate
    let moves = chain.transitions.filter { $0.to != end }
    let step = Step(
      from: moves.map(\.from), to: moves.map(\.to), shares: moves.map { $0.rate / rate },
      stay: exits.map { 1 - $0 / rate })
    var vector = Array(start[..<end])
    var next = vector
    var steps = [vector.reduce(0, +)]
    var logFactor: Double?
    while let last = steps.last, last > Self.negligible {
      guard steps.count * (moves.count + end) < Self.maximumWork else { return nil }
      let count = steps.count - 1
      if count >= 2 * Self.checkEvery, count % Self.checkEvery == 0 {
        let now = Self.decay(steps, count)
        let before = Self.decay(steps, count / 2)
        if abs(now - before) <= Self.settled * abs(now) {
          logFactor = now
          break
        }
      }
      steps.append(step.take(vector, into: &next))
      swap(&vector, &next)
    }
    self.steps = steps
    self.logFactor = logFactor
  }

  /// ln of the mean factor per step over the last steps before `count`.
  private static func decay(_ steps: [Double], _ count: Int) -> Double {
    let length = checkEvery / 2
    return log(steps[count] / steps[count - length]) / Double(length)
  }

  /// P(T > t).
  func tail(_ t: Double) -> Double {
    let mean = rate * max(t, 0)
    let last = steps.count - 1
    // Outside of this window the Poisson probabilities sum to less than 1e-20.
    let reach = 10 * mean.squareRoot() + 60
    if let logFactor, mean - reach > Double(last) {
      // All of it is continued: sum Poisson(k) a f^(k - K) = a e^(-mean (1 - f)) f^-K.
      return steps[last] * exp(mean * expm1(logFactor) - Double(last) * logFactor)
    }
    if mean - reach > Double(last) { return 0 }
    var sum = 0.0
    for k in Int(max(mean - reach, 0))...Int(mean + reach) {
      let survivors: Double
      if k <= last {
        survivors = steps[k]
      } else if let logFactor {
        survivors = steps[last] * exp(Double(k - last) * logFactor)
      } else {
        break
      }
      sum += exp(PoissonKernel.logProbability(Double(k), mean)) * survivors
    }
    return min(sum, 1)
  }
}

/// The matrix P of a uniformised chain, in columns: the inner loop of every percentile.
private struct Step {
  let from: [Int]
  let to: [Int]
  let shares: [Double]
  let stay: [Double]

  /// `next = vector P`; returns its sum.
  func take(_ vector: [Double], into next: inout [Double]) -> Double {
    var sum = 0.0
    // Bounds are those of the chain's states, checked when it was made.
    vector.withUnsafeBufferPointer { vector in
      next.withUnsafeMutableBufferPointer { next in
        stay.withUnsafeBufferPointer { stay in
          for state in 0..<stay.count { next[state] = vector[state] * stay[state] }
        }
        from.withUnsafeBufferPointer { from in
          to.withUnsafeBufferPointer { to in
            shares.withUnsafeBufferPointer { shares in
              for k in 0..<shares.count { next[to[k]] += vector[from[k]] * shares[k] }
            }
          }
        }
        for value in next { sum += value }
      }
    }
    return sum
  }
}

internal import Foundation

/// How long one waits who finds a number of others ahead, when all servers are exponential and the
/// line is served in order.
///
///     P(W > t) = sum_j q_j P(Poisson(c mu t) <= j),  q_j = P(finds c + j)
///     P(W + S > t) = P(finds a free server) e^(-mu t) + sum_j q_j (P(Poisson(c mu t) <= j) + r_j)
///     r_(j-1) = theta r_j + P(Poisson(c mu t) = j),  theta = (c-1)/c
///
/// `r_j` is the probability that the service has begun and not ended; its recursion runs downwards,
/// where it is stable. Source: textbook [derived].
struct PositionLaw: Sendable, Hashable {
  let servers: Int
  let serviceRate: Double
  /// P(finds a free server).
  let prompt: Double
  /// q_j for j = offset, offset + 1, ...
  private let queued: [Double]
  private let offset: Int
  /// The sums of `queued` from each j on; one more than there are states.
  private let above: [Double]

  /// - Parameters:
  ///   - prompt: weight of those who find a free server.
  ///   - queued: weights of those who find c + offset + 0, 1, ... others. All are divided by their
  ///     sum.
  init(servers: Int, serviceRate: Double, prompt: Double, queued: [Double], offset: Int = 0) {
    let total = prompt + queued.reduce(0, +)
    self.servers = servers
    self.serviceRate = serviceRate
    self.prompt = prompt / total
    self.queued = queued.map { $0 / total }
    self.offset = offset
    var above = [Double](repeating: 0, count: queued.count + 1)
    for j in queued.indices.reversed() { above[j] = above[j + 1] + self.queued[j] }
    self.above = above
  }

  /// P(W > 0).
  var waiting: Double { above[0] }

  /// Sum of the weights of all who find at least c + j.
  private func weightAbove(_ j: Int) -> Double { above[min(max(j - offset, 0), queued.count)] }

  private func weight(_ j: Int) -> Double {
    queued.indices.contains(j - offset) ? queued[j - offset] : 0
  }

  /// Poisson counts outside of this window have a probability below 1e-20 together.
  private func window(_ x: Double) -> ClosedRange<Int> {
    let reach = 10 * x.squareRoot() + 60
    return Int(min(max(x - reach, 0), 1e15))...Int(min(x + reach, 1e15))
  }

  func waitTail(_ t: Double) -> Double {
    let x = Double(servers) * serviceRate * max(t, 0)
    let window = window(x)
    var (below, sum) = (0.0, weightAbove(window.upperBound))
    for j in window.dropLast() where j < offset + queued.count {
      below += exp(PoissonKernel.logProbability(Double(j), x))
      sum += weight(j) * min(below, 1)
    }
    return sum
  }

  func responseTail(_ t: Double) -> Double {
    let alone = prompt * exp(-serviceRate * max(t, 0))
    let x = Double(servers) * serviceRate * max(t, 0)
    let theta = (Double(servers) - 1) / Double(servers)
    let window = window(x)
    let poisson = window.map { exp(PoissonKernel.logProbability(Double($0), x)) }
    var sum = weightAbove(window.upperBound)
    var below = poisson.reduce(0, +) - poisson[poisson.count - 1]
    var running = poisson[poisson.count - 1]
    for j in window.dropLast().reversed() {
      sum += weight(j) * min(below + running, 1)
      let here = poisson[j - window.lowerBound]
      running = theta * running + here
      below = max(below - here, 0)
    }
    // Below the window the wait is over, and services end one after the other.
    var j = window.lowerBound - 1
    while j >= offset, running > 0 {
      sum += weight(j) * running
      running *= theta
      j -= 1
    }
    return min(alone + sum, 1)
  }
}

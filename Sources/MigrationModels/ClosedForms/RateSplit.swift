internal import Foundation
public import ModelCore
public import Quantities
internal import Statistics

/// The split of a link among machines that migrate at the same time, of least weighted cost.
///
/// Machine j at rate R_j makes n_j rounds and a stop-and-copy:
/// `T_j = (V_j / R_j) (sum_{i <= n_j} (D_j / R_j)^i)`, `P_j = V_j D_j^(n_j) / R_j^(n_j + 1)`; minimise
/// `sum of c_T T_j + c_D P_j` under `sum of R_j <= R` and `D_j <= R_j`: a geometric program.
///
/// Every term is a power of one R_j, so that with `R_j = e^(x_j)` the program is convex and its
/// conditions of optimality decide: there is a price p per unit of rate with
/// `-f_j'(R_j) = p` for every machine above its lower bound, `-f_j'(R_j) <= p` for one on it, and the
/// link is used up. `ln(-f_j'(e^x))` falls in x, so x_j(p) is a root, and so is the p that fills the
/// link.
///
/// Source: Cerroni and Esposito, their published program (Equations.md 6.2, found); the solution
/// by the price is derived.
/// Numerics: both roots by TOMS 748 in logarithms; `residual` states how far the conditions are
/// from holding.
/// Limits: equal machines share alike; a link smaller than the sum of D_j has no split.
///
/// Example: two machines that differ in size only, on one link, get rates in the ratio of the
/// square roots of their sizes when nothing is dirtied.
public struct RateSplit: Sendable, Hashable {
  /// One machine of the group.
  public struct Machine: Sendable, Hashable {
    public let memory: Bytes
    public let dirtyRate: ByteRate
    /// n: transfers before the stop-and-copy.
    public let rounds: Int

    /// - Parameters:
    ///   - memory: > 0.
    ///   - dirtyRate: >= 0.
    ///   - rounds: >= 0; beyond a thousand they no longer differ.
    public init(memory: Bytes, dirtyRate: ByteRate, rounds: Int) {
      self.memory = memory
      self.dirtyRate = dirtyRate
      self.rounds = max(0, min(rounds, 1000))
    }
  }

  /// The rate of each machine, in the order given.
  public let rates: [ByteRate]
  /// The least cost.
  public let cost: Double
  /// p: what one more byte per second would save.
  public let price: Double
  /// How far the conditions of optimality are from holding: the largest relative difference of
  /// `-f_j'(R_j)` from p among machines above their bound, and of the rates' sum from the link.
  public let residual: Double

  /// - Parameters:
  ///   - machines: at least one.
  ///   - link: R, > 0.
  ///   - timeWeight: c_T, >= 0, per second of total time.
  ///   - downtimeWeight: c_D, >= 0, per second of downtime; not both zero.
  /// - Throws: `RateSplitError`.
  public init(
    _ machines: [Machine], link: ByteRate, timeWeight: Double = 1, downtimeWeight: Double = 1
  ) throws(RateSplitError) {
    guard !machines.isEmpty else { throw .noMachines }
    guard timeWeight >= 0, downtimeWeight >= 0, timeWeight + downtimeWeight > 0,
      (timeWeight + downtimeWeight).isFinite
    else { throw .weights }
    let capacity = link.siValue
    let least = machines.reduce(0) { $0 + $1.dirtyRate.siValue }
    guard capacity > 0, capacity.isFinite, least < capacity else {
      throw .linkTooSmall(link: link, dirtyRates: ByteRate(siValue: least))
    }
    let costs = machines.map { MachineCost($0, timeWeight, downtimeWeight) }
    guard costs.allSatisfy({ $0.memory > 0 && $0.memory.isFinite }) else { throw .memory }

    // ln p between the least and the largest that any machine could ask: on the link alone, and
    // with a sliver of it.
    let sliver = (capacity - least) / Double(machines.count) * 1e-9
    let askAlone = costs.map { $0.logSlope(capacity) }
    let askSliver = costs.map { $0.logSlope($0.dirtyRate + sliver) }
    let low = (askAlone.min() ?? 0) - 1
    let high = (askSliver.max() ?? 0) + 1
    func rates(_ logPrice: Double) -> [Double] {
      costs.map { $0.rate(logPrice: logPrice, atMost: capacity * 2) }
    }
    let excess = { (logPrice: Double) in rates(logPrice).reduce(0, +) / capacity - 1 }
    let logPrice: Double
    do {
      logPrice = try bracketedRoot(in: low...high, relativeWidth: rootWidth, excess).middle
    } catch {
      throw .noConvergence
    }
    let found = rates(logPrice)
    // The link is used up to the last bit of the root; what is missing is shared in proportion.
    let scale = capacity / found.reduce(0, +)
    let final = zip(found, costs).map { max($0 * scale, $1.dirtyRate) }
    self.rates = final.map { ByteRate(siValue: $0) }
    cost = zip(costs, final).reduce(0) { $0 + $1.0.value($1.1) }
    price = exp(logPrice)
    let slopes = zip(costs, final).filter { $1 > $0.dirtyRate * (1 + 1e-9) }
      .map { abs(expm1($0.logSlope($1) - logPrice)) }
    residual = max(slopes.max() ?? 0, abs(final.reduce(0, +) / capacity - 1))
  }
}

/// Logarithms of rates and prices: a few units in the last place, which the bracketing can always
/// reach.
private let rootWidth = 4e-15

/// Why there is no split.
public enum RateSplitError: Failure, Equatable {
  case noMachines
  case weights
  case memory
  case linkTooSmall(link: ByteRate, dirtyRates: ByteRate)
  case noConvergence

  public var category: FailureCategory {
    switch self {
    case .noMachines, .weights: .usage
    case .memory: .badData
    case .linkTooSmall: .cannotAnswer
    case .noConvergence: .internalFault
    }
  }

  public var description: String {
    switch self {
    case .noMachines: "a link is split among at least one machine"
    case .weights: "the weights of time and downtime are zero or more, and not both zero"
    case .memory: "the memory of every machine has to be above zero"
    case .linkTooSmall(let link, let rates):
      "the link's \(link.formatted(significantDigits: 4)) have to exceed the machines' dirty "
        + "rates together, \(rates.formatted(significantDigits: 4)): migrate fewer at a time"
    case .noConvergence: "the split could not be found"
    }
  }
}

/// The cost of one machine as a function of its rate, and its slope, in logarithms.
private struct MachineCost {
  let memory: Double
  let dirtyRate: Double
  let rounds: Int
  let timeWeight: Double
  let downtimeWeight: Double

  init(_ machine: RateSplit.Machine, _ timeWeight: Double, _ downtimeWeight: Double) {
    memory = machine.memory.siValue
    dirtyRate = machine.dirtyRate.siValue
    rounds = machine.rounds
    self.timeWeight = timeWeight
    self.downtimeWeight = downtimeWeight
  }

  /// `sum of a_i R^-(i+1)`, `a_i = V D^i (c_T + [i = n] c_D)`.
  func value(_ rate: Double) -> Double { sum(rate) { _ in 1 } }

  /// `ln(-f'(R)) = ln(sum of (i + 1) a_i R^-(i+2))`.
  func logSlope(_ rate: Double) -> Double { log(sum(rate) { $0 + 1 }) - log(rate) }

  private func sum(_ rate: Double, _ factor: (Double) -> Double) -> Double {
    let ratio = dirtyRate / rate
    var (power, total) = (memory / rate, 0.0)
    for index in 0...rounds {
      let weight = timeWeight + (index == rounds ? downtimeWeight : 0)
      total += weight * factor(Double(index)) * power
      power *= ratio
      // What follows, the weight of the downtime on the last term included, adds nothing.
      let rest = power * Double(rounds + 1) * Double(rounds + 1) * (timeWeight + downtimeWeight)
      if rest < total * 1e-20 { break }
    }
    return total
  }

  /// The rate at which the slope asks this price, its lower bound where it asks less already.
  func rate(logPrice: Double, atMost most: Double) -> Double {
    let floor = max(dirtyRate, most * 1e-15)
    guard logSlope(floor) > logPrice else { return floor }
    guard logSlope(most) < logPrice else { return most }
    let root = try? bracketedRoot(in: log(floor)...log(most), relativeWidth: rootWidth) {
      logSlope(exp($0)) - logPrice
    }
    return root.map { exp($0.middle) } ?? floor
  }
}

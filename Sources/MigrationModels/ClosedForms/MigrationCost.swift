public import ModelCore
import Quantities

/// How much each of the four costs of a migration counts, when they are made one number.
public struct CostWeights: Sendable, Hashable {
  public let totalTime: Double
  public let downtime: Double
  public let traffic: Double
  public let energy: Double

  /// All four alike, as where nothing is said.
  public static let equal = CostWeights(
    checkedTotalTime: 0.25, downtime: 0.25, traffic: 0.25, energy: 0.25)

  /// Weights of any size; they are scaled to a sum of one.
  ///
  /// - Throws: `CostError.weights` for a negative weight, or none above zero.
  public init(
    totalTime: Double, downtime: Double, traffic: Double, energy: Double
  ) throws(CostError) {
    let all = [totalTime, downtime, traffic, energy]
    let sum = all.reduce(0, +)
    guard all.allSatisfy({ $0 >= 0 && $0.isFinite }), sum > 0, sum.isFinite else {
      throw .weights
    }
    self.init(
      checkedTotalTime: totalTime / sum, downtime: downtime / sum, traffic: traffic / sum,
      energy: energy / sum)
  }

  private init(checkedTotalTime: Double, downtime: Double, traffic: Double, energy: Double) {
    totalTime = checkedTotalTime
    self.downtime = downtime
    self.traffic = traffic
    self.energy = energy
  }
}

/// Why costs cannot be weighed.
public enum CostError: Failure, Equatable {
  case weights
  /// A candidate that ends has no value for a cost that counts.
  case missing(column: String, candidate: Int)

  public var category: FailureCategory {
    switch self {
    case .weights: .usage
    case .missing: .cannotAnswer
    }
  }

  public var description: String {
    switch self {
    case .weights: "weights are numbers of zero or more, at least one of them above zero"
    case .missing(let column, let candidate):
      "candidate \(candidate + 1) has no \(column), which has a weight; "
        + "choose a model that answers it (liu.energy gives all four) or give it the weight 0"
    }
  }
}

/// The cost of one candidate among others.
public struct CandidateCost: Sendable, Hashable {
  /// The candidate's position in what was asked.
  public let index: Int
  /// 1 for the cheapest; `nil` for one whose migration does not end by itself.
  public let rank: Int?
  /// The weighted sum, 0 to 1; `nil` for one whose migration does not end.
  public let cost: Double?
}

/// Which of several machines is the cheapest to move: Liu's model-guided decision.
///
/// `cost = w_T T/T_max + w_D D/D_max + w_V V/V_max + w_E E/E_max`: each cost is divided by the
/// largest among the candidates, so that the weights compare like with like. A candidate that does
/// not converge is never the choice, however small its numbers.
///
/// Source: Liu et al. 2011, cost model (Equations.md 1.3, recalled: a weighted sum of normalised
/// costs with weights summing to 1; that they are divided by the largest is our reading).
/// Limits: a cost that is zero for all adds nothing; one candidate costs the sum of the weights of
/// its costs above zero.
///
/// - Returns: every candidate, cheapest first; equal ones in the order given, those that do not
///   end last.
/// - Throws: `CostError.missing`.
public func rankedByCost(
  _ candidates: [MigrationPrediction], weights: CostWeights = .equal
) throws(CostError) -> [CandidateCost] {
  let parts: [(weight: Double, column: String, value: (MigrationPrediction) -> Double?)] = [
    (weights.totalTime, "total_time_s", { $0.totalMigrationTime?.siValue }),
    (weights.downtime, "downtime_s", { $0.downtime?.siValue }),
    (weights.traffic, "transferred_bytes", { $0.transferredBytes?.siValue }),
    (weights.energy, "energy_j", { $0.energy?.siValue }),
  ]
  let ending = candidates.indices.filter { candidates[$0].converged }
  var costs = Dictionary(uniqueKeysWithValues: ending.map { ($0, 0.0) })
  for part in parts where part.weight > 0 {
    var values: [Int: Double] = [:]
    for index in ending {
      guard let value = part.value(candidates[index]) else {
        throw .missing(column: part.column, candidate: index)
      }
      values[index] = value
    }
    guard let largest = values.values.max(), largest > 0 else { continue }
    for (index, value) in values { costs[index, default: 0] += part.weight * value / largest }
  }
  let order = ending.sorted { (costs[$0] ?? 0, $0) < (costs[$1] ?? 0, $1) }
  let others = candidates.indices.filter { !candidates[$0].converged }
  return order.enumerated().map { CandidateCost(index: $1, rank: $0 + 1, cost: costs[$1]) }
    + others.map { CandidateCost(index: $0, rank: nil, cost: nil) }
}

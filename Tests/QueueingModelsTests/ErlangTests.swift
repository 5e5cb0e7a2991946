import Foundation
import QueueingModels
import TestSupport
import Testing

/// Erlang's loss function against 60-digit references and against routes that share no code.
@Suite struct ErlangTests {
  /// The issue's bounds: 1e-12, and 1e-9 from 10^5 servers on, where an ulp of the load moves the
  /// answer by |c - a| ulps.
  static func tolerance(_ servers: Double) -> Tolerance {
    servers >= 1e5
      ? Tolerance(relative: 1e-9, reason: "|c - a| ulps of the load")
      : Tolerance(relative: 1e-12, reason: "sums of positive terms")
  }

  @Test(arguments: Oracle.cases("mmcc"))
  func lossQueueMatchesTheOracle(_ item: OracleCase) throws {
    let mu = item.input("mu")
    let queue = try LossQueue(
      arrivalRate: item.input("a") * mu, serviceRate: mu, servers: Int(item.input("c")))
    let metrics = queue.metrics
    let close = Self.tolerance(item.input("c"))
    let values: [String: Double?] = [
      "blocking": metrics.blockingProbability, "L": metrics.meanInSystem,
      "throughput": metrics.throughput, "utilisation": metrics.utilization,
      "carried": metrics.meanInSystem,
      "log10_blocking": metrics.logBlockingProbability.map { $0 / log(10) },
    ]
    for (name, text) in item.outputs {
      try compare(item, name, text, values[name] ?? nil, close)
    }
  }

  @Test(arguments: Oracle.cases("mmc"))
  func delayQueueMatchesTheOracle(_ item: OracleCase) throws {
    let mu = item.input("mu")
    // c - a in decimal: next to saturation the nearest double to a is not near enough.
    let load = try #require(Decimal(string: item.inputs["a"] ?? ""))
    let spare = try #require(Double("\(Decimal(Int(item.input("c"))) - load)"))
    let queue = try DelayQueue(
      arrivalRate: item.input("a") * mu, serviceRate: mu, servers: Int(item.input("c")),
      spareLoad: spare)
    let metrics = queue.metrics
    let close = Self.tolerance(item.input("c"))
    let values: [String: Double?] = [
      "P_wait": metrics.waitingProbability, "Wq": metrics.meanWait, "W": metrics.meanResponse,
      "Lq": metrics.meanQueueLength, "L": metrics.meanInSystem,
      "log10_P_wait": metrics.logWaitingProbability.map { $0 / log(10) },
    ]
    for (name, text) in item.outputs where values.keys.contains(name) {
      try compare(item, name, text, values[name] ?? nil, close)
    }
  }

  @Test(arguments: Oracle.cases("mmck"))
  func finiteQueueMatchesTheOracle(_ item: OracleCase) throws {
    let mu = item.input("mu")
    let queue = try FiniteQueue(
      arrivalRate: item.input("a") * mu, serviceRate: mu, servers: Int(item.input("c")),
      capacity: Int(item.input("K")))
    let metrics = queue.metrics
    let values: [String: Double?] = [
      "P_loss": metrics.blockingProbability, "Lq": metrics.meanQueueLength,
      "L": metrics.meanInSystem, "Wq": metrics.meanWait,
      "P_wait_accepted": metrics.waitingProbability,
    ]
    for (name, text) in item.outputs {
      try compare(item, name, text, try #require(values[name]), Self.tolerance(1))
    }
  }

  private func compare(
    _ item: OracleCase, _ name: String, _ text: String, _ value: Double?, _ close: Tolerance
  ) throws {
    guard let expected = Double(text), expected.isFinite else {
      #expect(value == nil, "\(item) \(name): \(text)")
      return
    }
    // Below the range of normal doubles only the logarithm can be held to account.
    if expected > 0, expected < 1e-290 { return }
    let answer = try #require(value, "\(item) \(name)")
    #expect(close.accepts(answer, expected), "\(item) \(name): \(answer) for \(expected)")
  }
}

import Foundation
import QueueingModels
import TestSupport
import Testing

/// Octave's package `queueing` over a grid (`Tests/Reference/queueing.m`): the same wherever it
/// gives a number, an answer of ours wherever it does not.
@Suite struct OctaveTests {
  struct Row {
    var function: String
    var arrivalRate: Double
    var serviceRate: Double
    var servers: Int
    var capacity: Int
    var output: String
    /// Absent where Octave failed.
    var value: Double?
  }

  static func rows() throws -> [Row] {
    let url = Fixtures.directory.appending(path: "queueing/octave.csv")
    let text = try String(contentsOf: url, encoding: .utf8)
    return try text.split(separator: "\n").dropFirst().map { line in
      let cells = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      return Row(
        function: cells[0], arrivalRate: try #require(Double(cells[1])),
        serviceRate: try #require(Double(cells[2])), servers: try #require(Int(cells[3])),
        capacity: try #require(Int(cells[4])), output: cells[5],
        value: cells[6].isEmpty ? nil : Double(cells[6]))
    }
  }

  static func ours(_ row: Row) throws -> QueueMetrics {
    let (lambda, mu) = (row.arrivalRate, row.serviceRate)
    switch row.function {
    case "erlangb":
      return try LossQueue(arrivalRate: lambda, serviceRate: mu, servers: row.servers).metrics
    case "erlangc", "qsmmm", "qsammm":
      return try DelayQueue(arrivalRate: lambda, serviceRate: mu, servers: row.servers).metrics
    case "qsmmmk":
      return try FiniteQueue(
        arrivalRate: lambda, serviceRate: mu, servers: row.servers, capacity: row.capacity
      ).metrics
    case "engset":
      return try FiniteSourceQueue(
        sources: row.capacity, requestRate: lambda, serviceRate: mu, servers: row.servers
      ).metrics
    case "qsmminf": return try InfiniteServers(arrivalRate: lambda, serviceRate: mu).metrics
    default:
      return try SingleServerQueue(
        arrivalRate: lambda, service: .gamma(mean: 1 / mu, squaredVariation: 0.4)
      ).metrics
    }
  }

  static func value(_ output: String, _ m: QueueMetrics) -> Double? {
    switch output {
    case "blocking": m.blockingProbability
    case "waiting": m.waitingProbability
    case "utilization": m.utilization
    case "response": m.meanResponse
    case "number": m.meanInSystem
    case "throughput": m.throughput
    default: nil
    }
  }

  /// Octave solves M/M/C/K by a dense linear system of up to 220 states and M/M/C by sums of
  /// powers: ten digits of a probability of size one.
  static let close = Tolerance(relative: 1e-9, reason: "Octave's linear solve and sums of powers")

  @Test func agreesWhereverOctaveGivesANumber() throws {
    var compared = 0
    var failed = 0
    for row in try Self.rows() {
      let metrics = try Self.ours(row)
      guard let expected = row.value, expected.isFinite else {
        failed += 1
        // Where Octave fails, ours has a number or says that none exists.
        let answered =
          row.output.hasPrefix("error") ? metrics.throughput != nil : !metrics.isStable
        #expect(answered || Self.value(row.output, metrics) != nil, "\(row)")
        continue
      }
      let found: Double?
      if row.output == "empty" {
        found = try InfiniteServers(arrivalRate: row.arrivalRate, serviceRate: row.serviceRate)
          .stateProbability(0)
      } else {
        found = Self.value(row.output, metrics)
      }
      let value = try #require(found, "\(row)")
      compared += 1
      // Octave's solve is exact to about 1e-15 of the largest probability; Engset's and Erlang's
      // recursions underflow to 0 where ours does.
      let absolute = row.function == "qsmmmk" && row.output == "blocking" ? 1e-14 : 1e-300
      #expect(
        Self.close.accepts(value, expected) || abs(value - expected) < absolute,
        "\(row): ours \(value)")
    }
    #expect(compared > 3000 && failed > 5, "\(compared) compared, \(failed) failed")
  }
}

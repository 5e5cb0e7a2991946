import ArgumentParser
import Foundation
import MigrationModels
import ModelCore
import Quantities
import QueueingModels
import Traces

/// A probability or share as it is typed: 1% or 0.01.
func probability(_ text: String) throws -> Double {
  let value = try Ratio(parsing: text).siValue
  guard value <= 1 else {
    throw UsageError("\"\(text)\" is above 1; a probability is expected, for example 1% or 0.01")
  }
  return value
}

/// A rate of events, or what to write instead.
func frequency(_ text: String) throws -> Frequency { try Frequency(parsing: text) }

/// Arrivals and services of a queue.
struct QueueRateOptions: ParsableArguments {
  @Option(
    parsing: .unconditional, help: "Arrivals: 0.5/s, 12/min, 40/h.", transform: frequency)
  var arrivalRate: Frequency?

  @Option(
    parsing: .unconditional, help: "Mean time of one migration, such as 40s.",
    transform: quantity(Seconds.self))
  var serviceTime: Seconds?

  @Option(
    parsing: .unconditional,
    help: "In place of --service-time: migrations per server, such as 90/h.",
    transform: frequency)
  var serviceRate: Frequency?

  @Option(help: "In place of --service-time: a CSV of migrations whose times --model predicts.")
  var fleet: String?

  @Option(help: "With --fleet: the migration model; see 'cutover models list'.")
  var model: String?

  @Option(
    help: "Share of the migrations that fail and start again, such as 2%.", transform: probability)
  var failureProbability: Double?

  @Option(
    help: "How often the link fails; a migration under way starts again.", transform: frequency)
  var linkFailureRate: Frequency?

  /// The law of the service time: its mean alone unless a fleet gives more.
  func service() throws -> (mean: Double, law: ServiceLaw?)? {
    let given = [serviceTime != nil, serviceRate != nil, fleet != nil].count { $0 }
    guard given <= 1 else {
      throw UsageError("--service-time, --service-rate and --fleet exclude each other")
    }
    if model != nil, fleet == nil { throw UsageError("--model goes with --fleet FILE") }
    if let fleet {
      guard let model else { throw UsageError("--fleet needs --model ID") }
      let times = try FleetTimes.predict(fleet, model)
      let law = ServiceLaw.empirical(try times.map { try lengthened($0) })
      try law.validate()
      return (law.mean, law)
    }
    if let serviceTime {
      guard serviceTime.siValue > 0 else { throw UsageError("--service-time: 0 is no service") }
      return (try lengthened(serviceTime.siValue), nil)
    }
    if let serviceRate {
      guard serviceRate.siValue > 0 else { throw UsageError("--service-rate: 0 is no service") }
      return (try lengthened(1 / serviceRate.siValue), nil)
    }
    return nil
  }

  private func lengthened(_ time: Double) throws -> Double {
    var answer = time
    if let rate = linkFailureRate?.siValue {
      answer = try ServiceWithFailures.mean(serviceTime: answer, linkFailureRate: rate)
    }
    if let failureProbability {
      answer = try ServiceWithFailures.mean(
        serviceTime: answer, failureProbability: failureProbability)
    }
    return answer
  }
}

/// The times that a migration model predicts for the rows of a file.
enum FleetTimes {
  static func predict(_ path: String, _ id: String) throws -> [Double] {
    let model = try ModelCatalogue.model(id)
    var options = TraceOptions()
    options.requireRows = true
    let rows = try readTrace(path, options: options, lenient: false, skipped: nil).table
    var times: [Double] = []
    var silent = 0
    for scenario in Scenario.all(in: rows) {
      let answer = try Answer(model, scenario)
      if let time = answer.prediction?.totalMigrationTime?.siValue {
        times.append(time)
      } else {
        silent += 1
      }
    }
    guard !times.isEmpty else {
      throw CannotAnswer(
        description: "\(path): \(id) predicts a total time for none of \(rows.rowCount) rows")
    }
    if silent > 0 {
      say("\(silent) of \(rows.rowCount) machines of \(path) have no predicted time; left out")
    }
    return times
  }
}

/// `--sweep NAME=FROM:TO[:COUNT]`.
struct QueueSweep {
  enum Name: String, CaseIterable {
    case arrivalRate = "arrival-rate"
    case serviceTime = "service-time"
    case servers
    case capacity
  }

  let name: Name
  let values: [Double]

  init(_ text: String) throws {
    let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
    guard parts.count == 2, let name = Name(rawValue: parts[0]) else {
      throw UsageError(
        "--sweep: \"\(text)\" is not NAME=FROM:TO[:COUNT] with NAME one of "
          + Name.allCases.map(\.rawValue).joined(separator: ", ")
          + ", for example servers=10:30 or arrival-rate=0.1/s:1/s:10")
    }
    self.name = name
    let ends = parts[1].split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard ends.count == 2 || ends.count == 3 else {
      throw UsageError("--sweep: \"\(text)\" needs FROM:TO or FROM:TO:COUNT")
    }
    let (from, to) = (try Self.value(name, ends[0]), try Self.value(name, ends[1]))
    guard from <= to else { throw UsageError("--sweep: \(ends[0]) is above \(ends[1])") }
    let isCount = name == .servers || name == .capacity
    let natural = isCount ? Int(min(to - from, 1e6)) + 1 : 11
    guard let count = ends.count == 3 ? Int(ends[2]) : natural, (1...10_000).contains(count) else {
      throw UsageError("--sweep: the count of \"\(text)\" is not a whole number from 1 to 10000")
    }
    let spaced = (0..<count).map { i in
      count == 1 ? from : from + (to - from) * Double(i) / Double(count - 1)
    }
    values = isCount ? spaced.map { $0.rounded() } : spaced
  }

  private static func value(_ name: Name, _ text: String) throws -> Double {
    switch name {
    case .arrivalRate: return try Frequency(parsing: text).siValue
    case .serviceTime: return try Seconds(parsing: text).siValue
    case .servers, .capacity:
      guard let count = Int(text), count >= 0 else {
        throw UsageError("--sweep: \"\(text)\" is not a whole number")
      }
      return Double(count)
    }
  }

  func applied(to parameters: QueueParameters) -> [QueueParameters] {
    values.map { value in
      var answer = parameters
      switch name {
      case .arrivalRate: answer.arrivalRate = value
      case .serviceTime: answer.serviceTime = value
      case .servers: answer.servers = Int(value)
      case .capacity: answer.capacity = Int(value)
      }
      return answer
    }
  }
}

import Foundation
import QueueingModels
import TestSupport
import Testing

/// Models in PRISM's language against a reader, an explorer and a solver that are none of ours
/// (`Tests/Reference/prism_chains.py`): two of them were written by `cutover queue ctmc --export`.
@Suite struct PrismReferenceTests {
  static let folder = Fixtures.directory.appending(path: "queueing/prism")

  static func text(_ name: String) throws -> String {
    try String(contentsOf: folder.appending(path: name), encoding: .utf8)
  }

  /// SciPy's exponential and least squares keep this much of some forty states.
  static let solved = Tolerance(relative: 1e-9, reason: "LAPACK on chains of up to 48 states")

  static func answers(_ model: StateModel) throws -> [String: Double] {
    var answers = [
      "states,": Double(model.states.count),
      "arrows,": Double(model.chain.transitions.count),
      "total_rate,": model.chain.transitions.reduce(0) { $0 + $1.rate },
    ]
    let early = try model.chain.transient(from: model.start, after: 1.5).probabilities
    let ends = model.states.indices.filter { model.chain.transitions(from: $0).isEmpty }
    let late = ends.isEmpty ? try model.chain.stationaryDistribution() : nil
    for (name, members) in model.labels {
      answers["at_1.5_s,\(name)"] = model.probability(members, early)
      answers["long_run,\(name)"] = late.map { model.probability(members, $0) }
    }
    for (name, values) in model.rewards {
      answers["at_1.5_s,\(name)"] = model.mean(values, early)
      answers["long_run,\(name)"] = late.map { model.mean(values, $0) }
    }
    if !ends.isEmpty {
      answers["mean_time_to_end,"] =
        try model.chain.absorption().meanTimes[model.initial]
    }
    return answers
  }

  @Test(arguments: ["drain", "long-run", "queue", "walk"])
  func agreesWithAnIndependentReader(_ name: String) throws {
    let model = try PrismModel.read(try Self.text("\(name).prism"), file: "\(name).prism")
    let ours = try Self.answers(model)
    let lines = try Self.text("../prism.csv").split(separator: "\n").dropFirst()
    var compared = 0
    for line in lines where line.hasPrefix("\(name).prism,") {
      let cells = line.split(separator: ",", omittingEmptySubsequences: false)
      let value = try #require(Double(cells[3]))
      let key = "\(cells[1]),\(cells[2])"
      let our = try #require(ours[key], "\(line)")
      #expect(Self.solved.accepts(our, value), "\(line): \(our)")
      compared += 1
    }
    #expect(compared == ours.count)
  }

  /// The committed files are what the model writes today.
  @Test func theExportIsTheCheckedOne() throws {
    let drain = try ConcurrentMigrations(
      pending: [3, 2], arrivalRate: 0, serviceRate: 0.1, senderSlots: 1, receiverSlots: [1, 2],
      sharesLinks: false)
    let longRun = try ConcurrentMigrations(
      pending: [2, 1], arrivalRate: 2.0 / 60, serviceRate: 0.1, senderSlots: 2,
      receiverSlots: [1, 1], capacity: 3, sharesLinks: true)
    for (name, queue) in [("drain", drain), ("long-run", longRun)] {
      let model = try queue.model()
      let title = "\(model.states.count) states, by cutover"
      #expect(PrismModel.write(model, title: title) == (try Self.text("\(name).prism")))
    }
  }
}

import ArgumentParser
import Foundation
import ModelCore
import Quantities
import QueueingModels
import Reporting

extension QueueCommand {
  struct ChainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "ctmc",
      abstract: "Markov chains: hosts with slots at both ends, or a model in PRISM's language.",
      discussion: """
        Drain hosts: two senders with 5 and 3 machines, two receivers with 2 slots each:
          cutover queue ctmc --pending 5,3 --slots 2 --receiver-slots 2,2 --service-time 40s \\
            --shared-links --at 2min --finished 4
        With --arrival-rate machines keep coming and the long run is answered. --export writes the \
        chain for PRISM; --prism reads one (a subset: Documentation/Queues.md).
        """)

    @Option(help: "Machines waiting at each sender: 5,3.") var pending: String?
    @Option(help: "Migrations at a time from one sender.") var slots: Int?
    @Option(help: "Migrations at a time into each receiver: 2,2.") var receiverSlots: String?
    @Option(help: "Requests at each sender; none unless given.", transform: frequency)
    var arrivalRate: Frequency?
    @Option(help: "Mean time of a migration that is alone.", transform: quantity(Seconds.self))
    var serviceTime: Seconds?
    @Option(help: "Room at each sender, those under way included.") var capacity: Int?
    @Flag(help: "Migrations share the links of their hosts.") var sharedLinks = false

    @Option(help: "A CTMC in PRISM's language, in place of the hosts.") var prism: String?
    @Option(help: "Write the chain in PRISM's language to this file.") var export: String?

    @Option(help: "Also at these times: 30s,2min.") var at: String?
    @Option(help: "With --at: the probability that so many migrations are finished.")
    var finished: Int?
    @Flag(help: "The long run (the default unless the chain ends).") var steadyState = false
    @OptionGroup(title: "Output") var output: OutputOptions

    func run() throws {
      let (model, hosts) = try model()
      if let export {
        let file = try OutputFile(path: export)
        let text = PrismModel.write(model, title: "\(model.states.count) states, by cutover")
        try file.append(Array(text.utf8))
        try file.commit()
      }
      var lines = Lines()
      let times = try times()
      if finished != nil, hosts == nil || times.isEmpty {
        throw UsageError("--finished goes with --pending and --at")
      }
      let ends = !model.chain.absorbingStates.isEmpty
      if steadyState || !ends { try lines.addSteadyState(model) } else { try lines.addEnd(model) }
      for time in times { try lines.addTransient(model, time, finished, hosts) }
      try output.write(
        Report(
          try lines.table(), name: "measures",
          notes: ["\(model.states.count) states, \(model.chain.transitions.count) transitions"]))
    }

    private func model() throws -> (StateModel, ConcurrentMigrations?) {
      if let prism {
        guard pending == nil, slots == nil, receiverSlots == nil, serviceTime == nil else {
          throw UsageError("--prism and the options of hosts exclude each other")
        }
        guard let data = FileManager.default.contents(atPath: prism) else {
          throw MissingInput(description: "\(prism): cannot be read")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
          throw PrismError(
            file: prism, line: 1, column: 1, message: "the file is not UTF-8 text")
        }
        return (try PrismModel.read(text, file: prism), nil)
      }
      guard let pending, let slots, let receiverSlots, let serviceTime else {
        throw UsageError(
          "give --pending, --slots, --receiver-slots and --service-time, or --prism FILE")
      }
      guard serviceTime.siValue > 0 else { throw UsageError("--service-time: 0 is no service") }
      let hosts = try ConcurrentMigrations(
        pending: try counts("--pending", pending), arrivalRate: arrivalRate?.siValue ?? 0,
        serviceRate: 1 / serviceTime.siValue, senderSlots: slots,
        receiverSlots: try counts("--receiver-slots", receiverSlots), capacity: capacity,
        sharesLinks: sharedLinks)
      return (try hosts.model(), hosts)
    }

    private func counts(_ option: String, _ text: String) throws -> [Int] {
      try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
        guard let count = Int(part.trimmingCharacters(in: .whitespaces)), count >= 0 else {
          throw UsageError("\(option): \"\(part)\" is not a whole number; write for example 5,3")
        }
        return count
      }
    }

    private func times() throws -> [Double] {
      guard let at else { return [] }
      return try at.split(separator: ",", omittingEmptySubsequences: false).map {
        try Seconds(parsing: String($0)).siValue
      }
    }
  }
}

/// A file that is not there: exit status 66.
struct MissingInput: Failure {
  let description: String
  var category: FailureCategory { .noInput }
}

/// The measures of a chain, one a line.
private struct Lines {
  private var measures: [String] = []
  private var times: [Double?] = []
  private var values: [Double?] = []

  mutating func add(_ measure: String, at time: Double?, _ value: Double?) {
    measures.append(measure)
    times.append(time)
    values.append(value)
  }

  func table() throws -> Table {
    try Table([
      Column("measure", text: measures), Column("at_s", numbers: times),
      Column("measured", numbers: values),
    ])
  }

  mutating func addSteadyState(_ model: StateModel) throws {
    let p: [Double]
    do throws(QueueingError) {
      p = try model.chain.stationaryDistribution()
    } catch {
      throw Self.named(error, model)
    }
    add(model, p, at: nil, "long run: ")
  }

  mutating func addEnd(_ model: StateModel) throws {
    let answer: AbsorptionAnswer
    do throws(QueueingError) {
      answer = try model.chain.absorption()
    } catch {
      throw Self.named(error, model)
    }
    add("mean time to the end", at: nil, answer.meanTimes[model.initial])
    if answer.ends.count > 1 {
      for (index, end) in answer.ends.enumerated() {
        add(
          "ends in \(model.description(of: end))", at: nil,
          answer.probabilities[index][model.initial])
      }
    }
    for (name, reward) in model.rewards.sorted(by: { $0.key < $1.key }) {
      let total = try model.chain.absorption(rewards: reward)
      add("until the end: \(name)", at: nil, total.meanRewards[model.initial])
    }
  }

  mutating func addTransient(
    _ model: StateModel, _ time: Double, _ finished: Int?, _ hosts: ConcurrentMigrations?
  ) throws {
    let answer = try model.chain.transient(from: model.start, after: time)
    add(model, answer.probabilities, at: time, "")
    if let finished, let hosts {
      guard hosts.arrivalRate == 0 else {
        throw UsageError("--finished counts a drain; it goes without --arrival-rate")
      }
      let whole = hosts.remaining(model.states[model.initial])
      guard (0...whole).contains(finished) else {
        throw UsageError("--finished: \(finished) is not between 0 and \(whole)")
      }
      let members = model.states.map { whole - hosts.remaining($0) >= finished }
      add(
        "at least \(finished) finished", at: time, model.probability(members, answer.probabilities))
    }
    add("left out by truncation, at most", at: time, answer.truncation)
  }

  private mutating func add(
    _ model: StateModel, _ p: [Double], at time: Double?, _ prefix: String
  ) {
    for (name, label) in model.labels.sorted(by: { $0.key < $1.key }) {
      add("\(prefix)P(\(name))", at: time, model.probability(label, p))
    }
    for (name, reward) in model.rewards.sorted(by: { $0.key < $1.key }) {
      add("\(prefix)\(name)", at: time, model.mean(reward, p))
    }
    if model.labels.isEmpty, model.rewards.isEmpty {
      for state in model.states.indices.prefix(50) {
        add("\(prefix)P(\(model.description(of: state)))", at: time, p[state])
      }
    }
  }

  /// State numbers in the words of the model.
  private static func named(_ error: QueueingError, _ model: StateModel) -> QueueingError {
    guard case .notIrreducible(let words) = error else { return error }
    let parts = words.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    var answer: [String] = []
    for (index, part) in parts.enumerated() {
      let digits = part.prefix { $0.isNumber }
      if index > 0, parts[index - 1] == "state", let state = Int(digits),
        model.states.indices.contains(state)
      {
        answer.append("(\(model.description(of: state)))" + part.dropFirst(digits.count))
      } else {
        answer.append(part)
      }
    }
    return .notIrreducible(answer.joined(separator: " "))
  }
}

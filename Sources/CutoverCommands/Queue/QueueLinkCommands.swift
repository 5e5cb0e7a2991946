import ArgumentParser
import Foundation
import MigrationModels
import ModelCore
import Quantities
import QueueingModels
import Reporting

extension QueueCommand {
  struct KaufmanRobertsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "kaufman-roberts",
      abstract: "Multi-rate loss: requests of several sizes share the channels of a link.",
      discussion: """
        A class is its offered load in erlang and the channels one request takes:
          cutover queue kaufman-roberts --channels 20 --class 5:1 --class 2:4
        """)

    @Option(help: "Channels of the link.") var channels: Int
    @Option(name: .customLong("class"), help: "LOAD:CHANNELS; may be repeated.")
    var classes: [String] = []
    @OptionGroup(title: "Output") var output: OutputOptions

    func run() throws {
      let classes = try classes.map(Self.trafficClass)
      guard !classes.isEmpty else {
        throw UsageError("Say what is asked for: --class LOAD:CHANNELS, such as --class 5:1")
      }
      let loss = try MultiRateLoss(channels: channels, classes: classes)
      let logs = classes.indices.map(loss.logBlocking)
      let table = try Table([
        Column("class", numbers: classes.indices.map { Double($0 + 1) }),
        Column("offered_load_erlang", numbers: classes.map(\.offeredLoad)),
        Column("channels", numbers: classes.map { Double($0.channels) }),
        Column("blocking_probability", numbers: classes.indices.map(loss.blocking)),
        Column(
          "log10_blocking_probability",
          numbers: logs.map { $0 == -.infinity ? nil : $0 / log(10) }),
        Column("mean_in_system", numbers: classes.indices.map(loss.carried)),
        Column(
          "utilization",
          numbers: classes.indices.map {
            loss.carried($0) * Double(classes[$0].channels) / Double(channels)
          }),
      ])
      try output.write(
        Report(
          table, name: "classes",
          notes: [
            "\(QueueText.digits(loss.meanOccupancy)) of \(channels) channels are taken on average"
          ]))
    }

    private static func trafficClass(_ text: String) throws -> TrafficClass {
      let parts = text.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count == 2, let load = Double(parts[0]), load >= 0, load.isFinite,
        let channels = Int(parts[1]), channels >= 1
      else {
        throw UsageError(
          "--class: \"\(text)\" is not LOAD:CHANNELS, such as 5:1 (5 erlang of one channel each)")
      }
      return TrafficClass(offeredLoad: load, channels: channels)
    }
  }

  struct InterDatacentreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "interdc",
      abstract: "Blocking of group migrations between data centres, one by one or together.",
      discussion: """
        The times come from a migration model: alone at the channel's bandwidth, and sharing it.
          cutover queue interdc --channels 10 --group-size 4 --arrival-rate 1/min \\
            --model liu.capped --memory 1GB --bandwidth 1Gbit/s --dirty-rate 2500pages/s \\
            --threshold 1MB --max-rounds 8
        """)

    @Option(help: "Channels of the link, each of the given bandwidth.") var channels: Int
    @Option(help: "Machines that move together.") var groupSize: Int
    @Option(help: "Requests to move a group.", transform: frequency) var arrivalRate: Frequency
    @Option(help: "The migration model; see 'cutover models list'.") var model = "liu.capped"
    @Flag(help: "Exit with status 1 when migrations that share a channel do not converge.")
    var strict = false
    @OptionGroup(title: "One migration") var scenario: ScenarioOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func run() throws {
      let scenario = try scenario.scenario()
      guard groupSize >= 1 else { throw UsageError("--group-size: \(groupSize) is below 1") }
      guard let single = try time(scenario, sharedBy: 1), single.converges else {
        throw CannotAnswer(
          description:
            "\(model): a migration at full bandwidth does not end; nothing can be planned")
      }
      let together = try time(scenario, sharedBy: groupSize)
      let shared = together?.seconds
      let alone = single.seconds
      let link = try InterDatacentre(
        channels: channels, groupSize: groupSize, groupRate: arrivalRate.siValue,
        sequentialTime: alone * Double(groupSize), singleTime: alone, sharedTime: shared)
      let losses = [try link.sequential(), try link.rigid(), try link.shared()]
      let table = try Table([
        Column("strategy", text: ["sequential", "parallel-rigid", "parallel-shared"]),
        Column("service_time_s", numbers: [link.sequentialTime, link.singleTime, link.sharedTime]),
        Column("servers", numbers: losses.map { $0?.servers }),
        Column("offered_load_erlang", numbers: losses.map { $0?.offeredLoad }),
        Column("blocking_probability", numbers: losses.map { $0?.blocking }),
        Column(
          "log10_blocking_probability",
          numbers: losses.map { loss in
            loss.flatMap { $0.logBlocking == -.infinity ? nil : $0.logBlocking / log(10) }
          }),
      ])
      var notes = [
        "sequential: one channel, one machine after another; parallel-rigid: a channel for each; "
          + "parallel-shared: all on one channel"
      ]
      let ends = together?.converges ?? false
      if !ends {
        notes.append(
          "\(groupSize) migrations that share a channel do not converge: their dirty rate is not "
            + "below their share of the bandwidth"
            + (shared == nil ? "" : "; the time is that of the last round allowed"))
      }
      try output.write(Report(table, name: "strategies", notes: notes))
      if strict, !ends {
        throw NegativeVerdict(message: "migrations that share a channel do not converge")
      }
    }

    private func time(
      _ scenario: Scenario, sharedBy count: Int
    ) throws -> (seconds: Double, converges: Bool)? {
      var scenario = scenario
      scenario.bandwidth = scenario.effectiveBandwidth.map { $0 / Double(count) }
      scenario.link = nil
      scenario.bandwidthCap = nil
      let answer = try Answer(try ModelCatalogue.model(model), scenario)
      if let column = answer.missing {
        throw CannotAnswer(
          description: "\(model) needs \(optionName(forColumn: column)) (\(column))")
      }
      // One that a round limit cuts off has a time; one that never ends has none.
      guard let prediction = answer.prediction, let time = prediction.totalMigrationTime else {
        return nil
      }
      return (time.siValue, prediction.converged)
    }
  }
}

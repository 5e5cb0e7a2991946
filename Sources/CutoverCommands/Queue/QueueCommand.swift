import ArgumentParser
import Foundation
import ModelCore
import Quantities
import QueueingModels
import Reporting

struct QueueCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "queue",
    abstract: "Migrations that compete: how many are refused, how long they wait, what to buy.",
    discussion: """
      Rates take /s, /min, /h; probabilities 1% or 0.01. With a target and two of --arrival-rate, \
      --service-time and --servers the third is the answer:
        cutover queue mmcc --arrival-rate 0.5/s --service-time 40s --target-blocking 1%
        cutover queue mmc --arrival-rate 12/min --service-time 40s --servers 10 --simulate
      A trace tells which formula is fair to use:
        cutover queue --from-trace migrations.csv
      """,
    subcommands: [
      LossCommand.self, DelayCommand.self, FiniteCommand.self, InfiniteCommand.self,
      EngsetCommand.self, GeneralCommand.self, SingleCommand.self, SharedCommand.self,
      KaufmanRobertsCommand.self, BatchCommand.self, RetrialCommand.self, AbandonCommand.self,
      ChainCommand.self, InterDatacentreCommand.self, QueueTraceCommand.self,
    ],
    defaultSubcommand: QueueTraceCommand.self)

  struct LossCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "mmcc", abstract: "M/M/C/C, Erlang B: no waiting, the rest is refused.")
    @OptionGroup(title: "Arrivals and services") var rates: QueueRateOptions
    @Option(help: "Migrations at a time.") var servers: Int?
    @OptionGroup(title: "Question and answer") var report: QueueReportOptions
    func run() throws {
      try QueueRun(kind: .loss, rates: rates, servers: servers, capacity: nil, report: report).run()
    }
  }

  struct DelayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "mmc", abstract: "M/M/C, Erlang C: everyone waits for a turn.")
    @OptionGroup(title: "Arrivals and services") var rates: QueueRateOptions
    @Option(help: "Migrations at a time.") var servers: Int?
    @OptionGroup(title: "Question and answer") var report: QueueReportOptions
    func run() throws {
      try QueueRun(kind: .delay, rates: rates, servers: servers, capacity: nil, report: report)
        .run()
    }
  }

  struct FiniteCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "mmck", abstract: "M/M/C/K: room for K in all, the rest is refused.")
    @OptionGroup(title: "Arrivals and services") var rates: QueueRateOptions
    @Option(help: "Migrations at a time.") var servers: Int?
    @Option(help: "Room in all, those in service included.") var capacity: Int?
    @OptionGroup(title: "Question and answer") var report: QueueReportOptions
    func run() throws {
      let isSwept = try report.sweep.map { try QueueSweep($0).name == .capacity } ?? false
      guard capacity != nil || isSwept else {
        throw UsageError("Say how much room there is: --capacity N, those in service included")
      }
      try QueueRun(
        kind: .finite, rates: rates, servers: servers, capacity: capacity, report: report
      )
      .run()
    }
  }

  struct InfiniteCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "mminf", abstract: "M/M/infinity: how many run when nobody is held back.")
    @OptionGroup(title: "Arrivals and services") var rates: QueueRateOptions
    @OptionGroup(title: "Question and answer") var report: QueueReportOptions
    func run() throws {
      try QueueRun(kind: .infinite, rates: rates, servers: nil, capacity: nil, report: report).run()
    }
  }

  struct EngsetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "engset",
      abstract: "Finite sources: each machine asks again after it was moved.",
      discussion: "--arrival-rate is that of one idle machine.")
    @OptionGroup(title: "Arrivals and services") var rates: QueueRateOptions
    @Option(help: "Machines that may ask.") var sources: Int
    @Option(help: "Migrations at a time.") var servers: Int?
    @Option(help: "Room in all; the servers alone unless given.") var capacity: Int?
    @OptionGroup(title: "Question and answer") var report: QueueReportOptions
    func run() throws {
      try QueueRun(
        kind: .finiteSources(sources), rates: rates, servers: servers, capacity: capacity,
        report: report
      ).run()
    }
  }

  struct GeneralCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "mgc", abstract: "GI/G/C by moments: services that are not exponential.")
    @OptionGroup(title: "Arrivals and services") var rates: QueueRateOptions
    @Option(help: "Migrations at a time.") var servers: Int?
    @Option(help: "Squared coefficient of variation of the gaps between arrivals.")
    var arrivalVariation = 1.0
    @Option(help: "That of the service times; from the fleet if there is one.")
    var serviceVariation: Double?
    @Option(help: "kimura or allen-cunneen.") var method = "kimura"
    @OptionGroup(title: "Question and answer") var report: QueueReportOptions
    func run() throws {
      guard let method = GeneralServiceQueue.Method(rawValue: method) else {
        throw UsageError("--method: \"\(method)\" is neither kimura nor allen-cunneen")
      }
      let assumed = try QueueAssumptions(report.assumptions).services?.squaredVariation
      guard
        let variation = try serviceVariation ?? rates.service()?.law?.squaredVariation ?? assumed
      else {
        throw UsageError("Say how much services vary: --service-variation, 0 fixed, 1 exponential")
      }
      let kind = QueueKind.general(
        arrivalVariation: arrivalVariation, serviceVariation: variation, method)
      try QueueRun(kind: kind, rates: rates, servers: servers, capacity: nil, report: report).run()
    }
  }

  struct SingleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "mg1", abstract: "M/G/1: one at a time, any law of service.")
    @OptionGroup(title: "Arrivals and services") var rates: QueueRateOptions
    @Option(help: "Squared coefficient of variation of the service times; 1 is exponential.")
    var serviceVariation: Double?
    @OptionGroup(title: "Question and answer") var report: QueueReportOptions
    func run() throws {
      var run = QueueRun(
        kind: .singleServer, rates: rates, servers: nil, capacity: nil, report: report)
      run.serviceVariation = serviceVariation
      try run.run()
    }
  }

  struct SharedCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "mg1ps", abstract: "M/G/1 processor sharing: all under way share one link.")
    @OptionGroup(title: "Arrivals and services") var rates: QueueRateOptions
    @Option(help: "The most that share; the rest is refused.") var capacity: Int?
    @OptionGroup(title: "Question and answer") var report: QueueReportOptions
    func run() throws {
      try QueueRun(
        kind: .sharedLink, rates: rates, servers: nil, capacity: capacity, report: report
      ).run()
    }
  }

  struct BatchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "batch",
      abstract: "M[X]/M/C/K: groups arrive together, members are served alone.",
      discussion: "--arrival-rate is that of groups.")
    @OptionGroup(title: "Arrivals and services") var rates: QueueRateOptions
    @Option(help: "Size of every group.") var groupSize: Int?
    @Option(help: "Shares of sizes 1, 2, ...: 50%,30%,20%.") var sizeShares: String?
    @Flag(help: "Refuse only the members that do not fit, not their group.") var partial = false
    @Option(help: "Migrations at a time.") var servers: Int?
    @Option(help: "Room in all, those in service included.") var capacity: Int?
    @OptionGroup(title: "Question and answer") var report: QueueReportOptions
    func run() throws {
      let kind = QueueKind.batch(sizes: try shares(), partial: partial)
      try QueueRun(kind: kind, rates: rates, servers: servers, capacity: capacity, report: report)
        .run()
    }
    private func shares() throws -> [Double] {
      switch (groupSize, sizeShares) {
      case (let size?, nil):
        guard (1...10_000).contains(size) else {
          throw UsageError("--group-size: \(size) is not between 1 and 10000")
        }
        return [Double](repeating: 0, count: size - 1) + [1]
      case (nil, let text?):
        return try text.split(separator: ",", omittingEmptySubsequences: false).map {
          try probability(String($0))
        }
      default: throw UsageError("Say how large groups are: --group-size N, or --size-shares")
      }
    }
  }

  struct RetrialCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "retrial", abstract: "M/M/C/C with retrials: who is refused tries again.")
    @OptionGroup(title: "Arrivals and services") var rates: QueueRateOptions
    @Option(help: "Migrations at a time.") var servers: Int?
    @Option(help: "How often each tries again, such as 2/min.", transform: frequency)
    var retryRate: Frequency
    @OptionGroup(title: "Question and answer") var report: QueueReportOptions
    func run() throws {
      try QueueRun(
        kind: .retrial(rate: retryRate.siValue), rates: rates, servers: servers, capacity: nil,
        report: report
      ).run()
    }
  }

  struct AbandonCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "abandon", abstract: "M/M/C+M, Erlang A: who has waited too long leaves.")
    @OptionGroup(title: "Arrivals and services") var rates: QueueRateOptions
    @Option(help: "Migrations at a time.") var servers: Int?
    @Option(
      help: "How long one waits on average before leaving.", transform: quantity(Seconds.self))
    var patience: Seconds
    @OptionGroup(title: "Question and answer") var report: QueueReportOptions
    func run() throws {
      guard patience.siValue > 0 else {
        throw UsageError("--patience: nobody waits 0 s; ask 'cutover queue mmcc'")
      }
      try QueueRun(
        kind: .abandonment(rate: 1 / patience.siValue), rates: rates, servers: servers,
        capacity: nil, report: report
      ).run()
    }
  }
}

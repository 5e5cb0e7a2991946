import ArgumentParser
import Foundation
import MigrationModels
import ModelCore
import Quantities
import Reporting

struct BandwidthCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bandwidth",
    abstract: "The least bandwidth for a total time and a downtime.",
    discussion: """
      Pre-copy rounds over a law of dirtying; the guest is paused at the first transfer that takes \
      no longer than --downtime.
        cutover bandwidth --memory 1024MiB --dirty-rate 20MiB/s --total-time 20s \\
          --downtime 100ms --law deterministic
      """)

  @Option(
    help: "Memory that the first round walks over, such as 8GiB.",
    transform: quantity(Bytes.self))
  var memory: Bytes
  @Option(help: "The total time that is allowed.", transform: quantity(Seconds.self))
  var totalTime: Seconds
  @Option(
    help: "The downtime that is allowed; any if not given.", transform: quantity(Seconds.self))
  var downtime: Seconds?
  @OptionGroup(title: "Law of dirtying") var law: DirtyLawOptions
  @Option(help: "Size of a page; 4KiB if not given.", transform: quantity(Bytes.self))
  var pageSize: Bytes?
  @Option(help: "Rounds before the last transfer, at most.")
  var maxRounds = 200
  @Option(help: "Before the first byte; part of the total time.", transform: quantity(Seconds.self))
  var setupTime: Seconds?
  @Option(
    help: "Fixed part of the downtime, which the last transfer leaves less time.",
    transform: quantity(Seconds.self))
  var resumeTime: Seconds?
  @Option(
    help: "Keep both limits with this probability, such as 99.9%, by binomial dirty counts.",
    transform: quantity(Ratio.self))
  var probability: Ratio?
  @Option(help: "Draw the feasible region to this SVG file.")
  var plot: String?
  @OptionGroup(title: "Output") var output: OutputOptions

  func run() throws {
    if let plot { try PlotRenderer.check(path: plot) }
    let destination = try output.destination()
    let problem = try problem()
    let plan = try solve(problem)
    try destination.write(try report(problem, plan), significantDigits: output.digits)
    if let plot {
      let region = FeasibleRegion(
        problem: problem, plan: plan, fixedTime: fixedTime, resumeTime: resumeTime ?? .zero)
      let file = try OutputFile(path: plot)
      try file.append(Array(try PlotRenderer().svg(try region.plot()).utf8))
      try file.commit()
    }
    try destination.commit()
  }

  /// Setup and resume: what of the total time no bandwidth shortens.
  private var fixedTime: Seconds { (setupTime ?? .zero) + (resumeTime ?? .zero) }

  private func problem() throws -> LeastBandwidth {
    for (name, value) in [
      ("--memory", memory.siValue), ("--total-time", totalTime.siValue),
      ("--downtime", downtime?.siValue ?? 1), ("--page-size", pageSize?.siValue ?? 1),
    ] where value <= 0 {
      throw UsageError("\(name): has to be above zero")
    }
    guard maxRounds >= 0 else { throw UsageError("--max-rounds: \(maxRounds) is below 0") }
    guard maxRounds <= 100_000 else {
      throw UsageError("--max-rounds: \(maxRounds) is above 100000, which no hypervisor makes")
    }
    let copyTime = totalTime - fixedTime
    guard copyTime > .zero else {
      throw UsageError(
        "--total-time: setup and resume alone take \(fixedTime) of \(totalTime)")
    }
    let copyDowntime = (downtime ?? Seconds(siValue: .infinity)) - (resumeTime ?? .zero)
    guard copyDowntime > .zero else {
      throw UsageError(
        "--downtime: resuming alone takes \(resumeTime ?? .zero) of \(downtime ?? .zero)")
    }
    let page = pageSize ?? Bytes(siValue: 4096)
    let process = try law.process(memory: memory, pageSize: page)
    let guarantee = try probability.map { probability in
      guard process.independentMemory != nil else {
        throw UsageError(
          "--probability: --law \(law.law.rawValue) says nothing about chance; "
            + "it needs bernoulli or one of the reciprocal laws")
      }
      guard probability.siValue > 0, probability.siValue < 1 else {
        throw UsageError("--probability: \(probability) is not between 0 and 1, such as 99.9%")
      }
      return try BinomialGuarantee(probability: probability.siValue, pageSize: page)
    }
    return try LeastBandwidth(
      memory: memory, process: process, totalTimeLimit: copyTime, downtimeLimit: copyDowntime,
      maximumIndex: maxRounds, guarantee: guarantee)
  }

  private func solve(_ problem: LeastBandwidth) throws -> LeastBandwidth.Plan {
    try problem.solve()
  }

  private func report(_ problem: LeastBandwidth, _ plan: LeastBandwidth.Plan) throws -> Report {
    var report = Report()
    report.add(paragraph: sentence(plan))
    try report.add(
      try Table([
        Column("bandwidth_bytes_per_s", numbers: [plan.bandwidth.siValue]),
        Column("rounds", numbers: [Double(plan.lastIndex + 1)]),
        Column("total_time_s", numbers: [(plan.totalTime + fixedTime).siValue]),
        Column("downtime_s", numbers: [(plan.downtime + (resumeTime ?? .zero)).siValue]),
      ]), name: "bandwidth")
    try report.add(try bounds(problem, plan), name: "bounds")
    report.add(notes: notes(problem, plan))
    return report
  }

  /// Such as `least bandwidth 71.109890644078MiB/s (596.51Mbit/s), n = 4`.
  private func sentence(_ plan: LeastBandwidth.Plan) -> String {
    let value = plan.bandwidth.siValue
    let megabits = ByteRate(siValue: value).siValue * 8 / 1e6
    return "least bandwidth "
      + String(
        format: "%.15gMiB/s (%.6gMbit/s), n = %d", value / 1_048_576, megabits, plan.lastIndex)
  }

  private func bounds(_ problem: LeastBandwidth, _ plan: LeastBandwidth.Plan) throws -> Table {
    var rows: [(name: String, bandwidth: Double?, downtime: Double?, meaning: String)] = [
      (
        "one_copy", problem.stopAndCopyBandwidth.siValue, nil,
        "enough without any round: memory / the smaller limit"
      )
    ]
    let resume = (resumeTime ?? .zero).siValue
    if downtime != nil {
      rows.append(
        (
          "downtime_alone", problem.floorBandwidth.siValue, nil,
          "the downtime limit asks for it however long the migration may take"
        ))
    }
    rows.append(
      (
        "downtime_floor", plan.bandwidth.siValue,
        problem.downtimeFloor(at: plan.bandwidth).siValue + resume,
        "no number of rounds gets below it at this bandwidth"
      ))
    if law.law == .deterministic {
      let rate = try law.rate(pageSize ?? Bytes(siValue: 4096))
      rows.append(
        (
          "relaxed",
          LeastBandwidth.relaxed(
            memory: memory, dirtyRate: rate, totalTimeLimit: problem.totalTimeLimit,
            downtimeLimit: problem.downtimeLimit
          ).siValue, nil, "closed form with a last round of exactly the downtime limit"
        ))
    }
    return try Table([
      Column("bound", text: rows.map(\.name)),
      Column("bandwidth_bytes_per_s", numbers: rows.map(\.bandwidth)),
      Column("downtime_s", numbers: rows.map(\.downtime)),
      Column("meaning", text: rows.map(\.meaning)),
    ])
  }

  private func notes(_ problem: LeastBandwidth, _ plan: LeastBandwidth.Plan) -> [String] {
    // Six digits apart from a limit is apart from it.
    let timeBinds = plan.totalTime.siValue > problem.totalTimeLimit.siValue * (1 - 1e-6)
    var notes = [
      timeBinds
        ? "the total time binds: a longer one would allow a smaller bandwidth"
        : "the downtime binds: a longer one would allow a smaller bandwidth"
    ]
    if plan.lastIndex == problem.maximumIndex, plan.lastIndex > 0 {
      notes.append("all \(maxRounds) rounds are used; more of them would allow a smaller one")
    }
    if let measurement = problem.process.measurement {
      var words = "the law is from a \(measurement)"
      if plan.lastIndex > 0, !measurement.covers(memory / plan.bandwidth) {
        let full = (memory / plan.bandwidth).formatted(significantDigits: 3)
        words += "; the full copy takes \(full), where it extrapolates"
      }
      notes.append(words)
    }
    if let probability {
      notes.append(
        "both limits are kept with probability \(shortestDecimal(probability.siValue)) at least; "
          + "the times are those of the volumes provided for")
    }
    return notes
  }
}

import ArgumentParser
import MigrationModels
import ModelCore
import Quantities
import Reporting

struct ThresholdCommand: ParsableCommand {
  enum Goal: String, ExpressibleByArgument, CaseIterable {
    case downtime, utilization
  }

  static let configuration = CommandConfiguration(
    commandName: "threshold",
    abstract: "Find the stop threshold that is best under your limits.",
    discussion: """
      More iterations shorten the downtime and lengthen everything else. Least downtime under \
      limits on utilization and total time, or least utilization under a limit on downtime:

        cutover threshold --memory 1GiB --bandwidth 100MiB/s --dirty-rate 20MiB/s \\
          --arrival-rate 36/h --utilization 20% --total-time 15s
        cutover threshold --memory 1GiB --bandwidth 100MiB/s --dirty-rate 20MiB/s \\
          --downtime 50ms --plot threshold.svg

      The iterations are whole, so every threshold of an interval makes the same migration; \
      threshold_bytes is its lower end. The relaxed columns take the iterations for a real \
      number. Model: aldhalaan.uniform.
      """)

  @Option(help: "Memory of the machine, such as 8GiB.", transform: quantity(Bytes.self))
  var memory: Bytes?
  @Option(help: "What migration may use, such as 1Gbit/s.", transform: quantity(ByteRate.self))
  var bandwidth: ByteRate?
  @Option(help: "Memory dirtied per second: 20MiB/s or 30000pages/s.")
  var dirtyRate: String?
  @Option(help: "Size of a page; 4KiB if not given.", transform: quantity(Bytes.self))
  var pageSize: Bytes?
  @Option(help: "Fixed part of the downtime.", transform: quantity(Seconds.self))
  var resumeTime: Seconds?
  @Option(
    help: "How often such migrations use the link, such as 36/h.",
    transform: quantity(Frequency.self))
  var arrivalRate: Frequency?

  @Option(
    help: "Limit: share of the link's time for migrations, such as 20%.",
    transform: quantity(Ratio.self))
  var utilization: Ratio?
  @Option(help: "Limit: total time of a migration.", transform: quantity(Seconds.self))
  var totalTime: Seconds?
  @Option(help: "Limit: downtime of a migration.", transform: quantity(Seconds.self))
  var downtime: Seconds?
  @Option(
    help: "What to make least: downtime, or utilization (the default with --downtime).")
  var minimize: Goal?

  @Flag(help: "Print every number of iterations in place of the best.")
  var curve = false
  @Option(help: "Draw downtime and utilization against the threshold, into this .svg file.")
  var plot: String?
  @Flag(help: "Exit with status 1 when the limits cannot be kept.")
  var strict = false

  @OptionGroup(title: "Output") var output: OutputOptions

  func run() throws {
    let question = try question()
    if let best = question.best, !(best.totalMigrationTime.siValue < Self.longestTime) {
      throw CannotAnswer(
        description: "the dirty rate is so near the bandwidth that the best migration takes longer "
          + "than can be planned; limit it with --total-time")
    }
    let plotFile = try plot.map { path throws(PlotError) in try PlotFile(path: path) }
    let destination = try output.destination()
    let table = curve ? try question.curveTable() : try question.answerTable()
    try destination.write(
      Report(table, name: curve ? "curve" : "threshold", notes: question.notes(isCurve: curve)),
      significantDigits: output.digits)
    try plotFile?.write(question.plot())
    try destination.commit()
    if strict, question.best == nil {
      throw NegativeVerdict(message: "no threshold keeps the limits")
    }
  }

  /// Thirty thousand years, in seconds: iterations beyond are no longer exact in a double.
  private static let longestTime = 1e12

  private func question() throws -> ThresholdQuestion {
    guard let memory else { throw UsageError("--memory is needed, such as --memory 8GiB") }
    guard let bandwidth else {
      throw UsageError("--bandwidth is needed, such as --bandwidth 1Gbit/s")
    }
    guard let dirtyRate else {
      throw UsageError("--dirty-rate is needed, such as --dirty-rate 20MiB/s")
    }
    guard memory.siValue > 0 else { throw UsageError("--memory: 0 is outside its domain (> 0)") }
    guard bandwidth.siValue > 0 else {
      throw UsageError("--bandwidth: 0 is outside its domain (> 0)")
    }
    if let pageSize, pageSize.siValue == 0 {
      throw UsageError("--page-size: 0 is outside its domain (> 0)")
    }
    if utilization != nil, arrivalRate == nil {
      throw UsageError(
        "--utilization limits what all migrations take together: say how often they come, "
          + "such as --arrival-rate 36/h")
    }
    let goal = minimize ?? (downtime == nil ? .downtime : .utilization)
    if goal == .utilization, downtime == nil {
      throw UsageError(
        "--minimize utilization needs a limit on the downtime, such as --downtime 1s")
    }
    let page = pageSize ?? Bytes(siValue: 4096)
    let rate: ByteRate
    do {
      rate = try ByteRate(parsing: dirtyRate, pageSize: page)
    } catch {
      throw UsageError("--dirty-rate: \(error)")
    }
    guard (memory / bandwidth).siValue < Self.longestTime else {
      throw UsageError(
        "--memory: sending \(memory.formatted(significantDigits: 4)) once at "
          + "\(bandwidth.formatted(significantDigits: 4)) takes longer than can be planned")
    }
    return ThresholdQuestion(
      choice: ThresholdChoice(
        memory: memory, bandwidth: bandwidth, dirtyRate: rate,
        arrivalRate: arrivalRate ?? .zero, resumeTime: resumeTime ?? .zero, pageSize: page),
      goal: goal,
      bounds: ThresholdBounds(
        utilization: utilization?.siValue, totalMigrationTime: totalTime, downtime: downtime))
  }
}

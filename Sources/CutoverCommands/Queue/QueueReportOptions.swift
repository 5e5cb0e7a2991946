import ArgumentParser
import Foundation
import ModelCore
import Quantities
import QueueingModels
import Reporting

/// What is asked of a queue and how it is answered.
struct QueueReportOptions: ParsableArguments {
  @Option(help: "The percentile of waits and responses.", transform: probability)
  var percentile: Double = 0.95

  @Option(
    help: "The largest share that may be refused, such as 1%: how many servers, what load?",
    transform: probability)
  var targetBlocking: Double?

  @Option(
    help: "The longest wait that the percentile may have, such as 30s.",
    transform: quantity(Seconds.self))
  var targetWait: Seconds?

  @Option(help: "Answer for a range: servers=10:30, arrival-rate=0.1/s:1/s:10, service-time=...")
  var sweep: String?

  @Flag(help: "Also how every metric moves with arrivals, service time and one server more.")
  var sensitivity = false

  @Flag(help: "Also simulate the queue, with 99 % intervals beside the formula.")
  var simulate = false

  @Option(help: "Seed of the simulation.")
  var seed: UInt64 = 1

  @Option(help: "Arrivals in each replication of the simulation.")
  var customers = 20_000

  @Option(help: "Replications of the simulation.")
  var replications = 20

  @OptionGroup(title: "What is simulated") var assumptions: QueueAssumptionOptions

  @Option(help: "With --sweep: draw the answers into this SVG file.")
  var plot: String?

  @Flag(help: "Exit with status 1 when the queue is unstable or misses its target.")
  var strict = false

  @OptionGroup(title: "Output") var output: OutputOptions

  var simulates: Bool { simulate || assumptions.isGiven }

  func check() throws {
    if targetBlocking != nil, targetWait != nil {
      throw UsageError("--target-blocking and --target-wait exclude each other")
    }
    if plot != nil, sweep == nil { throw UsageError("--plot draws a --sweep; give --sweep too") }
    if sweep != nil, targetBlocking != nil || targetWait != nil || simulates || sensitivity {
      throw UsageError(
        "--sweep goes without --target-blocking, --target-wait, --simulate and --sensitivity")
    }
    if targetBlocking != nil || targetWait != nil, assumptions.isGiven {
      throw UsageError(
        "--arrivals, --services, --priorities and --breakdowns are simulated: ask without a target")
    }
    if percentile >= 1 {
      throw UsageError("--percentile: \(percentile) is not below 1; write for example 95%")
    }
  }
}

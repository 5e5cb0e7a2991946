import ArgumentParser
import MigrationModels
import ModelCore
import Quantities

/// How a machine dirties its memory, by a law and its inputs.
enum DirtyLaw: String, CaseIterable, ExpressibleByArgument {
  case deterministic
  case bernoulli
  case reciprocal
  case reciprocalTruncated = "reciprocal-truncated"
  case reciprocalPoisson = "reciprocal-poisson"
  case curve
  case history
}

/// `--law` and what the laws need.
struct DirtyLawOptions: ParsableArguments {
  @Option(help: "How memory becomes dirty.")
  var law: DirtyLaw
  @Option(help: "Distinct memory dirtied per second: 20MiB/s or 30000pages/s.")
  var dirtyRate: String?
  @Option(
    help: "The window the dirty rate was measured over; 1s if not given.",
    transform: quantity(Seconds.self))
  var dirtyRateWindow: Seconds?
  @Option(
    help: "bernoulli, in place of a rate: probability of a page to be dirtied in a slot.",
    transform: quantity(Ratio.self))
  var dirtyProbability: Ratio?
  @Option(help: "The slot of --dirty-probability.", transform: quantity(Seconds.self))
  var slot: Seconds?
  @Option(
    help: "reciprocal, in place of a rate: c of F(f) = 1 - c/(f+c), such as 0.02/s.",
    transform: quantity(Frequency.self))
  var frequencyScale: Frequency?
  @Option(
    help: "reciprocal-truncated: the least frequency of a page.",
    transform: quantity(Frequency.self))
  var lowestFrequency: Frequency?
  @Option(
    help: "reciprocal-truncated: the largest frequency of a page.",
    transform: quantity(Frequency.self))
  var highestFrequency: Frequency?
  @Option(help: "curve: a CSV file with window_s and dirty_bytes.")
  var dirtyCurve: String?
  @Option(help: "history: a CSV file with slot_s, slot, first_page, page_count.")
  var dirtyHistory: String?
  @Option(help: "history: the recording, where the file holds several.")
  var historyId: String?

  /// The process of a machine. Options that the law does not read are refused, so that none is
  /// given in vain.
  func process(memory: Bytes, pageSize: Bytes) throws -> any DirtyProcess {
    try refuseStrangers()
    switch law {
    case .deterministic:
      return ConstantDirtyProcess(rate: try rate(pageSize), ceiling: memory)
    case .bernoulli:
      if let dirtyProbability {
        guard (0...1).contains(dirtyProbability.siValue) else {
          throw UsageError(
            "--dirty-probability: \(dirtyProbability) is not a probability, 0 to 1")
        }
        guard let slot, slot > .zero else {
          throw UsageError("--dirty-probability needs --slot, its length of time, such as 1s")
        }
        return BernoulliDirtyProcess(
          memory: memory, probability: dirtyProbability.siValue, slot: slot)
      }
      return BernoulliDirtyProcess(memory: memory, measuredRate: try rate(pageSize), over: window)
    case .reciprocal:
      if let frequencyScale {
        return ReciprocalDirtyProcess(memory: memory, scale: frequencyScale)
      }
      return ReciprocalDirtyProcess(
        memory: memory, measuredRate: try rate(pageSize), over: window)
    case .reciprocalPoisson:
      if let frequencyScale {
        return PoissonReciprocalDirtyProcess(memory: memory, scale: frequencyScale)
      }
      return PoissonReciprocalDirtyProcess(
        memory: memory, measuredRate: try rate(pageSize), over: window)
    case .reciprocalTruncated:
      guard let lowestFrequency, let highestFrequency else {
        throw UsageError("--law \(law.rawValue) needs --lowest-frequency and --highest-frequency")
      }
      do {
        return try TruncatedReciprocalDirtyProcess(
          memory: memory, lowest: lowestFrequency, highest: highestFrequency)
      } catch {
        throw UsageError("--law \(law.rawValue): \(error)")
      }
    case .curve:
      guard let dirtyCurve else { throw UsageError("--law curve needs --dirty-curve FILE") }
      var scenario = Scenario()
      scenario.memory = memory
      return try DirtyCurveFile.read(dirtyCurve, scenario: scenario)
    case .history:
      guard let dirtyHistory else { throw UsageError("--law history needs --dirty-history FILE") }
      return HistoryDirtyProcess(
        try DirtyHistoryFile.read(
          dirtyHistory, memory: memory, pageSize: pageSize, id: historyId))
    }
  }

  /// The dirty rate of the deterministic law, for its relaxed form.
  func rate(_ pageSize: Bytes) throws -> ByteRate {
    guard let dirtyRate else {
      throw UsageError("--law \(law.rawValue) needs --dirty-rate" + alternative)
    }
    do {
      return try ByteRate(parsing: dirtyRate, pageSize: pageSize)
    } catch {
      throw UsageError("--dirty-rate: \(error)")
    }
  }

  private var window: Seconds { dirtyRateWindow ?? Seconds(siValue: 1) }

  private var alternative: String {
    switch law {
    case .bernoulli: ", or --dirty-probability with --slot"
    case .reciprocal, .reciprocalPoisson: ", or --frequency-scale"
    default: ""
    }
  }

  private func refuseStrangers() throws {
    if let dirtyRateWindow, dirtyRateWindow <= .zero {
      throw UsageError("--dirty-rate-window: \(dirtyRateWindow) has no length")
    }
    let fromRate: Set = ["--dirty-rate", "--dirty-rate-window"]
    let read: Set<String>
    switch law {
    case .deterministic: read = ["--dirty-rate"]
    case .bernoulli:
      read = dirtyProbability == nil ? fromRate : ["--dirty-probability", "--slot"]
    case .reciprocal, .reciprocalPoisson:
      read = frequencyScale == nil ? fromRate : ["--frequency-scale"]
    case .reciprocalTruncated: read = ["--lowest-frequency", "--highest-frequency"]
    case .curve: read = ["--dirty-curve"]
    case .history: read = ["--dirty-history", "--history-id"]
    }
    let given: [(String, Bool)] = [
      ("--dirty-rate", dirtyRate != nil), ("--dirty-rate-window", dirtyRateWindow != nil),
      ("--dirty-probability", dirtyProbability != nil), ("--slot", slot != nil),
      ("--frequency-scale", frequencyScale != nil),
      ("--lowest-frequency", lowestFrequency != nil),
      ("--highest-frequency", highestFrequency != nil), ("--dirty-curve", dirtyCurve != nil),
      ("--dirty-history", dirtyHistory != nil), ("--history-id", historyId != nil),
    ]
    for (name, isGiven) in given where isGiven && !read.contains(name) {
      throw UsageError(
        "\(name) says nothing to --law \(law.rawValue), which reads "
          + read.sorted().joined(separator: ", "))
    }
  }
}

import ArgumentParser
import Calibration
import Foundation
import ModelCore
import Quantities
import Reporting

struct AdviseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "advise",
    abstract: "Say whether plain pre-copy will do for one machine, and if not what will.",
    discussion: """
      Compares auto-converge, XBZRLE, multifd, compression, post-copy, hybrid, a wider link and a \
      higher downtime limit; picks one, and prints the settings to type:

        cutover advise --memory 64GiB --dirty-rate 900MiB/s --dirty-rate-window 1s \\
          --link 10Gbit/s --downtime 300ms --total-time 10min

      What is not known is a range of guests, not a guess: without --working-set the pages of one \
      window may be written again and again, or be new ones each time. Say what you know, and the \
      answer gets narrower. --fit takes the speeds of your own migrations ('cutover fit TRACE \
      --model calibrated -o site.json').

      Exit status 1 with --strict when nothing that may be used keeps the limits.
      """)

  @Option(help: "Memory of the machine, such as 64GiB.", transform: quantity(Bytes.self))
  var memory: Bytes?
  @Option(help: "Memory that is not zero pages.", transform: quantity(Bytes.self))
  var used: Bytes?
  @Option(help: "Size of a page; 4KiB if not given.", transform: quantity(Bytes.self))
  var pageSize: Bytes?
  @Option(help: "Distinct memory dirtied per second: 20MiB/s or 30000pages/s.")
  var dirtyRate: String?
  @Option(
    help: "The window the dirty rate was measured over; 1s if not given.",
    transform: quantity(Seconds.self))
  var dirtyRateWindow: Seconds?
  @Option(help: "Distinct memory written in the long run.", transform: quantity(Bytes.self))
  var workingSet: Bytes?
  @Option(help: "The link rate, such as 10Gbit/s.", transform: quantity(ByteRate.self))
  var link: ByteRate?
  @Option(
    help: "What migration may take of the link; all of it if not given.",
    transform: quantity(ByteRate.self))
  var bandwidthCap: ByteRate?
  @Option(
    help: "Fixed part of the downtime; 20ms if not given.", transform: quantity(Seconds.self))
  var resumeTime: Seconds?

  @Option(
    help: "Limit: how long the guest may be paused; 300ms if not given.",
    transform: quantity(Seconds.self))
  var downtime: Seconds?
  @Option(help: "Limit: total time.", transform: quantity(Seconds.self))
  var totalTime: Seconds?
  @Option(
    help: "Maintenance window that the migration has to fit into.",
    transform: quantity(Seconds.self))
  var window: Seconds?

  @Option(help: "Techniques that may be used, separated by commas; all if not given.")
  var technique: String?
  @Option(help: "Techniques that may not be used, such as postcopy,hybrid.")
  var without: String?
  @Option(help: "A calibrated fit of your own migrations.")
  var fit: String?
  @Option(help: "Settings for: qmp, hmp, virsh, proxmox, kubevirt, nova, all; several by commas.")
  var platform: String = "all"
  @Flag(help: "Exit with status 1 when nothing that may be used keeps the limits.")
  var strict = false

  @OptionGroup(title: "Output") var output: OutputOptions

  func run() throws {
    let platforms = try platforms()
    let adviser = try adviser()
    let format = try output.resolvedFormat()
    let destination = try output.destination()
    let advice = try adviser.advice()
    let report = AdviceReport(advice: advice, platforms: platforms)
    try destination.write(
      try format == .csv || format == .json ? report.tables() : report.readable(),
      significantDigits: output.digits)
    try destination.commit()
    if strict, !advice.isAnswered {
      throw NegativeVerdict(message: "nothing that may be used keeps the limits")
    }
  }

  private func adviser() throws -> Adviser {
    guard let memory else { throw UsageError("--memory is needed, such as --memory 64GiB") }
    guard let link else { throw UsageError("--link is needed, such as --link 10Gbit/s") }
    var question = AdviceQuestion(memory: memory, link: link)
    question.used = used
    question.pageSize = pageSize
    question.dirtyRateWindow = dirtyRateWindow
    question.workingSet = workingSet
    question.bandwidthCap = bandwidthCap
    question.resumeTime = resumeTime
    question.downtime = downtime
    question.totalTime = totalTime
    question.window = window
    if let dirtyRate {
      do {
        question.dirtyRate = try ByteRate(
          parsing: dirtyRate, pageSize: pageSize ?? Bytes(siValue: 4096))
      } catch {
        throw UsageError("--dirty-rate: \(error)")
      }
    }
    return try Adviser(
      question, allowed: try allowed(), model: try fit.map(Self.model),
      name: optionName(forColumn:))
  }

  private func allowed() throws -> Set<AdviceTechnique> {
    let only = try technique.map { try Self.words($0, "--technique", AdviceTechnique.allCases) }
    let never = try without.map { try Self.words($0, "--without", AdviceTechnique.allCases) } ?? []
    let rest = Set(only ?? AdviceTechnique.allCases).subtracting(never)
    guard !rest.isEmpty else {
      throw UsageError("--without leaves none of the techniques of --technique to use")
    }
    return rest
  }

  private func platforms() throws -> [AdvicePlatform] {
    platform == "all"
      ? AdvicePlatform.allCases
      : try Self.words(platform, "--platform", AdvicePlatform.allCases)
  }

  /// Words of a list out of a closed set.
  private static func words<Word: RawRepresentable<String>>(
    _ text: String, _ option: String, _ known: [Word]
  ) throws -> [Word] {
    try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
      let name = part.trimmingCharacters(in: .whitespaces)
      guard let word = Word(rawValue: name) else {
        let names = known.map(\.rawValue)
        let near = nearestWords(to: name, among: names)
        throw UsageError(
          "\(option): there is no \"\(name)\" to choose"
            + (near.isEmpty
              ? "; there are \(names.joined(separator: ", "))" : suggestion(near)))
      }
      return word
    }
  }

  private static func model(_ path: String) throws -> CalibratedModel {
    guard let data = try? Data(contentsOf: URL(filePath: path)) else {
      throw NoSuchFit(path: path)
    }
    guard case .calibrated(let model) = try SavedFit(Array(data), name: path) else {
      throw UsageError(
        "--fit: \(path) is a fit of another kind; advise needs one of 'cutover fit TRACE --model "
          + "calibrated'")
    }
    return model
  }

  private struct NoSuchFit: Failure {
    let path: String
    var category: FailureCategory { .noInput }
    var description: String { "\(path): no such file, or it cannot be read" }
  }
}

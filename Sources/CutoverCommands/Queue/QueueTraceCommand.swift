import ArgumentParser
import Foundation
import ModelCore
import QueueingModels
import Reporting

/// Which formula is fair to use for a trace: arrivals, services and how times grow with company.
struct QueueTraceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trace",
    abstract: "Which queueing formula a trace allows ('cutover queue --from-trace FILE').")

  @Option(help: "A trace with total_time_s and concurrent_migrations, or started_s.")
  var fromTrace: String?

  /// A misspelt queue lands here, with its options.
  @Argument(parsing: .allUnrecognized, help: .hidden)
  var unrecognized: [String] = []

  @OptionGroup(title: "Rows") var rows: RowOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  func run() throws {
    if let word = unrecognized.first(where: { !$0.hasPrefix("-") }), fromTrace == nil {
      let queues = QueueCommand.configuration.subcommands.compactMap {
        $0.configuration.commandName
      }
      throw UsageError(
        "no queue \"\(word)\"" + suggestion(nearestWords(to: word, among: queues))
          + (nearestWords(to: word, among: queues).isEmpty
            ? "; see 'cutover queue --help'" : ""))
    }
    if let word = unrecognized.first {
      throw UsageError("unexpected \"\(word)\"; see 'cutover queue trace --help'")
    }
    guard let fromTrace else { throw CleanExit.helpRequest(QueueCommand.self) }
    try rows.check()
    let table = try rows.read(fromTrace).table
    let analysis = try QueueTraceAnalysis(table)
    try output.write(try analysis.report(fromTrace))
  }
}

/// The rows of a trace by settings, numbers at once and groups.
struct QueueTraceAnalysis {
  /// Rows that share every setting but the number at once.
  struct Stratum {
    let name: String
    var groups: [(concurrency: Int, times: [Double])]
  }

  private let strata: [Stratum]
  private let gaps: TimeSample?
  private let hasStarts: Bool
  private let times: TimeSample
  private let skipped: Int

  /// More different values than this is a measurement or a name, not a setting.
  private static let maximumSettings = 20

  init(_ table: Table) throws {
    guard table["total_time_s"] != nil else {
      throw CannotAnswer(
        description: "\(table.source ?? "the trace") has no column total_time_s: how long services "
          + "take cannot be told")
    }
    let durations = try table.numbers("total_time_s")
    let statuses = table.textIfPresent("status")
    let used = (0..<table.rowCount).filter { row in
      durations[row] != nil && (statuses?[row] ?? "completed") == "completed"
    }
    guard !used.isEmpty else {
      throw CannotAnswer(description: "no completed migration of the trace has a total_time_s")
    }
    skipped = table.rowCount - used.count
    times = try TimeSample(used.compactMap { durations[$0] })
    let starts = table.numbersIfPresent("started_s")
    let moments = used.compactMap { starts?[$0] }.sorted()
    hasStarts = moments.count >= 4
    gaps =
      hasStarts ? try TimeSample(zip(moments.dropFirst(), moments).map { $0 - $1 }) : nil
    strata = Self.strata(table, used, durations)
  }

  private static func strata(
    _ table: Table, _ used: [Int], _ durations: NumericColumn
  ) -> [Stratum] {
    guard let concurrency = table.numbersIfPresent("concurrent_migrations") else { return [] }
    let settings = table.names.filter { name in
      guard name != "concurrent_migrations", Glossary.role(of: name) != .outcome,
        Glossary.role(of: name) != .id
      else { return false }
      let distinct = Set(used.map { table.label(name, row: $0) ?? "" }).count
      return distinct > 1 && distinct <= maximumSettings
    }
    let naming = distinguishing(settings, table, used)
    var groups: [String: [String: (concurrency: Int, times: [Double])]] = [:]
    for row in used {
      guard let count = concurrency[row], let time = durations[row] else { continue }
      let name = naming.map { "\($0)=\(table.label($0, row: row) ?? "")" }.joined(separator: " ")
      let group = "\(table.label("group", row: row) ?? "row \(row)");\(count)"
      groups[name, default: [:]][group, default: (Int(count), [])].times.append(time)
    }
    return groups.sorted { $0.key < $1.key }.map { name, members in
      Stratum(name: name, groups: members.sorted { $0.key < $1.key }.map(\.value))
    }
  }

  /// The fewest settings, numbers dropped first, that still tell the strata apart.
  private static func distinguishing(
    _ settings: [String], _ table: Table, _ used: [Int]
  ) -> [String] {
    func count(_ names: [String]) -> Int {
      Set(used.map { row in names.map { table.label($0, row: row) ?? "" } }).count
    }
    let all = count(settings)
    var kept = settings
    let numbersFirst =
      settings.filter { table.numbersIfPresent($0) != nil }
      + settings.filter { table.numbersIfPresent($0) == nil }.reversed()
    for name in numbersFirst {
      let fewer = kept.filter { $0 != name }
      if count(fewer) == all { kept = fewer }
    }
    return kept
  }

  func report(_ path: String) throws -> Report {
    let compared = strata.filter { Set($0.groups.map(\.concurrency)).count > 1 }
    var report = Report()
    report.add(title: "Queues in \((path as NSString).lastPathComponent)")
    report.add(paragraph: facts().joined(separator: "\n"))
    var names: [String] = []
    var fits: [ConcurrencyFit] = []
    for stratum in compared {
      names.append(stratum.name)
      fits.append(try ConcurrencyFit(groups: stratum.groups))
    }
    if !fits.isEmpty {
      try report.add(try formulas(names, fits), name: "formulas")
      try report.add(try levels(names, fits), name: "levels")
    }
    report.add(notes: notes(names, fits))
    guard !report.tables.isEmpty else {
      try report.add(try services(), name: "services")
      return report
    }
    return report
  }

  private func facts() -> [String] {
    var lines = [
      "services: \(times.count) completed, mean \(QueueText.digits(times.mean)) s, coefficient of "
        + "variation \(QueueText.digits(times.variation))" + exponential(times)
    ]
    if let gaps {
      lines.append(
        "arrivals: \(QueueText.digits(1 / gaps.mean)) per second, coefficient of variation of the "
          + "gaps \(QueueText.digits(gaps.variation))" + exponential(gaps))
    } else {
      lines.append(
        "arrivals: the trace has no started_s; how they come cannot be told from it")
    }
    if skipped > 0 {
      lines.append("left out: \(skipped) rows that did not complete or have no time")
    }
    return lines
  }

  private func exponential(_ sample: TimeSample) -> String {
    guard let p = sample.exponentialPValue else { return "" }
    let verdict = p < 0.01 ? "not exponential" : "can be exponential"
    return ", \(verdict) (p = \(QueueText.digits(p)))"
  }

  private func formulas(_ names: [String], _ fits: [ConcurrencyFit]) throws -> Table {
    let rows = zip(names, fits).flatMap { name, fit in fit.fits.map { (name, fit, $0) } }
    return try Table([
      Column("settings", text: rows.map { $0.0.isEmpty ? "all rows" : $0.0 }),
      Column("formula", text: rows.map(\.2.form.rawValue)),
      Column("fixed_s", numbers: rows.map(\.2.fixed)),
      Column("per_migration_s", numbers: rows.map(\.2.perMigration)),
      Column("rmse", numbers: rows.map(\.2.rmse)),
      Column("aic", numbers: rows.map(\.2.aic)),
      Column("worst_relative_error", numbers: rows.map(\.2.worstError)),
      Column(
        "standing",
        text: rows.map { row in
          row.1.best == row.2
            ? "best" : row.2.worstError <= ConcurrencyFit.tolerance ? "fits" : "does not fit"
        }),
    ])
  }

  private func levels(_ names: [String], _ fits: [ConcurrencyFit]) throws -> Table {
    let rows = zip(names, fits).flatMap { name, fit in fit.levels.map { (name, fit, $0) } }
    func predicted(_ form: ConcurrencyFit.Form) -> [Double?] {
      rows.map { row in row.1.fits.first { $0.form == form }?.time(row.2.concurrency) }
    }
    return try Table([
      Column("settings", text: rows.map { $0.0.isEmpty ? "all rows" : $0.0 }),
      Column("concurrent_migrations", numbers: rows.map { Double($0.2.concurrency) }),
      Column("n", numbers: rows.map { Double($0.2.sample.count) }),
      Column("groups", numbers: rows.map { Double($0.2.groups) }),
      Column("mean_time_s", numbers: rows.map(\.2.sample.mean)),
      Column("variation", numbers: rows.map(\.2.sample.variation)),
      Column("exponential_p_value", numbers: rows.map(\.2.sample.exponentialPValue)),
      Column("independent_s", numbers: predicted(.independentServers)),
      Column("sharing_s", numbers: predicted(.processorSharing)),
      Column("sharing_with_overhead_s", numbers: predicted(.sharingWithOverhead)),
    ])
  }

  private func services() throws -> Table {
    try Table([
      Column("n", numbers: [Double(times.count)]), Column("mean_time_s", numbers: [times.mean]),
      Column("variation", numbers: [times.variation]),
      Column("exponential_p_value", numbers: [times.exponentialPValue]),
    ])
  }

  private func notes(_ names: [String], _ fits: [ConcurrencyFit]) -> [String] {
    var notes: [String] = []
    for (name, fit) in zip(names, fits) {
      let place = name.isEmpty ? "" : "\(name): "
      guard let best = fit.best else {
        notes.append(place + "no formula comes within a tenth of every level's mean")
        continue
      }
      notes.append(place + words(fit, best))
    }
    if fits.isEmpty {
      notes.append(
        "no settings of the trace have more than one number of migrations at once "
          + "(concurrent_migrations), so sharing cannot be told from independent servers")
      notes.append(
        times.exponentialPValue.map { $0 < 0.01 } ?? true
          ? "services are not exponential: M/M/C/C is fair (it needs only their mean), M/M/C is "
            + "not; use 'cutover queue mgc --service-variation "
            + "\(QueueText.digits(times.variation * times.variation))'"
          : "services can be exponential: M/M/C and M/M/C/C are fair as far as they go")
    }
    return notes
  }

  private func words(_ fit: ConcurrencyFit, _ best: ConcurrencyFit.Fit) -> String {
    let errors = fit.fits.filter { $0 != best }.map {
      "\($0.form.rawValue) is off by up to \(QueueText.digits($0.worstError * 100)) %"
    }
    let regular = fit.levels.filter { ($0.sample.exponentialPValue ?? 1) < 0.01 }
    var text = "\(best.form.rawValue) fits (off by up to "
    text += "\(QueueText.digits(best.worstError * 100)) %), " + errors.joined(separator: ", ")
    switch best.form {
    case .independentServers: text += "; M/M/C/C and M/G/C are fair"
    case .processorSharing, .sharingWithOverhead:
      text += "; M/M/C, whose servers do not slow each other, does not fit"
    }
    if best.form == .sharingWithOverhead {
      text +=
        ": each migration takes \(QueueText.digits(best.fixed)) s whatever runs beside it and "
        + "\(QueueText.digits(best.perMigration)) s of the shared link"
    }
    if !regular.isEmpty {
      text +=
        "; times are not exponential at \(regular.count) of \(fit.levels.count) levels (p < 0.01)"
    }
    return text
  }
}

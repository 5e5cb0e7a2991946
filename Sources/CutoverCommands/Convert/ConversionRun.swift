import ModelCore
import Reporting
import Traces

/// What comes of converting many logs, in their order.
struct ConversionRun {
  private let paths: LogPaths
  private let isLenient: Bool
  private(set) var samples: CSVStream?
  private(set) var rows: [MigrationRow] = []
  private(set) var readings: [DirtyRateReading] = []

  private var failure: (any Error)?
  private var summaries: [LogSummary] = []
  private var leftOut: [TraceError] = []
  private var names = RowNames()

  init(paths: LogPaths, samples: CSVStream?, isLenient: Bool) {
    self.paths = paths
    self.samples = samples
    self.isLenient = isLenient
  }

  mutating func convert(_ converter: LogConverter) {
    // Both closures take turns with the run; neither is called while the other runs.
    let shared = SharedRun(self)
    let progress = ProgressLine(title: "converting")
    let count = paths.sources.count
    converter.convert(
      paths.sources,
      samples: { position, batch in shared.run.take(batch, of: position) },
      finished: { position, outcome in
        shared.run.take(outcome, of: position)
        progress.update(Double(position + 1) / Double(count))
      })
    progress.finish()
    self = shared.run
  }

  /// A reference for the closures of one conversion.
  private final class SharedRun {
    var run: ConversionRun
    init(_ run: ConversionRun) { self.run = run }
  }

  private mutating func take(_ batch: SampleBatch, of position: Int) {
    guard failure == nil else { return }
    do {
      var renaming = names
      let table = try batch.table { renaming.unique($0, file: position) }
      names = renaming
      try samples?.append(table)
    } catch {
      failure = error
    }
  }

  private mutating func take(_ outcome: Result<LogRead, TraceError>, of position: Int) {
    switch outcome {
    case .success(let log):
      summaries.append(log.summary)
      readings += log.readings
      for row in log.rows {
        var row = row
        row.set("id", names.unique(row.id, file: position))
        rows.append(row)
      }
    case .failure(let error):
      // A file that is not there is a mistake of the caller even among many.
      let mayBeLeftOut = error.category == .badData && (isLenient || !paths.isNamed[position])
      if mayBeLeftOut { leftOut.append(error) } else if failure == nil { failure = error }
    }
  }

  /// Throws the first failure that is one of the whole.
  func check() throws {
    if let failure { throw failure }
  }

  // MARK: What is said

  /// Why there is no row.
  var whyNothing: String {
    if let only = summaries.first, summaries.count == 1, leftOut.isEmpty {
      return "\(only.file): no migration in this log, read as \(only.recognition.kind.rawValue) "
        + "(\(only.recognition.description)); \(only.whyNoMigrations)"
    }
    if let first = leftOut.first, summaries.isEmpty {
      return "none of \(counted(paths.sources.count, "file")) could be read; the first: \(first)"
    }
    let readings =
      readings.isEmpty
      ? "" : "; \(counted(readings.count, "dirty rate")) for --curves without -o"
    return "no migration in \(counted(paths.sources.count, "file"))\(readings)"
  }

  /// Says on stderr what was read, what was left out and what was assumed.
  func report() {
    let records = summaries.reduce(0) { $0 + $1.recordCount }
    var parts = [
      counted(summaries.count, "file"), counted(records, "record"),
      counted(rows.count, "migration"),
    ]
    if !readings.isEmpty { parts.append(counted(readings.count, "dirty rate")) }
    say(parts.joined(separator: ", "))
    sayKinds()
    for error in leftOut.prefix(Self.saidOneByOne) { say("left out: \(error)") }
    if leftOut.count > Self.saidOneByOne {
      say("left out: \(leftOut.count - Self.saidOneByOne) more files")
    }
    sayRemarks("left out", summaries.map { ($0.file, $0.skipped) })
    sayRemarks("note", summaries.map { ($0.file, $0.notes) })
    let halves = readings.count { $0.window == nil }
    if halves > 0 { say("left out: \(counted(halves, "dirty rate")) without a window") }
  }

  private static let saidOneByOne = 5

  private func sayKinds() {
    if let only = summaries.first, summaries.count == 1 {
      let recognition = only.recognition
      say(
        "\(only.file): "
          + (recognition.line == nil
            ? "read as \(recognition.kind.rawValue) (\(recognition.why))" : recognition.description)
      )
      return
    }
    for kind in LogKind.allCases {
      let count = summaries.count { $0.recognition.kind == kind }
      if count > 0 { say("read as \(kind.rawValue): \(counted(count, "file"))") }
    }
  }

  /// Remarks of all files together, each with its first place.
  private func sayRemarks(_ title: String, _ remarks: [(file: String, list: [LogRemark])]) {
    var order: [String] = []
    var totals: [String: (count: Int, place: String)] = [:]
    for (file, list) in remarks {
      for remark in list {
        if totals[remark.text] == nil {
          order.append(remark.text)
          totals[remark.text] = (0, "\(file):\(remark.line)")
        }
        totals[remark.text]?.count += remark.count
      }
    }
    for text in order {
      guard let total = totals[text] else { continue }
      let times = total.count == 1 ? total.place : "\(total.count) times, first \(total.place)"
      say("\(title): \(text) (\(times))")
    }
  }
}

/// Gives rows of different files different ids.
private struct RowNames {
  private var given: [Key: String] = [:]
  private var taken: Set<String> = []

  private struct Key: Hashable {
    let id: String
    let file: Int
  }

  /// The id itself, or with a number when another file has it already.
  mutating func unique(_ id: String, file: Int) -> String {
    let key = Key(id: id, file: file)
    if let known = given[key] { return known }
    var name = id
    var number = 2
    while !taken.insert(name).inserted {
      name = "\(id)#\(number)"
      number += 1
    }
    given[key] = name
    return name
  }
}

/// `1 file`, `2 files`.
func counted(_ count: Int, _ noun: String) -> String {
  "\(count) \(noun)\(count == 1 ? "" : "s")"
}

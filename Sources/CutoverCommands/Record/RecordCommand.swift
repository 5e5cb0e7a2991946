import ArgumentParser
import Foundation
import ModelCore
import Quantities
import Reporting
import Synchronization
import Traces

struct RecordCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "record",
    abstract: "Record a migration from QEMU's monitor while it runs.",
    discussion: """
      Watches a migration that something else starts, or starts one; writes into a folder, as it \
      comes: replies.ndjson (all replies and events), samples.csv (the polls), dirty-rates.csv, and \
      at the end trace.csv (the row). A recording is never overwritten.

        cutover trace record /run/vm.qmp -o run-1
        cutover trace record /run/vm.qmp --destination /run/vm-dst.qmp --dirty-rate-window 1s \\
          --start tcp:10.0.0.2:4444 --bandwidth-cap 1Gbit/s --downtime-limit 300ms -o run-2
        cutover trace record --from-virsh web1 -o run-3

      Exit status 1: the migration was cancelled or failed. Ctrl-C ends the recording, not the \
      migration.
      """)

  @Argument(help: "The source's QMP monitor: a socket's path, or 127.0.0.1:PORT.")
  var monitor: String?

  @Option(help: "The destination's QMP monitor, for the downtime that the guest sees.")
  var destination: String?

  @Option(help: "Reach the source through 'virsh qemu-monitor-command' of this domain.")
  var fromVirsh: String?

  @Option(help: "With --from-virsh: libvirt's URI, such as qemu:///system.")
  var connect: String?

  @Option(name: .shortAndLong, help: "The folder to write into.")
  var output: String

  @Option(help: "The id of the row; the folder's name if not given.")
  var id: String?

  @Option(help: "Time between polls.", transform: quantity(Seconds.self))
  var interval = Seconds(siValue: 0.1)

  @Option(
    help: "First measure the dirty rate over this window; may be repeated.",
    transform: quantity(Seconds.self))
  var dirtyRateWindow: [Seconds] = []

  @Option(
    help: "How: page-sampling or dirty-bitmap; may be repeated.",
    transform: { text in
      guard let mode = DirtyRateMode(rawValue: text) else {
        throw ValidationError("it is one of page-sampling, dirty-bitmap")
      }
      return mode
    })
  var dirtyRateMode: [DirtyRateMode] = []

  @Option(help: "Start the migration to this URI of QEMU, such as tcp:10.0.0.2:4444.")
  var start: String?

  @Option(help: "With --start: switch on auto-converge, xbzrle, ...; may be repeated.")
  var capability: [String] = []

  @Option(help: "With --start: QEMU's max-bandwidth.", transform: quantity(ByteRate.self))
  var bandwidthCap: ByteRate?

  @Option(help: "With --start: QEMU's downtime-limit.", transform: quantity(Seconds.self))
  var downtimeLimit: Seconds?

  @Option(help: "With --start: cancel after this time.", transform: quantity(Seconds.self))
  var timeLimit: Seconds?

  @Option(
    help: "Without --start: give up when none has begun by then.", transform: quantity(Seconds.self)
  )
  var wait: Seconds?

  @Option(help: "How the row is printed: text, csv, json or markdown.")
  var format = OutputFormat.text

  func run() throws {
    let plan = try plan()
    let source = try source()
    let target = try destination.map { text throws(RecordingError) in
      try QMPMonitor(try MonitorAddress(parsing: text))
    }
    let display = RecordingDisplay()
    let files = try RecordingFiles(folder: output, display: display)
    let recording = try MigrationRecorder(
      source: source, destination: target, plan: plan, sink: files,
      isInterrupted: Interruption.watched()
    ).record()
    display.finish()
    try finish(recording, files)
  }

  private func plan() throws -> RecordingPlan {
    if start == nil, let word = startWords.first { throw UsageError("\(word) goes with --start") }
    if start != nil, wait != nil { throw UsageError("--wait goes without --start") }
    let windows = try dirtyRateWindow.map { window in
      guard let seconds = Int(exactly: window.siValue) else {
        throw UsageError("--dirty-rate-window: QEMU measures over whole seconds, such as 1s")
      }
      return seconds
    }
    return try RecordingPlan(
      id: id ?? URL(fileURLWithPath: output).lastPathComponent, interval: interval.siValue,
      dirtyRateWindows: windows,
      dirtyRateModes: dirtyRateMode.isEmpty ? [.pageSampling] : dirtyRateMode,
      start: start.map {
        RecordingPlan.Start(
          uri: $0, capabilities: capability, bandwidth: bandwidthCap?.siValue,
          downtimeLimit: downtimeLimit?.siValue, timeLimit: timeLimit?.siValue)
      }, wait: wait?.siValue)
  }

  private var startWords: [String] {
    [
      (!capability.isEmpty, "--capability"), (bandwidthCap != nil, "--bandwidth-cap"),
      (downtimeLimit != nil, "--downtime-limit"), (timeLimit != nil, "--time-limit"),
    ].filter(\.0).map(\.1)
  }

  private func source() throws -> any MonitorLink {
    switch (monitor, fromVirsh) {
    case (let address?, nil):
      if connect != nil { throw UsageError("--connect goes with --from-virsh") }
      return try QMPMonitor(try MonitorAddress(parsing: address))
    case (nil, let domain?): return VirshMonitor(domain: domain, connection: connect)
    default: throw UsageError("say where to record: one of MONITOR and --from-virsh DOMAIN")
    }
  }

  private func finish(_ recording: Recording, _ files: RecordingFiles) throws {
    for note in recording.notes { say("note: \(note)") }
    guard let row = recording.row else {
      say("no migration was seen; \(files.folder) holds what was asked")
      throw NegativeVerdict()
    }
    try files.write(row: row)
    let destination = try Destination(path: nil, format: format)
    try destination.write(Report(row, name: "trace"), significantDigits: nil)
    try destination.commit()
    say("recorded into \(files.folder)")
    switch recording.end {
    case .completed: return
    case .cancelled: throw NegativeVerdict(message: "the migration was cancelled")
    case .failed(let reason): throw NegativeVerdict(message: "the migration failed: \(reason)")
    case .interrupted:
      throw NegativeVerdict(message: "interrupted: the migration goes on, its row is unfinished")
    }
  }
}

/// Ctrl-C and SIGTERM as a question that a loop asks.
enum Interruption {
  private static let hasCome = Atomic(false)

  /// From now on the signals only set a flag.
  static func watched() -> @Sendable () -> Bool {
    // Made here, so that the handler need not: it may only store.
    hasCome.store(false, ordering: .relaxed)
    for number in [SIGINT, SIGTERM] {
      signal(number) { _ in Interruption.hasCome.store(true, ordering: .relaxed) }
    }
    return { hasCome.load(ordering: .relaxed) }
  }
}

import Foundation
import ModelCore

/// Records one migration from a monitor: dirty rates before it, polls while it runs, the row.
///
/// The row is made of the raw record by the reader of QMP logs, so converting the record later
/// gives the same row; `downtime_observed_s` comes from the events of both ends.
public final class MigrationRecorder {
  private let source: any MonitorLink
  private let destination: (any MonitorLink)?
  private let plan: RecordingPlan
  private let sink: any RecordingSink
  private let isInterrupted: @Sendable () -> Bool

  private let decoder: QMPDecoder
  private var log: QMPLog
  private var output = LogOutput(wantsSamples: true)
  private var lineCount = 0
  private var downtimeLimit: Double?
  private var throughputs: [Double] = []
  private var dirtyRates: [Double] = []
  private var lastSync: Double?
  private var stopTime: Double?
  private var resumeTime: Double?
  private var notes: [String] = []

  /// - Parameters:
  ///   - destination: its monitor, for the moment the guest goes on there.
  ///   - isInterrupted: asked between polls; true ends the recording, not the migration.
  /// - Throws: `RecordingError.setting` without memory.
  public init(
    source: any MonitorLink, destination: (any MonitorLink)? = nil, plan: RecordingPlan,
    sink: any RecordingSink, isInterrupted: @escaping @Sendable () -> Bool = { false }
  ) throws(RecordingError) {
    self.source = source
    self.destination = destination
    self.plan = plan
    self.sink = sink
    self.isInterrupted = isInterrupted
    do {
      decoder = try QMPDecoder(wantsOtherFields: true)
      log = try QMPLog(id: plan.id, wantsOtherFields: true)
    } catch {
      throw .setting(error.description)
    }
  }

  /// Records until the migration ends, the monitor is gone, or the caller interrupts.
  ///
  /// A monitor that goes away while a migration runs is an end, not an error: the row says
  /// `failed`.
  /// - Throws: `RecordingError` before a migration runs, or when the record cannot be written.
  public func record() throws(RecordingError) -> Recording {
    let before = try poll(isKept: false)
    try measureDirtyRates()
    if let start = plan.start {
      if let before, before.isRunning { throw .alreadyRunning(source.name) }
      try begin(start)
    } else {
      try readSettings()
      guard try awaitStart(after: before) else { return try finish(.interrupted) }
    }
    return try finish(try follow())
  }

  // MARK: Before

  /// Measures over every window in every way; QEMU does one at a time.
  private func measureDirtyRates() throws(RecordingError) {
    for mode in plan.dirtyRateModes {
      for window in plan.dirtyRateWindows {
        _ = try ask(.calculateDirtyRate(seconds: window, mode: mode))
        // Sampling and hashing take their own time on top.
        let deadline = ContinuousClock.now + .seconds(2 * window + 30)
        var isMeasured = false
        while !isMeasured, ContinuousClock.now < deadline, !isInterrupted() {
          try pause(0.2)
          let document = try ask(.queryDirtyRate)
          guard case .dirtyRate(let reading) = decoder.decode(document), reading != nil else {
            continue
          }
          isMeasured = true
          try keep(document, as: "query-dirty-rate")
          try keepLastReading()
        }
        if !isMeasured { notes.append("no dirty rate over \(window) s by \(mode.rawValue)") }
      }
    }
  }

  private func keepLastReading() throws(RecordingError) {
    let table: Table
    do { table = try LogTables.curves(output.readings.suffix(1)) } catch {
      throw .output("\(error)")
    }
    try sink.take(curves: table)
  }

  private func begin(_ start: RecordingPlan.Start) throws(RecordingError) {
    if !start.capabilities.isEmpty { _ = try ask(.setCapabilities(start.capabilities)) }
    var parameters: [(key: String, value: Int)] = []
    if let bandwidth = start.bandwidth {
      parameters.append(("max-bandwidth", Int(bandwidth.rounded())))
    }
    if let limit = start.downtimeLimit {
      parameters.append(("downtime-limit", Int((limit * 1000).rounded())))
    }
    if !parameters.isEmpty { _ = try ask(.setParameters(parameters)) }
    try readSettings()
    _ = try ask(.migrate(to: start.uri))
  }

  /// The settings that the row takes as inputs.
  private func readSettings() throws(RecordingError) {
    let parameters = try ask(.queryParameters)
    if case .parameters(let columns, _) = decoder.decode(parameters) {
      downtimeLimit = columns["downtime_limit_s"]
    }
    try keep(parameters, as: "query-migrate-parameters")
    try keep(try ask(.queryCapabilities), as: "query-migrate-capabilities")
  }

  /// Waits for a migration that is not the one which ended before; false when interrupted.
  private func awaitStart(after before: MigrationSample?) throws(RecordingError) -> Bool {
    let limit = plan.wait.map { ContinuousClock.now + .seconds($0) }
    var old = before.flatMap { $0.stage.isTerminal ? $0 : nil }
    while !isInterrupted() {
      if let sample = try poll(isKept: false) {
        if sample.isRunning { return true }
        // A short migration may begin and end between two polls.
        if sample.stage.isTerminal, let last = old, !sample.saysTheSame(as: last) { return true }
        if sample.stage.isTerminal, before?.stage.isTerminal != true { return true }
        old = sample.stage.isTerminal ? sample : old
      }
      if let limit, ContinuousClock.now > limit {
        throw .nothingBegan(source.name, seconds: plan.wait ?? 0)
      }
      try pause(plan.interval)
    }
    return false
  }

  // MARK: While it runs

  private func follow() throws(RecordingError) -> Recording.End {
    let began = ContinuousClock.now
    var isCancelled = false
    do {
      while !isInterrupted() {
        let next = ContinuousClock.now + .seconds(plan.interval)
        if let sample = try poll(isKept: true), sample.stage.isTerminal {
          try awaitResume(sample)
          return end(sample)
        }
        if let limit = plan.start?.timeLimit, !isCancelled,
          ContinuousClock.now - began > .seconds(limit)
        {
          isCancelled = true
          _ = try ask(.cancel)
        }
        try collectEvents(until: next)
        // An event ends the wait early; polls keep their distance.
        while ContinuousClock.now < next { try collectEvents(until: next) }
      }
      return .interrupted
    } catch {
      guard case .closed(let name) = error else { throw error }
      return .failed(reason: "the monitor \(name) closed the connection")
    }
  }

  private func end(_ sample: MigrationSample) -> Recording.End {
    switch sample.stage {
    case .completed: .completed
    case .cancelled: .cancelled
    default: .failed(reason: sample.failureReason ?? "QEMU gives no reason")
    }
  }

  /// The guest goes on at the destination a moment after the source has said its last.
  private func awaitResume(_ sample: MigrationSample) throws(RecordingError) {
    try collectEvents(until: .now)
    guard sample.stage == .completed, destination != nil else { return }
    let patience = ContinuousClock.now + .seconds(5)
    while resumeTime == nil, ContinuousClock.now < patience {
      try collectEvents(until: .now + .milliseconds(50))
    }
  }

  private func pause(_ seconds: Double) throws(RecordingError) {
    try collectEvents(until: .now + .seconds(seconds))
  }

  private func collectEvents(until deadline: ContinuousClock.Instant) throws(RecordingError) {
    for document in try source.events(until: deadline) {
      if case .event("STOP", let time) = decoder.decode(document) { stopTime = time }
      try keep(line: document)
    }
    guard let destination else { return }
    let events: [[UInt8]]
    do { events = try destination.events(until: .now) } catch {
      // Its end says nothing of the source, which goes on with the guest.
      guard case .closed = error else { throw error }
      return
    }
    for document in events {
      if case .event("RESUME", let time) = decoder.decode(document) { resumeTime = time }
      try keep(line: Array("{\"destination\":".utf8) + document + Array("}".utf8))
    }
  }

  /// Asks how it stands; `nil` for an answer that says nothing of a migration.
  private func poll(isKept: Bool) throws(RecordingError) -> MigrationSample? {
    let document = try ask(.queryMigrate)
    if isKept { try keep(document, as: "query-migrate") }
    guard case .migrate(let sample) = decoder.decode(document) else { return nil }
    if isKept { report(sample) }
    return sample
  }

  /// The newest readings; older ones say little of what comes.
  private static let keptReadings = 20

  private func report(_ sample: MigrationSample) {
    if let rate = sample.throughput, rate > 0 {
      throughputs = (throughputs + [rate]).suffix(Self.keptReadings)
    }
    // One reading per synchronisation: it stays the same between them.
    if let rate = sample.dirtyRate, sample.dirtySyncs ?? 0 > 1, sample.dirtySyncs != lastSync {
      lastSync = sample.dirtySyncs
      dirtyRates = (dirtyRates + [rate]).suffix(Self.keptReadings)
    }
    sink.take(
      state: RecordingState(
        sample: sample, downtimeLimit: downtimeLimit, throughputs: throughputs,
        dirtyRates: dirtyRates))
  }

  // MARK: The record

  private func ask(_ command: MonitorCommand) throws(RecordingError) -> [UInt8] {
    let document = try source.reply(to: command.text)
    if case .failure(let reason) = decoder.decode(document) {
      throw .refused(source.name, command: command.name, reason: reason)
    }
    return document
  }

  /// Keeps a reply under the name of what was asked, with the time of its arrival.
  private func keep(_ document: [UInt8], as name: String) throws(RecordingError) {
    let time = (Date().timeIntervalSince1970 * 1e6).rounded() / 1e6
    try keep(
      line: Array("{\"time\":\(shortestDecimal(time)),\"\(name)\":".utf8) + document
        + Array("}".utf8))
  }

  private func keep(line: [UInt8]) throws(RecordingError) {
    lineCount += 1
    try sink.take(raw: line)
    log.take(document: line, line: lineCount, into: &output)
    let batch = output.takeSamples()
    guard !batch.isEmpty else { return }
    let table: Table
    do { table = try batch.table() } catch { throw .output("\(error)") }
    try sink.take(samples: table)
  }

  private func finish(_ end: Recording.End) throws(RecordingError) -> Recording {
    log.finish(into: &output)
    guard var row = output.rows.last else {
      return Recording(end: end, row: nil, notes: notes)
    }
    if case .failed(let reason) = end {
      row.set("status", "failed")
      row.set("failure_reason", reason)
    }
    if end == .completed, let stopTime, let resumeTime, resumeTime >= stopTime {
      // QEMU stamps its events in microseconds; a difference of clock times has other digits.
      row.set("downtime_observed_s", ((resumeTime - stopTime) * 1e6).rounded() / 1e6)
    } else if end == .completed, destination != nil {
      notes.append("no events of both ends: downtime_observed_s is empty")
    }
    if let limit = plan.start?.timeLimit { row.set("time_limit_s", limit) }
    let table: Table
    do { table = try LogTables.trace([row]) } catch { throw .output("\(error)") }
    return Recording(end: end, row: table, notes: notes)
  }
}

extension MigrationSample {
  /// Whether it has begun and not ended.
  fileprivate var isRunning: Bool { stage != .idle && !stage.isTerminal }

  fileprivate func saysTheSame(as other: MigrationSample) -> Bool {
    stage == other.stage && elapsed == other.elapsed && transferredBytes == other.transferredBytes
  }
}

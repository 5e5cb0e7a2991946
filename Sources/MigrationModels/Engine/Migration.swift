import Quantities

/// What moves when: which transfers are made while the guest runs where.
public enum Strategy: Sendable {
  /// Pause, copy, resume.
  case stopAndCopy
  /// Rounds while the guest runs at the source, until the rule says stop.
  case precopy(any StopRule)
  /// Switch first, then push all memory.
  case postcopy
  /// Rounds as in pre-copy; when `rounds` of them are made and the rule has not said stop,
  /// switch and push the rest.
  case hybrid(any StopRule, afterRounds: Int)
}

/// A migration as five choices: machine (with its dirty process), channel, transform, stop
/// rule and strategy. `run` makes the rounds; every pre-copy model of the package is such a
/// value.
public struct Migration: Sendable {
  public var machine: VirtualMachine
  public var channel: Channel
  public var transform: (any Transform)?
  public var strategy: Strategy

  public init(
    machine: VirtualMachine, channel: Channel, transform: (any Transform)? = nil,
    strategy: Strategy
  ) {
    self.machine = machine
    self.channel = channel
    self.transform = transform
    self.strategy = strategy
  }

  /// After so many transfers a migration that has not ended is said not to converge. Real
  /// migrations end within hundreds of rounds; the bound keeps a hopeless case from running on.
  public static let roundBound = 100_000

  /// From this transfer on, a dirty volume that no longer shrinks is taken for a fixed point.
  /// Rules with a cap or a deadline of their own usually end before.
  static let stallCheckStart = 64

  /// Makes the rounds.
  ///
  /// With V_0 the machine's memory, t_i = wire(V_i) / B, dirty volume U_i = min(V_0, u(t_i)) and
  /// V_{i+1} = U_i less what the transform keeps back; the last transfer sends all of U and what
  /// the machine held back from the start. Total
  /// time is setup + sum of t_i + resume, downtime is the last transfer + resume.
  ///
  /// Non-convergence is an answer: `termination` says why and the times are absent.
  ///
  /// - Parameter recordingRounds: whether the answer lists every transfer. The numbers are
  ///   the same either way.
  public func run(recordingRounds: Bool = false) -> MigrationPrediction {
    var log = RunLog(channel: channel, pageSize: machine.pageSize.siValue, records: recordingRounds)
    let full = machine.normalBytes.siValue
    let zero = machine.zeroBytes.siValue
    let all = full + machine.heldBackBytes.siValue
    switch strategy {
    case .stopAndCopy:
      log.transfer(normal: all, zero: zero, phase: .stopAndCopy)
      return log.finish(.singleCopy, converged: true, pausedFor: log.lastDuration)
    case .postcopy:
      log.transfer(normal: all, zero: zero, phase: .postcopy)
      return log.finish(.switchover, converged: true, pausedFor: 0)
    case .precopy(let rule):
      return rounds(rule, machine.dirtyProcess, switchAfter: nil, &log)
    case .hybrid(let rule, let afterRounds):
      return rounds(rule, machine.dirtyProcess, switchAfter: afterRounds, &log)
    }
  }

  private func rounds(
    _ rule: some StopRule, _ process: some DirtyProcess, switchAfter: Int?, _ log: inout RunLog
  ) -> MigrationPrediction {
    Rounds(
      normal: machine.normalBytes.siValue, zero: machine.zeroBytes.siValue,
      heldBack: machine.heldBackBytes.siValue, capsDirtyVolume: machine.capsDirtyVolume,
      process: process, rule: rule, transform: transform
    ).run(switchAfter: switchAfter, log: &log)
  }
}

/// The rounds of pre-copy for one kind of process and one kind of rule.
///
/// A model that is asked about millions of scenarios makes this value itself: its kinds are known
/// then, and a round is a few operations instead of calls through tables. Whoever goes by way of
/// `Migration` ends in the same function, so both get the same bits.
struct Rounds<Process: DirtyProcess, Rule: StopRule> {
  var normal: Double
  var zero = 0.0
  var heldBack = 0.0
  var capsDirtyVolume = true
  let process: Process
  let rule: Rule
  var transform: (any Transform)?

  /// Pre-copy over a channel.
  func run(
    over channel: Channel, pageSize: Double, recordingRounds: Bool
  ) -> MigrationPrediction {
    var log = RunLog(channel: channel, pageSize: pageSize, records: recordingRounds)
    return run(switchAfter: nil, log: &log)
  }

  fileprivate func run(switchAfter: Int?, log: inout RunLog) -> MigrationPrediction {
    var zero = zero
    var dirty = normal
    var offered = normal
    var lastSent: Double?
    var sentBefore: Double?
    while log.count < Migration.roundBound {
      let state = RoundState(
        completedRounds: log.count, elapsed: log.elapsed, remaining: offered + zero,
        remainingOnWire: log.wireBytes(normal: offered, zero: zero), sent: log.sent,
        lastSent: lastSent, sentBefore: sentBefore, measuredBandwidth: log.measuredBandwidth)
      switch rule.decision(state) {
      case .abandon(let reason):
        return log.abandon(reason)
      case .stopAndCopy(let reason, let converged):
        log.transfer(normal: dirty + heldBack, zero: zero, phase: .stopAndCopy)
        return log.finish(reason, converged: converged, pausedFor: log.lastDuration)
      case .goOn:
        break
      }
      if let switchAfter, log.count >= switchAfter {
        log.transfer(normal: dirty + heldBack, zero: zero, phase: .postcopy)
        return log.finish(.switchover, converged: true, pausedFor: 0)
      }
      log.transfer(normal: offered, zero: zero, phase: .precopy)
      sentBefore = lastSent
      lastSent = offered + zero
      let before = offered
      zero = 0
      dirty = process.dirtyBytes(after: log.lastDuration)
      if capsDirtyVolume { dirty = min(normal, dirty) }
      log.noteDirtied(dirty)
      offered = dirty * (1 - (transform?.deferredFraction(afterRoundOf: log.lastDuration) ?? 0))
      if !rule.isCertainToEnd, log.count >= Migration.stallCheckStart, offered >= before {
        return log.abandon(.notConvergent)
      }
    }
    return log.abandon(.notConvergent)
  }
}

/// The running sums of a migration, and its rounds when they are wanted.
private struct RunLog {
  let channel: Channel
  let pageSize: Double
  let records: Bool
  private(set) var count = 0
  private(set) var elapsed = 0.0
  private(set) var sent = 0.0
  private(set) var lastDuration = 0.0
  private(set) var measuredBandwidth: Double
  private var rounds: [Round] = []

  init(channel: Channel, pageSize: Double, records: Bool) {
    self.channel = channel
    self.pageSize = pageSize
    self.records = records
    measuredBandwidth = channel.bandwidth.siValue
  }

  func wireBytes(normal: Double, zero: Double) -> Double {
    channel.wireBytes(normal: normal, zero: zero, pageSize: pageSize)
  }

  mutating func transfer(normal: Double, zero: Double, phase: Phase) {
    let bytes = wireBytes(normal: normal, zero: zero)
    lastDuration = channel.duration(of: bytes)
    if lastDuration > 0 { measuredBandwidth = bytes / lastDuration }
    if records {
      rounds.append(
        Round(
          index: count, phase: phase, start: Seconds(siValue: channel.setupTime.siValue + elapsed),
          duration: Seconds(siValue: lastDuration), transferredBytes: Bytes(siValue: bytes),
          dirtiedBytes: Bytes(siValue: 0)))
    }
    elapsed += lastDuration
    sent += bytes
    count += 1
  }

  mutating func noteDirtied(_ bytes: Double) {
    guard records, !rounds.isEmpty else { return }
    rounds[rounds.count - 1].dirtiedBytes = Bytes(siValue: bytes)
  }

  func finish(_ termination: Termination, converged: Bool, pausedFor: Double) -> MigrationPrediction
  {
    let total = channel.setupTime.siValue + elapsed + channel.resumeTime.siValue
    // An uncapped recursion with D > B can leave the range of a double: no number then.
    guard total.isFinite, sent.isFinite else { return abandon(.notConvergent) }
    var answer = MigrationPrediction(termination: termination, converged: converged)
    answer.roundCount = count
    answer.rounds = rounds
    answer.totalMigrationTime = Seconds(siValue: total)
    answer.downtime = Seconds(siValue: pausedFor + channel.resumeTime.siValue)
    answer.transferredBytes = Bytes(siValue: sent)
    return answer
  }

  func abandon(_ termination: Termination) -> MigrationPrediction {
    var answer = MigrationPrediction(termination: termination, converged: false)
    // How many rounds it took to see that they never end says nothing about the migration.
    answer.roundCount = termination == .notConvergent ? nil : count
    answer.rounds = rounds
    return answer
  }
}

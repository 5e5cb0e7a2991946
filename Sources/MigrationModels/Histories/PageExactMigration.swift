public import Quantities

/// A pre-copy migration simulated page by page over a recorded history: Akoush's HIST.
///
/// Round 0 sends every page in ascending order; each later round sends what became dirty in the
/// round before. Before each batch the hypervisor looks at the pages dirtied since the round
/// began and skips those (a page is sent only if it is in `to_send` and not in `to_skip`): they
/// will be sent in the next round anyway. When a stop condition holds, the guest is paused and
/// every dirty page is sent.
///
/// Source: Xen's save loop as public re-implementations and Akoush et al. 2010 describe it
/// (Equations.md 2.2 found, 2.4 recalled); batches of 1024 pages are Xen's [recalled].
///
/// Pages are whole; the answer is exact for the history given. Memory: two bits per page beside
/// the history. A round costs its batches and, however long it lasts, at most one pass over the
/// history.
public struct PageExactMigration: Sendable {
  public var history: DirtyHistory
  /// Pages sent per second, > 0.
  public var pageRate: PageRate
  /// O_pre and O_post.
  public var setupTime: Seconds
  public var resumeTime: Seconds
  /// Where in the history the migration starts.
  public var offset: Seconds
  public var stop: XenStopRule
  /// Whether pages that are dirty again before they are sent are skipped.
  public var skipsRedirtied: Bool
  /// Pages between two looks at the dirty bitmap, >= 1.
  public var batchPages: Int

  public init(
    history: DirtyHistory, pageRate: PageRate, stop: XenStopRule, setupTime: Seconds = .zero,
    resumeTime: Seconds = .zero, offset: Seconds = .zero, skipsRedirtied: Bool = true,
    batchPages: Int = 1024
  ) {
    self.history = history
    self.pageRate = pageRate
    self.stop = stop
    self.setupTime = setupTime
    self.resumeTime = resumeTime
    self.offset = offset
    self.skipsRedirtied = skipsRedirtied
    self.batchPages = batchPages
  }

  /// Makes the rounds.
  public func run(recordingRounds: Bool = false) -> MigrationPrediction {
    let page = history.pageSize.siValue
    let rate = pageRate.siValue
    var pending = PageSet(capacity: history.memoryPages, full: true)
    var pendingCount = history.memoryPages
    var dirty = PageSet(capacity: history.memoryPages)
    var cursor = HistoryCursor(history, at: offset.siValue)
    var rounds: [Round] = []
    var (elapsed, totalSent, completed) = (0.0, 0, 0)
    var lastSent: Double?
    var sentBefore: Double?

    while true {
      let state = RoundState(
        completedRounds: completed, elapsed: elapsed, remaining: Double(pendingCount) * page,
        remainingOnWire: Double(pendingCount) * page, sent: Double(totalSent) * page,
        lastSent: lastSent, sentBefore: sentBefore, measuredBandwidth: rate * page)
      var verdict: (reason: Termination, converged: Bool)?
      switch stop.decision(state) {
      case .goOn: break
      case .stopAndCopy(let reason, let converged): verdict = (reason, converged)
      case .abandon(let reason): verdict = (reason, false)
      }

      var sent = 0
      if verdict == nil {
        // The guest runs: send batch by batch, looking at what it dirties meanwhile.
        var position = 0
        while position < history.memoryPages {
          cursor.advance(to: offset.siValue + elapsed + Double(sent) / rate, marking: &dirty)
          let batch = pending.walk(
            from: position, excluding: skipsRedirtied ? dirty : nil, limit: batchPages)
          sent += batch.met
          position = batch.next
        }
        cursor.advance(to: offset.siValue + elapsed + Double(sent) / rate, marking: &dirty)
      } else {
        sent = pendingCount
      }

      let duration = Double(sent) / rate
      if recordingRounds {
        rounds.append(
          Round(
            index: completed, phase: verdict == nil ? .precopy : .stopAndCopy,
            start: Seconds(siValue: setupTime.siValue + elapsed),
            duration: Seconds(siValue: duration),
            transferredBytes: Bytes(siValue: Double(sent) * page),
            dirtiedBytes: Bytes(siValue: verdict == nil ? Double(dirty.count) * page : 0)))
      }
      elapsed += duration
      totalSent += sent
      completed += 1
      if let verdict {
        var answer = MigrationPrediction(
          termination: verdict.reason, converged: verdict.converged)
        answer.roundCount = completed
        answer.rounds = rounds
        answer.totalMigrationTime = setupTime + Seconds(siValue: elapsed) + resumeTime
        answer.downtime = Seconds(siValue: duration) + resumeTime
        answer.transferredBytes = Bytes(siValue: Double(totalSent) * page)
        return answer
      }
      sentBefore = lastSent
      lastSent = Double(sent) * page
      swap(&pending, &dirty)
      dirty.removeAll()
      pendingCount = pending.count
      cursor.beginRound()
    }
  }
}

/// A place in a history that moves forward in time and marks what is written on its way.
private struct HistoryCursor {
  private let history: DirtyHistory
  /// Slots passed since the start of the history, laps included.
  private var slot = 0
  /// Pages of the slot already marked, and the run they end in.
  private var marked = 0
  private var run: Int
  private var runOffset = 0
  private var slotPages: Int
  /// The slot that the round began in: after a lap every page is marked.
  private var roundStart = 0

  init(_ history: DirtyHistory, at time: Double) {
    self.history = history
    run = 0
    slotPages = 0
    jump(to: time / history.slot.siValue)
    roundStart = slot
  }

  mutating func beginRound() { roundStart = slot }

  /// Marks every page written up to a time.
  mutating func advance(to time: Double, marking dirty: inout PageSet) {
    let target = time / history.slot.siValue
    while Double(slot + 1) <= target {
      pass(upTo: slotPages) { dirty.insert($0) }
      if slot - roundStart > history.slotCount {
        // A whole lap and the rest of the first slot are marked: only the place matters now.
        jump(to: target)
        return
      }
      enter(slot + 1)
    }
    pass(upTo: Self.written(of: slotPages, at: target - Double(slot))) { dirty.insert($0) }
  }

  /// How many pages of a slot are written at a share of it: page j of m at (j + 1/2) / m.
  private static func written(of pages: Int, at share: Double) -> Int {
    min(pages, max(0, Int(share * Double(pages) + 0.5)))
  }

  /// Moves on within the slot; pages passed are marked where there is something to mark.
  private mutating func pass(upTo count: Int, _ visit: (Range<Int>) -> Void) {
    while marked < count {
      let pages = history.run(at: run)
      let length = min(pages.count - runOffset, count - marked)
      let first = pages.lowerBound + runOffset
      visit(first..<first + length)
      marked += length
      runOffset += length
      if runOffset == pages.count {
        run += 1
        runOffset = 0
      }
    }
  }

  private mutating func enter(_ number: Int) {
    slot = number
    let index = number % history.slotCount
    run = history.runRange(of: index).lowerBound
    runOffset = 0
    marked = 0
    slotPages = history.pageCount(in: index)
  }

  /// Goes to a place without marking what lies before it.
  private mutating func jump(to target: Double) {
    // Beyond 2^53 slots a double has no places between whole numbers, and none matters.
    enter(Int(min(target, 0x1p53).rounded(.down)))
    pass(upTo: Self.written(of: slotPages, at: target - Double(slot))) { _ in }
  }
}

import TestSupport
import Testing

@testable import Calibration

@Suite struct CalibratedPhysicsTests {
  /// A machine that nobody writes to, behind a cap.
  private func quiet(pages: Double = 60_000, used: Double = 30_000) -> MigrationFacts {
    MigrationFacts(
      memoryPages: pages, usedPages: used, pageSize: 4096, incompressible: 1, wordsPerWrite: 16,
      writes: GuestWrites(rate: 0, classes: [], isSweep: false, isPacedByCPU: false),
      blankShare: 0, cap: 50e6, link: nil, delay: 0, isDirectTCP: false, downtimeLimit: 0.1,
      encoding: .plain, throttle: nil,
      switchAfterRounds: nil, postcopyCap: nil, horizon: 60)
  }

  private func run(
    _ facts: MigrationFacts, _ parameters: CalibratedParameters = CalibratedParameters()
  ) -> PhysicalOutcome {
    var run = QEMURun(facts, parameters)
    return run.run()
  }

  /// The queue against a token bucket that is stepped through, a microsecond at a time: twice, with
  /// an idle link between.
  @Test(arguments: [0.0, 150_000])
  func pipeAgainstSmallSteps(_ burst: Double) {
    let (link, capacity, speed, bytes) = (40e6, 400_000.0, 300e6, 3e6)
    var pipe = Pipe(link: link, capacity: capacity, burst: burst)
    let step = 1e-6
    var (queued, tokens) = (0.0, 0.0)
    func tick(_ arrived: Double) {
      let passed = min(queued + arrived, tokens + link * step)
      queued += arrived - passed
      tokens = min(burst, tokens + link * step - passed)
    }
    for pause in [0.02, 1] {
      let time = pipe.send(bytes, at: speed)
      var (sent, clock) = (0.0, 0.0)
      while sent < bytes {
        let now = min(speed * step, capacity - queued + tokens + link * step, bytes - sent)
        sent += now
        tick(now)
        clock += step
      }
      // A few steps of time are what the stepwise answer does not resolve.
      #expect(abs(time - clock) < 4 * step)
      #expect(abs(pipe.drainTime - queued / link) < 4 * step)
      pipe.idle(pause)
      for _ in 0..<Int(pause / step) { tick(0) }
    }
    #expect(pipe.drainTime == 0)
  }

  /// What waits in front of the link leaves at its rate, and nothing is faster than its delay.
  @Test func theLastByteArrivesAsTheLinkAllows() {
    var facts = quiet(pages: 30_701, used: 30_700)
    facts.cap = nil
    facts.link = 30e6
    facts.delay = 0.02
    var parameters = CalibratedParameters()
    parameters.without = [.destination]
    func gap(_ facts: MigrationFacts) -> Double {
      let outcome = run(facts, parameters)
      return outcome.downtimeObserved - outcome.downtime - parameters[.resumeTime]
    }
    // A queue that is full to the end: its bytes at the link's rate.
    let full =
      parameters[.socketBuffer] / 30e6 + parameters[.queueTime] + 1.5 * facts.delay
    #expect(abs(gap(facts) / full - 1) < 0.05)
    // A long search for zero pages at the end empties it where they come slower than the link
    // takes them: the delay is left.
    facts.link = 100e6
    facts.memoryPages = 3e6
    #expect(abs(gap(facts) / facts.delay - 1) < 1e-6)
  }

  /// Zero pages wait in TCP's buffers for a destination that looks at them longer than the source
  /// does; a local socket has no room for them.
  @Test(arguments: [0.1e-6, 0.5e-6, 2e-6])
  func theDestinationLooksAtZeroPages(_ cost: Double) {
    var facts = quiet()
    facts.cap = nil
    var parameters = CalibratedParameters()
    parameters[.destinationZeroCost] = cost
    func gap(_ facts: MigrationFacts) -> Double {
      let outcome = run(facts, parameters)
      return outcome.downtimeObserved - outcome.downtime
    }
    #expect(abs(gap(facts) - parameters[.resumeTime]) < 1e-9)
    facts.isDirectTCP = true
    let zeros = facts.memoryPages - facts.usedPages + parameters[.unbackedPages]
    let late = zeros * (cost - parameters[.zeroPageCost]) - parameters[.stopTime]
    let resume = parameters[.resumeTime] + parameters[.tcpResumeTime]
    #expect(abs(gap(facts) - max(0, late) - resume) < 1e-6)
  }

  /// What does not fit in front of a slow destination waits at the source.
  @Test(arguments: [nil, 100e6])
  func theSourceWaitsForRoom(_ link: Double?) {
    var facts = quiet(pages: 3_030_000)
    facts.cap = nil
    facts.link = link
    facts.isDirectTCP = link == nil
    var parameters = CalibratedParameters()
    parameters[.destinationZeroCost] = 1e-6
    let outcome = run(facts, parameters)
    let queue = parameters[.socketBuffer] + (link ?? 0) * parameters[.queueTime]
    let room = (link == nil ? QEMURun.directBuffer : queue) / PageCosts.zeroPageBytes * 1e-6
    let resume = parameters[.resumeTime] + (link == nil ? parameters[.tcpResumeTime] : 0)
    let late = outcome.downtimeObserved - outcome.downtime - resume
    #expect(late > room - parameters[.stopTime] - 1e-3 && late <= room + 1e-6)
    // From the first zero page to the end the destination is busy.
    let size = 4096 + PageCosts.pageHeader
    let before = facts.usedPages * max(parameters[.pageCost], link.map { size / $0 } ?? 0)
    let busy = (facts.memoryPages - facts.usedPages) * 1e-6
    #expect(abs(outcome.totalTime + late - before - busy) < 0.1)
  }

  /// Each channel has a queue; while the last packet finds room, the other queues drain.
  @Test(arguments: [1.0, 2, 4])
  func channelsHaveQueues(_ channels: Double) {
    var facts = quiet(pages: 60_701, used: 60_700)
    facts.cap = nil
    facts.encoding = .multifd(nil, channels: channels)
    let parameters = CalibratedParameters()
    // A queue that holds a packet and more, and one that does not.
    for link in [150e6, 8e6] {
      facts.link = link
      let outcome = run(facts, parameters)
      let gap = outcome.downtimeObserved - outcome.downtime - parameters[.resumeTime]
      let one = parameters[.socketBuffer] + link * parameters[.queueTime]
      let drained = 524_288 * (1 + parameters[.multifdPageOverhead] / 4096)
      let all = one + (channels - 1) * max(0, one - drained)
      #expect(abs(gap * link / all - 1) < 0.05, "\(link)")
    }
  }

  /// A page that is compressed by a thread costs handing it over, a zero page nothing else; where
  /// the guest keeps a core awake that is faster.
  @Test(arguments: [false, true])
  func pagesAreHandedOver(_ isPacedByCPU: Bool) {
    var facts = quiet()
    facts.cap = nil
    facts.encoding = .compressed
    facts.writes.isPacedByCPU = isPacedByCPU
    let parameters = CalibratedParameters()
    let handOver = isPacedByCPU ? 0.35 * 4e-5 : 4e-5
    // 700 pages of those used turn out zero.
    let expected = 60_000 * handOver + 29_300 * 3e-5
    #expect(abs(run(facts, parameters).totalTime / expected - 1) < 0.01)
  }

  /// What random words leave of a page's content, against words written one run after the other.
  @Test(arguments: [(0.0, 128.0), (0.25, 128), (0.5, 16)])
  func contentAgainstWriting(_ before: Double, _ words: Double) {
    let seed: UInt64 = 12
    var random = TestRandom(seed: seed)
    var facts = quiet()
    facts.wordsPerWrite = words
    let costs = PageCosts(facts: facts, parameters: CalibratedParameters())
    let (pages, writesPerPage) = (2000, 3.0)
    var written = [[Bool]](repeating: [Bool](repeating: false, count: 1024), count: pages)
    for page in written.indices {
      for word in 0..<Int(before * 1024) { written[page][word] = true }
    }
    for _ in 0..<Int(writesPerPage * Double(pages)) {
      let page = min(pages - 1, Int(random.uniform(0, Double(pages))))
      let start = Int(random.uniform(0, 1024))
      // Round the end of the page: all words are alike.
      for word in 0..<Int(words) { written[page][(start + word) % 1024] = true }
    }
    let share =
      Double(written.reduce(0) { $0 + $1.count { $0 } }) / Double(1024 * pages)
    let expected = costs.incompressible(before: before, writesPerPage: writesPerPage)
    // Runs of words cover a little more than their number says: (1 - w)^n beside exp(-w n).
    #expect(abs(share - expected) < 0.02, "\(share) \(expected), seed \(seed)")
  }

  /// Writes to a small hot set make that incompressible, not the pages beside it.
  @Test func onlyWhatIsWrittenIsReplaced() {
    var facts = quiet(pages: 20_700, used: 20_700)
    facts.cap = nil
    facts.encoding = .compressed
    facts.incompressible = 0
    facts.wordsPerWrite = 1024
    func bytes(_ classes: [WriteClass]) -> Double {
      facts.writes = GuestWrites(rate: 4000, classes: classes, isSweep: false, isPacedByCPU: false)
      facts.downtimeLimit = 30
      return run(facts).transferredBytes
    }
    let hot = [WriteClass(pages: 100, share: 0.99), WriteClass(pages: 19_900, share: 0.01)]
    // 20 000 writes before the migration: 200 of them outside the hot set.
    #expect(bytes([WriteClass(pages: 20_000, share: 1)]) > 0.5 * 20_000 * 4096)
    #expect(bytes(hot) < 0.1 * 20_000 * 4096)
  }

  /// A source with a return path is done when it hears that the destination runs.
  @Test func aReturnPathEndsWithTheDestinationsWord() {
    var facts = quiet()
    facts.cap = nil
    facts.link = 30e6
    facts.delay = 0.01
    let plain = run(facts)
    // A switch after more rounds than there are: all goes as without one.
    facts.switchAfterRounds = 50
    let waiting = run(facts)
    let word = plain.downtimeObserved - plain.downtime + facts.delay
    #expect(abs(waiting.totalTime - plain.totalTime - word) < 1e-9)
    #expect(abs(waiting.downtime - plain.downtime - word) < 1e-9)
    #expect(waiting.downtimeObserved == plain.downtimeObserved)
  }

  /// Distinct pages against touches thrown one by one.
  @Test(arguments: [0.2, 1.0, 3.0])
  func distinctPagesAgainstThrowing(_ touchesPerPage: Double) {
    let pages = 20_000
    let seed: UInt64 = 11
    var random = TestRandom(seed: seed)
    var hit = [Bool](repeating: false, count: pages)
    for page in 0..<(pages / 10) { hit[page] = true }
    for _ in 0..<Int(touchesPerPage * Double(pages)) {
      hit[min(pages - 1, Int(random.uniform(0, Double(pages))))] = true
    }
    let writes = GuestWrites(
      rate: 1, classes: [WriteClass(pages: Double(pages), share: 1)], isSweep: false,
      isPacedByCPU: false)
    let expected = writes.union(
      of: Double(pages / 10), touches: touchesPerPage * Double(pages), in: 0)
    // Five standard deviations of an occupancy count, which is below that of a binomial.
    let tolerance = 5 * (Double(pages) / 4).squareRoot()
    #expect(abs(Double(hit.count { $0 }) - expected) < tolerance, "seed \(seed)")
  }

  @Test func quietMachineSendsItsMemoryOnceAtTheCap() {
    let facts = quiet()
    var parameters = CalibratedParameters()
    parameters[.unbackedPages] = 1e-9
    let outcome = run(facts, parameters)
    let bytes = 30_000 * (4096 + PageCosts.pageHeader) + 30_000 * PageCosts.zeroPageBytes
    #expect(outcome.converged)
    #expect(abs(outcome.transferredBytes - bytes) < 1)
    // The last window is not used up, and each loses its overhead.
    #expect(abs(outcome.totalTime - bytes / 50e6) < 2 * QEMURun.window)
  }

  /// A migration of hours is followed to its end.
  @Test func aLargeMachineOnASlowChannelArrives() {
    var facts = quiet(pages: 4e8, used: 4e8)
    facts.horizon = 1e5
    let outcome = run(facts)
    #expect(outcome.converged)
    // What windows and headers take is less than a fiftieth.
    let copy = 4e8 * 4096 / 50e6
    #expect(outcome.totalTime > copy && outcome.totalTime < 1.02 * copy)
  }

  @Test func moreBandwidthIsNeverSlower() {
    var facts = quiet()
    facts.writes = GuestWrites(
      rate: 3000, classes: [WriteClass(pages: 9000, share: 1)], isSweep: false,
      isPacedByCPU: false)
    var last = Double.infinity
    for cap in [20e6, 40e6, 80e6, 160e6] {
      facts.cap = cap
      let time = run(facts).totalTime
      #expect(time < last, "cap \(cap)")
      last = time
    }
  }

  @Test func writesBeyondTheChannelDoNotConverge() {
    var facts = quiet()
    facts.writes = GuestWrites(
      rate: 60_000, classes: [WriteClass(pages: 30_000, share: 1)], isSweep: false,
      isPacedByCPU: false)
    facts.downtimeLimit = 0.02
    #expect(!run(facts).converged)
    // A switch ends what rounds cannot, and throttling slows a guest that is paced by its CPU.
    facts.switchAfterRounds = 1
    #expect(run(facts).converged)
    facts.switchAfterRounds = nil
    facts.horizon = 200
    facts.writes.isPacedByCPU = true
    facts.throttle = ThrottleSchedule(initial: 0.2, increment: 0.1, trigger: 0.5)
    let throttled = run(facts)
    #expect(throttled.converged && throttled.throttle > 0.5)
  }

  /// A guest that is sent within the first window, however much of the channel it dirties: rounds
  /// are a geometric series until less than a page is left.
  @Test(arguments: [0.3, 0.51, 0.7, 0.9])
  func aGuestThatIsSentInNoTimeConverges(_ share: Double) {
    let parameters = CalibratedParameters()
    let pages = 3000.0
    let perPage = parameters[.pageCost]
    var facts = quiet(
      pages: pages + parameters[.unbackedPages], used: pages + parameters[.unbackedPages])
    facts.cap = nil
    facts.writes = GuestWrites(
      rate: share / perPage, classes: [WriteClass(pages: pages, share: 1)], isSweep: false,
      isPacedByCPU: false)
    let outcome = run(facts, parameters)
    #expect(outcome.converged)
    let fixed = parameters[.setupTime] + parameters[.stopTime] + parameters[.resumeTime]
    // Every page once, and at most what is dirtied meanwhile, were no page written twice.
    let copied = outcome.totalTime - fixed
    #expect(copied > pages * perPage)
    #expect(
      copied < (pages + parameters[.unbackedPages] + parameters[.stopTime] * facts.writes.rate)
        * perPage / (1 - share))
  }

  @Test func eachTransformDoesWhatItIsFor() {
    var facts = quiet()
    facts.writes = GuestWrites(
      rate: 8000, classes: [WriteClass(pages: 4000, share: 1)], isSweep: false,
      isPacedByCPU: false)
    facts.downtimeLimit = 0.03
    let plain = run(facts)
    facts.encoding = .delta(cachePages: 65_536)
    #expect(run(facts).transferredBytes < plain.transferredBytes)
    facts.encoding = .delta(cachePages: 1)
    #expect(run(facts).transferredBytes > 0.9 * plain.transferredBytes)
    facts.encoding = .plain
    facts.cap = nil
    facts.link = 30e6
    let linked = run(facts)
    facts.incompressible = 0.1
    facts.encoding = .multifd(.zstd, channels: 2)
    #expect(run(facts).totalTime < linked.totalTime)
    // A longer link pauses longer.
    facts.encoding = .plain
    facts.writes.rate = 500
    let near = run(facts).downtimeObserved
    facts.delay = 0.02
    #expect(run(facts).downtimeObserved > near)
  }

  @Test func coursesFillTheUnitCube() {
    let courses = Chance.courses(64)
    for part in [
      \Chance.usedShift, \Chance.rateShift, \Chance.setShift,
    ] {
      let values = courses.map { $0[keyPath: part] }
      // An even sequence of 64 has a mean within a 16th of the centre.
      #expect(abs(values.reduce(0, +) / 64) < 1.0 / 16)
      #expect(values.allSatisfy { $0 >= -1 && $0 <= 1 })
    }
  }
}

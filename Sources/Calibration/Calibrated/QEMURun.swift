/// QEMU's migration thread, step by step: pacing windows, tests of the stop rule, bitmap
/// synchronisations, the switch and the last copy.
///
/// The published recursions send a round and then look; QEMU looks every 50 ms of sending and
/// synchronises as soon as the rest fits, so a round may end early, and what must fit into the
/// limit is what one short window dirties. Pages are counted by class, not one by one.
struct QEMURun {
  let facts: MigrationFacts
  let parameters: CalibratedParameters
  let costs: PageCosts

  /// QEMU's BUFFER_DELAY and MAX_WAIT (migration/migration.c, migration/ram.c).
  static let window = 0.1
  static let slice = 0.051
  /// Bytes that TCP's buffers hold on one machine: Linux' largest for a receiver (tcp_rmem).
  static let directBuffer = 6_291_456.0
  /// One-way delays for which a link's queue has room: what is on its way, and half as much.
  static let queuedDelays = 1.5
  /// Pages sent between two looks at the clock; of multifd what its channels take, a packet each.
  private var pagesPerLook: Double {
    guard case .multifd(_, let channels) = facts.encoding else { return 64 }
    return 128 * channels
  }

  private var pipe: Pipe
  private var clock = 0.0
  private var counted = 0.0
  private var cold: Double
  private var zero: Double
  private var unsent: [Double]
  /// Those of them that have been sent before, and written since.
  private var rewritten: [Double]
  private var touches = 0.0
  private var touchesInAll: Double
  private var syncs = 1
  /// When the operator's wish to switch takes effect, once there is one.
  private var switchDue: Double?
  private(set) var lastBytes = 0.0
  private var fullPassDone = false
  /// Share of each class's pages with a copy in the delta cache, as of the last synchronisation.
  private var cached: [Double]
  private var sentSinceSync: [Double]
  private var touchesPerCopy: [Double]
  /// Zero pages inside the written set: they stop being zero as they are written.
  private var blankShare: Double
  /// Touches before the migration, which filled some of them.
  private let warmTouches: Double
  private var blanksDone = false
  /// When the destination has dealt with the zero pages sent so far: they take few bytes and much of
  /// its time, so thousands wait in front of it.
  private var destinationFree = 0.0
  // Pacing
  private var windowStart = 0.0
  private var windowBytes = 0.0
  private var quota: Double
  private var threshold = 0.0
  private var fadingRounds = 0
  // Auto-converge
  private var throttle = 0.0
  private var periodStart = 0.0
  private var periodDirtied = 0.0
  private var periodSent = 0.0
  private var highPeriods = 0

  private var wobble: UInt64
  /// What a page that is never written costs, and pages that are.
  private let plainCost: PageCost
  private let writtenPages: Double

  init(
    _ given: MigrationFacts, _ parameters: CalibratedParameters, _ chance: Chance = .typical
  ) {
    var facts = given
    facts.usedPages *= 1 + 0.01 * chance.usedShift
    facts.writes.rate *= 1 + 0.03 * chance.rateShift
    facts.simplify(without: parameters.without)
    self.facts = facts
    wobble = (chance.seed &+ 1) &* 0x9E37_79B9_7F4A_7C15
    self.parameters = parameters
    costs = PageCosts(facts: facts, parameters: parameters)
    plainCost = costs.full(incompressible: facts.incompressible)
    let link = facts.link.map { $0 * parameters[.linkEfficiency] }
    let rate = parameters.has(.queue) ? link ?? 0 : 0
    pipe = Pipe(
      link: link,
      capacity: parameters.has(.queue) ? Self.queue(of: rate, facts, parameters, plainCost) : 0,
      burst: rate * parameters[.linkBurst])
    let written = facts.writes.classes.reduce(0) { $0 + $1.pages }
    writtenPages = written
    let used = max(0, min(facts.memoryPages, facts.usedPages - parameters[.unbackedPages]))
    // What does not fit into used memory lies outside it.
    blankShare = written > 0 ? max(facts.blankShare, (written - used) / written) : 0
    let initial = written * (1 - blankShare)
    warmTouches = facts.writes.rate * parameters[.warmUp]
    let warm = warmTouches
    let grown =
      blankShare
      * facts.writes.classes.indices.reduce(0) {
        $0 + facts.writes.union(of: 0, touches: warm, in: $1)
      }
    cold = max(0, used - initial)
    zero = max(0, facts.memoryPages - used - grown)
    let kinds = facts.writes.classes.count
    cached = [Double](repeating: 0, count: kinds)
    sentSinceSync = cached
    rewritten = cached
    touchesPerCopy = [Double](repeating: 1, count: kinds)
    unsent = facts.writes.classes.map { written > 0 ? (initial + grown) * $0.pages / written : 0 }
    quota = facts.cap.map { $0 * Self.window } ?? .infinity
    if !parameters.has(.windows), let cap = facts.cap {
      quota = .infinity
      pipe = Pipe(link: min(cap, link ?? cap), capacity: pipe.capacity, burst: pipe.burst)
    }
    if case .multifd = facts.encoding { quota += parameters[.multifdOvershoot] }
    touchesInAll = warmTouches
  }

  /// Bytes that fit between the hypervisor and the link.
  ///
  /// Each channel of multifd has a queue of its own. A synchronisation waits for the packet that is
  /// last to find room, while the other queues drain.
  private static func queue(
    of link: Double, _ facts: MigrationFacts, _ parameters: CalibratedParameters, _ cost: PageCost
  ) -> Double {
    let one =
      parameters[.socketBuffer]
      + link * (parameters[.queueTime] + Self.queuedDelays * facts.delay)
    guard case .multifd(_, let channels) = facts.encoding else { return one }
    let drained = parameters[.channelDrain] * cost.wire / facts.pageSize
    return one + max(0, channels - 1) * max(0, one - drained)
  }

  private var remainingPages: Double { unsent.reduce(cold + zero, +) }
  private var normalPages: Double { unsent.reduce(cold, +) }

  // MARK: Guest

  private var rate: Double {
    let writes = facts.writes
    guard writes.rate > 0 else { return 0 }
    if writes.isPacedByCPU {
      let drag = parameters.has(.drag) ? parameters[.migrationDrag] : 0
      return writes.rate * (1 - throttle) / (1 + drag)
    }
    guard throttle > 0 else { return writes.rate }
    // A timer-paced guest catches up what it missed, as far as its backlog reaches.
    let period = 0.01 / (1 - throttle)
    return writes.rate * min(1, (parameters[.timerBacklog] + 0.01) / period)
  }

  private mutating func pass(_ time: Double) {
    clock += time
    touches += rate * time
  }

  // MARK: Synchronisation

  private mutating func synchronise() {
    syncs += 1
    var dirtied = 0.0
    for index in unsent.indices {
      let after = facts.writes.union(of: unsent[index], touches: touches, in: index)
      dirtied += after - unsent[index]
      rewritten[index] += after - unsent[index]
      unsent[index] = after
      let kind = facts.writes.classes[index]
      if after > 0 { touchesPerCopy[index] = max(1, touches * kind.share / after) }
      if kind.pages > 0 {
        cached[index] = 1 - (1 - cached[index]) * (1 - min(1, sentSinceSync[index] / kind.pages))
      }
      sentSinceSync[index] = 0
    }
    touchesInAll += touches
    touches = 0
    periodDirtied += dirtied
    if clock > periodStart + 1 { adjustThrottle() }
  }

  private mutating func adjustThrottle() {
    if let schedule = facts.throttle {
      let sent = counted - periodSent
      if periodDirtied * facts.pageSize > sent * schedule.trigger {
        highPeriods += 1
        if highPeriods >= 2 {
          highPeriods = 0
          throttle = min(0.99, throttle > 0 ? throttle + schedule.increment : schedule.initial)
        }
      }
    }
    periodStart = clock
    periodDirtied = 0
    periodSent = counted
  }

  // MARK: Sending

  /// What an average remaining page costs now.
  private func pageCost() -> PageCost {
    let plain = plainCost
    let hot = unsent.reduce(0, +)
    guard hot > 0, facts.encoding != .plain else { return plain }
    var own = costs.full(incompressible: incompressible(hot: hot))
    if case .delta(let slots) = facts.encoding, fullPassDone {
      own = deltaCost(own, slots: slots, hot: hot)
    }
    let share = hot / (hot + cold)
    return PageCost(
      counted: plain.counted * (1 - share) + own.counted * share,
      wire: plain.wire * (1 - share) + own.wire * share,
      cpu: plain.cpu * (1 - share) + own.cpu * share)
  }

  /// What of an average written page that is to be sent does not compress.
  private func incompressible(hot: Double) -> Double {
    let filled = facts.incompressible * (1 - blankShare)
    return unsent.indices.reduce(0) {
      let kind = facts.writes.classes[$1]
      guard kind.pages > 0 else { return $0 }
      let writes = touchesInAll * kind.share / kind.pages
      // What is sent again has been written once more, at least.
      return $0
        + (unsent[$1] - rewritten[$1]) / hot
        * costs.incompressible(before: filled, writesPerPage: writes)
        + rewritten[$1] / hot * costs.incompressible(before: filled, writesPerPage: writes + 1)
    }
  }

  /// The cost of written pages when some go as deltas.
  private func deltaCost(
    _ full: PageCost, slots: Double, hot: Double
  ) -> PageCost {
    var sum = PageCost(counted: 0, wire: 0, cpu: 0)
    for index in unsent.indices {
      let weight = unsent[index] / hot
      // A sweep over more than the cache holds finds every page replaced when it comes back.
      let room = min(1, slots / writtenPages)
      let hit = cached[index] * (facts.writes.isSweep && room < 1 ? room * room * room : room)
      let delta = costs.delta(touches: touchesPerCopy[index])
      sum.counted += weight * (full.counted * (1 - hit) + delta.counted * hit)
      sum.wire += weight * (full.wire * (1 - hit) + delta.wire * hit)
      sum.cpu += weight * ((full.cpu + parameters[.deltaCost]) * (1 - hit) + delta.cpu * hit)
    }
    return sum
  }

  /// Removes pages from the bitmap in proportion.
  private mutating func take(_ pages: Double) {
    let all = normalPages
    guard all > 0 else { return }
    let keep = max(0, 1 - pages / all)
    cold *= keep
    for index in unsent.indices {
      if fullPassDone { sentSinceSync[index] += unsent[index] * (1 - keep) }
      unsent[index] *= keep
      rewritten[index] *= keep
    }
    if normalPages < 0.5 {
      cold = 0
      for index in unsent.indices { (unsent[index], rewritten[index]) = (0, 0) }
    }
  }

  /// Sends up to so many counted bytes for up to so long.
  private mutating func send(bytes limit: Double, time: Double) {
    var left = time
    var budget = limit
    if normalPages > 0 {
      var cost = pageCost()
      // Zero pages on the way are found while the window has room.
      let zerosPerPage = facts.scattersZeros && !fullPassDone ? zero / normalPages : 0
      cost.counted += zerosPerPage * PageCosts.zeroPageBytes
      cost.wire += zerosPerPage * PageCosts.zeroPageBytes
      cost.cpu += zerosPerPage * costs.zeroCPU
      var pages = min(normalPages, (budget / cost.counted).rounded(.up))
      // Whole looks at the clock, as QEMU does: a slow link stretches the slice.
      var trial = pipe
      var spent = trial.send(pages * cost.wire, at: cost.wire / cost.cpu)
      if spent > left {
        let speed = pages / spent
        let fit = (left * speed / pagesPerLook).rounded(.up) * pagesPerLook
        pages = min(pages, fit)
        trial = pipe
        spent = trial.send(pages * cost.wire, at: cost.wire / cost.cpu)
      }
      pipe = trial
      take(pages)
      zero -= pages * zerosPerPage
      if zero < 0.5 { zero = 0 }
      counted += pages * cost.counted
      windowBytes += pages * cost.counted
      budget -= pages * cost.counted
      left -= spent
      pass(spent)
    }
    if normalPages <= 0, zero > 0, left > 0, budget > 0 {
      if !blanksDone { fillBlanks() }
      let cpu = costs.zeroCPU
      let pages = min(zero, left / cpu, budget / PageCosts.zeroPageBytes)
      let bytes = pages * PageCosts.zeroPageBytes
      let spent = sendZeros(pages)
      windowBytes += bytes
      pass(spent)
    }
    if remainingPages <= 0 { fullPassDone = true }
  }

  /// Sends zero pages one after the other, from so many seconds after the clock; returns the seconds
  /// that takes the source.
  private mutating func sendZeros(_ pages: Double, after time: Double = 0) -> Double {
    let bytes = pages * PageCosts.zeroPageBytes
    zero -= pages
    if zero < 0.5 { zero = 0 }
    counted += bytes
    let arrived = clock + time + arrivalTime
    let spent = max(
      pages * costs.zeroCPU, pipe.send(bytes, at: PageCosts.zeroPageBytes / costs.zeroCPU))
    guard facts.buffersAhead, parameters.has(.destination) else { return spent }
    destinationFree =
      max(destinationFree, arrived) + pages * parameters[.destinationZeroCost]
    // Who finds no room left in front of the destination waits for it.
    let room = facts.link == nil ? Self.directBuffer : pipe.capacity
    let waiting = room / PageCosts.zeroPageBytes * parameters[.destinationZeroCost]
    return max(spent, destinationFree - waiting - clock - time)
  }

  /// Zero pages that were written before the scan reached them go in full.
  private mutating func fillBlanks() {
    blanksDone = true
    for index in unsent.indices {
      let before = facts.writes.union(of: 0, touches: warmTouches, in: index)
      let after = facts.writes.union(of: 0, touches: warmTouches + touches, in: index)
      let filled = min(zero, blankShare * (after - before))
      zero -= filled
      unsent[index] += filled
    }
  }

  /// Evenly between -1 and 1, the same for the same course.
  private mutating func draw() -> Double {
    wobble ^= wobble << 13
    wobble ^= wobble >> 7
    wobble ^= wobble << 17
    return Double(wobble >> 11) * 0x1p-52 - 1
  }

  private mutating func closeWindowIfDue() {
    let length = clock - windowStart
    guard length >= Self.window else { return }
    threshold =
      windowBytes / length * facts.downtimeLimit * (1 + parameters[.bandwidthWobble] * draw())
    windowStart = clock
    windowBytes = 0
  }

  // MARK: Run

  /// Whether rounds follow each other in no time, with no whole page in them.
  ///
  /// A guest that is sent within the first window, before there is a threshold, has ever shorter
  /// rounds until no page is dirty. In fractions of pages that takes for ever where it dirties more
  /// than half of what the channel carries: the last bit of a round is rounded up to the next one.
  private mutating func isFading(since start: Double) -> Bool {
    fadingRounds = clock - start < 1e-9 && remainingPages < 0.5 ? fadingRounds + 1 : 0
    return fadingRounds > Self.mostFadingRounds
  }

  /// Below half of the channel's rate a round that takes a nanosecond leaves nothing after fewer.
  private static let mostFadingRounds = 64

  mutating func run() -> PhysicalOutcome {
    clock = parameters[.setupTime]
    windowStart = clock
    periodStart = clock
    let size = facts.pageSize
    // Why a bound on steps beside the horizon: no parameter may make a step take no time. Slices and
    // windows are some thirty steps a second; the last bound is a day and a half of them.
    let mostSteps = min(200_000 + 40 * facts.horizon, 4_000_000)
    var steps = 0.0
    var roundStart = clock
    while clock < facts.horizon, steps < mostSteps {
      steps += 1
      if let rounds = facts.switchAfterRounds, switches(rounds) { return postcopy() }
      if let time = facts.switchAfterTime, clock >= time + parameters[.switchLatency] {
        return postcopy()
      }
      if windowBytes < quota {
        let isDue = parameters.has(.earlyRounds) && remainingPages * size < threshold
        if isDue || remainingPages <= 0 {
          fullPassDone = true
          synchronise()
          let isOver = remainingPages * size < threshold || remainingPages <= 0
          if isOver || isFading(since: roundStart) { return lastCopy() }
          roundStart = clock
        }
        send(
          bytes: quota - windowBytes,
          time: Self.slice * (1 + 0.1 * parameters[.bandwidthWobble] * draw()))
      }
      if windowBytes >= quota {
        let rest = max(0, windowStart + Self.window - clock) + parameters[.windowOverhead]
        pipe.idle(rest)
        pass(rest)
      }
      closeWindowIfDue()
    }
    return PhysicalOutcome(
      converged: false, totalTime: clock, downtime: facts.downtimeLimit,
      downtimeObserved: facts.downtimeLimit, transferredBytes: counted, syncs: syncs,
      throttle: throttle)
  }

  private mutating func switches(_ rounds: Double) -> Bool {
    // The command comes with the first answers of the destination: a delay lets a window pass.
    guard rounds >= 1 else { return facts.delay <= 0 || clock > Self.window }
    guard Double(syncs) > rounds else { return false }
    let due = switchDue ?? clock + parameters[.switchLatency]
    switchDue = due
    return clock >= due
  }

  /// Seconds until the last byte sent so far has arrived: what waits in front of the link leaves at
  /// its rate, and nothing is faster than its delay.
  private var arrivalTime: Double {
    max(pipe.drainTime, parameters[.delayCrossings] * facts.delay)
  }

  /// The guest is stopped, the rest goes without a cap.
  private mutating func lastCopy() -> PhysicalOutcome {
    pass(parameters[.stopTime])
    synchronise()
    syncs -= 1
    let cost = pageCost()
    let pages = normalPages
    // What a page costs beyond a plain one, such as compressing it, it costs here too.
    let cpu = parameters[.finalPageCost] + max(0, cost.cpu - parameters[.pageCost])
    var copy = pipe.send(pages * cost.wire, at: cost.wire / cpu)
    if !parameters.has(.lastCopy), let cap = facts.cap {
      copy = max(copy, pages * cost.counted / cap)
    }
    counted += pages * cost.counted
    lastBytes = pages * cost.counted
    if zero > 0 { copy += sendZeros(zero, after: copy) }
    let pause = parameters[.stopTime] + copy
    let resume =
      max(arrivalTime, destinationFree - clock - copy) + parameters[.resumeTime]
      + (facts.isDirectTCP ? parameters[.tcpResumeTime] : 0)
    // With a return path the source waits for the destination's word.
    let word = facts.switches ? resume + facts.delay : 0
    let total = clock + copy + word
    guard !facts.isStopped else {
      return PhysicalOutcome(
        converged: true, totalTime: total, downtime: total, downtimeObserved: clock + copy + resume,
        transferredBytes: counted, syncs: syncs, throttle: throttle)
    }
    let observed = pause + resume
    return PhysicalOutcome(
      converged: true, totalTime: total, downtime: pause + word, downtimeObserved: observed,
      transferredBytes: counted, syncs: syncs, throttle: throttle)
  }

  /// The guest switches hosts, memory follows without rounds.
  private mutating func postcopy() -> PhysicalOutcome {
    let neverSent = fullPassDone ? 0 : normalPages
    synchronise()
    let arrived = max(arrivalTime, destinationFree - clock)
    let switching =
      parameters[.postcopySwitch]
      + parameters[.discardCost] * max(0, normalPages - neverSent)
    let observed = arrived + switching
    let start = clock
    let cost = plainCost
    let pages = normalPages
    let speed = cost.wire / (parameters[.postcopyPageRatio] * parameters[.pageCost])
    let bytes = pages * cost.counted + zero * PageCosts.zeroPageBytes
    // A cap holds until the rest fits into the downtime limit; the last copy has none.
    var capped = 0.0
    if let cap = facts.postcopyCap, remainingPages > 0, parameters.has(.postcopyEnd) {
      capped = max(0, 1 - cap * facts.downtimeLimit / (remainingPages * facts.pageSize))
    } else if facts.postcopyCap != nil {
      capped = 1
    }
    let zeroTime = zero * parameters[.postcopyZeroCost]
    var time = pipe.send(pages * capped * cost.wire, at: speed) + capped * zeroTime
    if let cap = facts.postcopyCap {
      let windows = (bytes * capped / (cap * Self.window)).rounded(.up)
      time = max(time, windows * Self.window)
    }
    time += pipe.send(pages * (1 - capped) * cost.wire, at: speed)
    time += (1 - capped) * zeroTime
    counted += bytes
    let total = start + time + arrivalTime + facts.delay
    return PhysicalOutcome(
      converged: true, totalTime: total, downtime: switching,
      downtimeObserved: observed, transferredBytes: counted, syncs: syncs, throttle: throttle)
  }
}

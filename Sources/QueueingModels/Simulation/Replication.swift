internal import Foundation
internal import Statistics

/// One run of a simulated queue.
struct Replication {
  private let queue: SimulatedQueue
  private let plan: SimulationPlan
  private var random: Xoshiro256StarStar
  private var heap = EventHeap()
  private var now = 0.0
  private var counts = ReplicationCounts()
  private var isCounting = false
  private var arrived = 0

  private enum Phase { case free, waiting, serving, orbiting }

  private struct Job {
    var phase = Phase.free
    var version = 0
    var arrival = 0.0
    /// Service still to be done.
    var work = 0.0
    var kind = 0
    var source = -1
    var isCounted = false
    var waited = 0.0
  }

  private var jobs: [Job] = []
  private var freeJobs: [Int] = []
  private var lines: [JobLine]
  private var waiting = 0
  private var serving = 0
  private var orbiting = 0
  // First come, first served and priorities: who is at which server.
  private var serverJob: [Int]
  private var serverIsUp: [Bool]
  private var serverVersion: [Int]
  private var serverEnd: [Double]
  private var idle: [Int]
  // Processor sharing: who shares, since when their work is up to date.
  private var sharing: [Int] = []
  private var sharedAt = 0.0
  private var sharingVersion = 0

  /// More than this in the system is a queue that grows without bound.
  private static let maximumJobs = 5_000_000

  init(_ queue: SimulatedQueue, _ plan: SimulationPlan, seed: UInt64) {
    self.queue = queue
    self.plan = plan
    random = Xoshiro256StarStar(seed: seed)
    var classes = 1
    if case .priority(let shares) = queue.discipline { classes = shares.count }
    lines = [JobLine](repeating: JobLine(), count: classes)
    counts.classWaitSums = [Double](repeating: 0, count: classes)
    counts.classCounts = counts.classWaitSums
    serverJob = [Int](repeating: -1, count: queue.servers)
    serverIsUp = [Bool](repeating: true, count: queue.servers)
    serverVersion = [Int](repeating: 0, count: queue.servers)
    serverEnd = [Double](repeating: 0, count: queue.servers)
    idle = Array((0..<queue.servers).reversed())
  }

  private var inSystem: Int { waiting + serving }

  /// Runs until the planned number of arrivals has been counted.
  mutating func run() throws(QueueingError) -> ReplicationCounts {
    planFirst()
    isCounting = plan.warmUp == 0
    while let event = heap.pop() {
      advance(to: event.time)
      switch event.kind {
      case .arrival:
        if arrived >= plan.warmUp + plan.customers { return finished() }
        arrive(event.id)
      case .departure: depart(event)
      case .abandonment: abandon(event)
      case .retry: comeBack(event)
      case .breakdown: breakDown(event.id)
      case .repair: repair(event.id)
      }
      guard inSystem + orbiting <= Self.maximumJobs else {
        throw .tooLarge("more than \(Self.maximumJobs) are in the system: the queue is unstable")
      }
    }
    return finished()
  }

  private mutating func planFirst() {
    switch queue.arrivals {
    case .renewal(let law): heap.push(law.draw(&random), .arrival, -1)
    case .sources(let count, let rate):
      for source in 0..<count { heap.push(random.exponential() / rate, .arrival, source) }
    }
    if let breakdowns = queue.breakdowns {
      for server in 0..<queue.servers {
        heap.push(random.exponential() * breakdowns.meanUptime, .breakdown, server)
      }
    }
  }

  private mutating func finished() -> ReplicationCounts {
    // Those still there have spent their time so far.
    for job in jobs where job.phase == .waiting || job.phase == .serving {
      counts.wholeSojourn += now - job.arrival
    }
    let there = jobs.count { $0.phase == .waiting || $0.phase == .serving }
    counts.isConserved =
      there == inSystem && jobs.count { $0.phase == .orbiting } == orbiting
      && jobs.count - freeJobs.count == inSystem + orbiting
    return counts
  }

  private mutating func advance(to time: Double) {
    let step = time - now
    counts.wholeArea += step * Double(inSystem)
    if isCounting {
      counts.time += step
      counts.queueArea += step * Double(queue.retry == nil ? waiting : waiting + orbiting)
      counts.systemArea += step * Double(queue.retry == nil ? inSystem : inSystem + orbiting)
      let busy =
        queue.discipline == .processorSharing ? min(serving, queue.servers) : serving
      counts.busyArea += step * Double(busy)
    }
    now = time
  }

  // Arrivals

  private mutating func arrive(_ source: Int) {
    if arrived >= plan.warmUp { isCounting = true }
    if case .renewal(let law) = queue.arrivals { heap.push(now + law.draw(&random), .arrival, -1) }
    let size = queue.groupSizes.map { 1 + pick($0) } ?? 1
    let fits = queue.capacity.map { inSystem + size <= $0 } ?? true
    let seen = inSystem + orbiting
    for _ in 0..<size {
      arrived += 1
      if isCounting {
        counts.offered += 1
        counts.seenSum += Double(seen)
      }
      let hasRoom = queue.capacity.map { inSystem < $0 } ?? true
      let job = newJob(source)
      if hasRoom, fits || !queue.wholeGroups {
        enter(job)
      } else {
        refuse(job)
      }
    }
  }

  private mutating func pick(_ shares: [Double]) -> Int {
    var left = random.unitInterval()
    for (index, share) in shares.enumerated() {
      left -= share
      if left < 0 { return index }
    }
    return shares.count - 1
  }

  private mutating func newJob(_ source: Int) -> Int {
    let index: Int
    if let free = freeJobs.popLast() {
      index = free
    } else {
      index = jobs.count
      jobs.append(Job())
    }
    jobs[index].version += 1
    jobs[index].arrival = now
    jobs[index].work = queue.service.draw(&random)
    jobs[index].source = source
    jobs[index].isCounted = isCounting
    jobs[index].kind = 0
    if case .priority(let shares) = queue.discipline { jobs[index].kind = pick(shares) }
    return index
  }

  private mutating func refuse(_ job: Int) {
    if let retry = queue.retry {
      if jobs[job].phase != .orbiting {
        jobs[job].phase = .orbiting
        orbiting += 1
        // Little's law is kept over the queue itself: the orbit counts as outside.
        if jobs[job].isCounted { counts.waited += 1 }
      }
      heap.push(now + retry.draw(&random), .retry, job, jobs[job].version)
      return
    }
    if isCounting { counts.refused += 1 }
    release(job)
  }

  private mutating func comeBack(_ event: SimulationEvent) {
    let job = event.id
    guard jobs[job].phase == .orbiting, jobs[job].version == event.version else { return }
    guard queue.capacity.map({ inSystem < $0 }) ?? true else { return refuse(job) }
    orbiting -= 1
    jobs[job].waited = now - jobs[job].arrival
    jobs[job].arrival = now
    enter(job)
  }

  private mutating func enter(_ job: Int) {
    if queue.discipline == .processorSharing {
      settleShares()
      jobs[job].phase = .serving
      serving += 1
      sharing.append(job)
      note(wait: jobs[job].waited, of: job)
      planShared()
      return
    }
    if let server = idle.popLast() {
      begin(job, at: server)
      return
    }
    jobs[job].phase = .waiting
    waiting += 1
    lines[jobs[job].kind].append(job, jobs[job].version)
    if let patience = queue.patience {
      heap.push(now + patience.draw(&random), .abandonment, job, jobs[job].version)
    }
  }

  // Service

  private mutating func begin(_ job: Int, at server: Int) {
    note(wait: jobs[job].waited + now - jobs[job].arrival, of: job)
    jobs[job].phase = .serving
    serving += 1
    serverJob[server] = job
    start(server)
  }

  private mutating func start(_ server: Int) {
    serverVersion[server] += 1
    serverEnd[server] = now + jobs[serverJob[server]].work
    heap.push(serverEnd[server], .departure, server, serverVersion[server])
  }

  private mutating func note(wait: Double, of job: Int) {
    guard jobs[job].isCounted else { return }
    counts.accepted += 1
    counts.waitSum += wait
    if wait > 0, queue.retry == nil { counts.waited += 1 }
    counts.classWaitSums[jobs[job].kind] += wait
    counts.classCounts[jobs[job].kind] += 1
    if !plan.percentiles.isEmpty { counts.waits.append(wait) }
  }

  private mutating func depart(_ event: SimulationEvent) {
    if queue.discipline == .processorSharing {
      guard event.version == sharingVersion else { return }
      settleShares()
      guard let position = sharing.firstIndex(of: event.id) else { return }
      sharing.remove(at: position)
      leave(event.id)
      planShared()
      return
    }
    let server = event.id
    guard event.version == serverVersion[server], serverJob[server] >= 0 else { return }
    let job = serverJob[server]
    serverJob[server] = -1
    leave(job)
    serveNext(server)
  }

  private mutating func serveNext(_ server: Int) {
    for line in lines.indices {
      while let entry = lines[line].popFirst() {
        guard jobs[entry.job].phase == .waiting, jobs[entry.job].version == entry.version else {
          continue
        }
        waiting -= 1
        begin(entry.job, at: server)
        return
      }
    }
    idle.append(server)
  }

  private mutating func leave(_ job: Int) {
    serving -= 1
    if isCounting { counts.served += 1 }
    if jobs[job].isCounted {
      let response = jobs[job].waited + now - jobs[job].arrival
      counts.responseSum += response
      counts.responded += 1
      if !plan.percentiles.isEmpty { counts.responses.append(response) }
    }
    counts.wholeSojourn += now - jobs[job].arrival
    release(job)
  }

  private mutating func abandon(_ event: SimulationEvent) {
    let job = event.id
    guard jobs[job].phase == .waiting, jobs[job].version == event.version else { return }
    waiting -= 1
    if jobs[job].isCounted {
      counts.abandoned += 1
      // The wait of one who leaves ends with leaving.
      note(wait: now - jobs[job].arrival, of: job)
      let response = now - jobs[job].arrival
      counts.responseSum += response
      counts.responded += 1
      if !plan.percentiles.isEmpty { counts.responses.append(response) }
    }
    counts.wholeSojourn += now - jobs[job].arrival
    release(job)
  }

  private mutating func release(_ job: Int) {
    if case .sources(_, let rate) = queue.arrivals {
      heap.push(now + random.exponential() / rate, .arrival, jobs[job].source)
    }
    jobs[job].phase = .free
    jobs[job].waited = 0
    freeJobs.append(job)
  }

  // Processor sharing

  private var shareRate: Double {
    min(1, Double(queue.servers) / Double(max(sharing.count, 1)))
  }

  /// Takes off what has been served since the last change.
  private mutating func settleShares() {
    let done = (now - sharedAt) * shareRate
    for job in sharing { jobs[job].work -= done }
    sharedAt = now
  }

  private mutating func planShared() {
    sharingVersion += 1
    guard let next = sharing.min(by: { jobs[$0].work < jobs[$1].work }) else { return }
    heap.push(now + max(jobs[next].work, 0) / shareRate, .departure, next, sharingVersion)
  }

  // Breakdowns

  private mutating func breakDown(_ server: Int) {
    guard let breakdowns = queue.breakdowns else { return }
    serverIsUp[server] = false
    if serverJob[server] >= 0 {
      jobs[serverJob[server]].work = serverEnd[server] - now
      serverVersion[server] += 1
    } else {
      idle.removeAll { $0 == server }
    }
    heap.push(now + random.exponential() * breakdowns.meanRepair, .repair, server)
  }

  private mutating func repair(_ server: Int) {
    guard let breakdowns = queue.breakdowns else { return }
    serverIsUp[server] = true
    if serverJob[server] >= 0 { start(server) } else { serveNext(server) }
    heap.push(now + random.exponential() * breakdowns.meanUptime, .breakdown, server)
  }
}

/// Those who wait, in order; entries of jobs that have left are skipped by their version.
struct JobLine {
  private var entries: [(job: Int, version: Int)] = []
  private var first = 0

  mutating func append(_ job: Int, _ version: Int) { entries.append((job, version)) }

  mutating func popFirst() -> (job: Int, version: Int)? {
    guard first < entries.count else { return nil }
    defer {
      first += 1
      if first > 1024, first * 2 > entries.count {
        entries.removeFirst(first)
        first = 0
      }
    }
    return entries[first]
  }
}

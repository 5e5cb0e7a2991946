import Quantities

/// What one technique makes of one guest.
struct GuestForecast: Sendable, Equatable {
  /// `nil`: it does not end.
  var totalTime: Double?
  /// At most, when it ends.
  var downtime: Double
  var bytes: Double
  /// Mean share of the guest's work that is lost, over the migration.
  var slowdown = 0.0
  var mostSlowdown = 0.0
  /// Of keeping the limits.
  var probability = 0.0
}

/// QEMU's rounds with its early synchronisations, in closed steps.
///
/// QEMU synchronises as soon as what is unsent falls to `theta = counted rate * limit`, so what
/// counts is the time above it: with R the rate pages leave at and L' = theta / R,
///
///     e_0 = V / R - L'
///     e_{i+1} = (W / R - L') (1 - exp(-r e_i / W))
///
/// ends when `e_i` is within one slice of sending. Total time is `setup + sum of e_i + pause`, the
/// pause a fixed part and at most `min(theta, V) / R`. The map is increasing and concave in e and falls with
/// R and with the limit, so **more bandwidth or a higher limit never makes a guest fail** that
/// did not (but for auto-converge, whose throttle may start later).
///
/// Source: QEMU migration/migration.c, migration/ram.c (recalled), as `QEMURun`, which makes the
/// windows one by one; the recursion derived. Limits: W to infinity is the relaxed identity `(V -
/// D L) / (R - D)` (Equations.md, section 0, identity 4); r = 0 is one copy.
struct RoundForecast: Sendable {
  let speeds: HostSpeeds
  let transport: Transport
  /// The downtime limit handed to QEMU.
  let setting: Double
  let usedBytes: Double

  /// Longer than this is never: a year.
  static let longest = 3.2e7
  private static let mostRounds = 100_000

  /// The limit to set so that the whole pause stays within `limit`: without the fixed part, and
  /// with room for QEMU's error in measuring the bandwidth, in QEMU's whole milliseconds. 0 where
  /// nothing is left.
  static func setting(for limit: Double, _ speeds: HostSpeeds) -> Double {
    let exact = (limit - speeds.fixedPause) / (1 + speeds.measuringError)
    return max(0, (exact * 1000).rounded(.down) / 1000)
  }

  init(_ question: AdviceQuestion, _ speeds: HostSpeeds) {
    self.speeds = speeds
    transport = Transport(question, speeds)
    setting = Self.setting(for: question.downtimeLimit.siValue, speeds)
    usedBytes = question.usedBytes
  }

  /// Pages on their way: how fast they leave, what they weigh.
  private struct Flow {
    /// Bytes of pages per second.
    var rate: Double
    /// Bytes on the wire per byte of page.
    var wire: Double
    /// What QEMU takes for its bandwidth when it decides, bytes per second.
    var counted: Double
  }

  /// - Parameter content: what a delta or a compressed page is of its page.
  func forecast(
    _ technique: AdviceTechnique, _ guest: PossibleGuest, content: Double = 1
  ) -> GuestForecast {
    switch technique {
    case .hybrid: return postcopy(guest, passes: 1)
    case .postcopy: return postcopy(guest, passes: 0)
    default: return precopy(technique, guest, content)
    }
  }

  /// How long the first pass takes as it is.
  var firstCopy: Double { zeroTime + usedBytes / plain.rate }

  /// Bytes of pages per second that a technique's encoders get through, where there are any.
  func encoderRate(_ technique: AdviceTechnique) -> Double? {
    let parameters = speeds.parameters
    return switch technique {
    case .xbzrle: transport.page / parameters[.deltaCost]
    case .multifdZstd: transport.page / parameters[.zstdCost] * speeds.compressingChannels
    case .multifdZlib: transport.page / parameters[.zlibCost] * speeds.compressingChannels
    default: nil
    }
  }

  /// What plain pages leave at, and whether that is all the wire takes.
  var plainRate: Double { plain.rate }
  var isWireFull: Bool { transport.page / speeds.parameters[.pageCost] >= transport.wire / header }

  // MARK: Pages

  private var plain: Flow {
    flow(wire: header, cpu: speeds.parameters[.pageCost])
  }

  private var header: Double { 1 + PageCosts.pageHeader / transport.page }

  private func flow(wire: Double, cpu: Double) -> Flow {
    let rate = min(transport.wire / wire, transport.page / cpu)
    return Flow(rate: rate, wire: wire, counted: rate * min(1, wire))
  }

  /// Full pages, and those of later rounds.
  private func flows(
    _ technique: AdviceTechnique, _ guest: PossibleGuest, _ content: Double
  ) -> (first: Flow, later: Flow) {
    let parameters = speeds.parameters
    switch technique {
    case .multifd:
      let channels = Double(transport.channels(technique, speeds))
      let cpu = max(parameters[.pageCost] / channels, transport.page / speeds.multifdFeed)
      let both = flow(wire: header, cpu: cpu)
      return (both, both)
    case .multifdZstd, .multifdZlib:
      let cost = parameters[technique == .multifdZstd ? .zstdCost : .zlibCost]
      let cpu = max(cost / speeds.compressingChannels, transport.page / speeds.multifdFeed)
      var both = flow(wire: content + header - 1, cpu: cpu)
      // QEMU counts the pages before they are compressed.
      both.counted = both.rate
      return (both, both)
    case .xbzrle:
      let cache = XBZRLECache.bytes(for: guest.workingSet, memory: transport.memory)
      let hit = guest.workingSet > 0 ? min(1, cache / guest.workingSet) : 1
      let cpu = parameters[.deltaCost] + (1 - hit) * parameters[.pageCost]
      return (plain, flow(wire: hit * content + 1 - hit + header - 1, cpu: cpu))
    default:
      return (plain, plain)
    }
  }

  private var zeroTime: Double {
    (transport.memory - usedBytes) / transport.page
      * max(speeds.parameters[.zeroPageCost], PageCosts.zeroPageBytes / transport.wire)
  }

  private var zeroBytes: Double {
    (transport.memory - usedBytes) / transport.page * PageCosts.zeroPageBytes
  }

  // MARK: Pre-copy

  private func precopy(
    _ technique: AdviceTechnique, _ guest: PossibleGuest, _ content: Double
  ) -> GuestForecast {
    let (first, later) = flows(technique, guest, content)
    let never = GuestForecast(totalTime: nil, downtime: 0, bytes: 0)
    guard setting > 0 else { return never }
    let threshold = later.counted * setting
    let set = guest.workingSet
    var throttle = Throttle(isOn: technique == .autoconverge)
    let copy = zeroTime + usedBytes / first.rate
    var above = max(0, copy - threshold / first.rate)
    var total = speeds.parameters[.setupTime] + above
    var bytes = zeroBytes + usedBytes * first.wire
    var lost = 0.0
    var most = 0.0
    var rounds = 0
    while above > QEMURun.slice {
      let left = max(0, set - threshold)
      let speed = 1 - throttle.share
      let dirtied = guest.dirtied(in: above, of: left, speed: speed)
      throttle.pass(above, dirtied: dirtied, sent: above * (rounds == 0 ? first : later).rate)
      let next = dirtied / later.rate
      lost += throttle.share * next
      most = max(most, next > 0 ? throttle.share : 0)
      total += next
      bytes += dirtied * later.wire
      rounds += 1
      // A step that no longer shrinks has reached a fixed point, where it stays.
      let isStuck = next >= above * (1 - 1e-9) && !throttle.canRise
      guard !isStuck, total < Self.longest, rounds < Self.mostRounds else { return never }
      above = next
    }
    let rest = min(threshold, usedBytes)
    let pause = rest / later.rate
    // Why not the pause: a higher limit moves pages from the first pass to the last copy, and
    // a slow encoder would charge them for it; the total may be short by less than the limit.
    total += speeds.fixedPause + rest / max(first.rate, later.rate)
    return GuestForecast(
      totalTime: total, downtime: speeds.fixedPause + pause, bytes: bytes,
      slowdown: lost / total, mostSlowdown: most)
  }

  // MARK: Post-copy

  /// So many whole passes, then the guest runs at the destination and its memory follows.
  ///
  /// Faults: N pages are missing, each touched at rate r / W; while the rest follows for T_p
  /// seconds, `N (1 - (1 - exp(-y)) / y)`, `y = r T_p / W`, are touched before they come
  /// (Equations.md 10.4, derived). Only writes are known, so the stalls are at least this.
  private func postcopy(_ guest: PossibleGuest, passes: Int) -> GuestForecast {
    let push = min(
      transport.wire / header,
      transport.page / (speeds.parameters[.postcopyPageRatio] * speeds.parameters[.pageCost]))
    let bitmap = transport.memory / transport.page / 8
    let pause = speeds.fixedPause + bitmap / transport.wire
    var before = speeds.parameters[.setupTime]
    var bytes = bitmap
    var missing = usedBytes
    if passes > 0 {
      before += zeroTime + usedBytes / plain.rate
      bytes += zeroBytes + usedBytes * header
      missing = guest.dirtied(in: before, of: guest.workingSet)
    } else {
      bytes += zeroBytes
    }
    let after = missing / push + (passes > 0 ? 0 : zeroTime)
    bytes += missing * header
    let total = before + pause + after
    var stalled = 0.0
    if guest.workingSet > 0, after > 0 {
      let y = guest.writeRate * after / guest.workingSet
      let touched = y > 1e-6 ? 1 - (1 - exponential(-y)) / y : y / 2
      stalled = min(
        after, min(missing, guest.workingSet) / transport.page * touched * speeds.faultTime)
    }
    return GuestForecast(
      totalTime: total, downtime: pause, bytes: bytes,
      slowdown: stalled / total, mostSlowdown: after > 0 ? stalled / after : 0)
  }
}

/// Auto-converge: QEMU's schedule, looked at at synchronisations a second or more apart.
///
/// Source: QEMU migration/ram.c (recalled); Equations.md 10.2: trigger 50 %, start 20 %, step
/// 10 %, at most 99 % (found).
struct Throttle: Sendable {
  let isOn: Bool
  private(set) var share = 0.0
  private var period = 0.0
  private var dirtied = 0.0
  private var sent = 0.0
  private var highPeriods = 0

  init(isOn: Bool) { self.isOn = isOn }

  private static let schedule = Knowledge.Default.throttle
  private static let most = 0.99

  var canRise: Bool { isOn && share < Self.most }

  mutating func pass(_ time: Double, dirtied: Double, sent: Double) {
    guard isOn else { return }
    period += time
    self.dirtied += dirtied
    self.sent += sent
    guard period > 1 else { return }
    if self.dirtied > self.sent * Self.schedule.trigger {
      highPeriods += 1
      if highPeriods == 2 {
        highPeriods = 0
        share = min(
          Self.most, share > 0 ? share + Self.schedule.increment : Self.schedule.initial)
      }
    }
    (period, self.dirtied, self.sent) = (0, 0, 0)
  }
}

/// The delta cache to set: a power of two, as QEMU wants it, that holds the working set.
public enum XBZRLECache {
  /// QEMU's default where the set is smaller, at most a quarter of the machine's memory.
  public static func bytes(for workingSet: Double, memory: Double) -> Double {
    let most = max(Knowledge.Default.cache, memory / 4)
    var size = Knowledge.Default.cache
    while size < workingSet, size * 2 <= most { size *= 2 }
    return size
  }
}

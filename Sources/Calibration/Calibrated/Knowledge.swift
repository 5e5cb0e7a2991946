/// What a trace says about inputs that a row lacks.
///
/// A missing input is not set to zero or to a mean: the prediction is the middle over the rows
/// of the trace that look most like this one in what is known of both ("hot deck" multiple
/// imputation; Rubin, Multiple Imputation for Nonresponse in Surveys (1987)). A donor gives what
/// is lacking relative to what is known, such as its working set as a share of used memory and
/// its writes per sampled dirty page, and its hidden inputs. The spread over donors widens the
/// interval by itself.
public struct Knowledge: Sendable, Equatable, Codable {
  /// A row that taught the model.
  struct Donor: Sendable, Equatable, Codable {
    var inputs: CalibratedInputs
    /// What the row was read with.
    var hidden = HiddenInputs()
    /// Whether a link held it back, as stated or as read from its outcomes.
    var isLink: Bool { hidden.isLink ?? (inputs[.link] != nil) }
  }

  let donors: [Donor]

  /// QEMU's defaults, where a setting is not given.
  enum Default {
    static let downtimeLimit = 0.3
    static let pageSize = 4096.0
    static let throttle = ThrottleSchedule(initial: 0.2, increment: 0.1, trigger: 0.5)
    static let cache = 64.0 * 1_048_576
    static let channels = 2.0
    static let postcopyAfterRounds = 1.0
  }

  /// Below this a dirty rate is none: the sampling counts whole MiB per second.
  private static let leastRate = 1_048_576.0

  /// One possible full set of inputs per course.
  func courses(for inputs: CalibratedInputs, _ chances: [Chance]) -> [MigrationFacts] {
    guard Self.isIncomplete(inputs), !donors.isEmpty else {
      let blanks = likelyBlankShares(for: inputs, count: chances.count)
      return chances.indices.map {
        let hidden = HiddenInputs(blankShare: blanks.isEmpty ? 0 : blanks[$0])
        return Self.facts(inputs, donor: nil, hidden: hidden, chance: chances[$0])
      }
    }
    let near = nearest(to: inputs, count: max(chances.count, 1))
    let contents = donors.compactMap(\.hidden.incompressible)
    let channels = channelDonors(for: inputs)
    return chances.indices.map {
      let donor = donors[near[$0 % near.count]]
      var hidden = donor.hidden
      if !contents.isEmpty { hidden.incompressible = contents[$0 % contents.count] }
      // A stride that shares no factor with the count keeps it apart from the other chances.
      let place = $0 * 7 % chances.count * channels.count / chances.count
      let other = channels.isEmpty ? donor : channels[place]
      hidden.isLink = other.isLink
      return Self.facts(
        inputs, donor: donor.inputs, channel: other.inputs, hidden: hidden, chance: chances[$0])
    }
  }

  /// The rows that tell whether a lone bandwidth is a cap's or a link's: of the same technique,
  /// and with a cap for post-copy where this one has one, as far as there are enough of them.
  private func channelDonors(for inputs: CalibratedInputs) -> [Donor] {
    guard inputs[.cap] == nil, inputs[.link] == nil else { return [] }
    let kin = donors.filter {
      $0.inputs.technique == inputs.technique
        && ($0.inputs[.postcopyCap] == nil) == (inputs[.postcopyCap] == nil)
    }
    guard kin.count >= Self.leastKin else { return [] }
    func key(_ donor: Donor) -> (Int, Double, String) {
      (donor.isLink ? 1 : 0, donor.inputs[.delay] ?? 0, donor.inputs.transport ?? "")
    }
    return kin.sorted { key($0) < key($1) }
  }

  private static let leastKin = 5

  /// The same hidden inputs in every course.
  func courses(
    for inputs: CalibratedInputs, _ chances: [Chance], hidden: HiddenInputs
  ) -> [MigrationFacts] {
    chances.map { Self.facts(inputs, donor: nil, hidden: hidden, chance: $0) }
  }

  /// Evenly over the distribution among the donors of the most similar shape.
  private func likelyBlankShares(for inputs: CalibratedInputs, count: Int) -> [Double] {
    guard let mine = Shape(inputs) else { return [] }
    let near = donors.indices.compactMap { index in
      Shape(donors[index].inputs).map { (mine.distance(to: $0), index) }
    }
    .sorted { $0 < $1 }.prefix(Self.neighbours).map { donors[$0.1].hidden.blankShare }.sorted()
    guard let last = near.last else { return [] }
    return (0..<count).map { course in
      // A stride that shares no factor with the count keeps it apart from the other chances.
      let x = (Double(course * 7 % count) + 0.5) / Double(count) * Double(near.count) - 0.5
      let i = max(0, Int(x))
      return i + 1 < near.count ? near[i] + max(0, x - Double(i)) * (near[i + 1] - near[i]) : last
    }
  }

  private static let neighbours = 25

  /// How full the machine is and how large the written set is in it.
  private struct Shape {
    var fullness: Double
    var setSize: Double

    init?(_ inputs: CalibratedInputs) {
      guard inputs.workload != "idle", let used = inputs.effectiveUsed, used > 0,
        let memory = inputs[.memory], let set = inputs[.workingSet], set > 0
      else { return nil }
      fullness = used / memory
      setSize = logarithm(set / used)
    }

    func distance(to other: Shape) -> Double {
      // Why 0.15: a tenth of the machine and a factor of two of the set tell about as much.
      abs(fullness - other.fullness) + 0.15 * abs(setSize - other.setSize)
    }
  }

  /// Whether something is absent that a donor could give.
  static func isIncomplete(_ inputs: CalibratedInputs) -> Bool {
    if inputs.effectiveUsed == nil { return true }
    if inputs[.cap] == nil, inputs[.link] == nil { return true }
    if inputs.workload == "idle" { return false }
    return inputs[.writeRate] == nil || inputs[.workingSet] == nil || inputs.workload == nil
      || (inputs.workload == "hotcold" && (inputs[.hotSet] == nil || inputs[.hotShare] == nil))
      || inputs[.pacedByCPU] == nil || inputs[.incompressible] == nil
      || inputs[.writeWords] == nil
  }

  /// The donors that are most alike, nearest first; equals in the order of the trace.
  ///
  /// Where some run what this guest runs, by the name of the workload, no other is asked.
  private func nearest(to inputs: CalibratedInputs, count: Int) -> [Int] {
    func level(_ value: Double) -> Double { logarithm(value + Self.leastRate) }
    let namesakes =
      inputs.workload == nil
      ? [] : donors.indices.filter { donors[$0].inputs.workload == inputs.workload }
    // What a row was read with stands in for what the physics leaves of its technique, too.
    let kin = namesakes.filter { donors[$0].inputs.technique == inputs.technique }
    let candidates = [kin, namesakes].first { !$0.isEmpty } ?? Array(donors.indices)
    let scored = candidates.map { index -> (Double, Int) in
      let donor = donors[index].inputs
      var distance = 0.0
      if let mine = inputs[.dirtyRate], let theirs = donor[.dirtyRate] {
        distance += abs(level(mine) - level(theirs))
      }
      if let mine = inputs.effectiveUsed, let theirs = donor.effectiveUsed {
        // Why a third: what a guest writes tells more of how it writes than how large it is.
        distance += abs(level(mine) - level(theirs)) / 3
      } else if let mine = inputs[.memory], let theirs = donor[.memory] {
        distance += abs(level(mine) - level(theirs)) / 3
      }
      return (distance, index)
    }
    return scored.sorted { $0 < $1 }.prefix(count).map(\.1)
  }

  /// The physics' inputs: what is known, completed by a donor and by defaults.
  static func facts(
    _ inputs: CalibratedInputs, donor: CalibratedInputs?, channel: CalibratedInputs? = nil,
    hidden: HiddenInputs = HiddenInputs(), chance: Chance = .typical
  ) -> MigrationFacts {
    let pageSize = inputs[.pageSize] ?? Default.pageSize
    let memory = inputs[.memory] ?? 0
    let donorShare = donor.flatMap { donor in
      donor.effectiveUsed.flatMap { used in donor[.memory].map { used / $0 } }
    }
    let used = inputs.effectiveUsed ?? memory * (donorShare ?? hidden.usedShare ?? 1)
    let technique = inputs.technique ?? "precopy"
    let channelDonor = channel ?? donor
    let (cap, link) = Self.channel(inputs, channelDonor, isLink: hidden.isLink)
    let isPostcopy = technique == "postcopy"
    let isHybrid = technique == "hybrid"
    let switchTime = isHybrid ? inputs[.postcopyAfter] : nil
    return MigrationFacts(
      memoryPages: memory / pageSize, usedPages: used / pageSize, pageSize: pageSize,
      incompressible: inputs[.incompressible] ?? hidden.incompressible ?? donor?[.incompressible]
        ?? 1,
      wordsPerWrite: inputs[.writeWords] ?? donor?[.writeWords] ?? 16,
      writes: writes(inputs, donor, hidden, chance, used: used, pageSize: pageSize),
      // Why: a guest that nobody measured is an operating system, which uses pages here and there.
      scattersZeros: inputs.effectiveUsed == nil && donorShare == nil && hidden.usedShare != nil,
      blankShare: hidden.blankShare,
      cap: cap, link: link, delay: inputs[.delay] ?? (link == nil ? 0 : channelDonor?[.delay] ?? 0),
      isDirectTCP: (inputs.transport ?? channelDonor?.transport) == "tcp",
      downtimeLimit: inputs[.downtimeLimit] ?? Default.downtimeLimit,
      encoding: encoding(technique, inputs, pageSize: pageSize),
      throttle: technique.contains("autoconverge")
        ? ThrottleSchedule(
          initial: inputs[.throttleInitial] ?? Default.throttle.initial,
          increment: inputs[.throttleIncrement] ?? Default.throttle.increment,
          trigger: inputs[.throttleTrigger] ?? Default.throttle.trigger) : nil,
      switchAfterRounds: isPostcopy
        ? 0
        : isHybrid && switchTime == nil
          ? inputs[.postcopyAfterRounds] ?? Default.postcopyAfterRounds : nil,
      switchAfterTime: switchTime, isStopped: technique == "stop-and-copy",
      postcopyCap: inputs[.postcopyCap],
      horizon: horizon(inputs, used: used))
  }

  /// A run is followed a little beyond the operator's patience, or to what twenty copies would take.
  private static func horizon(_ inputs: CalibratedInputs, used: Double) -> Double {
    let copy = (inputs[.memory] ?? used) / (inputs.effectiveBandwidth ?? 1)
    return inputs[.timeLimit].map { 1.3 * $0 } ?? max(10, 20 * copy)
  }

  /// Cap and link. A lone bandwidth is whichever of the two explains such rows.
  private static func channel(
    _ inputs: CalibratedInputs, _ donor: CalibratedInputs?, isLink: Bool?
  ) -> (cap: Double?, link: Double?) {
    if inputs[.cap] != nil || inputs[.link] != nil {
      if inputs.effectiveCap == nil, inputs[.link] == nil { return (inputs[.bandwidth], nil) }
      return (inputs.effectiveCap, inputs[.link])
    }
    let isCapped = !(isLink ?? donor.map { $0[.link] != nil } ?? true)
    return isCapped ? (inputs[.bandwidth], nil) : (nil, inputs[.bandwidth])
  }

  private static func writes(
    _ inputs: CalibratedInputs, _ donor: CalibratedInputs?, _ hidden: HiddenInputs,
    _ chance: Chance, used: Double, pageSize: Double
  ) -> GuestWrites {
    let workload = inputs.workload ?? donor?.workload ?? "uniform"
    var set = inputs[.workingSet]
    if set == nil, let donor, let theirs = donor[.workingSet], let base = donor.effectiveUsed {
      set = theirs * used / base
    }
    let setShare = hidden.setShare ?? assumedShare * exponential(assumedSpread * chance.setShift)
    // Larger than what was seen dirtied in the window.
    let seen = Self.leastSet * (inputs[.dirtyRate] ?? 0) * (inputs[.dirtyRateWindow] ?? 1)
    let assumed = set ?? max(used * setShare, seen)
    let pages = min(assumed, inputs[.memory] ?? used) / pageSize
    var rate = inputs[.writeRate]
    if rate == nil, let donor, let theirs = donor[.writeRate] {
      if let mine = inputs[.dirtyRate], let sampled = donor[.dirtyRate] {
        rate = theirs * max(mine, leastRate / 2) / max(sampled, leastRate / 2)
      } else {
        rate = theirs
      }
    }
    if rate == nil, inputs[.dirtyRate] == nil { rate = hidden.writeRate }
    let touches = rate ?? touches(inputs, pages: pages, pageSize: pageSize)
    // Why a guest whose writes nobody measured slows with its CPU: an application does; what is
    // driven by a clock is a test.
    let pacing = hidden.writeRate == nil ? 0.0 : 1
    let paced = (inputs[.pacedByCPU] ?? donor?[.pacedByCPU] ?? pacing) > 0
    guard workload != "idle", inputs.technique != "stop-and-copy", pages > 0, touches > 0 else {
      return GuestWrites(rate: 0, classes: [], isSweep: false, isPacedByCPU: paced)
    }
    var classes = [WriteClass(pages: pages, share: 1)]
    let share = inputs[.hotShare] ?? donor?[.hotShare]
    var hot = inputs[.hotSet].map { $0 / pageSize }
    if hot == nil, let donor, let theirs = donor[.hotSet], let base = donor[.workingSet], base > 0 {
      hot = pages * theirs / base
    }
    if workload == "hotcold", let hot, let share, hot > 0, hot < pages {
      // The other touches go to the whole set, the hot pages among it.
      let rest = (1 - share) * (pages - hot) / pages
      classes = [
        WriteClass(pages: hot, share: 1 - rest), WriteClass(pages: pages - hot, share: rest),
      ]
    }
    return GuestWrites(
      rate: touches, classes: classes, isSweep: workload == "sequential", isPacedByCPU: paced)
  }

  /// How much larger, at least, than what a window saw dirtied. Twice: what it did not see may be as
  /// much. At the very size nearly every page is written in every window, which takes several times
  /// the rate that was seen.
  private static let leastSet = 2.0

  /// Share of used memory that a guest writes to, where neither the row nor the trace says; the
  /// courses spread it over a factor of `exp(assumedSpread)` either way.
  private static let assumedShare = 0.2
  private static let assumedSpread = 1.5

  /// Touches per second that leave the sampled dirty rate: distinct pages in a window w are
  /// `D w = W (1 - exp(-r w / W))`, solved for r.
  private static func touches(
    _ inputs: CalibratedInputs, pages: Double, pageSize: Double
  ) -> Double {
    guard let rate = inputs[.dirtyRate], pages > 0 else { return 0 }
    let window = max(inputs[.dirtyRateWindow] ?? 1, 1e-3)
    let distinct = max(rate, leastRate / 4) * window / pageSize
    // A window that nearly saturates the set says little more than that it does.
    return -pages / window * logarithm(1 - min(distinct / pages, 0.95))
  }

  private static func encoding(
    _ technique: String, _ inputs: CalibratedInputs, pageSize: Double
  ) -> PageEncoding {
    if technique.contains("xbzrle") {
      return .delta(cachePages: (inputs[.cache] ?? Default.cache) / pageSize)
    }
    if technique.contains("multifd") {
      let kind: PageEncoding.Compression? =
        technique.hasSuffix("zlib") ? .zlib : technique.hasSuffix("zstd") ? .zstd : nil
      return .multifd(kind, channels: inputs[.channels] ?? Default.channels)
    }
    return technique.contains("compress") ? .compressed : .plain
  }
}

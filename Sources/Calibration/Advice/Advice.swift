public import Quantities

/// What an adviser has to say about one machine.
public struct Advice: Sendable {
  public let question: AdviceQuestion
  /// Plain pre-copy.
  public let plain: TechniqueOutlook
  /// Every technique in the order of choice, allowed or not.
  public let outlooks: [TechniqueOutlook]
  /// Those that may be used.
  public let allowed: [AdviceTechnique]
  /// Plain pre-copy over the least link that is enough (with multifd where that is needed).
  public let widerLink: AdviceChange?
  /// Plain pre-copy with the least downtime limit that is enough.
  public let higherDowntime: AdviceChange?
  /// The greatest dirty rate that plain pre-copy bears, over the question's window.
  public let greatestDirtyRate: ByteRate?
  /// Where each claim comes from.
  public let basis: [AdviceClaim]
  /// How many guests were tried.
  public let guestCount: Int
  /// Whether the numbers are those of a site's fit.
  public let isFitted: Bool
  let speeds: HostSpeeds

  /// What to do.
  public enum Choice: Sendable, Equatable {
    /// This technique keeps the limits.
    case use(TechniqueOutlook)
    /// Nothing is sure; this has the best odds.
    case attempt(TechniqueOutlook)
    /// No allowed technique keeps the limits; plain pre-copy does with this downtime limit.
    case raiseDowntime(AdviceChange)
    /// Nor does that; it does over this link.
    case widenLink(AdviceChange)
    case nothing
  }

  /// The first technique in the order of choice that is sure; else the likeliest that is likelier
  /// than not; else what has to change.
  public var choice: Choice {
    let candidates = outlooks.filter { allowed.contains($0.technique) }
    if let sure = candidates.first(where: { $0.verdict == .yes && !$0.isHarsh })
      ?? candidates.first(where: { $0.verdict == .yes })
    {
      return .use(sure)
    }
    // Why the first of equals: the order is that of least harm.
    let best = candidates.reduce(nil as TechniqueOutlook?) { best, next in
      (best?.share ?? -1) >= next.share ? best : next
    }
    if let best, best.verdict == .likely { return .attempt(best) }
    if let higherDowntime,
      higherDowntime.question.downtimeLimit <= Self.bearable(question.downtimeLimit)
    {
      return .raiseDowntime(higherDowntime)
    }
    if let widerLink { return .widenLink(widerLink) }
    return higherDowntime.map(Choice.raiseDowntime) ?? .nothing
  }

  /// Up to ten times the pause that was asked for is a limit to talk about.
  private static func bearable(_ limit: Seconds) -> Seconds { 10 * limit }

  /// Whether something that may be used keeps the limits.
  public var isAnswered: Bool {
    if case .use = choice { return true }
    return false
  }

  /// What leaves during the pause, and what may be dirtied in as long a time: `D min(t, w)` to
  /// `D max(t, w)`; `nil` without a dirty rate, or without a pause for memory.
  public var pauseBalance: (sent: Bytes, dirtied: ClosedRange<Bytes>)? {
    let setting = RoundForecast.setting(for: question.downtimeLimit.siValue, speeds)
    guard let rate = question.dirtyRate, setting > 0 else { return nil }
    let window = question.rateWindow.siValue
    let most = min(
      rate.siValue * max(setting, window), question.workingSet?.siValue ?? question.usedBytes)
    let least = min(most, rate.siValue * min(setting, window))
    return (
      Bytes(siValue: Transport(question, speeds).wire * setting),
      Bytes(siValue: least)...Bytes(siValue: most)
    )
  }

  /// The numbers to type for a technique, under the question or one with a change.
  public func plan(_ technique: AdviceTechnique, _ question: AdviceQuestion) -> MigrationPlan {
    let transport = Transport(question, speeds)
    let set =
      question.workingSet?.siValue
      ?? question.dirtyRate.map { ($0 * question.rateWindow).siValue } ?? 0
    return MigrationPlan(
      technique: technique, memory: question.memory,
      downtimeLimit: Seconds(
        siValue: RoundForecast.setting(for: question.downtimeLimit.siValue, speeds)),
      bandwidth: min(question.link, question.bandwidthCap ?? question.link),
      isCapped: question.bandwidthCap != nil, timeLimit: question.timeLimit,
      firstCopy: Seconds(siValue: RoundForecast(question, speeds).firstCopy),
      channels: transport.channels(technique, speeds),
      cache: Bytes(siValue: XBZRLECache.bytes(for: set, memory: question.memory.siValue)))
  }
}

/// The numbers that a migration's settings are made of.
public struct MigrationPlan: Sendable, Equatable {
  public var technique: AdviceTechnique
  public var memory: Bytes
  /// To hand to QEMU: with it the whole pause stays within the limit that was asked for.
  public var downtimeLimit: Seconds
  /// The link's rate or the cap.
  public var bandwidth: ByteRate
  /// Whether the cap was asked for.
  public var isCapped: Bool
  public var timeLimit: Seconds?
  /// How long the first pass takes.
  public var firstCopy: Seconds
  /// Of multifd.
  public var channels: Int
  /// Of XBZRLE.
  public var cache: Bytes

  public init(
    technique: AdviceTechnique, memory: Bytes, downtimeLimit: Seconds, bandwidth: ByteRate,
    isCapped: Bool, timeLimit: Seconds?, firstCopy: Seconds, channels: Int, cache: Bytes
  ) {
    self.technique = technique
    self.memory = memory
    self.downtimeLimit = downtimeLimit
    self.bandwidth = bandwidth
    self.isCapped = isCapped
    self.timeLimit = timeLimit
    self.firstCopy = firstCopy
    self.channels = channels
    self.cache = cache
  }
}

extension TechniqueOutlook {
  /// A guest that loses more than this of its work is hardly alive: what follows in the order of
  /// choice is looked at first.
  private static let harsh = 0.5

  var isHarsh: Bool { technique == .autoconverge && (slowdownUpper ?? 0) > Self.harsh }
}

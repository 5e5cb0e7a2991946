public import Quantities

/// How sure advice is that something keeps the limits.
public enum AdviceVerdict: String, Sendable, CaseIterable {
  /// For all possible guests; of a fit's odds, `Adviser.certainty`.
  case yes
  /// For at least half of them.
  case likely
  /// For fewer.
  case unlikely
  /// For none.
  case no

  /// Below this share the answer is no: 1 in 200.
  private static let negligible = 0.005

  init(share: Double, certainty: Double) {
    self =
      share >= certainty
      ? .yes : share >= 0.5 ? .likely : share >= Self.negligible ? .unlikely : .no
  }
}

/// What one technique makes of all guests that fit the facts.
public struct TechniqueOutlook: Sendable, Equatable {
  public let technique: AdviceTechnique
  /// Share of the possible guests for which both limits are kept, 0 to 1; with a fit the mean
  /// probability over them.
  public let share: Double
  public let verdict: AdviceVerdict
  /// For the middle guest; `nil` where it does not end.
  public let totalTime: Seconds?
  /// For the luckiest and the unluckiest guest; `nil` where it does not end.
  public let totalTimeLower: Seconds?
  public let totalTimeUpper: Seconds?
  /// The longest of those that end.
  public let totalTimeLongest: Seconds?
  /// For the middle guest and the unluckiest, of those that end.
  public let downtime: Seconds?
  public let downtimeUpper: Seconds?
  public let traffic: Bytes?
  public let trafficUpper: Bytes?
  /// Mean share of the guest's work that is lost while it migrates, middle and unluckiest.
  public let slowdown: Double?
  public let slowdownUpper: Double?
  /// Largest share lost at any time, by the unluckiest guest.
  public let mostSlowdown: Double?
  /// Why not for all guests; empty where it is.
  public let shortfalls: [Shortfall]

  /// What stands against a technique.
  public enum Shortfall: Sendable, Equatable {
    /// The fixed part of the pause alone is over the limit.
    case fixedPause(Seconds)
    /// Rounds do not shrink.
    case neverEnds(GuestRange)
    /// It ends, but too late.
    case tooLong(GuestRange)
    /// The pause is too long.
    case pause
    /// It hangs on what the pages hold.
    case contents
    /// Its encoders are slower than plain pages over this link.
    case slowEncoder(ByteRate)
    /// One thread fills the link without it.
    case noGain
    /// The odds of the site's model are not good enough.
    case odds
  }

  /// Which of the guests that fit the facts.
  public enum GuestRange: Sendable, Equatable {
    case all
    /// With a working set below this.
    case below(Bytes)
    /// With a working set above this.
    case above(Bytes)
    /// Those that go through all their memory in order.
    case sweeps
    /// Some, by no one number.
    case some
  }

  /// Of the unluckiest guest's total time below its limit, relative; `nil` without a limit or an
  /// end.
  public func timeMargin(_ limit: Seconds?) -> Double? {
    guard let limit, let totalTimeUpper else { return nil }
    return 1 - totalTimeUpper.siValue / limit.siValue
  }

  /// The same of the downtime.
  public func downtimeMargin(_ limit: Seconds) -> Double? {
    downtimeUpper.map { 1 - $0.siValue / limit.siValue }
  }
}

extension TechniqueOutlook {
  init(
    _ technique: AdviceTechnique, _ forecasts: [(guest: PossibleGuest, forecast: GuestForecast)],
    certainty: Double, shortfalls: [Shortfall]
  ) {
    self.technique = technique
    let all = forecasts.map(\.forecast)
    share = all.isEmpty ? 0 : all.reduce(0) { $0 + $1.probability } / Double(all.count)
    verdict = AdviceVerdict(share: share, certainty: certainty)
    let times = all.map { $0.totalTime ?? .infinity }.sorted()
    func time(_ value: Double?) -> Seconds? {
      value.flatMap { $0.isFinite ? Seconds(siValue: $0) : nil }
    }
    totalTime = time(times.isEmpty ? nil : times[(times.count - 1) / 2])
    totalTimeLower = time(times.first)
    totalTimeUpper = time(times.last)
    totalTimeLongest = time(times.last { $0.isFinite })
    let ended = all.filter { $0.totalTime != nil }
    func ordered(_ values: [Double]) -> (middle: Double?, most: Double?) {
      let values = values.sorted()
      return (values.isEmpty ? nil : values[(values.count - 1) / 2], values.last)
    }
    let pauses = ordered(ended.map(\.downtime))
    let bytes = ordered(ended.map(\.bytes))
    let losses = ordered(ended.map(\.slowdown))
    downtime = pauses.middle.map(Seconds.init(siValue:))
    downtimeUpper = pauses.most.map(Seconds.init(siValue:))
    traffic = bytes.middle.map(Bytes.init(siValue:))
    trafficUpper = bytes.most.map(Bytes.init(siValue:))
    slowdown = losses.middle
    slowdownUpper = losses.most
    mostSlowdown = ended.map(\.mostSlowdown).max()
    self.shortfalls = shortfalls
  }
}

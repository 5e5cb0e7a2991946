import Quantities

/// Says for one machine and its limits whether plain pre-copy will do, and if not what will.
///
/// Every technique is tried on every guest that fits the facts (`PossibleGuest`); a technique
/// keeps the limits when it does so for all of them. Without a fit the numbers are those of
/// `RoundForecast` with `HostSpeeds`; with one those of the site's calibrated model, and the
/// mean of its odds has to reach `certainty`.
///
/// Limits: one migration at a time; memory only, no disks; without a fit a guest's writes slow
/// down with its CPU.
///
/// ```swift
/// var question = AdviceQuestion(memory: try Bytes(parsing: "64GiB"), link: try ByteRate(parsing: "10Gbit/s"))
/// question.dirtyRate = try ByteRate(parsing: "900MiB/s")
/// let advice = try Adviser(question).advice()
/// ```
public struct Adviser: Sendable {
  /// Odds of a fit that count as a yes: all but one of twenty.
  public static let certainty = 0.95
  /// A total time counts as kept with this to spare: nine of ten real plain pre-copies of the
  /// bundled qemu-tcg set took at most 1.16 times what these rounds say, unfitted and with
  /// nothing known of the guest but its working set and its rate.
  public static let timeAllowance = 1.2
  /// No link is faster, no limit that QEMU takes is longer (2000 s, QEMU migration/options.c).
  private static let fastestLink = 1e12
  private static let longestDowntime = 2000.0

  public let question: AdviceQuestion
  public let model: CalibratedModel?
  /// The techniques that may be used, in the order of choice.
  public let allowed: [AdviceTechnique]

  /// - Parameter model: the site's; without one, physics with defaults.
  /// - Throws: `AdviceError.contradiction` for facts that cannot be.
  public init(
    _ question: AdviceQuestion, allowed: Set<AdviceTechnique> = Set(AdviceTechnique.allCases),
    model: CalibratedModel? = nil, name: AdviceQuestion.Name = { $0 }
  ) throws(AdviceError) {
    try question.validate(name: name)
    self.question = question
    self.model = model
    self.allowed = AdviceTechnique.allCases.filter { allowed.contains($0) }
  }

  /// The whole answer.
  ///
  /// - Throws: `AdviceError.model` when the site's model refuses.
  public func advice() throws(AdviceError) -> Advice {
    var outlooks: [TechniqueOutlook] = []
    for technique in AdviceTechnique.allCases {
      outlooks.append(try outlook(technique, question))
    }
    let plain = outlooks[0]
    return Advice(
      question: question, plain: plain, outlooks: outlooks, allowed: allowed,
      widerLink: try widerLink(), higherDowntime: try higherDowntime(),
      greatestDirtyRate: try greatestDirtyRate(), basis: basis,
      guestCount: PossibleGuest.all(question, fewer: model != nil).count, isFitted: model != nil,
      speeds: speeds)
  }

  // MARK: One technique

  private var certainty: Double { model == nil ? 1 : Self.certainty }

  var speeds: HostSpeeds {
    var speeds = model.map { HostSpeeds($0.parameters) } ?? HostSpeeds()
    if let given = question.resumeTime { speeds.fixedPause = given.siValue }
    return speeds
  }

  /// Techniques whose effect hangs on what the pages hold.
  private func contents(_ technique: AdviceTechnique) -> [Double] {
    switch technique {
    case .xbzrle, .multifdZstd, .multifdZlib: speeds.contents
    default: [1]
    }
  }

  func outlook(
    _ technique: AdviceTechnique, _ question: AdviceQuestion
  ) throws(AdviceError) -> TechniqueOutlook {
    var forecasts: [(guest: PossibleGuest, forecast: GuestForecast)] = []
    for guest in PossibleGuest.all(question, fewer: model != nil) {
      for content in contents(technique) {
        forecasts.append((guest, try forecast(technique, guest, content, question)))
      }
    }
    return TechniqueOutlook(
      technique, forecasts, certainty: certainty,
      shortfalls: try shortfalls(technique, forecasts, question))
  }

  private func forecast(
    _ technique: AdviceTechnique, _ guest: PossibleGuest, _ content: Double,
    _ question: AdviceQuestion
  ) throws(AdviceError) -> GuestForecast {
    if let model {
      do {
        return try CalibratedForecast(model, question, speeds)
          .forecast(technique, guest, content: content)
      } catch {
        throw .model(error)
      }
    }
    var answer = RoundForecast(question, speeds).forecast(technique, guest, content: content)
    answer.probability = Self.keeps(answer, question) ? 1 : 0
    return answer
  }

  private static func keeps(_ forecast: GuestForecast, _ question: AdviceQuestion) -> Bool {
    guard let total = forecast.totalTime else { return false }
    return forecast.downtime <= question.downtimeLimit.siValue * (1 + roundingError)
      && total * timeAllowance <= question.timeLimit?.siValue ?? .infinity
  }

  /// The setting is computed from the limit and the pause from the setting: the same number but
  /// for the last bits.
  private static let roundingError = 1e-12

  /// Why a technique falls short, for the reader: which guests, and which limit.
  private func shortfalls(
    _ technique: AdviceTechnique, _ forecasts: [(guest: PossibleGuest, forecast: GuestForecast)],
    _ question: AdviceQuestion
  ) throws(AdviceError) -> [TechniqueOutlook.Shortfall] {
    let failing = forecasts.filter { $0.forecast.probability < 0.5 }
    guard !failing.isEmpty else {
      let mean = forecasts.reduce(0) { $0 + $1.forecast.probability } / Double(forecasts.count)
      return mean < certainty ? [.odds] : []
    }
    if question.downtimeLimit.siValue <= speeds.fixedPause {
      return [.fixedPause(Seconds(siValue: speeds.fixedPause))]
    }
    let rounds = RoundForecast(question, speeds)
    if rounds.setting <= 0, !technique.isPostcopy { return [.pause] }
    if let rate = rounds.encoderRate(technique), rate < rounds.plainRate {
      return [.slowEncoder(ByteRate(siValue: rate))]
    }
    if contents(technique).count > 1, failing.count < forecasts.count { return [.contents] }
    if technique == .multifd, rounds.isWireFull { return [.noGain] }
    let endless = failing.filter { $0.forecast.totalTime == nil }
    let late = failing.filter {
      ($0.forecast.totalTime ?? 0) * Self.timeAllowance > question.timeLimit?.siValue ?? .infinity
    }
    var answer: [TechniqueOutlook.Shortfall] = []
    if !endless.isEmpty {
      answer.append(
        .neverEnds(range(of: endless.map(\.guest), technique, question) { $0.totalTime == nil }))
    }
    if !late.isEmpty {
      answer.append(
        .tooLong(
          range(of: late.map(\.guest), technique, question) {
            ($0.totalTime ?? 0) * Self.timeAllowance > question.timeLimit?.siValue ?? .infinity
          }))
    }
    return answer.isEmpty ? [.pause] : answer
  }

  /// Which guests fail: where they differ in their working sets alone and the failing ones lie at
  /// one end, between which sets.
  private func range(
    of failing: [PossibleGuest], _ technique: AdviceTechnique, _ question: AdviceQuestion,
    fails: (GuestForecast) -> Bool
  ) -> TechniqueOutlook.GuestRange {
    let all = PossibleGuest.all(question, fewer: model != nil)
    if failing.count == all.count { return .all }
    if failing.allSatisfy(\.isSweep) { return .sweeps }
    let guests = all.filter { !$0.isSweep }
    let failing = failing.filter { !$0.isSweep }
    guard model == nil, question.dirtyRate != nil, guests.count > 1,
      let low = failing.first?.workingSet, let high = failing.last?.workingSet
    else { return .some }
    let forecast = RoundForecast(question, speeds)
    func edge(_ least: Double, _ most: Double, failsBelow: Bool) -> Bytes {
      var (least, most) = (least, most)
      // 40 halvings of an interval of bytes leave nothing to see.
      for _ in 0..<40 {
        let middle = (least * most).squareRoot()
        let isFailing =
          PossibleGuest.guest(question, workingSet: middle).map {
            fails(forecast.forecast(technique, $0))
          } ?? false
        if isFailing == failsBelow { least = middle } else { most = middle }
      }
      return Bytes(siValue: most)
    }
    if low == guests[0].workingSet, let next = guests.first(where: { $0.workingSet > high }) {
      return .below(edge(high, next.workingSet, failsBelow: true))
    }
    if high == guests.last?.workingSet, let next = guests.last(where: { $0.workingSet < low }) {
      return .above(edge(next.workingSet, low, failsBelow: false))
    }
    return .some
  }

  // MARK: Inverse questions

  private func isKept(
    _ technique: AdviceTechnique, _ question: AdviceQuestion
  ) throws(AdviceError) -> Bool {
    try outlook(technique, question).verdict == .yes
  }

  /// The least link for plain pre-copy, or with multifd where one thread cannot fill it.
  ///
  /// - Returns: rounded up to two digits; `nil` where no link is enough.
  private func widerLink() throws(AdviceError) -> AdviceChange? {
    func outlook(_ link: Double) throws(AdviceError) -> AdviceChange? {
      var wider = question
      wider.link = ByteRate(siValue: link)
      wider.bandwidthCap = nil
      for technique in [AdviceTechnique.precopy, .multifd] where allowed.contains(technique) {
        let outlook = try self.outlook(technique, wider)
        if outlook.verdict == .yes { return AdviceChange(question: wider, outlook: outlook) }
      }
      return nil
    }
    let least = try Self.least(from: 1e3, to: Self.fastestLink) { link throws(AdviceError) in
      try outlook(link) != nil
    }
    // Links are named in bits per second.
    return try least.flatMap { least throws(AdviceError) in
      try outlook(Self.rounded(least * 8, .up) / 8)
    }
  }

  /// The least downtime limit with which plain pre-copy keeps the time limit.
  ///
  /// - Returns: rounded up to two digits; `nil` where none is enough.
  private func higherDowntime() throws(AdviceError) -> AdviceChange? {
    func outlook(_ limit: Double) throws(AdviceError) -> AdviceChange? {
      var patient = question
      patient.downtime = Seconds(siValue: limit)
      let outlook = try self.outlook(.precopy, patient)
      return outlook.verdict == .yes ? AdviceChange(question: patient, outlook: outlook) : nil
    }
    guard allowed.contains(.precopy) else { return nil }
    let least = try Self.least(from: 1e-3, to: Self.longestDowntime) { limit throws(AdviceError) in
      try outlook(limit) != nil
    }
    return try least.flatMap { least throws(AdviceError) in
      try outlook(min(Self.longestDowntime, Self.rounded(least, .up)))
    }
  }

  /// The greatest dirty rate, over the same window, that plain pre-copy bears; two digits of MiB/s.
  private func greatestDirtyRate() throws(AdviceError) -> ByteRate? {
    let most = (question.workingSet?.siValue ?? question.usedBytes) / question.rateWindow.siValue
    guard most > 0 else { return nil }
    let inverse = try Self.least(from: 1 / most, to: 1) { inverse throws(AdviceError) in
      var calmer = question
      calmer.dirtyRate = ByteRate(siValue: 1 / inverse)
      return try isKept(.precopy, calmer)
    }
    let unit = 1_048_576.0
    return inverse.map { ByteRate(siValue: Self.rounded(1 / $0 / unit, .down) * unit) }
  }

  /// Of inverse questions: two digits are printed.
  private static let precision = 1e-3

  /// The least value for which a condition holds that stays true once it is.
  ///
  /// - Returns: within `precision` of it, on the side where it holds; `nil` where it never does.
  private static func least(
    from low: Double, to high: Double, where holds: (Double) throws(AdviceError) -> Bool
  ) throws(AdviceError) -> Double? {
    guard try holds(high) else { return nil }
    if try holds(low) { return low }
    var (low, high) = (low, high)
    while high > low * (1 + precision) {
      let middle = (low * high).squareRoot()
      if try holds(middle) { high = middle } else { low = middle }
    }
    return high
  }

  /// Two significant digits.
  private static func rounded(_ value: Double, _ rule: FloatingPointRoundingRule) -> Double {
    guard value > 0, value.isFinite else { return value }
    // Through decimal text: the powers of ten and their products are then the nearest doubles.
    let exponent = Int((logarithm(value) / logarithm(10)).rounded(.down)) - 1
    guard let unit = Double("1e\(exponent)") else { return value }
    return Double("\((value / unit).rounded(rule))e\(exponent)") ?? value
  }
}

/// What would have to be different for plain pre-copy to keep the limits, and what it then does.
public struct AdviceChange: Sendable, Equatable {
  /// The question with the change made.
  public let question: AdviceQuestion
  public let outlook: TechniqueOutlook
}

import Calibration
import ModelCore
import Quantities
import Reporting

/// The answer as a person reads it: the verdict, what to do, all options, what to type, and what
/// it all rests on.
struct AdviceReport {
  let advice: Advice
  let platforms: [AdvicePlatform]

  private var question: AdviceQuestion { advice.question }

  /// Prose and lines to type, for text and Markdown.
  func readable() throws -> Report {
    let tables = AdviceTables(advice: advice)
    var report = Report()
    report.add(title: "Plain pre-copy: \(advice.plain.verdict.word)")
    report.add(paragraph: verdict)
    report.add(title: "Advice")
    report.add(paragraph: recommendation)
    report.add(title: "Side by side")
    try report.add(try tables.readableOptions(), name: "options")
    report.add(notes: tableNotes)
    for settings in settings { add(settings, to: &report) }
    report.add(title: "What this rests on")
    try report.add(try tables.basis(), name: "basis")
    return report
  }

  /// Tables alone, for CSV and JSON.
  func tables() throws -> Report {
    let tables = AdviceTables(advice: advice)
    var report = Report(try tables.options(), name: "options")
    try report.add(
      try tables.settings(settings), name: "settings")
    try report.add(try tables.basis(), name: "basis")
    return report
  }

  // MARK: Verdict

  private var limits: String {
    let pause = "a downtime of \(question.downtimeLimit)"
    guard let total = question.timeLimit else { return pause }
    return "\(pause) and a total time of \(total)"
  }

  private var verdict: String {
    let plain = advice.plain
    var sentences: [String] = []
    switch plain.verdict {
    case .yes:
      sentences.append(
        "Plain pre-copy keeps \(limits)"
          + (advice.guestCount > 1 ? ", whatever the guest is like within what is known." : "."))
    case .likely, .unlikely:
      sentences.append(
        advice.isFitted
          ? "Plain pre-copy keeps \(limits) with odds of \(percent(plain.share))."
          : "Plain pre-copy keeps \(limits) for \(percent(plain.share)) of the guests that fit "
            + "these facts, not for all.")
    case .no: sentences.append("Plain pre-copy does not keep \(limits).")
    }
    if let reason = ShortfallWords(question: question).reason(plain) {
      sentences.append("The reason: it \(reason).")
    }
    if plain.verdict != .yes, let balance { sentences.append(balance) }
    if let time = margin(plain) { sentences.append(time) }
    let copy = advice.plan(.precopy, question).firstCopy
    if let limit = question.timeLimit, copy > limit {
      sentences.append("One copy of the memory alone takes \(spoken(copy)) over this link.")
    }
    if let rate = advice.greatestDirtyRate {
      sentences.append(
        "The most it bears for sure is \(dirtyRateText(rate)) over \(question.rateWindow)"
          + (question.dirtyRate.map { comparison(rate, given: $0) } ?? "") + ".")
    } else if !plain.shortfalls.contains(where: \.isFixedPause) {
      sentences.append("No dirty rate is low enough for it.")
    }
    return sentences.joined(separator: " ")
  }

  /// The rule of thumb behind the verdict.
  private var balance: String? {
    guard let (sent, dirtied) = advice.pauseBalance else { return nil }
    func short(_ bytes: Bytes) -> String { bytes.formatted(significantDigits: 3) }
    let pause = "\(advice.plan(.precopy, question).downtimeMilliseconds) ms"
    let amount =
      short(dirtied.lowerBound) == short(dirtied.upperBound)
      ? short(dirtied.upperBound)
      : "\(short(dirtied.lowerBound)) to \(short(dirtied.upperBound))"
    return "In a pause of \(pause) \(short(sent)) leave; the guest dirties \(amount) in as long a "
      + "time"
      + (question.workingSet == nil
        ? ", depending on whether it writes new pages or the same again." : ".")
  }

  private func comparison(_ most: ByteRate, given: ByteRate) -> String {
    guard given.siValue > 0 else { return "" }
    let ratio = (given / most).siValue
    if ratio > 1 { return ", \(decimal(ratio)) times less than given" }
    return ratio > 0.01 ? ", \(decimal(1 / ratio)) times what was given" : ""
  }

  /// One decimal.
  private func decimal(_ value: Double) -> String { shortestDecimal((value * 10).rounded() / 10) }

  private func margin(_ outlook: TechniqueOutlook) -> String? {
    guard let least = outlook.totalTimeLower else { return nil }
    let most = outlook.totalTimeUpper
    var words = "It takes " + spoken(least)
    if let most {
      if spoken(most) != spoken(least) { words += " to \(spoken(most))" }
      if let margin = outlook.timeMargin(question.timeLimit), let limit = question.timeLimit {
        words +=
          margin >= 0
          ? ", \(percent(margin)) below \(limit)" : ", \(percent(-margin)) above \(limit)"
      }
    } else {
      if let longest = outlook.totalTimeLongest, spoken(longest) != spoken(least) {
        words += " to \(spoken(longest))"
      }
      words += " where it ends"
    }
    return words + "."
  }

  // MARK: What to do

  private var plan: MigrationPlan? {
    switch advice.choice {
    case .use(let outlook), .attempt(let outlook):
      advice.plan(outlook.technique, question)
    case .raiseDowntime(let change), .widenLink(let change):
      advice.plan(change.outlook.technique, change.question)
    case .nothing: nil
    }
  }

  private var recommendation: String {
    var sentences: [String] = []
    switch advice.choice {
    case .use(let outlook):
      sentences.append("Use \(outlook.technique.title): \(sureness(outlook)).")
      sentences += consequences(outlook)
      let lesser = advice.outlooks.prefix { $0.technique != outlook.technique }
        .filter { advice.allowed.contains($0.technique) && $0.verdict == .yes }
      if !lesser.isEmpty {
        sentences.append(
          "\(lesser[0].technique.title.firstUpper) would keep the limits too, but takes more than "
            + "half of the guest's speed.")
      }
    case .attempt(let outlook):
      sentences.append(
        "Nothing that may be used is sure. The best odds has \(outlook.technique.title): "
          + "\(percent(outlook.share)) of what fits these facts.")
      sentences += consequences(outlook)
    case .raiseDowntime(let change):
      sentences.append(
        "Nothing that may be used keeps the limits. Raise the downtime limit to "
          + "\(change.question.downtimeLimit): then plain pre-copy does.")
      sentences += consequences(change.outlook)
    case .widenLink(let change):
      sentences.append(
        "Nothing that may be used keeps the limits. Give it a link of \(linkText(change.question.link)): "
          + "then \(change.outlook.technique.title) does.")
      sentences += consequences(change.outlook)
    case .nothing:
      sentences.append(
        "Nothing keeps the limits: no technique that may be used, no link and no downtime limit "
          + "up to 2000 s.")
    }
    sentences += remedies
    if let sooner { sentences.append(sooner) }
    return sentences.joined(separator: " ")
  }

  private func sureness(_ outlook: TechniqueOutlook) -> String {
    if advice.isFitted { return "your own migrations give it odds of \(percent(outlook.share))" }
    return outlook.technique == .precopy
      ? "nothing else is needed" : "the least that keeps the limits for all guests that fit"
  }

  private func consequences(_ outlook: TechniqueOutlook) -> [String] {
    var sentences: [String] = []
    if let most = outlook.mostSlowdown, most > 0, let mean = outlook.slowdownUpper,
      let middle = outlook.slowdown
    {
      sentences.append(
        percent(mean) == percent(middle)
          ? "The guest loses \(percent(mean)) of its work while it migrates, up to "
            + "\(percent(most)) of its speed at a time."
          : "While it migrates the middle guest loses \(percent(middle)) of its work, the "
            + "unluckiest \(percent(mean)) and for a time \(percent(most)) of its speed.")
    }
    if let risk = outlook.technique.risk { sentences.append("Mind: \(risk).") }
    return sentences
  }

  /// What else would do, and what would narrow the answer.
  private var remedies: [String] {
    let plain = advice.plain
    guard plain.verdict != .yes else { return [] }
    var sentences: [String] = []
    if plain.verdict != .no, advice.allowed.contains(.precopy), !advice.isFitted,
      let longest = plain.totalTimeLongest
    {
      sentences.append(
        "Where \(percent(plain.share)) is enough, begin with plain pre-copy: if it has not ended "
          + "after \(spoken(Adviser.timeAllowance * longest)), it hardly will; cancel it then, which "
          + "costs traffic only.")
    }
    let ways = ways
    if !ways.isEmpty {
      sentences.append("Plain pre-copy would be sure with \(ways.joined(separator: " or with ")).")
    }
    if plain.verdict != .no, question.workingSet == nil || question.dirtyRate == nil {
      sentences.append(
        question.dirtyRate == nil
          ? "A measured dirty rate settles it: QMP calc-dirty-rate, or 'cutover trace record'."
          : "What settles it is the working set (--working-set), or the dirty rate over "
            + "a window as short as the downtime limit.")
    }
    return sentences
  }

  /// Where the downtime limit is what all fail at: what pauses less than plain pre-copy.
  private var sooner: String? {
    guard case .raiseDowntime(let change) = advice.choice else { return nil }
    let best = advice.outlooks.filter { outlook in
      guard let time = outlook.totalTimeUpper else { return false }
      return advice.allowed.contains(outlook.technique)
        && question.timeLimit.map { time <= $0 } ?? true
    }.min { ($0.downtimeUpper?.siValue ?? 0) < ($1.downtimeUpper?.siValue ?? 0) }
    guard let best, let pause = best.downtimeUpper,
      pause < change.question.downtimeLimit
    else { return nil }
    return "\(best.technique.title.firstUpper) pauses "
      + "\(Int((pause.siValue * 1000).rounded(.up))) ms at most."
  }

  /// The numbers that make plain pre-copy enough, but for the one that is the advice itself.
  private var ways: [String] {
    var ways: [String] = []
    if case .widenLink = advice.choice {
    } else if let change = advice.widerLink, change.question.link > question.link {
      ways.append(
        "a link of \(linkText(change.question.link))"
          + (change.outlook.technique == .multifd
            ? " with multifd over \(advice.plan(.multifd, change.question).channels) channels" : "")
      )
    }
    if case .raiseDowntime = advice.choice {
    } else if let change = advice.higherDowntime,
      change.question.downtimeLimit > question.downtimeLimit
    {
      ways.append("a downtime limit of \(change.question.downtimeLimit)")
    }
    return ways
  }

  private var tableNotes: [String] {
    var notes: [String] = []
    if advice.guestCount > 1 {
      notes.append(
        "Ranges are over \(advice.guestCount) guests that fit the facts, from the luckiest to the "
          + "unluckiest (traffic and losses: from the middle one).")
    }
    if advice.plan(.precopy, question).downtimeLimit.siValue > 0 {
      let setting = advice.plan(.precopy, question).downtimeMilliseconds
      notes.append(
        "QEMU is told \(setting) ms: the rest of the limit is for what is not memory, and "
          + "for its error in measuring the bandwidth.")
    }
    if advice.isFitted {
      notes.append("Times, pauses and traffic are the medians of the fit; limits kept: its odds.")
    }
    return notes
  }

  // MARK: Settings

  /// For every tool the settings of the choice; where it has none for that, of the best that it
  /// offers, with a remark.
  private var settings: [PlatformSettings] {
    guard let plan else { return [] }
    return platforms.map { platform in
      if platform.offers(plan.technique) { return platform.settings(plan) }
      let missing = "\(platform.title) has no setting for \(plan.technique.title)"
      guard let next = best(of: platform) else {
        return PlatformSettings(platform: platform, steps: [], remarks: [missing])
      }
      var settings = platform.settings(advice.plan(next.technique, question))
      settings.remarks.insert(
        "\(missing); this is \(next.technique.title), which keeps the limits for "
          + "\(percent(next.share)) of the guests", at: 0)
      return settings
    }
  }

  /// The surest that a tool offers, of equals the one with least harm.
  private func best(of platform: AdvicePlatform) -> TechniqueOutlook? {
    advice.outlooks
      .filter { advice.allowed.contains($0.technique) && platform.offers($0.technique) }
      .reduce(nil as TechniqueOutlook?) { best, next in
        (best?.share ?? 0) >= next.share ? best : next
      }
  }

  private func add(_ settings: PlatformSettings, to report: inout Report) {
    report.add(title: settings.platform.title)
    for step in settings.steps {
      report.add(paragraph: "\(step.place):")
      report.add(code: step.lines)
    }
    report.add(notes: settings.remarks)
  }
}

extension TechniqueOutlook.Shortfall {
  fileprivate var isFixedPause: Bool {
    if case .fixedPause = self { return true }
    return false
  }
}

extension String {
  fileprivate var firstUpper: String { prefix(1).uppercased() + dropFirst() }
}

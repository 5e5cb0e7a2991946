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
    if let plan {
      for platform in platforms { add(platform.settings(plan), to: &report) }
    }
    report.add(title: "What this rests on")
    try report.add(try tables.basis(), name: "basis")
    return report
  }

  /// Tables alone, for CSV and JSON.
  func tables() throws -> Report {
    let tables = AdviceTables(advice: advice)
    var report = Report(try tables.options(), name: "options")
    try report.add(
      try tables.settings(plan.map { plan in platforms.map { $0.settings(plan) } } ?? []),
      name: "settings")
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
        "Plain pre-copy keeps \(limits) for \(percent(plain.share)) of the guests that fit these "
          + "facts, not for all.")
    case .no: sentences.append("Plain pre-copy does not keep \(limits).")
    }
    if let reason = ShortfallWords(question: question).reason(plain) {
      sentences.append("It falls short: \(reason).")
    }
    if plain.verdict != .yes, let balance { sentences.append(balance) }
    if let time = margin(plain) { sentences.append(time) }
    if let rate = advice.greatestDirtyRate {
      let window = question.rateWindow
      sentences.append(
        "The most it bears for sure is \(rate) over \(window)"
          + (question.dirtyRate.map { given in
            given > rate
              ? ", \((given / rate).siValue.rounded(toPlaces: 1)) times less than given."
              : ", \((rate / given).siValue.rounded(toPlaces: 1)) times what was given."
          } ?? "."))
    } else {
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
          + "\(percent(outlook.share)) of the guests that fit these facts.")
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
    return sentences.joined(separator: " ")
  }

  private func sureness(_ outlook: TechniqueOutlook) -> String {
    outlook.technique == .precopy
      ? "nothing else is needed" : "the least that keeps the limits for all guests that fit"
  }

  private func consequences(_ outlook: TechniqueOutlook) -> [String] {
    var sentences: [String] = []
    if let most = outlook.mostSlowdown, most > 0, let mean = outlook.slowdownUpper {
      sentences.append(
        "The guest loses up to \(percent(most)) of its speed for a time, up to \(percent(mean)) "
          + "over the migration.")
    }
    if let risk = outlook.technique.risk { sentences.append("Mind: \(risk).") }
    return sentences
  }

  /// The two numbers that make plain pre-copy enough, and what would narrow the answer.
  private var remedies: [String] {
    guard advice.plain.verdict != .yes else { return [] }
    var sentences: [String] = []
    var ways: [String] = []
    if let change = advice.widerLink, change.question.link > question.link {
      ways.append(
        "a link of \(linkText(change.question.link))"
          + (change.outlook.technique == .multifd
            ? " with multifd over \(advice.plan(.multifd, change.question).channels) channels" : "")
      )
    }
    if let change = advice.higherDowntime, change.question.downtimeLimit > question.downtimeLimit {
      ways.append("a downtime limit of \(change.question.downtimeLimit)")
    }
    if !ways.isEmpty {
      sentences.append("Plain pre-copy would be sure with \(ways.joined(separator: " or with ")).")
    }
    if advice.plain.verdict != .no, question.workingSet == nil || question.dirtyRate == nil {
      sentences.append(
        question.dirtyRate == nil
          ? "A measured dirty rate settles it: QMP calc-dirty-rate, or 'cutover trace record'."
          : "What settles it is the working set (--working-set), or the dirty rate over "
            + "a window as short as the downtime limit.")
    }
    return sentences
  }

  private var tableNotes: [String] {
    var notes: [String] = []
    if advice.guestCount > 1 {
      notes.append(
        "Ranges are over \(advice.guestCount) guests that fit the facts, from the luckiest to the "
          + "unluckiest (traffic and losses: from the middle one).")
    }
    if advice.question.downtime != nil {
      let setting = advice.plan(.precopy, question).downtimeMilliseconds
      notes.append(
        "QEMU is told \(setting) ms: the rest of the limit is for what is not memory, and "
          + "for its error in measuring the bandwidth.")
    }
    return notes
  }

  // MARK: Settings

  private func add(_ settings: PlatformSettings, to report: inout Report) {
    report.add(title: settings.platform.title)
    for step in settings.steps {
      report.add(paragraph: "\(step.place):")
      report.add(code: step.lines)
    }
    report.add(notes: settings.remarks)
  }
}

extension String {
  fileprivate var firstUpper: String { prefix(1).uppercased() + dropFirst() }
}

extension Double {
  /// As text with so many decimals.
  fileprivate func rounded(toPlaces places: Int) -> String {
    let unit = places > 0 ? 10.0 : 1
    let value = (self * unit).rounded() / unit
    return self < 1e6 ? "\(value)" : "a million"
  }
}

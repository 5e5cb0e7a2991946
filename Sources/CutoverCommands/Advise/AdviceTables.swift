import Calibration
import ModelCore
import Quantities

/// One line of the comparison: a technique, or plain pre-copy after a change.
struct AdviceRow {
  var option: String
  var question: AdviceQuestion
  var outlook: TechniqueOutlook
  var isAllowed: Bool
  var isChosen: Bool

  static func all(_ advice: Advice) -> [AdviceRow] {
    let choice = advice.choice
    var rows = advice.outlooks.map { outlook in
      let isChosen =
        switch choice {
        case .use(let chosen), .attempt(let chosen): chosen.technique == outlook.technique
        default: false
        }
      return AdviceRow(
        option: outlook.technique.rawValue, question: advice.question, outlook: outlook,
        isAllowed: advice.allowed.contains(outlook.technique), isChosen: isChosen)
    }
    if advice.plain.verdict == .yes { return rows }
    if let change = advice.widerLink, change.question.link > advice.question.link {
      var isChosen = false
      if case .widenLink = choice { isChosen = true }
      rows.append(
        AdviceRow(
          option: "\(change.outlook.technique.rawValue), link \(linkText(change.question.link))",
          question: change.question, outlook: change.outlook, isAllowed: true,
          isChosen: isChosen))
    }
    if let change = advice.higherDowntime,
      change.question.downtimeLimit > advice.question.downtimeLimit
    {
      var isChosen = false
      if case .raiseDowntime = choice { isChosen = true }
      rows.append(
        AdviceRow(
          option: "precopy, downtime \(change.question.downtimeLimit)",
          question: change.question, outlook: change.outlook, isAllowed: true,
          isChosen: isChosen))
    }
    return rows
  }

  var reason: String? {
    ShortfallWords(question: question).reason(outlook) ?? outlook.technique.risk
  }
}

/// The answer as tables, for people and for programs.
struct AdviceTables {
  let advice: Advice

  /// Numbers in SI, as every machine format has them.
  func options() throws(TableError) -> Table {
    let rows = AdviceRow.all(advice)
    func numbers(_ name: String, _ value: (AdviceRow) -> Double?) -> Column {
      Column(name, numbers: rows.map(value))
    }
    return try Table([
      Column("option", text: rows.map(\.option)),
      Column("chosen", flags: rows.map(\.isChosen)),
      Column("allowed", flags: rows.map(\.isAllowed)),
      Column("meets_limits", flags: rows.map { $0.outlook.verdict == .yes }),
      numbers("meets_limits_share") { $0.outlook.share },
      numbers("total_time_s") { $0.outlook.totalTime?.siValue },
      numbers("total_time_lower_s") { $0.outlook.totalTimeLower?.siValue },
      numbers("total_time_upper_s") { $0.outlook.totalTimeUpper?.siValue },
      numbers("total_time_margin") { $0.outlook.timeMargin($0.question.timeLimit) },
      numbers("downtime_s") { $0.outlook.downtime?.siValue },
      numbers("downtime_upper_s") { $0.outlook.downtimeUpper?.siValue },
      numbers("downtime_margin") { $0.outlook.downtimeMargin($0.question.downtimeLimit) },
      numbers("guest_slowdown") { $0.outlook.slowdown },
      numbers("guest_slowdown_upper") { $0.outlook.slowdownUpper },
      numbers("transferred_bytes") { $0.outlook.traffic?.siValue },
      numbers("transferred_upper_bytes") { $0.outlook.trafficUpper?.siValue },
      numbers("link_bytes_per_s") { $0.question.link.siValue },
      numbers("downtime_limit_s") { $0.question.downtimeLimit.siValue },
      Column("reason", text: rows.map(\.reason)),
    ])
  }

  /// The same for people: one unit a cell, ranges where the guests differ.
  func readableOptions() throws(TableError) -> Table {
    let rows = AdviceRow.all(advice)
    func texts(_ name: String, _ value: (AdviceRow) -> String?) -> Column {
      Column(name, text: rows.map(value))
    }
    return try Table([
      texts("") { $0.isChosen ? ">" : " " },
      texts("option") { $0.option },
      texts("limits kept") { row in
        (row.isAllowed ? "" : "(not allowed) ")
          + (row.outlook.verdict == .likely || row.outlook.verdict == .unlikely
            ? "for \(percent(row.outlook.share))" : row.outlook.verdict.word)
      },
      texts("total time") { Self.times($0.outlook) },
      texts("downtime") { row in
        row.outlook.downtimeUpper.map {
          (advice.isFitted ? "" : "<= ") + $0.formatted(significantDigits: 2)
        }
      },
      texts("guest loses") { Self.losses($0.outlook) },
      texts("traffic") { row in
        Self.range(
          row.outlook.traffic?.formatted(significantDigits: 2),
          row.outlook.trafficUpper?.formatted(significantDigits: 2))
      },
      texts("why, risk") { $0.reason },
    ])
  }

  private static func times(_ outlook: TechniqueOutlook) -> String? {
    guard let least = outlook.totalTimeLower else {
      return outlook.shortfalls.contains { if case .fixedPause = $0 { true } else { false } }
        ? nil : "never ends"
    }
    let longest = range(spoken(least), outlook.totalTimeLongest.map(spoken))
    return (longest ?? "") + (outlook.totalTimeUpper == nil ? ", or never" : "")
  }

  private static func losses(_ outlook: TechniqueOutlook) -> String? {
    guard let middle = outlook.slowdown, let most = outlook.slowdownUpper else { return nil }
    return most == 0 ? "nothing" : range(percent(middle), percent(most))
  }

  private static func range(_ low: String?, _ high: String?) -> String? {
    guard let low, let high else { return high }
    return low == high ? low : "\(low) .. \(high)"
  }

  func settings(_ settings: [PlatformSettings]) throws(TableError) -> Table {
    let rows = settings.flatMap { platform in
      platform.steps.enumerated().flatMap { number, step in
        step.lines.map { (platform.platform.rawValue, number + 1, step.place, $0) }
      }
    }
    return try Table([
      Column("platform", text: rows.map(\.0)), Column("step", numbers: rows.map { Double($0.1) }),
      Column("place", text: rows.map(\.2)), Column("setting", text: rows.map(\.3)),
    ])
  }

  func basis() throws(TableError) -> Table {
    try Table([
      Column("subject", text: advice.basis.map(\.subject)),
      Column("origin", text: advice.basis.map(\.origin.rawValue)),
      Column("claim", text: advice.basis.map(\.words)),
    ])
  }
}

extension Glossary {
  /// What `advise` prints.
  static let adviceColumns: [ColumnDefinition] = [
    .init("option", .id, .text, "a technique, or what would have to change for plain pre-copy"),
    .init("allowed", .setting, .flag, "whether the option may be taken"),
    .init(
      "meets_limits", .outcome, .flag,
      "whether both limits are kept, for 95 % of the guests that fit the facts"),
    .init(
      "meets_limits_share", .outcome, .number(.fraction), .fraction,
      "share of the guests that fit the facts for which both limits are kept"),
    .init(
      "total_time_margin", .outcome, .number(.atMostOne), .fraction,
      "how far the unluckiest guest's total time is below its limit, relative"),
    .init(
      "downtime_margin", .outcome, .number(.atMostOne), .fraction,
      "the same of the downtime"),
    .init(
      "guest_slowdown_upper", .outcome, .number(.fraction), .fraction,
      "share of its work that the unluckiest guest loses while migrating"),
    .init(
      "transferred_upper_bytes", .outcome, .number(.nonNegative), .bytes,
      "traffic of the unluckiest guest"),
    .init("step", .id, .number(.atLeastOne), .count, "in which order settings are typed"),
    .init("platform", .id, .text, "tool that a setting is for"),
    .init("place", .setting, .text, "where a setting is typed"),
    .init("setting", .setting, .text, "a line to type"),
    .init("subject", .id, .text, "what a claim is about"),
    .init(
      "origin", .setting, .text,
      "given, fitted (to migrations), formula, default, or assumed (a range was tried)"),
    .init("claim", .setting, .text, "what is taken for true"),
  ]
}

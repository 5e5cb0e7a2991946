extension Glossary {
  /// What `compare --fit` prints.
  static let driftColumns: [ColumnDefinition] = [
    .init(
      "median_ratio", .outcome, .number(.nonNegative), .fraction, "median of observed / predicted"),
    .init(
      "sign_p_value", .outcome, .number(.fraction), .fraction,
      "how likely so uneven a share of rows above and below the prediction is by chance"),
    .init(
      "coverage", .outcome, .number(.fraction), .fraction,
      "share of rows inside the 90 % interval"),
    .init(
      "coverage_p_value", .outcome, .number(.fraction), .fraction,
      "how likely a share so far from 90 % is by chance"),
    .init("drifted", .outcome, .flag, "whether either is too unlikely for chance"),
  ]
}

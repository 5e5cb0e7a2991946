extension Glossary {
  /// What `threshold` prints: the exact answer, and beside it the one for a real number of
  /// iterations.
  static let thresholdColumns: [ColumnDefinition] = [
    .init("feasible", .outcome, .flag, "whether the bounds can be kept"),
    .init("goal", .setting, .text, "what is made least: downtime or utilization"),
    .init(
      "iterations", .outcome, .number(.nonNegative), .count,
      "transfers before the guest is paused"),
    .init(
      "stop_fraction", .outcome, .number(.fraction), .fraction,
      "threshold / memory: the smallest that stops after these iterations"),
    .init(
      "threshold_upper_bytes", .outcome, .number(.nonNegative), .bytes,
      "from this threshold on there is an iteration less; empty for none"),
    .init(
      "chosen", .outcome, .flag, "whether it is the best threshold under the bounds"),
    .init(
      "relaxed_stop_fraction", .outcome, .number(.fraction), .fraction,
      "best threshold / memory for a real number of iterations"),
    .init(
      "relaxed_threshold_bytes", .outcome, .number(.nonNegative), .bytes,
      "best threshold for a real number of iterations"),
    .init(
      "relaxed_downtime_s", .outcome, .number(.nonNegative), .seconds,
      "its downtime"),
    .init(
      "relaxed_total_time_s", .outcome, .number(.nonNegative), .seconds,
      "its total time"),
    .init(
      "relaxed_utilization", .outcome, .number(.nonNegative), .fraction,
      "its share of the link's time"),
  ]

  /// What `predict` adds to the rows of a file that it compares with each other.
  static let groupColumns: [ColumnDefinition] = [
    .init(
      "cost", .outcome, .number(.nonNegative), .fraction,
      "weighted sum of total time, downtime, traffic and energy, each over the largest"),
    .init(
      "cost_rank", .outcome, .number(.atLeastOne), .count,
      "1 for the cheapest; empty where the migration does not end"),
    .init(
      "split_bandwidth_bytes_per_s", .outcome, .number(.positive), .bytesPerSecond,
      "the machine's part of the link"),
  ]
}

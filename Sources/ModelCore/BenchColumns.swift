extension Glossary {
  /// What `bench` prints.
  static let benchColumns: [ColumnDefinition] = [
    .init("benchmark", .id, .text, "what is timed or counted"),
    .init("side", .id, .text, "Cutover, or what one would take instead"),
    .init("runs", .outcome, .number(.nonNegative), .count, "runs that count"),
    .init("median_s", .outcome, .number(.nonNegative), .seconds, "wall clock"),
    .init("min_s", .outcome, .number(.nonNegative), .seconds, "wall clock"),
    .init("max_s", .outcome, .number(.nonNegative), .seconds, "wall clock"),
    .init("peak_bytes", .outcome, .number(.nonNegative), .bytes, "memory of the process"),
    .init("processor_s", .outcome, .number(.nonNegative), .seconds, "of all threads, median"),
    .init("speed_up", .outcome, .number(.nonNegative), .fraction, "median ratio to the peer"),
    .init("speed_up_min", .outcome, .number(.nonNegative), .fraction, "least ratio"),
    .init("speed_up_max", .outcome, .number(.nonNegative), .fraction, "largest ratio"),
    .init("goal_ratio", .outcome, .number(.nonNegative), .fraction, "ratio that is asked for"),
    .init("met", .outcome, .flag, "whether the goal or limit is met"),
    .init("versions", .outcome, .text, "of the peers' libraries"),
    .init(
      "instructions", .outcome, .number(.nonNegative), .count, "per row, without the start"),
    .init("most_instructions", .outcome, .number(.nonNegative), .count, "limit per row"),
  ]
}

extension Glossary {
  /// The sample series: one row per poll of a running migration.
  public static let sampleColumns: [ColumnDefinition] = [
    .init("id", .id, .text, "the migration's row in the trace"),
    .init("t_s", .id, .number(.any), .seconds, "since the migration's start"),
    .init("time_s", .id, .number(.any), .seconds, "on the log's own clock"),
    .init("status", .outcome, .text, "in the platform's words"),
    .init("transferred_bytes", .outcome, .number(.nonNegative), .bytes, "sent so far"),
    .init("remaining_bytes", .outcome, .number(.nonNegative), .bytes, "left to send"),
    .init(
      "dirty_rate_bytes_per_s", .outcome, .number(.nonNegative), .bytesPerSecond,
      "dirty rate at the last synchronisation; empty when it was not measured or not printed"),
    .init(
      "throughput_bytes_per_s", .outcome, .number(.nonNegative), .bytesPerSecond,
      "achieved rate, as the platform reports it"),
    .init("dirty_syncs", .outcome, .number(.nonNegative), .count, "dirty synchronisations so far"),
    .init("throttle", .outcome, .number(.fraction), .fraction, "share of CPU time taken away"),
    .init(
      "expected_downtime_s", .outcome, .number(.nonNegative), .seconds,
      "the platform's forecast; empty before its first"),
    .init("downtime_s", .outcome, .number(.nonNegative), .seconds, "as the hypervisor reports it"),
    .init("setup_time_s", .outcome, .number(.nonNegative), .seconds, "before the first byte"),
    .init("memory_bytes", .outcome, .number(.nonNegative), .bytes, "memory that is migrated"),
    .init("page_size_bytes", .outcome, .number(.positive), .bytes, "size of a page"),
    .init("normal_pages", .outcome, .number(.nonNegative), .pages, "sent in full so far"),
    .init("zero_pages", .outcome, .number(.nonNegative), .pages, "sent as zero marks so far"),
    .init("precopy_bytes", .outcome, .number(.nonNegative), .bytes, "sent while the guest ran"),
    .init("downtime_bytes", .outcome, .number(.nonNegative), .bytes, "sent while it was paused"),
    .init(
      "postcopy_bytes", .outcome, .number(.nonNegative), .bytes,
      "sent while it ran at the destination"),
    .init(
      "postcopy_requests", .outcome, .number(.nonNegative), .count,
      "pages asked for by the destination"),
    .init(
      "other_fields", .outcome, .text, "what else the poll said, as a JSON object under its names"),
  ]

  /// The dirty curve: distinct dirty memory against the length of the window.
  public static let curveColumns: [ColumnDefinition] = [
    .init("id", .id, .text, "the machine, or the log"),
    .init("window_s", .input, .number(.positive), .seconds, "length of the window"),
    .init(
      "dirty_bytes", .input, .number(.nonNegative), .bytes, "distinct memory dirtied in it"),
    .init("sampled_bytes", .input, .number(.positive), .bytes, "memory looked at; all if empty"),
    .init("zero_bytes", .input, .number(.nonNegative), .bytes, "of it, zero pages"),
    .init("memory_bytes", .input, .number(.positive), .bytes, "all memory"),
    .init("mode", .id, .text, "how it was measured: page-sampling, dirty-bitmap, dirty-ring"),
  ]
}

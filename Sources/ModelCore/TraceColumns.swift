extension Glossary {
  /// The techniques a trace may name.
  public static let techniques = [
    "stop-and-copy", "precopy", "postcopy", "hybrid", "precopy+xbzrle", "precopy+autoconverge",
    "precopy+multifd", "precopy+multifd-zlib", "precopy+multifd-zstd", "precopy+compress",
    "precopy+xbzrle+autoconverge", "precopy+dirty-limit",
  ]

  /// How a migration can have ended. Anything but `completed` is censored: its times are lower
  /// bounds. `unfinished` is one whose log ends while it runs.
  public static let statuses = ["completed", "failed", "cancelled", "timeout", "unfinished"]

  /// The trace table: one row per migration.
  public static let traceColumns: [ColumnDefinition] =
    identityColumns + inputColumns + outcomeColumns + logColumns

  private static let identityColumns: [ColumnDefinition] = [
    .init("id", .id, .text, "names the row; unique in a file"),
    .init(
      "group", .id, .text,
      "rows that belong together (scenario, plan, run); cross-validation never splits a group"),
    .init("source_host", .id, .text, "where the machine came from"),
    .init("destination_host", .id, .text, "where the machine went"),
  ]

  private static let inputColumns: [ColumnDefinition] = [
    .init("technique", .setting, .word(techniques), "how the migration is done"),
    .init("memory_bytes", .input, .number(.positive), .bytes, "memory that round 0 walks over"),
    .init("page_size_bytes", .input, .number(.positive), .bytes, "size of a page, 4096 if empty"),
    .init(
      "used_bytes", .input, .number(.nonNegative), .bytes,
      "memory holding anything but zero pages, at most memory_bytes"),
    .init("zero_fraction", .input, .number(.fraction), .fraction, "share of pages that are zero"),
    .init(
      "incompressible_fraction", .input, .number(.fraction), .fraction,
      "share of a page's words that do not compress (1 = random)"),
    .init(
      "dirty_rate_bytes_per_s", .input, .number(.nonNegative), .bytesPerSecond,
      "distinct pages dirtied per second x page size, measured before the migration"),
    .init(
      "dirty_rate_window_s", .input, .number(.positive), .seconds,
      "the window the dirty rate was measured over"),
    .init(
      "write_rate_pages_per_s", .input, .number(.nonNegative), .pagesPerSecond,
      "page writes per second, repeats counted"),
    .init(
      "write_words_per_page", .input, .number(.atLeastOne), .count,
      "32-bit words changed per page write"),
    .init(
      "working_set_bytes", .input, .number(.nonNegative), .bytes,
      "distinct memory written in the long run"),
    .init("hot_set_bytes", .input, .number(.nonNegative), .bytes, "size of the hot class"),
    .init(
      "hot_write_fraction", .input, .number(.fraction), .fraction,
      "share of the writes that go to the hot class"),
    .init("workload", .input, .text, "idle, sequential, uniform, hotcold, or a name"),
    .init("vcpus", .input, .number(.atLeastOne), .count, "virtual processors"),
    .init(
      "paced_by_cpu", .input, .number(.fraction), .fraction,
      "1: the write rate falls when the guest is throttled; 0: it is driven by a clock"),
    .init(
      "bandwidth_bytes_per_s", .setting, .number(.positive), .bytesPerSecond,
      "what migration may use: the least of link rate and configured cap"),
    .init(
      "bandwidth_cap_bytes_per_s", .setting, .number(.positive), .bytesPerSecond,
      "the configured cap"),
    .init("link_bytes_per_s", .setting, .number(.positive), .bytesPerSecond, "the link rate"),
    .init("link_delay_s", .input, .number(.nonNegative), .seconds, "one-way delay of the link"),
    .init("transport", .input, .text, "what carries the stream"),
    .init(
      "downtime_limit_s", .setting, .number(.positive), .seconds,
      "the downtime the hypervisor is told to keep"),
    .init(
      "threshold_bytes", .setting, .number(.nonNegative), .bytes,
      "where a hypervisor stops on remaining bytes"),
    .init(
      "max_rounds", .setting, .number(.nonNegative), .count,
      "pre-copy rounds allowed before the stop-and-copy"),
    .init("throttle_initial", .setting, .number(.fraction), .fraction, "first throttle"),
    .init("throttle_increment", .setting, .number(.fraction), .fraction, "throttle step"),
    .init(
      "throttle_trigger", .setting, .number(.fraction), .fraction,
      "dirtied share of the sent bytes at which throttling starts"),
    .init("multifd_channels", .setting, .number(.atLeastOne), .count, "parallel streams"),
    .init("xbzrle_cache_bytes", .setting, .number(.positive), .bytes, "delta cache"),
    .init(
      "postcopy_after_rounds", .setting, .number(.nonNegative), .count,
      "rounds after which a hybrid switches"),
    .init(
      "postcopy_after_s", .setting, .number(.nonNegative), .seconds,
      "time after which a hybrid switches"),
    .init(
      "postcopy_bandwidth_bytes_per_s", .setting, .number(.positive), .bytesPerSecond,
      "cap of the post-copy phase, unlimited if empty"),
    .init("time_limit_s", .setting, .number(.positive), .seconds, "when the operator gives up"),
    .init(
      "concurrent_migrations", .setting, .number(.atLeastOne), .count,
      "how many run at a time from the same host"),
    .init(
      "resume_time_s", .input, .number(.nonNegative), .seconds,
      "fixed part of the downtime: device state, switch-over, resume"),
  ]

  private static let outcomeColumns: [ColumnDefinition] = [
    .init("status", .outcome, .word(statuses), "how it ended"),
    .init(
      "total_time_s", .outcome, .number(.nonNegative), .seconds,
      "start of the migration to completion"),
    .init("setup_time_s", .outcome, .number(.nonNegative), .seconds, "before the first byte"),
    .init(
      "downtime_s", .outcome, .number(.nonNegative), .seconds, "as the hypervisor reports it"),
    .init(
      "downtime_observed_s", .outcome, .number(.nonNegative), .seconds,
      "paused at the source to running at the destination, as events show it"),
    .init(
      "transferred_bytes", .outcome, .number(.nonNegative), .bytes, "on the migration stream"),
    .init("precopy_bytes", .outcome, .number(.nonNegative), .bytes, "sent while the guest ran"),
    .init("downtime_bytes", .outcome, .number(.nonNegative), .bytes, "sent while it was paused"),
    .init(
      "postcopy_bytes", .outcome, .number(.nonNegative), .bytes,
      "sent while it ran at the destination"),
    .init(
      "wire_bytes", .outcome, .number(.nonNegative), .bytes,
      "on the network, protocol included"),
    .init(
      "normal_pages", .outcome, .number(.nonNegative), .pages,
      "pages sent in full, repeats counted"),
    .init(
      "zero_pages", .outcome, .number(.nonNegative), .pages,
      "pages sent as zero marks, repeats counted"),
    .init(
      "dirty_syncs", .outcome, .number(.atLeastOne), .count,
      "dirty synchronisations (QEMU dirty-sync-count)"),
    .init(
      "rounds", .outcome, .number(.atLeastOne), .count,
      "transfers, the full copy and the stop-and-copy included"),
    .init("throttle_max", .outcome, .number(.fraction), .fraction, "highest throttle reached"),
    .init(
      "postcopy_requests", .outcome, .number(.nonNegative), .count,
      "pages asked for by the destination"),
    .init(
      "guest_slowdown", .outcome, .number(.atMostOne), .fraction,
      "share of the guest's work lost while migrating; slightly negative is noise"),
    .init(
      "host_other_cpu_cores", .outcome, .number(.any), .count,
      "cores that other work used on the host meanwhile, as measured"),
    .init(
      "energy_j", .outcome, .number(.nonNegative), .joules, "source and destination, above idle"),
    .init("started_s", .outcome, .number(.any), .seconds, "on one clock for all rows"),
    .init("finished_s", .outcome, .number(.any), .seconds, "on the same clock"),
  ]

  /// Trace columns that only the logs of a platform can fill.
  private static let logColumns: [ColumnDefinition] = [
    .init("source_format", .id, .text, "the kind of log that the row was read from"),
    .init(
      "queue_time_s", .outcome, .number(.nonNegative), .seconds,
      "from being asked for to being started; not part of total_time_s"),
    .init("failure_reason", .outcome, .text, "why it failed, in the platform's words"),
    .init(
      "disk_transferred_bytes", .outcome, .number(.nonNegative), .bytes,
      "of local disks, copied beside the memory"),
    .init(
      "first_dirty_rate_bytes_per_s", .outcome, .number(.nonNegative), .bytesPerSecond,
      "the first dirty rate that the migration itself measured"),
    .init(
      "first_dirty_rate_window_s", .outcome, .number(.positive), .seconds,
      "the length of the first pass, when that rate is of it"),
    .init(
      "observed_postcopy_blocktime_s", .outcome, .number(.nonNegative), .seconds,
      "time that all processors waited for pages, as the destination reports it"),
  ]
}

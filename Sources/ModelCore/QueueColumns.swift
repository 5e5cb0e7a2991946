extension Glossary {
  /// What `cutover queue` prints.
  static let queueColumns: [ColumnDefinition] = [
    .init("queue", .id, .text, "which queue, in Kendall's notation"),
    .init("arrival_rate_per_s", .input, .number(.nonNegative), .none, "arrivals per second"),
    .init("service_time_s", .input, .number(.positive), .seconds, "mean time of a service"),
    .init("servers", .setting, .number(.nonNegative), .count, "migrations at a time"),
    .init("capacity", .setting, .number(.nonNegative), .count, "room, those in service included"),
    .init("channels", .setting, .number(.nonNegative), .count, "channels that one request takes"),
    .init("class", .id, .number(.atLeastOne), .count, "number of the class of requests"),
    .init(
      "offered_load_erlang", .outcome, .number(.nonNegative), .none,
      "arrival rate times service time"),
    .init("stable", .outcome, .flag, "whether a steady state exists"),
    .init(
      "blocking_probability", .outcome, .number(.fraction), .fraction, "share that is refused"),
    .init(
      "log10_blocking_probability", .outcome, .number(.any), .none,
      "its decimal logarithm, also where the share is below the smallest number"),
    .init(
      "waiting_probability", .outcome, .number(.fraction), .fraction,
      "share of the accepted that have to wait"),
    .init("log10_waiting_probability", .outcome, .number(.any), .none, "its decimal logarithm"),
    .init(
      "late_probability", .outcome, .number(.fraction), .fraction,
      "share that waits longer than the target"),
    .init(
      "abandonment_probability", .outcome, .number(.fraction), .fraction,
      "share that leaves before it is served"),
    .init("completions_per_s", .outcome, .number(.nonNegative), .none, "services per second"),
    .init(
      "mean_wait_s", .outcome, .number(.nonNegative), .seconds, "mean wait before the service"),
    .init("mean_response_s", .outcome, .number(.nonNegative), .seconds, "mean wait and service"),
    .init("mean_queue_length", .outcome, .number(.nonNegative), .count, "mean number waiting"),
    .init(
      "mean_in_system", .outcome, .number(.nonNegative), .count, "mean number waiting or served"),
    .init(
      "percentile", .setting, .number(.fraction), .fraction,
      "of the times and the number that follow"),
    .init(
      "wait_percentile_s", .outcome, .number(.nonNegative), .seconds,
      "the wait that this share does not exceed"),
    .init(
      "response_percentile_s", .outcome, .number(.nonNegative), .seconds,
      "the wait and service that this share does not exceed"),
    .init(
      "in_system_percentile", .outcome, .number(.nonNegative), .count,
      "the number waiting or served that is not exceeded in this share of the time"),
    .init("margin", .outcome, .number(.any), .fraction, "target less what is reached"),
    .init("choice", .outcome, .word(["smaller", "answer", "larger"]), "the answer, or beside it"),
    .init("unknown", .id, .text, "the column that was asked for"),
    .init("meets_target", .outcome, .flag, "whether the target is met"),
    .init("metric", .id, .text, "name of a column"),
    .init("value", .outcome, .text, "its value"),
    .init("at", .outcome, .number(.any), .none, "value of the metric as asked"),
    .init(
      "per_arrival_rate", .outcome, .number(.any), .none, "its derivative by arrivals per second"),
    .init(
      "per_service_time", .outcome, .number(.any), .none, "its derivative by the service time"),
    .init(
      "one_server_more", .outcome, .number(.any), .none, "what one server more changes it by"),
    .init("formula", .id, .text, "which formula, or its value"),
    .init("simulated", .outcome, .number(.any), .none, "mean of the replications"),
    .init("inside", .outcome, .flag, "whether the formula lies inside the interval"),
    .init("strategy", .id, .text, "how a group is moved"),
    .init("measure", .id, .text, "what is measured"),
    .init("at_s", .setting, .number(.nonNegative), .seconds, "when; empty: in the long run"),
    .init("measured", .outcome, .number(.any), .none, "its value"),
    .init("settings", .id, .text, "settings that the rows share"),
    .init(
      "fixed_s", .outcome, .number(.any), .seconds, "time that sharing does not stretch"),
    .init(
      "per_migration_s", .outcome, .number(.any), .seconds, "time per migration at once"),
    .init("groups", .outcome, .number(.nonNegative), .count, "groups of rows"),
    .init("mean_time_s", .outcome, .number(.nonNegative), .seconds, "mean total time"),
    .init(
      "variation", .outcome, .number(.nonNegative), .none, "standard deviation over mean"),
    .init(
      "exponential_p_value", .outcome, .number(.fraction), .fraction,
      "of Moran's test that the times are exponential"),
    .init("independent_s", .outcome, .number(.any), .seconds, "by independent servers"),
    .init("sharing_s", .outcome, .number(.any), .seconds, "by processor sharing"),
    .init(
      "sharing_with_overhead_s", .outcome, .number(.any), .seconds,
      "by processor sharing with overhead"),
  ]
}

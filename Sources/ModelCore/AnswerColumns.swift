extension Glossary {
  /// The columns of Cutover's own answers. A column that no entry explains may not be printed:
  /// the tests of the command hold every table against this list.
  public static let answerColumns: [ColumnDefinition] = predictionColumns

  private static let predictionColumns: [ColumnDefinition] = [
    .init("model", .id, .text, "id of the model that answers"),
    .init("converged", .outcome, .flag, "whether the rounds end by themselves"),
    .init("termination", .outcome, .text, "why the rounds end"),
    .init(
      "total_time_lower_s", .outcome, .number(.nonNegative), .seconds, "least total time"),
    .init(
      "total_time_upper_s", .outcome, .number(.nonNegative), .seconds, "largest total time"),
    .init("downtime_lower_s", .outcome, .number(.nonNegative), .seconds, "least downtime"),
    .init("downtime_upper_s", .outcome, .number(.nonNegative), .seconds, "largest downtime"),
    .init("round", .id, .number(.nonNegative), .count, "index of the transfer, 0 = the full copy"),
  ]
}

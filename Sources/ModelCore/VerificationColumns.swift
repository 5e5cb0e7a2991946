extension Glossary {
  /// What `models verify` prints about each model, and about each row that does not pass.
  static let verificationColumns: [ColumnDefinition] = [
    .init("cases", .outcome, .number(.nonNegative), .count, "different cases of the model"),
    .init("rows", .outcome, .number(.nonNegative), .count, "values to reproduce"),
    .init(
      "skipped", .outcome, .number(.nonNegative), .count,
      "values below the range of a double, whose logarithm is compared instead"),
    .init("failures", .outcome, .number(.nonNegative), .count, "values that differ"),
    .init(
      "not_evaluated", .outcome, .number(.nonNegative), .count,
      "values for which this build has no formula"),
    .init(
      "worst_relative_error", .outcome, .number(.nonNegative), .fraction,
      "largest |found - expected| / |expected|; for logarithms and an expected 0 the absolute one"),
    .init("tolerance", .setting, .number(.nonNegative), .fraction, "the largest that passes"),
    .init("line", .id, .number(.nonNegative), .count, "line of the file, from 1"),
    .init("case", .id, .text, "name of the case"),
    .init("output", .id, .text, "name of the value"),
    .init("expected", .id, .text, "the value as the file has it"),
    .init("found", .outcome, .text, "the value that the formula gives"),
    .init("relative_error", .outcome, .number(.nonNegative), .fraction, "of the one value"),
  ]
}

extension Glossary {
  /// The columns of what is said about a trace: `trace info` and `trace check`.
  public static let traceReportColumns: [ColumnDefinition] = [
    .init("column", .id, .text, "name of a column of the trace"),
    .init("role", .outcome, .text, "id, input, setting, outcome or unknown"),
    .init("unit", .outcome, .text, "unit of the column, SI"),
    .init("type", .outcome, .text, "number, text, flag, or mixed: text with numbers among it"),
    .init("count", .outcome, .number(.nonNegative), .count, "cells that are not missing"),
    .init("missing", .outcome, .number(.nonNegative), .count, "cells that are missing"),
    .init("min", .outcome, .number(.any), "least value, in the column's unit"),
    .init("median", .outcome, .number(.any), "middle value, in the column's unit"),
    .init("max", .outcome, .number(.any), "greatest value, in the column's unit"),
    .init("distinct", .outcome, .number(.nonNegative), .count, "different values"),
    .init("severity", .outcome, .word(["error", "warning"]), "whether it makes the trace invalid"),
    .init("rule", .outcome, .text, "short name of what was checked"),
    .init("line", .id, .number(.atLeastOne), .count, "line of the file, 1 = the header"),
    .init("message", .outcome, .text, "what is wrong, the values, what was expected"),
  ]
}

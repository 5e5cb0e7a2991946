extension Glossary {
  /// The columns of diagnostics, validations and comparisons of fits.
  public static let diagnosticColumns: [ColumnDefinition] = [
    .init("test", .id, .text, "what was tested"),
    .init(
      "df", .outcome, .number(.nonNegative), .count,
      "degrees of freedom of the statistic, of its numerator for an F"),
    .init("meaning", .outcome, .text, "what a small p value says"),
    .init("row", .id, .number(.atLeastOne), .count, "row of the data, 1 = the first"),
    .init(
      ".student_resid", .outcome, .number(.any),
      "residual by its standard deviation without the row"),
    .init(
      ".dffits", .outcome, .number(.any),
      "change of the row's own fitted value without it, in standard errors"),
    .init(
      "cov_ratio", .outcome, .number(.nonNegative),
      "determinant of the coefficients' covariance without the row, by that with it"),
    .init("most_moved_term", .outcome, .text, "the coefficient that the row moves most"),
    .init(
      ".dfbetas_max", .outcome, .number(.any),
      "how far the row moves that coefficient, in standard errors"),
    .init(
      "columns", .outcome, .number(.nonNegative), .count,
      "columns of the model matrix that belong to the term"),
    .init(
      "vif", .outcome, .number(.nonNegative),
      "variance inflation by the other terms, generalised for factors"),
    .init(
      "vif_per_column", .outcome, .number(.nonNegative),
      "vif^(1/(2 columns)): growth of standard errors"),
    .init(
      "condition_index", .outcome, .number(.atLeastOne),
      "largest condition index of a direction that carries most of the term's variance"),
    .init("quantile", .id, .number(.fraction), .fraction, "share of the rows below"),
    .init("normal", .outcome, .number(.any), "the quantile of a standard normal distribution"),
    .init("fold", .id, .text, "part of the rows that is held out; all for every row"),
    .init(".fold", .outcome, .number(.atLeastOne), .count, "part in which the row is held out"),
    .init(".observed", .outcome, .number(.any), "what happened"),
    .init(".predicted", .outcome, .number(.any), "what was predicted without the row"),
    .init(
      "mape", .outcome, .number(.nonNegative), .fraction, "mean absolute percentage error"),
    .init("loss", .outcome, .number(.nonNegative), "mean loss over the rows"),
    .init("loss_diff", .outcome, .number(.any), "loss less that of the best model"),
    .init(
      "loss_diff_se", .outcome, .number(.nonNegative),
      "paired standard error of the difference, clustered when rows come in groups"),
  ]
}

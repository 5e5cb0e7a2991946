extension Glossary {
  /// The columns of Cutover's own answers. A column that no entry explains may not be printed:
  /// the tests of the command hold every table against this list.
  public static let answerColumns: [ColumnDefinition] =
    predictionColumns + coefficientColumns + modelColumns + observationColumns + comparisonColumns
    + listingColumns + traceReportColumns + diagnosticColumns + verificationColumns
    + thresholdColumns + groupColumns + sampleColumns + curveColumns + queueColumns
    + intervalColumns
    + adviceColumns + driftColumns + benchColumns

  private static let predictionColumns: [ColumnDefinition] = [
    .init("model", .id, .text, "id of the model, or the formula"),
    .init("converged", .outcome, .flag, "whether the rounds end by themselves"),
    .init("termination", .outcome, .text, "why the rounds end"),
    .init(
      "total_time_lower_s", .outcome, .number(.nonNegative), .seconds, "least total time"),
    .init(
      "total_time_upper_s", .outcome, .number(.nonNegative), .seconds, "largest total time"),
    .init("downtime_lower_s", .outcome, .number(.nonNegative), .seconds, "least downtime"),
    .init("downtime_upper_s", .outcome, .number(.nonNegative), .seconds, "largest downtime"),
    .init(
      "utilization", .outcome, .number(.nonNegative), .fraction,
      "share of the time that the link, or a server, is busy with migrations"),
    .init(
      "service_downtime_s", .outcome, .number(.nonNegative), .seconds,
      "first machine of the group stops to last one runs"),
    .init("round", .id, .number(.nonNegative), .count, "index of the transfer, 0 = the full copy"),
    .init("phase", .outcome, .text, "precopy, stop-and-copy or postcopy"),
    .init(
      "start_s", .outcome, .number(.nonNegative), .seconds, "when the transfer starts"),
    .init("duration_s", .outcome, .number(.nonNegative), .seconds, "how long it takes"),
    .init(
      "round_bytes", .outcome, .number(.nonNegative), .bytes, "sent in it, headers included"),
    .init(
      "dirtied_bytes", .outcome, .number(.nonNegative), .bytes,
      "distinct memory dirtied while it ran"),
    .init("lower", .outcome, .number(.any), .none, "lower end of the 95 % prediction interval"),
    .init("upper", .outcome, .number(.any), .none, "upper end of the 95 % prediction interval"),
    .init("reason", .outcome, .text, "why there is no prediction"),
    .init("bound", .id, .text, "which bound of an answer"),
    .init("process", .id, .text, "kind of dirty process"),
    .init("law", .id, .text, "law of per-page frequencies"),
    .init("parameter", .id, .text, "the law's one parameter, in SI"),
    .init(
      "relative_rms", .outcome, .number(.nonNegative), .fraction,
      "root mean square of fitted / observed - 1"),
    .init(
      "unexplained", .outcome, .number(.fraction), .fraction,
      "share of the pages that the law says nothing about"),
    .init(
      "cdf_distance", .outcome, .number(.fraction), .fraction,
      "largest distance between the law's CDF and that of the data"),
    .init("window_s", .id, .number(.positive), .seconds, "length of the window"),
    .init(
      "dirty_bytes", .outcome, .number(.nonNegative), .bytes, "distinct memory dirtied in it"),
    .init(
      "completion_probability", .outcome, .number(.fraction), .fraction,
      "of ending by itself, within time_limit_s where that is given"),
  ]

  private static let intervalColumns: [ColumnDefinition] = [
    .init(
      "total_time_s_lower", .outcome, .number(.nonNegative), .seconds,
      "lower end of the prediction interval"),
    .init(
      "total_time_s_upper", .outcome, .number(.nonNegative), .seconds, "and its upper end"),
    .init(
      "downtime_s_lower", .outcome, .number(.nonNegative), .seconds,
      "lower end of the prediction interval"),
    .init("downtime_s_upper", .outcome, .number(.nonNegative), .seconds, "and its upper end"),
    .init(
      "downtime_observed_s_lower", .outcome, .number(.nonNegative), .seconds,
      "lower end of the prediction interval"),
    .init(
      "downtime_observed_s_upper", .outcome, .number(.nonNegative), .seconds, "and its upper end"),
    .init(
      "transferred_bytes_lower", .outcome, .number(.nonNegative), .bytes,
      "lower end of the prediction interval"),
    .init(
      "transferred_bytes_upper", .outcome, .number(.nonNegative), .bytes, "and its upper end"),
  ]

  private static let coefficientColumns: [ColumnDefinition] = [
    .init("term", .id, .text, "name of the coefficient or parameter"),
    .init("estimate", .outcome, .number(.any), .none, "its estimate; empty when aliased"),
    .init("std_error", .outcome, .number(.nonNegative), .none, "its standard error"),
    .init("statistic", .outcome, .number(.any), .none, "estimate / std_error"),
    .init("p_value", .outcome, .number(.fraction), .fraction, "two-sided"),
    .init("conf_low", .outcome, .number(.any), .none, "lower end of the confidence interval"),
    .init("conf_high", .outcome, .number(.any), .none, "upper end of the confidence interval"),
    .init("unit", .id, .text, "unit of the estimate"),
    .init("method", .id, .text, "how it was estimated"),
  ]

  private static let modelColumns: [ColumnDefinition] = [
    .init("nobs", .outcome, .number(.nonNegative), .count, "rows used"),
    .init("rank", .outcome, .number(.nonNegative), .count, "numerical rank of the model matrix"),
    .init(
      "df_residual", .outcome, .number(.nonNegative), .count, "residual degrees of freedom"),
    .init("sigma", .outcome, .number(.nonNegative), .none, "residual standard deviation"),
    .init("r_squared", .outcome, .number(.atMostOne), .fraction, "share of variance explained"),
    .init("adj_r_squared", .outcome, .number(.atMostOne), .fraction, "adjusted for parameters"),
    .init("f_statistic", .outcome, .number(.nonNegative), .none, "of all terms together"),
    .init("f_p_value", .outcome, .number(.fraction), .fraction, "of the F statistic"),
    .init("rmse", .outcome, .number(.nonNegative), .none, "root mean squared error"),
    .init("mae", .outcome, .number(.nonNegative), .none, "mean absolute error"),
    .init(
      "mdape", .outcome, .number(.nonNegative), .fraction, "median absolute percentage error"),
    .init("log_likelihood", .outcome, .number(.any), .none, "Gaussian log likelihood"),
    .init("aic", .outcome, .number(.any), .none, "Akaike information criterion"),
    .init("bic", .outcome, .number(.any), .none, "Bayesian information criterion"),
    .init(
      "condition", .outcome, .number(.atLeastOne), .none,
      "condition number of the scaled model matrix"),
  ]

  private static let observationColumns: [ColumnDefinition] = [
    .init(".fitted", .outcome, .number(.any), .none, "fitted value of the response"),
    .init(".resid", .outcome, .number(.any), .none, "response less fitted value"),
    .init(".hat", .outcome, .number(.fraction), .fraction, "leverage"),
    .init(".std_resid", .outcome, .number(.any), .none, "standardised residual"),
    .init(".cooks_d", .outcome, .number(.nonNegative), .none, "Cook's distance"),
    .init(".lower", .outcome, .number(.any), .none, "lower end of the prediction interval"),
    .init(".upper", .outcome, .number(.any), .none, "upper end of the prediction interval"),
    .init(".predicted", .outcome, .number(.any), .none, "prediction of the response itself"),
    .init(
      ".predicted_lower", .outcome, .number(.any), .none, "lower end of its conformal interval"),
    .init(
      ".predicted_upper", .outcome, .number(.any), .none, "upper end of its conformal interval"),
  ]

  private static let comparisonColumns: [ColumnDefinition] = [
    .init("target", .id, .text, "column that is predicted"),
    .init("n", .outcome, .number(.nonNegative), .count, "completed rows scored"),
    .init(
      "unanswered", .outcome, .number(.nonNegative), .count, "rows the model says never end"),
    .init("bias", .outcome, .number(.any), .none, "mean of predicted - observed, SI"),
    .init(
      "p90_ape", .outcome, .number(.nonNegative), .fraction,
      "90th percentile of the absolute percentage error"),
    .init(
      "mdape_revealed", .outcome, .number(.nonNegative), .fraction,
      "mdape with hidden inputs as the row's own outcomes give them away"),
    .init(
      "p90_ape_revealed", .outcome, .number(.nonNegative), .fraction,
      "p90_ape with hidden inputs as the row's own outcomes give them away"),
    .init(
      "r_squared_log", .outcome, .number(.atMostOne), .fraction, "R squared of the logarithms"),
    .init(
      "verdict_right", .outcome, .number(.fraction), .fraction,
      "share of rows whose completion is called right"),
    .init(
      "smape", .outcome, .number(.nonNegative), .fraction,
      "mean symmetric relative error 2|p-o|/(p+o), 0 to 2"),
    .init("smape_diff", .outcome, .number(.any), .fraction, "smape less that of the best model"),
    .init(
      "smape_diff_se", .outcome, .number(.nonNegative), .fraction,
      "paired standard error of the difference, clustered by group"),
    .init("standing", .outcome, .text, "best, not distinguishable or worse"),
    .init("observed", .outcome, .number(.any), .none, "what happened"),
    .init("predicted", .outcome, .number(.any), .none, "what was predicted, held out"),
  ]

  private static let listingColumns: [ColumnDefinition] = [
    .init("title", .id, .text, "what it is"),
    .init("source", .id, .text, "where it comes from"),
    .init("provenance", .id, .text, "how well the origin of its equations is known"),
    .init("variants", .id, .text, "suffixes the id may carry"),
    .init("use", .id, .text, "needed, used if known, or answer"),
    .init("domain", .id, .text, "the values it may have"),
    .init("meaning", .id, .text, "what it says"),
    .init("default", .outcome, .number(.any), .none, "the value without a fit"),
    .init("parameters", .id, .text, "what a fit can learn or --parameter can set"),
  ]
}

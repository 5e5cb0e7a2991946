import ModelCore
import Regression
import Testing

@Suite struct FitTablesTests {
  @Test func columnsAreTheAgreedOnes() throws {
    let fit = try RegressionTests.fit("log(total_time_s) ~ vcpus + technique", referenceData())
    #expect(
      try fit.tidy().names
        == ["term", "estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high"])
    #expect(
      try fit.glance().names == [
        "model", "nobs", "rank", "df_residual", "sigma", "r_squared", "adj_r_squared",
        "f_statistic",
        "f_p_value", "rmse", "mae", "mdape", "log_likelihood", "aic", "bic", "condition",
      ])
    let augmented = try fit.augment()
    #expect(
      augmented.names.suffix(7)
        == [".fitted", ".resid", ".hat", ".std_resid", ".cooks_d", ".lower", ".upper"])
    #expect(augmented.rowCount == 48)
    // Rows 12 (technique) and 30 (response) were incomplete: in place, and empty.
    for row in [11, 29] { #expect(augmented.label(".fitted", row: row) == nil) }
    #expect(try augmented.numbers(".fitted").missingCount == 2)
  }

  /// The bounds of the rows themselves agree with those of a prediction for them.
  @Test func boundsAgreeWithPredict() throws {
    let data = try referenceData()
    let fit = try RegressionTests.fit(
      "total_time_s ~ vcpus + technique", data, weights: "w", level: 0.8)
    let augmented = try fit.augment()
    let (lower, upper) = (try augmented.numbers(".lower"), try augmented.numbers(".upper"))
    let answers = try fit.predict(data, level: 0.8)
    for row in fit.design.rows {
      #expect(abs(try #require(lower[row]) - (try #require(answers[row].lower))) < 1e-10)
      #expect(abs(try #require(upper[row]) - (try #require(answers[row].upper))) < 1e-10)
    }
    #expect(throws: RegressionError.table(.repeatedColumn(".fitted"))) {
      let again = try RegressionTests.fit("total_time_s ~ vcpus", augmented)
      _ = try again.augment()
    }
  }
}

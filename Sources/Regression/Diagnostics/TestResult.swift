public import ModelCore

/// The outcome of a test of hypothesis: a row of the table `checks`.
public struct TestResult: Sendable, Equatable {
  /// The id: `breusch_pagan`, `reset`, `wald`.
  public let test: String
  public let statistic: Double
  /// Degrees of freedom of the statistic, of its numerator for an F; `nil` for one without.
  public let degrees: Int?
  /// Degrees of freedom of the denominator of an F, or of a Student's t.
  public let residualDegrees: Int?
  /// In [0, 1].
  public let pValue: Double
  /// What a small p value says.
  public let meaning: String

  /// A table of tests: `test, statistic, df, df_residual, p_value, meaning`.
  public static func table(_ tests: [TestResult]) throws(RegressionError) -> Table {
    do {
      return try Table([
        Column("test", text: tests.map(\.test)),
        Column("statistic", numbers: tests.map(\.statistic)),
        Column("df", numbers: tests.map { $0.degrees.map(Double.init) }),
        Column("df_residual", numbers: tests.map { $0.residualDegrees.map(Double.init) }),
        Column("p_value", numbers: tests.map(\.pValue)),
        Column("meaning", text: tests.map(\.meaning)),
      ])
    } catch {
      throw .table(error)
    }
  }
}

import ModelCore
import Regression
import Statistics
import Testing

@Suite struct JackknifeTests {
  /// Delete-one without refits and delete-group, against refits in NumPy.
  @Test(arguments: ReferenceCase.all("python.csv"))
  func agreesWithRefitsInNumPy(_ reference: ReferenceCase) throws {
    let fit = try reference.fit()
    for (kind, jackknife) in [
      ("jackknife", try Jackknife(fit)),
      ("group_jackknife", try Jackknife(fit, groups: "workload")),
    ] {
      let errors = jackknife.standardErrors
      let rows = reference.rows(kind)
      #expect(rows.count == errors.count && jackknife.failures == 0)
      for row in rows {
        let error = errors[Int(try number(row, "name"))]
        #expect(closeRelative(error, try number(row, "value"), otherSolver), "\(row)")
      }
    }
    // Close to HC3, as its authors say: ((n - 1)/n)^(1/2) and a mean that is nearly the estimate.
    for (place, error) in try Jackknife(fit).standardErrors.enumerated() {
      #expect(closeRelative(error, reference.value("HC3", "\(place)"), 0.03))
    }
  }

  @Test func tidyIsByStudentsT() throws {
    let fit = try RegressionTests.fit("y ~ x", simulated(rows: 30, seed: 41, groups: 6, shared: 1))
    let jackknife = try Jackknife(fit, groups: "g")
    let table = try jackknife.tidy(level: 0.9)
    let error = try #require(jackknife.standardErrors[1])
    let estimate = try #require(fit.coefficients[1].estimate)
    let reach = try StudentT(degreesOfFreedom: 5).upperQuantile(0.05) * error
    #expect(closeRelative(try table.numbers("conf_high")[1], estimate + reach, 1e-14))
    #expect(closeRelative(try table.numbers("statistic")[1], estimate / error, 1e-14))
    #expect(throws: ValidationError.self) { try jackknife.tidy(level: 2) }
    #expect(throws: ValidationError.self) { try Jackknife(fit, groups: "h") }
  }
}

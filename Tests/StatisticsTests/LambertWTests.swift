import Foundation
import Statistics
import Testing

@Suite struct LambertWTests {
  @Test(arguments: try fixture("statistics/lambert_w.csv"))
  func agreesWithMpmath(_ row: [String: String]) throws {
    let x = try number(row, "x")
    let w = row["branch"] == "0" ? try LambertW.principal(x) : try LambertW.lower(x)
    // -0.36 is near the branch point, where one digit of x is worth less.
    #expect(digits(w, try number(row, "w")) >= 14)
  }

  /// The definition is the second route: w e^w = x.
  @Test(arguments: [-0.2, -0.05, -1e-8])
  func solvesItsEquation(_ x: Double) throws {
    for w in [try LambertW.principal(x), try LambertW.lower(x)] {
      #expect(digits(w * exp(w), x) >= 13)
    }
    #expect(try LambertW.lower(x) < -1 && LambertW.principal(x) > -1)
  }

  @Test func domain() throws {
    let edge = -exp(-1.0)
    #expect(abs(try LambertW.principal(edge) + 1) < 1e-7)
    #expect(abs(try LambertW.lower(edge) + 1) < 1e-7)
    #expect(try LambertW.principal(.infinity) == .infinity)
    #expect(throws: StatisticsError.self) { try LambertW.principal(-0.4) }
    for bad in [0, 1, -0.4, Double.nan] {
      #expect(throws: StatisticsError.self) { try LambertW.lower(bad) }
    }
  }
}

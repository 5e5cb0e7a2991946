import Foundation
import Statistics
import Testing

@Suite struct RootFindingTests {
  @Test func bracketsTheSquareRootOfTwo() throws {
    let bracket = try bracketedRoot(in: 1...2) { $0 * $0 - 2 }
    #expect(bracket.lower * bracket.lower <= 2 && bracket.upper * bracket.upper >= 2)
    #expect(bracket.upper - bracket.lower <= 2 * 2.0.squareRoot().ulp)
    #expect(bracket.evaluations < 20)
  }

  @Test func bracketsAJump() throws {
    let bracket = try bracketedRoot(in: 0...10) { $0 < 3 ? -1 : 1 }
    #expect(bracket.lower <= 3 && bracket.upper >= 3)
    #expect(bracket.upper - bracket.lower < 1e-14)
  }

  @Test func anEndMayBeTheRoot() throws {
    #expect(try bracketedRoot(in: 2...5) { $0 - 2 }.middle == 2)
    #expect(try bracketedRoot(in: 2...5) { $0 - 5 }.middle == 5)
  }

  @Test func refusesWhatIsNoBracket() {
    #expect(throws: StatisticsError.self) { try bracketedRoot(in: 1...2) { $0 } }
    #expect(throws: StatisticsError.self) { try bracketedRoot(in: -1...2) { _ in .nan } }
  }

  @Test func minimumOfAParabola() throws {
    let answer = try minimum(in: -3...7) { ($0 - 1.25) * ($0 - 1.25) + 4 }
    // Half of the digits are what a double can tell near a minimum.
    #expect(abs(answer.place - 1.25) < 1e-7 && abs(answer.value - 4) < 1e-13)
    #expect(throws: StatisticsError.self) { try minimum(in: 0...1) { _ in .nan } }
  }
}

@Suite struct ExponentialIntegralTests {
  @Test(arguments: try fixture("statistics/scaled_e1.csv"))
  func agreesWithMpmath(_ row: [String: String]) throws {
    let value = try scaledExponentialIntegral(try number(row, "x"))
    #expect(digits(value, try number(row, "value")) >= 14.5, "x = \(row["x"] ?? "")")
  }

  @Test func domain() throws {
    #expect(try scaledExponentialIntegral(.infinity) == 0)
    for bad in [0, -1, Double.nan] {
      #expect(throws: StatisticsError.self) { try scaledExponentialIntegral(bad) }
    }
  }
}

@Suite struct BinomialTests {
  @Test(arguments: try fixture("statistics/binomial.csv"))
  func agreesWithTheSumOfTerms(_ row: [String: String]) throws {
    let counts = try Binomial(
      trials: try number(row, "trials"), probability: try number(row, "probability"))
    let failure = try number(row, "failure")
    let least = try counts.leastCount(failing: failure)
    #expect(least == (try number(row, "least_count")))
    // A tail of 1e-9 is the difference of an incomplete beta function: twelve digits remain.
    #expect(digits(try counts.probabilityOfAtLeast(least), try number(row, "at_least")) >= 11)
    // The promise itself: this many suffice, one less does not.
    #expect(try counts.probabilityOfAtLeast(least + 1) <= failure)
    #expect(try counts.probabilityOfAtLeast(least) > failure)
  }

  @Test func edges() throws {
    let certain = try Binomial(trials: 10, probability: 1)
    #expect(try certain.leastCount(failing: 0.01) == 10)
    #expect(try certain.probabilityOfAtLeast(10) == 1 && certain.probabilityOfAtLeast(11) == 0)
    let never = try Binomial(trials: 10, probability: 0)
    #expect(try never.leastCount(failing: 0.01) == 0 && never.probabilityOfAtLeast(1) == 0)
    #expect(try never.probabilityOfAtLeast(0) == 1)
    #expect(try Binomial(trials: 0, probability: 0.5).leastCount(failing: 0.1) == 0)
    for (trials, probability) in [(1.5, 0.5), (-1, 0.5), (3, 1.5), (3, .nan), (.infinity, 0.5)] {
      #expect(throws: StatisticsError.self) {
        try Binomial(trials: trials, probability: probability)
      }
    }
    #expect(throws: StatisticsError.self) { try certain.leastCount(failing: 0) }
  }
}

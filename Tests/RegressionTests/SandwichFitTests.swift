import ModelCore
import Regression
import Testing

@Suite struct SandwichFitTests {
  static let formula = "y ~ x + z + f"

  @Test(arguments: ["HC0", "HC1", "HC2", "HC3", "cluster"], [nil, "w"])
  func asInSandwich(_ name: String, _ weights: String?) throws {
    let kind = try #require(
      StandardErrorKind(parsing: name == "cluster" ? "cluster:host" : name.lowercased()))
    let plain = try fit(Self.formula, kindsData(), weights: weights)
    let robust = try plain.withStandardErrors(kind)
    try expectCoefficients(robust, "r", name + (weights == nil ? "" : " weighted"), .direct)
    if weights == nil { try expectCoefficients(robust, "python", name, .printed) }
    #expect(robust.coefficients.map(\.estimate) == plain.coefficients.map(\.estimate))
    #expect(robust.notes.contains { $0.contains(kind.name) })
    #expect(robust.clusters == (name == "cluster" ? 8 : nil))
  }

  @Test func classicalIsTheFitItself() throws {
    let plain = try fit("log(t) ~ x + z + I(2 * x)", kindsData(), weights: "w")
    let same = try plain.withStandardErrors(.classical)
    for (a, b) in zip(same.coefficients, plain.coefficients) {
      #expect(a.estimate == b.estimate)
      guard let mine = a.standardError else {
        #expect(b.standardError == nil)
        continue
      }
      #expect(digits(mine, try #require(b.standardError)) > 11)
      #expect(digits(try #require(a.pValue), try #require(b.pValue)) > 9)
    }
    for (a, b) in zip(
      try same.predict(kindsData(), level: 0.9), try plain.predict(kindsData(), level: 0.9))
    {
      #expect(a.value == b.value)
      #expect(digits(try #require(a.upper), try #require(b.upper)) > 11)
    }
  }

  @Test func clustersOfOneRowAreHC1() throws {
    let plain = try fit(Self.formula, kindsData())
    let numbered = try kindsData().appending([Column("id", numbers: (0..<60).map { Double($0) })])
    let single = try fit(Self.formula, numbered).withStandardErrors(.cluster(column: "id"))
    let hc1 = try plain.withStandardErrors(.hc1)
    // n / (n - 1) (n - 1) / (n - p) is HC1's factor.
    for (a, b) in zip(single.coefficients, hc1.coefficients) {
      #expect(digits(try #require(a.standardError), try #require(b.standardError)) > 12)
    }
  }

  @Test func faults() throws {
    let data = try kindsData()
    let plain = try fit(Self.formula, data)
    #expect(throws: RegressionError.table(.unknownColumn("hots", nearest: ["host"]))) {
      try plain.withStandardErrors(.cluster(column: "hots"))
    }
    let one = try data.appending([Column("one", numbers: (0..<60).map { _ in 1 })])
    #expect(
      try kindError {
        _ = try fit(Self.formula, one).withStandardErrors(.cluster(column: "one"))
      } == .tooFewClusters(column: "one", count: 1))
    let holes = try data.appending([
      Column("g", text: (0..<60).map { $0 == 4 ? nil : "g\($0 % 5)" })
    ])
    #expect(
      try kindError { _ = try fit(Self.formula, holes).withStandardErrors(.cluster(column: "g")) }
        == .missingMark(place: "data.csv:6", column: "g"))
    let alone = try data.appending([Column("d", numbers: (0..<60).map { $0 == 9 ? 1 : 0 })])
    #expect(
      try kindError { _ = try fit("y ~ x + d", alone).withStandardErrors(.hc3) }
        == .fullLeverage(place: "data.csv:11", kind: "HC3"))
    let error = try kindError {
      _ = try fit("y ~ x", data.selecting([0, 1])).withStandardErrors(.hc0)
    }
    #expect(error == .tooFewRows(method: "HC0 standard errors", rows: 2, needed: 3))
    #expect(
      StandardErrorKind(parsing: "hc4") == nil && StandardErrorKind(parsing: "cluster:") == nil)
  }
}

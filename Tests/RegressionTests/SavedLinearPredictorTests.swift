import Foundation
import ModelCore
import Regression
import Testing

@Suite struct SavedLinearPredictorTests {
  static let formula = "log(t) ~ x + poly(z, 2) + f + I(2 * x)"

  static func kinds() throws -> [any LinearModelKind] {
    let design = try kindsDesign(formula)
    let full = try kindsDesign("log(t) ~ x + poly(z, 2) + f")
    return [
      try RidgeRegression(.fixed(0.5)).fit(full),
      try BoundedLeastSquares([TermBound("x", upper: 0.1)]).fit(design),
      try ConstrainedLeastSquares([EqualityConstraint(["fb": 1, "fc": -1], equals: 0)]).fit(full),
      try RobustRegression(.bisquare()).fit(design),
      try QuantileRegression(tau: 0.47).fit(design),
      try LeastSquares().fit(design).withStandardErrors(.hc3),
      try TobitRegression(.status(column: "status", right: ["timeout"])).fit(design),
    ]
  }

  static func encoded(_ saved: SavedLinearPredictor) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return try encoder.encode(saved)
  }

  /// What every kind promises: the columns of the tables, and a saved form of the same bits.
  @Test func everyKindKeepsThePromises() throws {
    let data = try kindsData()
    let plain = try fit(Self.formula, data)
    var methods: Set<String> = []
    for kind in try Self.kinds() {
      #expect(try kind.tidy().names == plain.tidy().names, "\(kind.method)")
      #expect(try kind.glance().names == plain.glance().names, "\(kind.method)")
      #expect(try kind.glance().rowCount == 1)
      let augmented = try kind.augment()
      #expect(Array(augmented.names.prefix(data.columns.count + 7)) == (try plain.augment().names))
      #expect(!kind.notes.isEmpty && kind.formulaText.hasPrefix("log(t) ~ x"))
      let back = try JSONDecoder().decode(
        SavedLinearPredictor.self, from: Self.encoded(kind.saved))
      #expect(back == kind.saved && back.method == kind.method)
      #expect(try back.predict(data) == kind.predict(data, level: 0.95))
      #expect(try back.predict(data, interval: .confidence).allSatisfy { $0.value != nil })
      let fitted = try augmented.numbers(".fitted")
      let values = try kind.predict(data, level: 0.95)
      for row in 0..<data.rowCount {
        let value = try #require(values[row].value)
        let expected = exp(try #require(fitted[row])) * kind.saved.smearing
        #expect(digits(value, expected) > 9, "\(kind.method) row \(row)")
      }
      methods.insert(kind.method)
    }
    #expect(methods.count == 7)
  }

  @Test func aBrokenRelationIsNotPredicted() throws {
    let data = try kindsData().appending([
      Column("double", numbers: kindsData().numbers("x").storage.map { 2 * $0 })
    ])
    let design = try Design(Formula("y ~ x + double + z"), data)
    let new = try Table([
      Column("x", numbers: [3, 3]), Column("double", numbers: [6, 7]),
      Column("z", numbers: [50, 50]),
    ])
    for kind: any LinearModelKind in [
      try RobustRegression().fit(design), try QuantileRegression(tau: 0.5).fit(design),
      try BoundedLeastSquares().fit(design),
      try TobitRegression(.limits(upper: 8)).fit(design),
      try LeastSquares().fit(design).withStandardErrors(.hc0),
      try RidgeRegression(.fixed(0)).fit(design),
    ] {
      let rows = try kind.predict(new, level: 0.9)
      #expect(rows[0].value != nil, "\(kind.method)")
      #expect(rows[1].value == nil && rows[1].reason?.contains("double") == true, "\(kind.method)")
      #expect(kind.notes.contains { $0.contains("no estimate for double") }, "\(kind.method)")
    }
  }

  @Test(arguments: [
    ("version", "2"), ("nobs", "0"), ("df_residual", "-1"), ("smearing", "-1"), ("sigma", "-1"),
    ("terms", "[]"), ("estimates", "[]"), ("estimates", "[null,null,null,null,null,null,null]"),
    ("aliases", "[]"), ("aliases", "[{\"column\":0,\"coefficients\":[]}]"), ("root", "[[1]]"),
    ("ranges", "[{\"column\":\"zzz\",\"lower\":0,\"upper\":1}]"),
    ("ranges", "[{\"column\":\"x\",\"lower\":2,\"upper\":1}]"), ("recipe", "{}"),
    (
      "recipe",
      "{\"formula\":\"y ~ poly(x, 2, raw = T)\",\"variables\":[{\"powers\":{\"degree\":3}}]}"
    ),
    ("method", "3"),
  ])
  func tamperedFitsAreRefused(_ key: String, _ value: String) throws {
    let kind = try RobustRegression(.bisquare()).fit(kindsDesign(Self.formula))
    var object = try #require(
      try JSONSerialization.jsonObject(with: Self.encoded(kind.saved)) as? [String: Any])
    #expect(object[key] != nil)
    object[key] = try JSONSerialization.jsonObject(
      with: Data(value.utf8), options: .fragmentsAllowed)
    let edited = try JSONSerialization.data(withJSONObject: object)
    #expect(throws: (any Error).self) {
      try JSONDecoder().decode(SavedLinearPredictor.self, from: edited)
    }
  }
}

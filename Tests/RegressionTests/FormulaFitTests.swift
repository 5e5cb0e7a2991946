import Foundation
import ModelCore
import Regression
import Testing

@Suite struct FormulaFitTests {
  static let formula =
    "log(total_time_s) ~ log(memory_bytes / bandwidth_bytes_per_s) + technique * poly(vcpus, 2) "
    + "+ I(2 * vcpus) + C(vcpus)"

  static func saved() throws -> (FormulaFit, Data) {
    let fit = try RegressionTests.fit(formula, referenceData()).formulaFit
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return (fit, try encoder.encode(fit))
  }

  @Test func savedFitPredictsTheSameBits() throws {
    let (fit, data) = try Self.saved()
    let back = try JSONDecoder().decode(FormulaFit.self, from: data)
    #expect(back == fit)
    let table = try referenceData()
    #expect(try back.predict(table) == fit.predict(table))
    #expect(
      back.predictedName == "total_time_s" && back.formula.description == fit.formula.description)
    #expect(fit.estimates.contains { $0 == nil } && fit.estimates.contains { $0 != nil })
  }

  @Test func rowsThatCannotBePredictedSayWhy() throws {
    let fit = try RegressionTests.fit(
      "log(total_time_s) ~ log(memory_bytes) + technique", referenceData())
    let new = try Table([
      Column("memory_bytes", numbers: [1e10, nil, 0, 1e10, -1, 1e10]),
      Column("technique", text: ["precopy", "precopy", "hybrid", "teleport", "hybrid", nil]),
    ])
    let answers = try fit.predict(new)
    #expect(answers[0].value != nil && answers[0].reason == nil)
    #expect((answers[0].lower ?? 0) < (answers[0].upper ?? 0))
    #expect(
      answers.dropFirst().allSatisfy { $0.value == nil && $0.lower == nil && $0.upper == nil })
    #expect(answers[1].reason == "memory_bytes is missing")
    #expect(answers[2].reason == "log(memory_bytes) is -inf for memory_bytes = 0")
    #expect(
      answers[3].reason
        == "technique is \"teleport\", which the training data did not have (hybrid, postcopy, precopy)"
    )
    #expect(answers[4].reason == "log(memory_bytes) is nan for memory_bytes = -1")
    #expect(answers[5].reason == "technique is missing")
  }

  @Test func predictionBeyondTheDoubles() throws {
    let data = try Table([
      Column("y", numbers: [1, 2, 5, 8]), Column("x", numbers: [1, 2, 3, 4]),
    ])
    let answers = try RegressionTests.fit("log(y) ~ x", data).predict(
      Table([Column("x", numbers: [1e6, 1e300])]))
    #expect(
      answers.allSatisfy {
        $0.value == nil && $0.reason == "the prediction is beyond the range of doubles"
      })
  }

  @Test func tablesThatDoNotFit() throws {
    let fit = try RegressionTests.fit("total_time_s ~ memory_bytes + C(vcpus)", referenceData())
    #expect(throws: RegressionError.self) {
      try fit.predict(Table([Column("memory_bytes", numbers: [1])]))
    }
    #expect(throws: RegressionError.notNumbers(column: "memory_bytes", in: "memory_bytes")) {
      try fit.predict(
        Table([Column("memory_bytes", text: ["much"]), Column("vcpus", numbers: [1])]))
    }
    // Levels are compared as text, so a column that was read as text serves as well.
    let (number, text) = (
      try Table([Column("memory_bytes", numbers: [1e10]), Column("vcpus", numbers: [4])]),
      try Table([Column("memory_bytes", numbers: [1e10]), Column("vcpus", text: ["4"])])
    )
    #expect(try fit.predict(number) == fit.predict(text))
    let empty = try Table([Column("memory_bytes", text: [nil]), Column("vcpus", numbers: [1])])
    #expect(try fit.predict(empty)[0].reason == "memory_bytes is missing")
  }

  @Test func extrapolationsAreFound() throws {
    let fit = try RegressionTests.fit("total_time_s ~ vcpus + log(memory_bytes)", referenceData())
      .formulaFit
    let new = try Table([
      Column("vcpus", numbers: [0.5, 4, 17, nil]),
      Column("memory_bytes", numbers: [1e10, 1e10, 1e10, 1e10]),
    ])
    let found = try fit.extrapolations(in: new)
    #expect(found.count == 1 && found[0].column == "vcpus" && found[0].rows == [0, 2])
  }

  /// Every single edit of a saved fit is refused, or leaves a fit that still answers.
  @Test(arguments: [
    ("version", "2"), ("nobs", "0"), ("nobs", "12"), ("df_residual", "3"), ("smearing", "-1"),
    ("sigma", "-1"),
    ("sigma", "null"), ("smearing", "\"one\""), ("terms", "[]"), ("terms", "[\"x\"]"),
    ("estimates", "[]"), ("estimates", "[null]"),
    ("pivots", "[]"), ("pivots", "[0,0,0]"), ("pivots", "[99]"), ("pivots", "[-1]"),
    ("triangle", "[]"),
    ("triangle", "[1e999]"), ("aliases", "[]"), ("aliases", "[{\"column\":0,\"coefficients\":[]}]"),
    ("ranges", "[{\"column\":\"zzz\",\"lower\":0,\"upper\":1}]"),
    ("ranges", "[{\"column\":\"vcpus\",\"lower\":2,\"upper\":1}]"),
    ("recipe", "{}"), ("recipe", "{\"formula\":\"y ~\",\"variables\":[]}"),
    ("recipe", "{\"formula\":\"y ~ x\",\"variables\":[]}"),
    ("recipe", "{\"formula\":\"y ~ C(x)\",\"variables\":[{\"factor\":{\"levels\":[]}}]}"),
    (
      "recipe", "{\"formula\":\"y ~ C(x)\",\"variables\":[{\"factor\":{\"levels\":[\"a\",\"a\"]}}]}"
    ),
    ("recipe", "{\"formula\":\"y ~ C(x)\",\"variables\":[{\"numeric\":{}}]}"),
    ("recipe", "{\"formula\":\"y ~ 0\",\"variables\":[]}"),
    (
      "recipe",
      "{\"formula\":\"y ~ poly(x, 1)\",\"variables\":[{\"polynomial\":{\"_0\":{\"degree\":1,\"centre\":0,\"scale\":0,\"shifts\":[0],\"norms\":[1,1]}}}]}"
    ),
    (
      "recipe",
      "{\"formula\":\"y ~ poly(x, 3)\",\"variables\":[{\"polynomial\":{\"_0\":{\"degree\":3,\"centre\":0,\"scale\":1,\"shifts\":[0],\"norms\":[1]}}}]}"
    ),
  ])
  func tamperedFitsAreRefused(_ key: String, _ value: String) throws {
    let (_, data) = try Self.saved()
    var object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(object[key] != nil)
    let text = value.replacingOccurrences(of: "1e999", with: "1e300")
    object[key] = try JSONSerialization.jsonObject(
      with: Data(text.utf8), options: .fragmentsAllowed)
    let edited = try JSONSerialization.data(withJSONObject: object)
    #expect(throws: (any Error).self) { try JSONDecoder().decode(FormulaFit.self, from: edited) }
  }

  @Test func missingKeysAreRefused() throws {
    let (_, data) = try Self.saved()
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    for key in object.keys {
      var less = object
      less[key] = nil
      let edited = try JSONSerialization.data(withJSONObject: less)
      #expect(throws: (any Error).self, "without \(key)") {
        try JSONDecoder().decode(FormulaFit.self, from: edited)
      }
    }
  }
}

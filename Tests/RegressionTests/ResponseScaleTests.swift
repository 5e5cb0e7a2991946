import Foundation
import ModelCore
import Regression
import Testing

@Suite struct ResponseScaleTests {
  /// Two groups with the logs (0, 2) and (1, 1): residuals -1, 1, 0, 0.
  @Test func smearingByHand() throws {
    let data = try Table([
      Column("y", numbers: [1, exp(2.0), exp(1.0), exp(1.0)]),
      Column("g", text: ["a", "a", "b", "b"]),
    ])
    let fit = try RegressionTests.fit("log(y) ~ 0 + g", data)
    let factor = (exp(-1.0) + exp(1.0) + 2) / 4
    #expect(digits(fit.smearing, factor) > 14)
    let answer = try fit.predict(Table([Column("g", text: ["a"])]))[0]
    #expect(digits(try #require(answer.value), exp(1.0) * factor) > 14)
    // sigma^2 = (1 + 1) / 2; a new row of a group of two has the variance 1 + 1/2.
    let reach = 4.302652729749464 * 1.5.squareRoot()
    #expect(digits(try #require(answer.lower), exp(1 - reach)) > 12)
    #expect(digits(try #require(answer.upper), exp(1 + reach)) > 12)
    // Errors on the original scale.
    let predicted = exp(1.0) * factor
    let gaps = [
      abs(predicted - 1), abs(predicted - exp(2.0)), predicted - exp(1.0), predicted - exp(1.0),
    ]
    #expect(digits(try #require(fit.summary.mae), gaps.reduce(0, +) / 4) > 14)
    let mdape = (gaps[1] / exp(2.0) + gaps[2] / exp(1.0)) / 2
    let sorted = [gaps[0], gaps[1] / exp(2.0), gaps[2] / exp(1.0), gaps[3] / exp(1.0)].sorted()
    #expect(digits(try #require(fit.summary.mdape), (sorted[1] + sorted[2]) / 2) > 13 && mdape > 0)
  }

  /// The base of the logarithm changes nothing that is predicted.
  @Test func basesAgree() throws {
    let data = try referenceData()
    let answers = try ["log", "log2", "log10"].map { name in
      try RegressionTests.fit("\(name)(total_time_s) ~ log(memory_bytes) + technique", data)
        .predict(data)
    }
    for row in 0..<data.rowCount {
      for other in answers.dropFirst() {
        #expect((answers[0][row].value == nil) == (other[row].value == nil))
        for path in [\Prediction.value, \.lower, \.upper] {
          guard let a = answers[0][row][keyPath: path], let b = other[row][keyPath: path] else {
            continue
          }
          #expect(digits(a, b) > 12)
        }
      }
    }
  }

  @Test(arguments: [
    ("log(total_time_s)", "total_time_s", ResponseScale.Kind.log), ("log2(a/b)", "a/b", .log2),
    ("log10(y)", "y", .log10), ("sqrt(y)", "sqrt(y)", .identity), ("y", "y", .identity),
    ("I(log(y))", "I(log(y))", .identity), ("log(y) + 1", "log(y) + 1", .identity),
    ("log1p(y)", "log1p(y)", .identity),
  ])
  func names(_ response: String, _ name: String, _ kind: ResponseScale.Kind) throws {
    let scale = try ResponseScale(Formula("\(response) ~ x").response)
    #expect(scale.name == name && scale.kind == kind)
  }
}

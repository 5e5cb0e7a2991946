import Regression
import Testing

@Suite struct FormulaTermsTests {
  /// From R: attr(terms(formula), "term.labels"), and its intercept.
  @Test(arguments: [
    ("y ~ a*b + c", ["a", "b", "c", "a:b"], true),
    ("y ~ (a+b+c)^2", ["a", "b", "c", "a:b", "a:c", "b:c"], true),
    ("y ~ (a+b+c)^2 - a:b - 1", ["a", "b", "c", "a:c", "b:c"], false),
    ("y ~ b + a:b", ["b", "b:a"], true),
    ("y ~ a:b + a", ["a", "a:b"], true),
    ("y ~ a*b*c - a:b:c", ["a", "b", "c", "a:b", "a:c", "b:c"], true),
    ("y ~ a + a + a:a", ["a"], true), ("y ~ 0 + a", ["a"], false), ("y ~ a - 1 + 1", ["a"], true),
    ("y ~ a + 0 + b", ["a", "b"], false), ("y ~ 1", [], true), ("y ~ 0", [], false),
    ("y ~ (a + b):(c + d)", ["a:c", "a:d", "b:c", "b:d"], true), ("y ~ a - a", [], true),
    ("y ~ (a*b)^2", ["a", "b", "a:b"], true), ("y ~ a:(b + c):d", ["a:b:d", "a:c:d"], true),
    ("y ~ log(a)*I(b^2) - log(a)", ["I(b^2)", "log(a):I(b^2)"], true), ("y ~ x^2", ["x"], true),
    ("y ~ a + (b - 1)", ["a", "b"], false), ("y ~ -1 + a*b - b", ["a", "a:b"], false),
    ("y ~ (a+b)^9", ["a", "b", "a:b"], true),
  ])
  func expansion(_ text: String, _ labels: [String], _ intercept: Bool) throws {
    let formula = try Formula(text)
    #expect(formula.terms.map { formula.name(of: $0) } == labels)
    #expect(formula.hasIntercept == intercept)
  }
}

import ModelCore
import Regression
import TestSupport
import Testing

@Suite struct NonlinearFormulaTests {
  @Test(arguments: [
    ("y ~ b1*(1-exp(-b2*x))", "y ~ b1 * (1 - exp(-b2 * x))"),
    ("log(y)~a", "log(y) ~ a"),
    ("y / w ~ -a^2*x + (a*x)^-b", "y/w ~ -a^2 * x + (a * x)^-b"),
    ("y ~ a^b^c - (a - b - c) - (a - (b - c))", "y ~ a^b^c - (a - b - c) - (a - (b - c))"),
    ("`my y` ~ 2*pi*`pi` + a", "`my y` ~ 2 * pi * `pi` + a"),
    ("y ~ atan(a/(x - b))/pi", "y ~ atan(a/(x - b))/pi"),
  ])
  func prints(_ text: String, _ expected: String) throws {
    let formula = try NonlinearFormula(text)
    #expect(formula.description == expected)
    #expect(try NonlinearFormula(formula.description) == formula)
  }

  @Test func namesInOrder() throws {
    let formula = try NonlinearFormula("log(y) ~ b * exp(-k * x) + pi * b + `pi`")
    #expect(formula.names == ["b", "k", "x", "pi"])
    #expect(formula.responseColumns == ["y"])
  }

  /// Each message points at the character that is to blame.
  @Test(arguments: [
    ("", 0, "expected '~'"),
    ("y", 1, "expected '~'"),
    ("~ a", 0, "expected the response"),
    ("y ~", 3, "found the end"),
    ("y ~ a *", 7, "found the end"),
    ("y ~ a b", 6, "found b"),
    ("y ~ exq(a)", 4, "did you mean exp"),
    ("y ~ exp(a", 9, "')' for the '(' at character 8"),
    ("y ~ pow(a, 2)", 4, "no function pow( )"),
    ("y ~ exp(a, 2)", 9, "takes one argument"),
    ("y ~ a:b", 5, "arithmetic only"),
    ("y ~ a ~ b", 6, "found '~'"),
    ("y ~ a ** 2", 6, "'^'"),
    ("y ~ a $ 2", 6, "no meaning"),
    ("lag(y) ~ a", 0, "did you mean log"),
    ("y + ~ a", 4, "found the end"),
    ("y ~ 1e999 * a", 4, "beyond the range"),
  ])
  func pointsAtTheMistake(_ text: String, _ offset: Int, _ part: String) throws {
    let error = try #require(throws: FormulaError.self) { try NonlinearFormula(text) }
    #expect(error.offset == offset, "\(error)")
    #expect(error.message.contains(part), "\(error)")
    #expect(error.formula == text)
  }

  @Test func depthIsLimited() throws {
    let deep = String(repeating: "(", count: 100_000)
    for text in [
      "y ~ " + deep, "y ~ " + String(repeating: "-", count: 100_000) + "a",
      "y ~ " + Array(repeating: "a", count: 5000).joined(separator: "+"),
      "y ~ " + Array(repeating: "a", count: 5000).joined(separator: "^"),
      "y ~ " + String(repeating: "exp(", count: 5000) + "a",
    ] {
      let error = try #require(throws: FormulaError.self) { try NonlinearFormula(text) }
      #expect(error.message.contains("nests deeper"))
    }
  }

  @Test func outcomesAreNoInputs() throws {
    let formula = try NonlinearFormula("total_time_s ~ a * downtime_s^b")
    #expect(throws: FormulaError.self) { try formula.checkRoles() }
    #expect(throws: Never.self) { try formula.checkRoles(allowing: ["downtime_s"]) }
    #expect(throws: Never.self) { try formula.checkRoles(parameters: ["downtime_s"]) }
  }

  /// Characters at random: an error or a formula, never a trap.
  @Test func randomTextIsSafe() {
    let seed: UInt64 = 7
    var random = TestRandom(seed: seed)
    let pieces = [
      "a", "x", "y", "~", "+", "-", "*", "/", "^", "(", ")", "exp(", "log(", "1", "2.5", "1e3",
      ",", "`", " ", "pi", ":", "é", ".", "_", "\\", "sqrt",
    ]
    var parsed = 0
    for _ in 0..<20_000 {
      let text = (0..<Int.random(in: 0...12, using: &random))
        .map { _ in pieces[Int.random(in: 0..<pieces.count, using: &random)] }.joined()
      guard let formula = try? NonlinearFormula("y ~ " + text) else { continue }
      parsed += 1
      #expect((try? NonlinearFormula(formula.description)) == formula, "seed \(seed): \(text)")
    }
    #expect(parsed > 100)
  }
}

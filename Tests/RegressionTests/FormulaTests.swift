import ModelCore
import Regression
import TestSupport
import Testing

@Suite struct FormulaTests {
  @Test(arguments: [
    ("y~x", "y ~ x"),
    (
      "log(total_time_s) ~ log(memory_bytes / bandwidth_bytes_per_s)+dirty_rate_bytes_per_s : technique",
      "log(total_time_s) ~ log(memory_bytes/bandwidth_bytes_per_s) + dirty_rate_bytes_per_s:technique"
    ),
    ("y ~ (a + b)^2 - a:b", "y ~ (a + b)^2 - a:b"),
    ("y ~ -1 + (x)", "y ~ -1 + x"), ("y ~ x + -1", "y ~ x - 1"), ("y~0+x", "y ~ 0 + x"),
    ("y ~ a*b*(c+d)", "y ~ a * b * (c + d)"), ("y ~ (a*b):c", "y ~ (a * b):c"),
    ("y ~ I(a*(b+c)/-d^2)", "y ~ I(a * (b + c)/-d^2)"),
    ("y ~ I(a-(b-c)) + I((a-b)-c) + I(a/(b/c))", "y ~ I(a - (b - c)) + I(a - b - c) + I(a/(b/c))"),
    (
      "y ~ I((a^b)^c) + I(a^b^c) + I((-a)^2) + I(-(a+b))",
      "y ~ I((a^b)^c) + I(a^b^c) + I((-a)^2) + I(-(a + b))"
    ),
    ("y/2 ~ `odd name` + `a\\`b\\\\` + `log`", "y/2 ~ `odd name` + `a\\`b\\\\` + log"),
    (
      "y ~ I(x/1e9) + I(.5*x) + I(1.5e-300*x)", "y ~ I(x/1000000000) + I(0.5 * x) + I(1.5e-300 * x)"
    ),
    ("y ~ C( vcpus ) + poly( log(x), 3 )", "y ~ C(vcpus) + poly(log(x), 3)"),
    (
      "sqrt(abs(y)) ~ log1p(x) + log2(x) + log10(x) + exp(-x)",
      "sqrt(abs(y)) ~ log1p(x) + log2(x) + log10(x) + exp(-x)"
    ),
    ("y ~ größe + .fitted", "y ~ größe + .fitted"),
  ])
  func printsAndReadsBack(_ text: String, _ printed: String) throws {
    let formula = try Formula(text)
    #expect(formula.description == printed)
    #expect(try Formula(printed) == formula)
  }

  @Test(arguments: [
    ("", 0, "found nothing"), ("~ x", 0, "expected the response before '~'"),
    ("y", 1, "expected '~'"), ("y ~", 3, "expected a term"), ("y ~ x +", 7, "expected a term"),
    ("y ~ x z", 6, "expected an operator or the end"),
    ("y ~ (x", 6, "expected ')' for the '(' at character 5"),
    ("y ~ x / z", 6, "write I(a / b)"), ("y ~ 2 * x", 4, "write arithmetic inside I( )"),
    ("y ~ x^2.5", 6, "expected a whole number"), ("y ~ x^0", 6, "expected a whole number"),
    ("y ~ x^z", 6, "for a power of a column write I(x^2)"),
    ("y ~ lgo(x)", 4, "no function lgo( ); did you mean log"),
    ("y ~ sin(x)", 4, "a formula knows log, log2"),
    ("y ~ log(x, 2)", 9, "log2( ) or log10( )"), ("y ~ poly(x)", 10, "and a degree"),
    ("y ~ poly(x, 0)", 12, "a degree, a whole number from 1"), ("y ~ poly(x, 99)", 12, "a degree"),
    ("y ~ C(log(x))", 9, "expected ')'"), ("y ~ C(1)", 6, "the name of a column"),
    ("y ~ I(C(x))", 6, "C( ) is a term"), ("log(poly(x, 2)) ~ x", 4, "poly( ) is a term"),
    ("y ~ I(a:b)", 7, "':' joins terms"), ("y ~ x ~ z", 6, "expected an operator or the end"),
    ("y ~ a %in% b", 6, "not supported"), ("y ~ .", 4, "name the columns"),
    ("y ~ a | b", 6, "fixed terms only"),
    ("y ~ I(x ** 2)", 8, "write '^'"), ("y ~ `x", 4, "never closed"),
    ("y ~ ``", 4, "may not be empty"),
    ("y ~ I(2x)", 6, "neither a number nor a name"), ("y ~ I(1e999 * x)", 6, "beyond the range"),
    ("y ~ x == 2", 6, "comparisons"), ("y ~ \"x\"", 4, "without quotes"),
    ("y ~ ()", 5, "expected a term"),
    ("log() ~ x", 4, "expected a column, a number"), ("y ~ x:", 6, "expected a term"),
    ("y ~ §", 4, "no meaning"),
  ])
  func errorsPointAtThePlace(_ text: String, _ offset: Int, _ message: String) throws {
    let error = try #require(throws: FormulaError.self) { try Formula(text) }
    #expect(error.offset == offset, "\(error)")
    #expect(error.message.contains(message), "\(error)")
    #expect(error.category == .usage)
    let lines = error.caret.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count == 2 && lines[1].count == offset + 1 && lines[1].last == "^")
  }

  @Test func deepNestingIsRefusedNotFatal() throws {
    for (open, close) in [
      ("(", ")"), ("I(", ")"), ("log(", ")"), ("-", ""), ("I(-(", "))"), ("I(2^", ")"),
    ] {
      let text =
        "y ~ " + String(repeating: open, count: 100_000) + "x"
        + String(repeating: close, count: 100_000)
      #expect(throws: FormulaError.self) { try Formula(text) }
    }
    let chain = "y ~ I(" + Array(repeating: "x", count: 100_000).joined(separator: " + ") + ")"
    #expect(throws: FormulaError.self) { try Formula(chain) }
    let powers = "y ~ I(" + Array(repeating: "x", count: 100_000).joined(separator: "^") + ")"
    #expect(throws: FormulaError.self) { try Formula(powers) }
    // Below the limit all is well, and a long sum of terms is no nesting.
    let fine =
      "y ~ " + String(repeating: "(", count: 150) + "x" + String(repeating: ")", count: 150)
    #expect(try Formula(fine).description == "y ~ x")
    let wide = "y ~ " + (0..<2000).map { "x\($0)" }.joined(separator: " + ")
    #expect(try Formula(wide).terms.count == 2000)
  }

  @Test func explosionsAreRefused() {
    let sum = (0..<40).map { "x\($0)" }.joined(separator: " + ")
    #expect(throws: FormulaError.self) { try Formula("y ~ (\(sum))^6") }
    #expect(throws: FormulaError.self) {
      try Formula("y ~ " + (0..<40).map { "x\($0)" }.joined(separator: " * "))
    }
  }

  @Test func columnsOnEachSide() throws {
    let formula = try Formula(
      "log(total_time_s/w) ~ a * b - b + I(c/a) + C(d) + poly(e, 2) + z - z")
    #expect(formula.responseColumns == ["total_time_s", "w"])
    #expect(formula.columnsRead == ["a", "b", "c", "d", "e"])
  }

  @Test func outcomesAreNoInputs() throws {
    let formula = try Formula("log(total_time_s) ~ log(memory_bytes) + I(downtime_s * 2) + rounds")
    let error = try #require(throws: FormulaError.self) { try formula.checkRoles() }
    #expect(error.offset == 42)
    #expect(
      error.message.contains("downtime_s is an outcome, which is not known before the migration"))
    #expect(error.message.contains("--allow-outcome downtime_s permits it"))
    #expect(throws: FormulaError.self) { try formula.checkRoles(allowing: ["downtime_s"]) }
    try formula.checkRoles(allowing: ["downtime_s", "rounds"])
    try Formula("downtime_s ~ memory_bytes + technique + unheard_of").checkRoles()
  }

  @Test func unknownColumnsNameTheNearest() throws {
    let table = try Table([Column("memory_bytes", numbers: [1]), Column("y", numbers: [1])])
    let error = try #require(throws: FormulaError.self) {
      try Formula("y ~ log(memory_byte)").checkColumns(in: table)
    }
    #expect(
      error.offset == 8 && error.message == "no column memory_byte; did you mean memory_bytes?")
    #expect(throws: FormulaError.self) { try Formula("z ~ memory_bytes").checkColumns(in: table) }
    try Formula("z ~ memory_bytes").checkColumns(in: table, includingResponse: false)
  }

  /// Random formulas survive printing and parsing.
  @Test(arguments: [20_240_607, 1, 2, 3] as [UInt64])
  func randomRoundTrip(_ seed: UInt64) throws {
    var draws = TestRandom(seed: seed)
    for _ in 0..<500 {
      let response = RandomFormula.arithmetic(&draws, depth: 3)
      let right = RandomFormula.model(&draws, depth: 3)
      let text = "\(response) ~ \(right)"
      guard let formula = try? Formula(text) else {
        Issue.record("seed \(seed): \(text) cannot be read")
        continue
      }
      #expect(formula.response == response && formula.right == right, "seed \(seed): \(text)")
      #expect(formula.description == text, "seed \(seed)")
    }
  }
}

enum RandomFormula {
  static let names = [
    "x", "memory_bytes", "odd name", "a`b\\", ".5", "I", "log", "_z", "1st", "é", ".",
  ]

  static func arithmetic(_ draws: inout TestRandom, depth: Int) -> Expression {
    switch depth == 0 ? draws.below(2) : draws.below(6) {
    case 0: return .column(names[draws.below(names.count)])
    case 1:
      return .number(
        ([0, 1, 2.5, 1e9, 1e300, 1e-7, .leastNonzeroMagnitude] as [Double])[draws.below(7)])
    case 2: return .negate(arithmetic(&draws, depth: depth - 1))
    case 3:
      return .call(
        Function.allCases[draws.below(Function.allCases.count)],
        arithmetic(&draws, depth: depth - 1))
    default:
      return .binary(
        Operator.allCases[draws.below(5)], arithmetic(&draws, depth: depth - 1),
        arithmetic(&draws, depth: depth - 1))
    }
  }

  static func model(_ draws: inout TestRandom, depth: Int) -> ModelExpression {
    switch depth == 0 ? draws.below(4) : draws.below(8) {
    case 0: return .variable(.expression(.column(names[draws.below(names.count)])))
    case 1: return .variable(.expression(.call(.identity, arithmetic(&draws, depth: 2))))
    case 2: return .variable(.factor(names[draws.below(names.count)]))
    case 3: return .variable(.polynomial(arithmetic(&draws, depth: 1), degree: 1 + draws.below(5)))
    case 4: return .power(model(&draws, depth: depth - 1), 1 + draws.below(3))
    case 5:
      let parts = (0...(1 + draws.below(2))).map { _ in model(&draws, depth: depth - 1) }
      return .interaction(parts)
    case 6:
      let parts = (0...(1 + draws.below(2))).map { _ in model(&draws, depth: depth - 1) }
      return .crossing(parts)
    default:
      var items = (0...(1 + draws.below(2))).map { _ in
        ModelExpression.Item(adds: draws.below(3) > 0, term: model(&draws, depth: depth - 1))
      }
      if draws.below(3) == 0 {
        items.append(.init(adds: draws.below(2) == 0, term: .intercept(true)))
      }
      return .sum(items)
    }
  }
}

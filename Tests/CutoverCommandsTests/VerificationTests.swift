import Foundation
import MigrationModels
import TestSupport
import Testing

@testable import CutoverCommands

@Suite struct VerificationTests {
  static let oracle = Fixtures.directory.appending(path: "oracle.csv").path

  /// Every registered formula reproduces its rows of the oracle, all of them.
  @Test(arguments: EvaluatorRegistry.all.map(\.model))
  func reproducesTheOracle(_ model: String) throws {
    let file = try OracleFile(path: Self.oracle)
    let rows = file.rows.filter { $0.model == model }
    #expect(!rows.isEmpty, "\(model)")
    let verification = try Verification(rows, of: file, tolerance: nil)
    for finding in verification.findings {
      Issue.record(
        "\(model), line \(finding.row.line), \(finding.row.output): expected \(finding.row.value), found \(finding.found ?? finding.reason)"
      )
    }
    #expect(verification.passes && verification.tallies.map(\.rows) == [rows.count])
  }

  @Test func registryNamesEachModelOnce() {
    let models = EvaluatorRegistry.all.map(\.model)
    #expect(Set(models).count == models.count)
  }

  /// The same case under another name gives the same values: no formula is chosen by the name.
  @Test func caseNamesDoNotMatter() throws {
    let text = try String(contentsOfFile: Self.oracle, encoding: .utf8)
    let renamed = text.split(separator: "\n").enumerated().map { (index, line) in
      guard index > 0 else { return String(line) }
      var fields = line.split(separator: ",", maxSplits: 2, omittingEmptySubsequences: false)
      fields[1] = "case\(index)"[...]
      return fields.joined(separator: ",")
    }
    let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).csv")
    defer { try? FileManager.default.removeItem(at: path) }
    try Data((renamed.joined(separator: "\n") + "\n").utf8).write(to: path)
    let file = try OracleFile(path: path.path)
    let rows = file.rows.filter { EvaluatorRegistry.byModel[$0.model] != nil }
    let verification = try Verification(rows, of: file, tolerance: nil)
    #expect(verification.passes && rows.count > 100)
  }

  typealias Rule = (
    expected: String, found: OracleValue, isLogarithm: Bool, hasLogarithm: Bool, verdict: Verdict
  )

  @Test(
    arguments: [
      ("true", .flag(true), false, false, .pass(error: nil)),
      ("true", .flag(false), false, false, .fail(error: nil)),
      ("few_pages", .text("few_pages"), false, false, .pass(error: nil)),
      ("no_convergence", .noConvergence, false, false, .pass(error: nil)),
      ("no_convergence", .number(3), false, false, .fail(error: nil)),
      ("-", .text("-"), false, false, .pass(error: nil)),
      ("inf", .number(.infinity), false, false, .pass(error: nil)),
      ("-inf", .number(.infinity), false, false, .fail(error: nil)),
      ("-inf", .number(-.infinity), false, false, .pass(error: nil)),
      ("1.0", .number(.infinity), false, false, .fail(error: nil)),
      ("1.0", .number(.nan), false, false, .fail(error: nil)),
      ("0.0", .number(1e-10), false, false, .pass(error: 1e-10)),
      ("0.0", .number(1e-8), false, false, .fail(error: 1e-8)),
      ("1e-20", .number(2e-20), false, false, .fail(error: 1)),
      ("1e-11", .number(2e-11), true, false, .pass(error: 1e-11)),
      ("-8391.5", .number(-8391.500001), true, false, .pass(error: 1.1917e-10)),
      ("6.69e-8392", .number(0), false, true, .skipped),
      ("6.69e-8392", .number(0), false, false, .pass(error: nil)),
      ("6.69e-8392", .number(1e-300), false, false, .fail(error: nil)),
      ("2.0", .number(2 + 2e-9), false, false, .pass(error: 1e-9)),
      ("2.0", .number(2.0001), false, false, .fail(error: 5e-5)),
      ("5", .number(6), false, false, .fail(error: 0.2)),
      ("nan", .number(1), false, false, .fail(error: nil)),
    ] as [Rule])
  func comparisonRules(_ rule: Rule) {
    let verdict = Verification.verdict(
      expected: rule.expected, found: rule.found, isLogarithm: rule.isLogarithm,
      hasLogarithm: rule.hasLogarithm, tolerance: 1.001e-9)
    switch (verdict, rule.verdict) {
    case (.pass(let left?), .pass(let right?)), (.fail(let left?), .fail(let right?)):
      // The errors in the table above are rounded.
      #expect(abs(left - right) <= 1e-3 * right, "\(rule)")
    default:
      #expect(verdict == rule.verdict, "\(rule)")
    }
  }

  @Test func inputsThatNothingAskedForAreFound() throws {
    var inputs = try OracleInputs("V_mem=10;R=2;extra=1")
    #expect(try inputs.number("V_mem") == 10 && inputs.has("R"))
    #expect(inputs.unused == ["R", "extra"])
    #expect(throws: EvaluationError.missing("D")) { try inputs.number("D") }
    #expect(throws: EvaluationError.self) { try inputs.count("extra2") }
    #expect(throws: OracleFault.self) { try OracleInputs("V_mem") }
    #expect(throws: OracleFault.self) { try OracleInputs("V=1;V=2") }
  }
}

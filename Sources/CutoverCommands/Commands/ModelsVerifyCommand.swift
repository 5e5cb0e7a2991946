import ArgumentParser
import ModelCore
import Reporting

extension ModelsCommand {
  struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "verify", abstract: "Hold the formulas against a file of values.",
      discussion: """
        FILE is CSV with the columns model, case, inputs, output and value, one value a row; \
        inputs are written as V_mem=1024;R=100;D=20. The model key and the names of the inputs \
        say which formula is meant. Prints a line per model, and exits with status 1 when a value \
        differs by more than the tolerance or cannot be evaluated.

          cutover models verify values.csv --model liu_basic,liu_capped
        """)

    @Argument(help: "CSV with model, case, inputs, output and value; - for stdin.")
    var file: String

    @Option(help: "Verify only these model keys, separated by commas.")
    var model: String?

    @Option(
      help: "The largest relative error that passes; 1e-9, or what the model's formulas keep.")
    var tolerance: Double?

    @OptionGroup var output: OutputOptions

    func run() throws {
      if let tolerance, !(tolerance >= 0 && tolerance.isFinite) {
        throw UsageError("--tolerance: \(tolerance) is not a relative error, such as 1e-9")
      }
      let keys = try model.map(ModelSelection.list)
      let destination = try output.destination()
      let oracle = try OracleFile(path: file)
      let rows = try selected(oracle, keys)
      let verification = try Verification(rows, of: oracle, tolerance: tolerance)
      try destination.write(try report(verification), significantDigits: output.digits)
      try destination.commit()
      if !verification.passes { throw NegativeVerdict(message: summary(verification, oracle)) }
    }

    private func selected(_ oracle: OracleFile, _ keys: [String]?) throws -> [OracleRow] {
      guard let keys else { return oracle.rows }
      let present = Set(oracle.rows.map(\.model))
      for key in keys where !present.contains(key) {
        throw UsageError(
          "--model: \(oracle.name) has no rows of model \(key)"
            + suggestion(nearestWords(to: key, among: present.sorted())))
      }
      let wanted = Set(keys)
      return oracle.rows.filter { wanted.contains($0.model) }
    }

    private func report(_ verification: Verification) throws -> Report {
      let tallies = verification.tallies
      var report = Report()
      try report.add(
        try Table([
          Column("model", text: tallies.map(\.model)),
          Column("cases", numbers: tallies.map { Double($0.cases.count) }),
          Column("rows", numbers: tallies.map { Double($0.rows) }),
          Column("skipped", numbers: tallies.map { Double($0.skipped) }),
          Column("failures", numbers: tallies.map { Double($0.failures) }),
          Column("not_evaluated", numbers: tallies.map { Double($0.notEvaluated) }),
          Column("worst_relative_error", numbers: tallies.map(\.worstError)),
          Column("tolerance", numbers: tallies.map(\.tolerance.value)),
        ]), name: "models")
      var reasons: [String] = []
      for tolerance in tallies.map(\.tolerance) {
        let note = "tolerance \(tolerance.value): \(tolerance.reason)"
        if !reasons.contains(note) { reasons.append(note) }
      }
      report.add(notes: reasons)
      let findings = verification.findings
      if !findings.isEmpty {
        try report.add(
          try Table([
            Column("line", numbers: findings.map { Double($0.row.line) }),
            Column("model", text: findings.map(\.row.model)),
            Column("case", text: findings.map(\.row.caseName)),
            Column("output", text: findings.map(\.row.output)),
            Column("expected", text: findings.map(\.row.value)),
            Column("found", text: findings.map(\.found)),
            Column("relative_error", numbers: findings.map(\.error)),
            Column("reason", text: findings.map(\.reason)),
          ]), name: "findings")
        if verification.omittedFindings > 0 {
          report.add(
            notes: [
              "\(verification.omittedFindings) more rows do not pass; the first "
                + "\(Verification.keptFindings) of each model are listed"
            ])
        }
      }
      return report
    }

    /// The verdict in a line, and the first finding for those who see no table of them.
    private func summary(_ verification: Verification, _ oracle: OracleFile) -> String {
      let failures = verification.tallies.reduce(0) { $0 + $1.failures }
      let notEvaluated = verification.tallies.reduce(0) { $0 + $1.notEvaluated }
      var words =
        "\(failures) \(failures == 1 ? "value differs" : "values differ"), "
        + "\(notEvaluated) \(notEvaluated == 1 ? "is" : "are") not evaluated"
      if let first = verification.findings.first {
        words +=
          "; the first is \(oracle.name):\(first.row.line): \(first.row.output) of "
          + "\(first.row.model), expected \(first.row.value), "
          + (first.found.map { "found \($0)" } ?? first.reason)
      }
      return words
    }
  }
}

import Foundation
import TestSupport
import Testing

/// Every number in the README is printed by the command above it: each `console` block is run,
/// and what it prints has to be what stands there.
///
/// `RECORD_GOLDEN=1 swift test --filter ReadmeTests` writes the blocks anew and fails.
@Suite struct ReadmeTests {
  static let readme = Fixtures.checkout.appending(path: "README.md")

  @Test func blocksPrintWhatTheySay() throws {
    let text = try String(contentsOf: Self.readme, encoding: .utf8)
    var parts = text.components(separatedBy: "```console\n")
    #expect(parts.count >= 6)
    for index in parts.indices.dropFirst() {
      let block = parts[index].components(separatedBy: "```")[0]
      let command = try #require(block.split(separator: "\n").first)
      #expect(command.hasPrefix("$ cutover "))
      let runner = try CommandRunner()
      defer { runner.remove() }
      let result = try runner.run(String(command.dropFirst(2)))
      #expect(result.status == 0 && result.errors.isEmpty, "\(command): \(result.errors)")
      let expected = "\(command)\n\(result.output)"
      if ProcessInfo.processInfo.environment["RECORD_GOLDEN"] != nil {
        parts[index] = expected + parts[index].dropFirst(block.count)
      } else {
        #expect(block == expected)
      }
    }
    if ProcessInfo.processInfo.environment["RECORD_GOLDEN"] != nil {
      try Data(parts.joined(separator: "```console\n").utf8).write(to: Self.readme)
      Issue.record("recorded")
    }
  }

  /// The errors of the calibrated model and of those beside it are the report's.
  @Test func errorsAreThoseOfTheReport() throws {
    let report = Fixtures.checkout.appending(path: "Reports/calibrated/comparison.csv")
    let lines = try String(contentsOf: report, encoding: .utf8).split(separator: "\n")
      .map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
    let header = lines[0]
    let (median, ninetieth) = (
      try #require(header.firstIndex(of: "mdape")), try #require(header.firstIndex(of: "p90_ape"))
    )
    let columns = [
      ["total_time_s", "all"], ["transferred_bytes", "all"], ["downtime_observed_s", "all"],
      ["total_time_s", "precopy"],
    ]
    func percent(_ text: String) throws -> String {
      let value = 100 * (try #require(Double(text)))
      return String(format: value >= 10 ? "%.0f" : "%.1f", value)
    }
    let readme = try String(contentsOf: Self.readme, encoding: .utf8)
    let rows = readme.split(separator: "\n").filter { $0.hasPrefix("| `") && $0.hasSuffix("|") }
      .map { $0.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) } }
      .filter { $0.count == columns.count + 1 }
    #expect(rows.count == 8)
    for row in rows {
      let model = row[0].trimmingCharacters(in: ["`"])
      for (column, cell) in zip(columns, row.dropFirst()) {
        let line = try #require(lines.first { Array($0[0...2]) == column + [model] })
        let errors = (line[median], line[ninetieth])
        let expected =
          errors.1.isEmpty ? "" : "\(try percent(errors.0)) / \(try percent(errors.1)) %"
        #expect(cell == expected, "\(model) \(column)")
      }
    }
  }
}

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
}

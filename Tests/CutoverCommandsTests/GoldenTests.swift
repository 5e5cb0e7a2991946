import Foundation
import TestSupport
import Testing

/// The command's golden cases: `Tests/Golden/NAME/` holds `cmd` (a shell line in which `cutover`
/// is the built command, run at the top of the checkout), `expout`, `experr` and `excode`.
///
/// `RECORD_GOLDEN=1 swift test --filter GoldenTests` writes what the commands print; the run
/// then fails, and `git diff` shows what changed.
@Suite struct GoldenTests {
  static let directory = Fixtures.checkout.appending(path: "Tests/Golden")

  static let cases: [String] = {
    let names = try? FileManager.default.contentsOfDirectory(atPath: directory.path)
    return (names ?? []).filter { !$0.hasPrefix(".") }.sorted()
  }()

  @Test func casesAreThere() {
    #expect(Self.cases.count >= 50)
  }

  @Test(arguments: cases)
  func golden(_ name: String) throws {
    let folder = Self.directory.appending(path: name)
    let line = try String(contentsOf: folder.appending(path: "cmd"), encoding: .utf8)
    let runner = try CommandRunner()
    defer { runner.remove() }
    let result = try runner.run(line)
    let files = [
      ("expout", result.output), ("experr", result.errors), ("excode", "\(result.status)\n"),
    ]
    if ProcessInfo.processInfo.environment["RECORD_GOLDEN"] != nil {
      for (file, text) in files {
        try Data(text.utf8).write(to: folder.appending(path: file))
      }
      Issue.record("\(name): recorded")
      return
    }
    for (file, text) in files {
      let expected = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
      #expect(text == expected, "\(name)/\(file)")
    }
  }
}

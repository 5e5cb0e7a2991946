import Foundation
import ModelCore
import TestSupport
import Testing

/// Whatever the command prints, the glossary explains: the header of every golden case in CSV.
@Suite struct PrintedColumnsTests {
  @Test func everyPrintedColumnIsExplained() throws {
    var checked = 0
    for name in GoldenTests.cases {
      let folder = GoldenTests.directory.appending(path: name)
      let command = try String(contentsOf: folder.appending(path: "cmd"), encoding: .utf8)
      let output = try String(contentsOf: folder.appending(path: "expout"), encoding: .utf8)
      // Rows of an input pass through with whatever columns they have.
      guard command.contains("--format csv"), !command.contains("--scenarios"),
        !command.contains("augment"), !command.contains("&&"),
        let header = output.split(separator: "\n").first
      else { continue }
      for column in header.split(separator: ",") {
        checked += 1
        #expect(Glossary.explanation(of: String(column)) != nil, "\(name): \(column)")
      }
    }
    #expect(checked > 50)
  }
}

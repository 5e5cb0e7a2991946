import Foundation
import TestSupport
import Testing

/// Timings are not tested; that they are taken of the right work is.
@Suite struct BenchTests {
  @Test func jobsAloneAndBesideAPeer() throws {
    let runner = try CommandRunner()
    defer { runner.remove() }
    let options = "--rows 10000 --rounds 2 --data $TMP/data --only 'few digits' --format csv"
    let alone = try runner.run("cutover bench \(options)")
    #expect(alone.status == 0, "\(alone.errors)")
    let lines = alone.output.split(separator: "\n").map { $0.split(separator: ",") }
    #expect(lines.count == 2)
    #expect(
      lines.last?.prefix(4).map(String.init) == [
        "\"write 1000 x 8 as CSV", " few digits\"", "cutover", "2",
      ])
    // A peer that says what Cutover computes, and one that computes something else.
    let sum = try runner.run("cutover bench job write 1000 8 /dev/null | sed -n 's/^value //p'")
    let value = sum.output.trimmingCharacters(in: .whitespacesAndNewlines)
    for (answer, status) in [(value, 0 as Int32), ("7", 65)] {
      let script = "printf 'versions fake 1\\nseconds 3\\nvalue \(answer)\\n'"
      let result = try runner.run(
        "echo \"\(script)\" > $TMP/peer; cutover bench \(options) --python /bin/sh --peers $TMP/peer"
          + " -o $TMP/out")
      #expect(result.status == status, "\(result.errors)")
      if status == 0 {
        let rows = result.output.split(separator: "\n").map(String.init)
        #expect(rows.count == 3 && rows.last?.contains("polars write_csv,2,3,3,3,") == true)
        let report = try String(
          contentsOf: runner.scratch.appending(path: "out/compare.txt"), encoding: .utf8)
        #expect(report.contains("Peers: fake 1."))
      } else {
        #expect(result.errors.contains("no time is taken of different work"))
      }
    }
  }

  /// Every peer of the table is asked for by a job that its script has.
  @Test func everyPeerHasItsJob() throws {
    let folder = Fixtures.checkout.appending(path: "Sources/Benchmarking")
    let script = try String(
      contentsOf: folder.appending(path: "Peers/peers.py"), encoding: .utf8)
    let table = try String(
      contentsOf: folder.appending(path: "Comparison.swift"), encoding: .utf8)
    var found = 0
    for line in table.split(separator: "\n") where line.contains("peer(\"") {
      let words = line.split(separator: "\"", omittingEmptySubsequences: false)
      let position = try #require(words.firstIndex { $0.hasSuffix("peer(") })
      let job = try #require(words.count > position + 3 ? words[position + 3] : nil)
      found += 1
      #expect(script.contains("\"\(job)\": "), "\(job)")
    }
    #expect(found >= 12)
  }
}

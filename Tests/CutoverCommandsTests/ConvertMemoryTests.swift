import Foundation
import TestSupport
import Testing

/// Memory of a conversion does not grow with the log: ten times the polls, the same peak.
@Suite struct ConvertMemoryTests {
  /// A migration that goes on and on: each poll a little further.
  private static func polls(_ count: Int, to url: URL) throws {
    var text = ""
    for i in 0..<count {
      text += """
        {"timestamp":\(1_700_000_000 + i),"return":{"status":"active","total-time":\(1000 * i),\
        "setup-time":5,"expected-downtime":300,"ram":{"total":1099511627776,"remaining":\(500_000 + i),\
        "transferred":\(1_000_000 * i),"duplicate":\(10 * i),"skipped":0,"normal":\(200 * i),\
        "normal-bytes":\(819_200 * i),"mbps":800.5,"dirty-pages-rate":\(i % 977),\
        "dirty-sync-count":\(1 + i / 50),"postcopy-requests":0,"page-size":4096,\
        "unknown-counter":\(i)}}}

        """
    }
    try Data(text.utf8).write(to: url)
  }

  /// The peak of the resident set of one run of the command, in bytes.
  private static func peak(_ name: String, _ runner: CommandRunner) throws -> Int {
    // A process of its own asks, so that the children of other tests do not count.
    let script = """
      import resource, subprocess, sys
      subprocess.run(sys.argv[1:], check=True, stderr=subprocess.DEVNULL)
      print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)
      """
    let result = try runner.run(
      "python3 -c '\(script)' cutover trace convert $TMP/\(name) -o $TMP/\(name).csv "
        + "--samples $TMP/\(name).samples.csv")
    #expect(result.status == 0, "\(result)")
    return try #require(Int(result.output.trimmingCharacters(in: .whitespacesAndNewlines)))
  }

  @Test func tenTimesThePollsTakeTheSameMemory() throws {
    let runner = try CommandRunner()
    defer { runner.remove() }
    // Both are above the size from which a log is read in pieces: 5 MB and 50 MB.
    let few = 12_000
    try Self.polls(few, to: runner.scratch.appending(path: "few.ndjson"))
    try Self.polls(10 * few, to: runner.scratch.appending(path: "many.ndjson"))
    let (small, large) = (
      try Self.peak("few.ndjson", runner), try Self.peak("many.ndjson", runner)
    )
    // Kept, the 45 MB more of text or the 108000 samples more would be more than this; an
    // allocator's leftovers are less.
    #expect(large - small < 20 << 20, "\(small >> 20) MiB, then \(large >> 20) MiB")
    let samples = try String(
      contentsOf: runner.scratch.appending(path: "many.ndjson.samples.csv"), encoding: .utf8)
    #expect(samples.utf8.count { $0 == 0x0A } == 10 * few + 1)
  }
}

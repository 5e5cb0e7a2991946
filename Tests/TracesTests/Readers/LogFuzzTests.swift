import Foundation
import ModelCore
import TestSupport
import Testing

@testable import Traces

/// Whatever happens to a log's bytes, the answer is rows or an error: never a trap, never a value
/// outside its domain.
///
/// `FUZZ_SECONDS=600 swift test -c release --filter LogFuzzTests` goes on for that long over all
/// readers, with seeds of the clock; a case that fails is written to the temporary folder and
/// belongs into `Tests/Fixtures/log-faults`.
@Suite struct LogFuzzTests {
  private static let words: [[UInt8]] = [
    "-nan", "1e308", "-1", "99999999999999999999", "{", "}", "[", "\"", "\\u0000", ":", "=", " ",
    "\n", "\r\n", "kbytes", "MiB", "completed", "status", "0", ".", "-", "2026-13-45 99:99:99",
    "Infinity", "null", "true", "---", "&a", "*a", "%",
  ].map { Array($0.utf8) }

  static func mutate(_ bytes: [UInt8], _ generator: inout TestRandom) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...8, using: &generator) where !bytes.isEmpty {
      let at = Int.random(in: 0..<bytes.count, using: &generator)
      let other = Int.random(in: 0..<bytes.count, using: &generator)
      let range = min(at, other)..<min(max(at, other), min(at, other) + 400)
      switch Int.random(in: 0..<8, using: &generator) {
      case 0: bytes[at] = .random(in: 0...255, using: &generator)
      case 1: bytes.insert(contentsOf: words.randomElement(using: &generator) ?? [], at: at)
      case 2: bytes.remove(at: at)
      case 3: bytes.removeSubrange(range)
      case 4: bytes.insert(contentsOf: bytes[range], at: at)
      case 5: bytes.removeSubrange(at...)
      case 6: bytes[at] ^= 1 << UInt8.random(in: 0...7, using: &generator)
      default:
        // A digit for a digit: the lines stay well formed, the numbers do not stay sensible.
        if let digit = bytes[at...].firstIndex(where: { (0x30...0x39).contains($0) }) {
          bytes[digit] = .random(in: 0x30...0x39, using: &generator)
        }
      }
    }
    return bytes
  }

  /// Reads it as its kind and as what it looks like, with and without samples.
  ///
  /// - Returns: rows made.
  static func read(_ bytes: [UInt8], as kind: LogKind, blockSize: Int) throws -> Int {
    var made = 0
    for chosen in [kind, nil] {
      var options = LogOptions()
      options.kind = chosen
      options.wantsSamples = true
      options.blockSize = blockSize
      do throws(TraceError) {
        let log = try TraceReader.Input.bytes(bytes, name: "m.log").readLog(options: options)
        made += log.rows.count
        let table = try LogTables.trace(log.rows)
        let csv = CSVEncoding().bytes(of: table)
        _ = try LogTables.curves(log.readings)
        #expect((try? log.samples.table()) != nil)
        if !log.rows.isEmpty {
          // What is written is a trace: no value outside its domain, ids unique.
          let check = try TraceCheck(reading: TraceReader(bytes: csv, name: "m.csv"))
          let errors = check.findings.filter { $0.severity == .error }
          let harmless: Set = ["used-above-memory"]
          #expect(errors.allSatisfy { harmless.contains($0.rule) }, "\(errors)")
        }
      } catch {
        #expect([.badData].contains(error.category), "\(error)")
        #expect(error.description.hasPrefix("m.log"), "\(error)")
      }
    }
    return made
  }

  /// Enough for every kind of mutation, little enough for every run of the tests.
  private let roundsPerLog = 12

  @Test(arguments: LogFixtures.all)
  func mutantsNeverTrap(_ name: String) throws {
    // Fixed: what `make test` does is the same every time.
    let seed = UInt64(name.utf8.reduce(7) { ($0 &* 31) &+ UInt64($1) })
    var generator = TestRandom(seed: seed)
    print("log mutation seed \(seed) \(name)")
    let original = try LogFixtures.bytes(name)
    let kind = try LogFixtures.kind(name)
    var rows = 0
    for round in 0..<roundsPerLog {
      let mutant = Self.mutate(original, &generator)
      rows += try Self.read(mutant, as: kind, blockSize: round % 2 == 0 ? 4096 : 1 + round)
    }
    // A log of one record breaks whole more often than not; a test in which all do proves little.
    let measuresOnly = name.hasPrefix("domstats/") || name.hasPrefix("hmp/dirty")
    let lineCount = original.count { $0 == lineFeed }
    #expect(rows > 0 || measuresOnly || lineCount < 3, "\(name): \(rows) rows")
  }

  /// Logs that once failed, or that a fuzzer might come to.
  @Test(arguments: try FileManager.default.contentsOfDirectory(atPath: faults.path).sorted())
  func faultsAreErrorsOrRows(_ name: String) throws {
    let bytes = Array(try Data(contentsOf: Self.faults.appending(path: name)))
    for kind in LogKind.allCases where kind != .trace && kind != .csv {
      _ = try Self.read(bytes, as: kind, blockSize: 4096)
    }
  }

  static let faults = LogFixtures.root.deletingLastPathComponent().appending(path: "log-faults")

  @Test(
    .enabled(if: ProcessInfo.processInfo.environment["FUZZ_SECONDS"] != nil))
  func goesOn() throws {
    let seconds = Double(ProcessInfo.processInfo.environment["FUZZ_SECONDS"] ?? "") ?? 60
    let corpus = try LogFixtures.all.map { (try LogFixtures.kind($0), try LogFixtures.bytes($0)) }
    let clock = ContinuousClock()
    let end = clock.now + .seconds(seconds)
    var seed = UInt64(Date().timeIntervalSince1970)
    var count = 0
    var rows = 0
    var slowest = Duration.zero
    let last = FileManager.default.temporaryDirectory.appending(path: "cutover-fuzz-last")
    while clock.now < end {
      seed += 1
      var generator = TestRandom(seed: seed)
      let (kind, original) = corpus[Int(seed % UInt64(corpus.count))]
      var mutant = Self.mutate(original, &generator)
      for _ in 0..<Int.random(in: 0...3, using: &generator) {
        mutant = Self.mutate(mutant, &generator)
      }
      // A trap leaves the bytes behind.
      try Data(mutant).write(to: last)
      let start = clock.now
      rows += try Self.read(mutant, as: kind, blockSize: 4096)
      slowest = max(slowest, clock.now - start)
      count += 1
    }
    print("fuzz: \(count) logs, \(rows) rows, slowest \(slowest), last seed \(seed)")
    #expect(slowest < .seconds(5))
  }
}

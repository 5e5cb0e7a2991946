import ModelCore
import TestSupport
import Testing

@testable import Traces

/// Whatever happens to a file's bytes, the answer is a table or an error: never a trap.
@Suite struct MutationTests {
  static let valid = Array(
    """
    id,technique,status,memory_bytes,zero_fraction,note,total_time_s\r
    a,precopy,completed,8589934592,0.5,"with ""quotes"", and commas",12.5\r
    b,"postcopy",failed,1e9,0,"two
    lines",\r
    ü,hybrid,timeout,123456789.125,1,,3e2

    """.utf8)

  private static func mutate(_ bytes: [UInt8], _ generator: inout TestRandom) -> [UInt8] {
    var bytes = bytes
    let interesting: [UInt8] = [0, 9, 10, 13, 34, 44, 45, 46, 48, 101, 127, 128, 0xC3, 0xFF]
    for _ in 0..<Int.random(in: 1...6, using: &generator) where !bytes.isEmpty {
      let at = Int.random(in: 0..<bytes.count, using: &generator)
      let other = Int.random(in: 0..<bytes.count, using: &generator)
      switch Int.random(in: 0..<6, using: &generator) {
      case 0: bytes[at] = interesting.randomElement(using: &generator) ?? 0
      case 1: bytes[at] = .random(in: 0...255, using: &generator)
      case 2: bytes.insert(interesting.randomElement(using: &generator) ?? 0, at: at)
      case 3: bytes.remove(at: at)
      case 4: bytes.removeSubrange(min(at, other)..<max(at, other))
      default: bytes.insert(contentsOf: bytes[min(at, other)..<max(at, other)], at: at)
      }
    }
    return bytes
  }

  @Test(arguments: [false, true])
  func mutantsNeverTrap(packed: Bool) throws {
    let seed = UInt64.random(in: 0..<1 << 32)
    var generator = TestRandom(seed: seed)
    print("mutation seed \(seed)")
    let original = packed ? storedGzip(Self.valid) : Self.valid
    var tables = 0
    for round in 0..<4000 {
      let bytes = Self.mutate(original, &generator)
      var answers: [String] = []
      for blockSize in [1 + round % 9, 4096] {
        var options = TraceOptions()
        options.blockSize = blockSize
        options.badRows = [.fail, .skip, .collect][round % 3]
        let reader = TraceReader(bytes: bytes, name: "m.csv", options: options)
        do throws(TraceError) {
          let read = try reader.readTable()
          tables += 1
          answers.append("\(read.table.columns) \(read.problems) \(read.skipped)")
          // What was read can be described and checked, too.
          #expect(try TraceInfo(read).rowCount == read.table.rowCount)
          #expect(TraceCheck(read).rowCount == read.table.rowCount)
        } catch {
          #expect(error.category == .badData && error.description.hasPrefix("m.csv:"), "\(error)")
          answers.append(error.description)
        }
      }
      // Where a block ends is nobody's business. Only damaged gzip may show in two ways: by its
      // content, or by its checksum when that is in the same block.
      let isDamaged = answers.contains { $0.contains("gzip data is damaged") }
      #expect(
        answers[0] == answers[1] || (packed && isDamaged),
        "seed \(seed) round \(round) bytes \(bytes)")
    }
    // A test in which every mutant fails at its header would prove little. Packed, next to every
    // mutant fails its checksum.
    #expect(tables > (packed ? 0 : 400), "seed \(seed): \(tables) tables")
  }
}

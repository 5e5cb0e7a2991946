import Kernels
import TestSupport
import Testing

/// Line ends and quotes are counted alike at all levels of the processor.
@Suite(.serialized) struct CountKernelTests {
  static func expected(_ bytes: [UInt8]) -> (lines: Int, quotes: Int) {
    var (lines, quotes) = (0, 0)
    for (place, byte) in bytes.enumerated() {
      let isBeforeLineFeed = place + 1 < bytes.count && bytes[place + 1] == UInt8(ascii: "\n")
      if byte == UInt8(ascii: "\n") || (byte == UInt8(ascii: "\r") && !isBeforeLineFeed) {
        lines += 1
      }
      if byte == UInt8(ascii: "\"") { quotes += 1 }
    }
    return (lines, quotes)
  }

  /// Of every length around those of vectors; what stands behind the last byte does not count.
  @Test(arguments: [CUTOVER_LEVEL_BASE, CUTOVER_LEVEL_AVX2, CUTOVER_LEVEL_AVX512])
  func lineEndsAndQuotes(level: Int32) {
    cutover_limit_kernel_level(level)
    defer { cutover_limit_kernel_level(CUTOVER_LEVEL_AVX512) }
    let seed = UInt64.random(in: 0..<1 << 32)
    print("count kernel seed \(seed)")
    var generator = TestRandom(seed: seed)
    for length in Array(0...300) + [1000, 4096, 70_000] {
      let bytes = (0..<length + 2).map { _ in
        Array("ab\"\r\n".utf8).randomElement(using: &generator) ?? 0
      }
      let expected = Self.expected(Array(bytes[..<length]))
      let found = bytes.withUnsafeBufferPointer { cutover_csv_count($0.baseAddress, length) }
      #expect(
        found.lines == expected.lines && found.quotes == expected.quotes,
        "seed \(seed), \(length) bytes")
    }
  }
}

import Quantities
import TestSupport
import Testing

@Suite struct QuantityPrintingTests {
  @Test(
    arguments: [
      (1_073_741_824, "1GiB"), (100, "100B"), (1000, "1kB"), (1024, "1KiB"), (2_621_440, "2.5MiB"),
      (0, "0B"), (512e6, "512MB"), (4096, "4KiB"), (1e30, "1e+30B"), (1e-10, "1e-10B"),
      (0.5, "0.5B"), (-1024, "-1KiB"), (.infinity, "infB"), (1_572_864, "1.5MiB"),
    ] as [(Double, String)])
  func sizes(bytes: Double, text: String) {
    #expect(Bytes(siValue: bytes).description == text)
  }

  @Test(
    arguments: [
      (0.3, "300ms"), (90, "90s"), (120, "2min"), (5400, "1.5h"), (600, "10min"), (86400, "1d"),
      (100_000, "100000s"), (20e-6, "20us"), (1e-7, "100ns"), (0.0007, "700us"), (1e-15, "1e-15s"),
      (1.25, "1.25s"), (0, "0s"),
    ] as [(Double, String)])
  func durations(seconds: Double, text: String) {
    #expect(Seconds(siValue: seconds).description == text)
  }

  @Test func otherKinds() {
    #expect(ByteRate(siValue: 125_000_000).description == "125MB/s")
    #expect(ByteRate(siValue: 134_217_728).description == "128MiB/s")
    #expect(PageRate(siValue: 30000).description == "30000pages/s")
    #expect(PageCount(siValue: 1e20).description == "1e+20pages")
    #expect(Joules(siValue: 3000).description == "3kJ")
    #expect(Joules(siValue: 0.02).description == "20mJ")
    #expect(Frequency(siValue: 0.5).description == "0.5/s")
    #expect(Ratio(siValue: 0.01).description == "0.01")
    #expect(Ratio(siValue: 1.3).description == "1.3")
  }

  @Test func rounded() {
    #expect(Bytes(siValue: 1_431_655_765).formatted(significantDigits: 3) == "1.33GiB")
    #expect(Bytes(siValue: 1_073_741_823).formatted(significantDigits: 3) == "1GiB")
    #expect(Bytes(siValue: 1000).formatted(significantDigits: 3) == "1kB")
    #expect(ByteRate(siValue: 123_456_789).formatted(significantDigits: 3) == "123MB/s")
    #expect(Seconds(siValue: 0.9999996).formatted(significantDigits: 3) == "1s")
    #expect(Seconds(siValue: 0.012345).formatted(significantDigits: 3) == "12.3ms")
    #expect(Seconds(siValue: 5400).formatted(significantDigits: 3) == "5400s")
    #expect(Seconds(siValue: -0.25).formatted(significantDigits: 3) == "-250ms")
    #expect(Ratio(siValue: 2.0 / 3).formatted(significantDigits: 3) == "0.667")
    #expect(Seconds(siValue: 0).formatted(significantDigits: 3) == "0s")
  }

  /// Whatever is printed reads back as the same double, for every kind and magnitude.
  @Test(arguments: [UInt64(20_260_101), 7])
  func roundTrip(seed: UInt64) throws {
    var generator = TestRandom(seed: seed)
    for _ in 0..<5_000 {
      for value in [generator.anyMagnitude(), generator.everyday()] {
        try expectRoundTrip(Bytes(siValue: value), seed)
        try expectRoundTrip(ByteRate(siValue: value), seed)
        try expectRoundTrip(Seconds(siValue: value), seed)
        try expectRoundTrip(Joules(siValue: value), seed)
        // One printed unit each: a tenth of the numbers says as much.
        if generator.next() % 10 == 0 {
          try expectRoundTrip(PageCount(siValue: value), seed)
          try expectRoundTrip(PageRate(siValue: value), seed)
          try expectRoundTrip(Frequency(siValue: value), seed)
          try expectRoundTrip(Ratio(siValue: value), seed)
        }
      }
    }
  }

  private func expectRoundTrip<Q: Quantity>(_ quantity: Q, _ seed: UInt64) throws {
    // `#expect` on each of tens of thousands of numbers would dominate the run.
    let text = quantity.description
    if try Q(parsing: text) != quantity {
      Issue.record("seed \(seed): \(quantity.siValue) prints as \(text)")
    }
  }
}

import Quantities
import TestSupport
import Testing

@Suite struct DecimalNumberTests {
  // Ties are exact in binary (0.125, 2.5): half goes to even. 2.675 is a double just below the
  // decimal, 1.005 too: rounding the exact value goes down where naive scaling goes up.
  @Test(
    arguments: [
      (0.125, 2, "0.12"), (0.375, 2, "0.38"), (2.5, 1, "2"), (3.5, 1, "4"), (2.675, 3, "2.67"),
      (1.005, 3, "1"), (123456, 3, "123000"), (999.5, 3, "1000"), (998.5, 3, "998"), (0, 3, "0"),
      (-0.0, 3, "0"), (-1.25, 2, "-1.2"), (0.0001, 6, "0.0001"), (0.00009999, 6, "9.999e-05"),
      (999_999_999_999_999, 15, "999999999999999"), (1e15, 6, "1e+15"), (1e-300, 6, "1e-300"),
      (1.5e300, 6, "1.5e+300"), (.infinity, 3, "inf"), (-.infinity, 3, "-inf"),
      (.nan, 3, ""), (2.0 / 3, 3, "0.667"), (2.0 / 3, 17, "0.66666666666666663"), (7, 0, "7"),
      (0.1, 99, "0.10000000000000001"),
      (.leastNonzeroMagnitude, 3, "4.94e-324"), (100, 6, "100"), (120.5, 6, "120.5"),
    ] as [(Double, Int, String)])
  func rounds(value: Double, digits: Int, text: String) {
    #expect(roundedDecimal(value, significantDigits: digits) == text)
  }

  @Test func shiftsWithoutArithmetic() throws {
    let number = try #require(DecimalNumber(shortest: 0.3))
    #expect(number.shifted(byPowerOfTen: 3).text == "300")
    #expect(number.shifted(byPowerOfTen: -2).text == "0.003")
    #expect(DecimalNumber(shortest: .infinity) == nil && DecimalNumber(shortest: .nan) == nil)
    #expect(DecimalNumber(shortest: 0)?.shifted(byPowerOfTen: 5).text == "0")
  }

  /// The shortest text reads back, and rounding is idempotent and off by half a digit at most.
  @Test func properties() throws {
    let seed: UInt64 = 11
    var generator = TestRandom(seed: seed)
    for _ in 0..<20_000 {
      let value = generator.anyMagnitude()
      let shortest = try #require(DecimalNumber(shortest: value)?.text)
      if Double(shortest) != value { Issue.record("seed \(seed): \(value) -> \(shortest)") }
      let digits = Int(generator.next() % 15) + 1
      let text = roundedDecimal(value, significantDigits: digits)
      let read = try #require(Double(text))
      if read.isFinite, roundedDecimal(read, significantDigits: digits) != text, read.isNormal {
        Issue.record("seed \(seed): \(value) to \(digits) digits is \(text), which rounds again")
      }
      // A relative half unit of the last digit is at most 0.5 x 10^(1-digits); the extra
      // 2^-52 is the reading of the text.
      let tolerance = 0.5 * Double("1e\(1 - digits)")! + 0x1p-52
      if value.isNormal, read.isFinite, abs(read - value) > tolerance * value {
        Issue.record("seed \(seed): \(value) to \(digits) digits is \(text)")
      }
    }
  }
}

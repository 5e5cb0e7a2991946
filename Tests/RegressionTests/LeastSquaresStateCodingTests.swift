import ModelCore
import TestSupport
import Testing

@testable import Regression

@Suite struct LeastSquaresStateCodingTests {
  static func sample() throws -> LeastSquaresState {
    try streamed(
      "log(total_time_s) ~ poly(memory_bytes, 2) + technique * vcpus + C(vcpus)", referenceData(),
      weights: "w", batch: 9)
  }

  /// The same contents under a right checksum.
  static func sealed(_ bytes: [UInt8]) -> [UInt8] {
    var answer = StateWriter()
    answer.append(Array(bytes.dropLast(8)))
    answer.write(StateChecksum.of(answer.bytes))
    return answer.bytes
  }

  @Test func readsWhatItWrote() throws {
    let state = try Self.sample()
    let back = try LeastSquaresState(decoding: state.encoded())
    #expect(back == state && back.encoded() == state.encoded())
    #expect(try back.fit() == state.fit())
    // It goes on as if nothing had been in between.
    var (one, two) = (state, back)
    try one.add(referenceData())
    try two.add(referenceData())
    #expect(one == two)
    let empty = LeastSquaresState(
      try StreamingDesign(Formula("y ~ 0 + g"), kinds: ["y": .numbers]))
    #expect(try LeastSquaresState(decoding: empty.encoded()) == empty)
  }

  /// Known answers of CRC-64/XZ, from its catalogue entry.
  @Test func checksum() {
    #expect(StateChecksum.of("123456789".utf8) == 0x995D_C9BB_DF19_39FA)
    #expect(StateChecksum.of([]) == 0)
  }

  @Test func everyTruncationIsRefused() throws {
    let bytes = try Self.sample().encoded()
    for count in 0..<bytes.count {
      do {
        _ = try LeastSquaresState(decoding: Array(bytes.prefix(count)))
        Issue.record("\(count) bytes were read")
      } catch {
        guard case .stream(let reason) = error else {
          Issue.record("\(count): \(error)")
          continue
        }
        switch reason {
        case .foreign: #expect(count == 0)
        case .truncated(let found, let expected):
          #expect(found == count && expected == (count < 24 ? 32 : bytes.count))
        default: Issue.record("\(count): \(reason)")
        }
      }
    }
  }

  @Test func everyAlteredByteIsRefused() throws {
    let bytes = try Self.sample().encoded()
    var draws = TestRandom(seed: 31)
    for place in bytes.indices {
      var altered = bytes
      altered[place] ^= UInt8(1 << draws.below(8))
      #expect(throws: RegressionError.self, "byte \(place)") {
        try LeastSquaresState(decoding: altered)
      }
    }
  }

  @Test func foreignFiles() throws {
    let bytes = try Self.sample().encoded()
    var newer = bytes
    newer[8] = 2
    let cases: [([UInt8], StreamError)] = [
      (Array("{\"version\": 1}".utf8), .foreign), ([0x1f, 0x8b, 8, 0], .foreign), ([], .foreign),
      (newer, .version(found: 2, expected: 1)),
      (bytes + [0], .inconsistent("1 bytes too many")),
      (Array(bytes.dropLast()) + [bytes[bytes.count - 1] ^ 1], .checksum),
    ]
    for (file, reason) in cases {
      #expect(throws: RegressionError.stream(reason)) { try LeastSquaresState(decoding: file) }
    }
  }

  /// Every word altered under a right checksum: refused, or a state that still answers or says
  /// why not. Nothing may trap.
  @Test func forgedFiles() throws {
    let bytes = try Self.sample().encoded()
    var draws = TestRandom(seed: 32)
    var refused = 0
    for trial in 0..<3000 {
      var forged = bytes
      let place = 24 + draws.below(bytes.count - 40)
      switch trial % 4 {
      case 0: forged[place] = UInt8(draws.below(256))
      case 1: for i in 0..<8 { forged[place + i] = 0xff }
      case 2: for i in 0..<8 { forged[place + i] = 0 }
      default: for i in 0..<8 { forged[place + i] = UInt8(draws.below(256)) }
      }
      do {
        let state = try LeastSquaresState(decoding: Self.sealed(forged))
        _ = try? state.fit()
        var more = state
        _ = try? more.add(referenceData())
      } catch {
        refused += 1
        #expect(error.category == .badData, "seed 32, trial \(trial): \(error)")
      }
    }
    #expect(refused > 1000, "\(refused)")
  }

  @Test func levelsAndCountsAreHeldAgainstEachOther() throws {
    let data = try Table([
      Column("g", text: ["a", "b", "c", "a"]), Column("y", numbers: [1, 2, 3, 5]),
    ])
    let state = try streamed("y ~ g", data, batch: 2)
    var other = state
    other.rowsRead += 1
    #expect(
      throws: RegressionError.stream(.inconsistent("the counts of rows do not add up"))
    ) { try LeastSquaresState(decoding: other.encoded()) }
    other = state
    other.design = try state.design.growing([0: ["d"]])
    #expect(
      throws: RegressionError.stream(.inconsistent("the triangle is not one of 6 columns"))
    ) { try LeastSquaresState(decoding: other.encoded()) }
  }

  @Test func statesFromFilesMerge() throws {
    let data = try referenceData()
    let formula = "total_time_s ~ technique + log(memory_bytes)"
    let halves = try [Array(0..<11), Array(11..<48)].map {
      try streamed(formula, data.selecting($0), batch: 6).encoded()
    }
    var merged = try LeastSquaresState(decoding: halves[0])
    try merged.merge(LeastSquaresState(decoding: halves[1]))
    let (fit, plain) = (try merged.fit(), try RegressionTests.fit(formula, data))
    #expect(merged.rowsRead == 48 && fit.missingRows == plain.design.missingRows)
    for (a, b) in zip(fit.coefficients, plain.coefficients) {
      #expect(digits(try #require(a.estimate), try #require(b.estimate)) > 12)
    }
  }
}

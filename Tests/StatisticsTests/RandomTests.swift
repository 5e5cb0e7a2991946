import Statistics
import Testing

@Suite struct RandomTests {
  /// The first outputs of Vigna's splitmix64.c for the seed 1234567.
  @Test func splitMix64() {
    var generator = SplitMix64(seed: 1_234_567)
    let first = (0..<5).map { _ in generator.next() }
    #expect(
      first == [
        6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
        4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
      ])
  }

  /// An independent transcription in wide integers of xoshiro256**'s definition.
  @Test func xoshiroFollowsItsDefinition() {
    var source = SplitMix64(seed: 42)
    var s = (0..<4).map { _ in source.next() }
    func rotate(_ x: UInt64, _ k: UInt64) -> UInt64 { (x << k) | (x >> (64 - k)) }
    var generator = Xoshiro256StarStar(seed: 42)
    for _ in 0..<1000 {
      let expected = rotate(s[1] &* 5, 7) &* 9
      let t = s[1] << 17
      s[2] ^= s[0]
      s[3] ^= s[1]
      s[1] ^= s[2]
      s[0] ^= s[3]
      s[2] ^= t
      s[3] = rotate(s[3], 45)
      #expect(generator.next() == expected)
    }
  }

  /// Pinned: a seed must give the same shuffle in every release.
  @Test func shuffleIsPinned() {
    var generator = Xoshiro256StarStar(seed: 2024)
    let first = generator.shuffled(Array(0..<10))
    var again = Xoshiro256StarStar(seed: 2024)
    #expect(again.shuffled(Array(0..<10)) == first)
    #expect(first.sorted() == Array(0..<10))
    #expect(first == pinnedShuffle)
    #expect(generator.shuffled([Int]()).isEmpty && generator.shuffled([7]) == [7])
  }

  @Test func boundedDrawsAreUniform() throws {
    var generator = Xoshiro256StarStar(seed: 7)
    var counts = [Int](repeating: 0, count: 6)
    let draws = 60_000
    for _ in 0..<draws { counts[try generator.integer(below: 6)] += 1 }
    let expected = Double(draws) / 6
    let statistic = counts.reduce(0) {
      $0 + (Double($1) - expected) * (Double($1) - expected) / expected
    }
    // The seed is fixed, so this cannot fail by chance; it would fail for a biased draw.
    #expect(try ChiSquared(degreesOfFreedom: 5).upperTail(statistic) > 0.001)
    #expect(try generator.integer(below: 1) == 0)
    #expect(throws: StatisticsError.self) { try generator.integer(below: 0) }
  }

  @Test func shufflesReachAllOrders() {
    var generator = Xoshiro256StarStar(seed: 11)
    var seen: [[Int]: Int] = [:]
    for _ in 0..<6000 { seen[generator.shuffled([0, 1, 2]), default: 0] += 1 }
    // 1000 each on average, with a standard deviation of 29.
    #expect(seen.count == 6 && seen.values.allSatisfy { (850...1150).contains($0) })
  }

  @Test func unitInterval() {
    var generator = Xoshiro256StarStar(seed: 3)
    let values = (0..<10_000).map { _ in generator.unitInterval() }
    #expect(values.allSatisfy { $0 >= 0 && $0 < 1 })
    // The mean's standard deviation is 0.0029.
    #expect(abs(values.reduce(0, +) / 10_000 - 0.5) < 0.0145)
  }
}

private let pinnedShuffle = [2, 3, 8, 5, 6, 4, 1, 9, 7, 0]

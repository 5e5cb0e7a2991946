import Statistics
import Testing

@Suite struct ParallelTests {
  struct Odd: Error, Equatable { let index: Int }

  @Test(arguments: [1, 2, 3, 8, 100] as [Int])
  func answersAreInOrder(_ threads: Int) throws {
    for count in [0, 1, 2, 7, 100, 1001] {
      let squares = try parallelMap(count: count, threads: threads) { (i) throws(Odd) in i * i }
      #expect(squares == (0..<count).map { $0 * $0 }, "\(count) on \(threads)")
    }
  }

  /// The error of the lowest index, on any number of threads.
  @Test(arguments: [1, 2, 8] as [Int]) func firstError(_ threads: Int) {
    #expect(throws: Odd(index: 13)) {
      try parallelMap(count: 500, threads: threads) { (i) throws(Odd) in
        if i >= 13, i % 2 == 1 { throw Odd(index: i) }
        return i
      }
    }
  }

  /// Streams of one seed differ, and are those of the seed and the index alone.
  @Test func streams() {
    var firsts: Set<UInt64> = []
    for seed in 1...3 as ClosedRange<UInt64> {
      for stream in 0..<2000 {
        var random = Xoshiro256StarStar(seed: seed, stream: stream)
        firsts.insert(random.next())
      }
    }
    #expect(firsts.count == 6000)
    var one = Xoshiro256StarStar(seed: 5, stream: 17)
    var again = Xoshiro256StarStar(seed: 5, stream: 17)
    #expect(one.next() == again.next())
  }
}

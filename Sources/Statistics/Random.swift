/// Steele, Lea and Flood's SplitMix64: one 64-bit word of state, used to seed others.
///
/// Source: "Fast splittable pseudorandom number generators", OOPSLA 2014; constants as published
/// in Vigna's reference implementation.
public struct SplitMix64: RandomNumberGenerator, Sendable, Equatable {
  private var state: UInt64

  public init(seed: UInt64) {
    state = seed
  }

  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// Blackman and Vigna's xoshiro256**: the generator behind every random choice of Cutover.
///
/// The same seed gives the same numbers in every release, on every machine; draw bounded
/// integers, doubles and shuffles by the functions below, because those of the standard library
/// may change between Swift versions. Not for secrets.
/// Source: "Scrambled linear pseudorandom number generators", ACM TOMS 47 (2021).
public struct Xoshiro256StarStar: RandomNumberGenerator, Sendable, Equatable {
  private var state: (UInt64, UInt64, UInt64, UInt64)

  /// The state is filled by `SplitMix64(seed:)`, as its authors recommend; never all zero.
  public init(seed: UInt64) {
    var source = SplitMix64(seed: seed)
    state = (source.next(), source.next(), source.next(), source.next())
  }

  public mutating func next() -> UInt64 {
    let product = state.1 &* 5
    let result = ((product << 7) | (product >> 57)) &* 9
    let shifted = state.1 << 17
    state.2 ^= state.0
    state.3 ^= state.1
    state.1 ^= state.2
    state.0 ^= state.3
    state.2 ^= shifted
    state.3 = (state.3 << 45) | (state.3 >> 19)
    return result
  }

  /// A uniform integer in 0 ..< bound, without bias: high words of `bound * next()`, with the
  /// few draws that would favour small values rejected.
  ///
  /// Source: Lemire, "Fast random integer generation in an interval", ACM TOMACS 29 (2019).
  /// - Throws: `StatisticsError.domain` unless bound >= 1.
  public mutating func integer(below bound: Int) throws(StatisticsError) -> Int {
    try require(bound >= 1, "random integer", "bound", Double(bound), ">= 1")
    return bounded(UInt64(bound))
  }

  /// Draws as many positions of `counts` as it has, each as `integer(below:)` does, and adds 1 to
  /// what is there for every time that one is drawn.
  package mutating func resample(into counts: inout [Int32]) {
    guard !counts.isEmpty else { return }
    let bound = UInt64(counts.count)
    // A copy stays in registers.
    var random = self
    counts.withUnsafeMutableBufferPointer { counts in
      for _ in 0..<counts.count { counts[random.bounded(bound)] &+= 1 }
    }
    self = random
  }

  /// A uniform double in [0, 1): 53 random bits.
  public mutating func unitInterval() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  /// A shuffled copy (Fisher and Yates, from the end): all orders are equally likely.
  public mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
    var answer = elements
    for i in answer.indices.dropFirst().reversed() {
      answer.swapAt(i, bounded(UInt64(i + 1)))
    }
    return answer
  }

  private mutating func bounded(_ bound: UInt64) -> Int {
    var product = bound.multipliedFullWidth(by: next())
    if product.low < bound {
      let threshold = (0 &- bound) % bound
      while product.low < threshold { product = bound.multipliedFullWidth(by: next()) }
    }
    return Int(product.high)
  }

  public static func == (left: Xoshiro256StarStar, right: Xoshiro256StarStar) -> Bool {
    left.state == right.state
  }
}

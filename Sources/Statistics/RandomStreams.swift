extension Xoshiro256StarStar {
  /// The generator of one of many independent tasks: replicate 17 draws the same numbers
  /// whichever thread runs it, and whether or not replicate 16 was run.
  ///
  /// The seed and the index are mixed by SplitMix64, whose outputs for different indices are
  /// different words; that two of B streams overlap within 2^64 draws has a probability below
  /// B^2 2^-128.
  /// Source: Steele, Lea and Flood, OOPSLA 2014; Vigna's advice on seeding, prng.di.unimi.it.
  public init(seed: UInt64, stream: Int) {
    var words = SplitMix64(seed: seed)
    // A bijection of the index for a given seed, so that no two streams share a seed.
    let base = words.next()
    var mixed = SplitMix64(seed: base ^ UInt64(bitPattern: Int64(stream)))
    self.init(seed: mixed.next())
  }
}

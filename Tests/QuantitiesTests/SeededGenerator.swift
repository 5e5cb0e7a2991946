/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers from the same seed everywhere.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A finite double, zero or more, of any magnitude, subnormals included: random bits.
  mutating func anyMagnitude() -> Double {
    while true {
      let value = Double(bitPattern: next() & 0x7FFF_FFFF_FFFF_FFFF)
      if value.isFinite { return value }
    }
  }

  /// A number as people have them: few digits, readable magnitude.
  mutating func everyday() -> Double {
    let digits = Double(next() % 100_000)
    switch next() % 4 {
    case 0: return digits
    case 1: return digits / 1000
    case 2: return digits * 0x1p20
    default: return digits * 1e6
    }
  }
}

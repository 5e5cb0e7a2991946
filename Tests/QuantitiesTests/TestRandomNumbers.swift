import TestSupport

extension TestRandom {
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

extension DoubleDouble {
  init(high: Double, low: Double) {
    self.init(high)
    addSmall(low)
  }

  /// Adds a number of the same kind; relative error about 2^-104 of the larger operand.
  mutating func add(_ other: DoubleDouble) {
    let sum = high + other.high
    let part = sum - high
    let lost = (high - (sum - part)) + (other.high - part)
    let tail = low + other.low + lost
    high = sum + tail
    low = tail - (high - sum)
  }

  /// Adds the product of two numbers of the same kind, without low times low.
  mutating func addProduct(_ a: DoubleDouble, _ b: DoubleDouble) {
    addProduct(a.high, b.high)
    addProduct(a.high, b.low)
    addProduct(a.low, b.high)
  }

  /// Both parts multiplied by a power of two: exact unless it underflows.
  func scaled(by power: Double) -> DoubleDouble {
    var answer = self
    answer.high *= power
    answer.low *= power
    return answer
  }

  private mutating func addSmall(_ value: Double) {
    let sum = high + value
    low = value - (sum - high)
    high = sum
  }
}

/// A sum that carries its rounding error along (Neumaier, ZAMM 54 (1974)).
struct CompensatedSum: Sendable, Equatable {
  var sum = 0.0
  var correction = 0.0

  var value: Double { sum + correction }

  mutating func add(_ term: Double) {
    let next = sum + term
    correction += abs(sum) >= abs(term) ? (sum - next) + term : (term - next) + sum
    sum = next
  }

  mutating func add(_ other: CompensatedSum) {
    add(other.sum)
    add(other.correction)
  }
}

/// A sum of two doubles, |low| <= ulp(high)/2: about 32 decimal digits.
///
/// For residuals only: with them a factorisation in double precision yields a solution with a
/// full double's accuracy. Source: Dekker, "A floating-point technique for extending the
/// available precision", Numer. Math. 18 (1971); products by a fused multiply-add.
struct DoubleDouble {
  var high: Double
  var low: Double

  init(_ value: Double) {
    high = value
    low = 0
  }

  /// Adds the exact product of two doubles.
  mutating func addProduct(_ a: Double, _ b: Double) {
    let product = a * b
    // The rounding error of the product, exact unless it underflows.
    let error = (-product).addingProduct(a, b)
    let sum = high + product
    let part = sum - high
    let lost = (high - (sum - part)) + (product - part)
    let tail = low + (lost + error)
    high = sum + tail
    low = tail - (high - sum)
  }

  /// The nearest double.
  var value: Double { high + low }
}

/// The two inner loops of the mergeable QR, over a strip of few rows that stays in the cache.
///
/// A strip holds its columns one after the other, `quads` vectors of four rows each. The order
/// of all additions is written down here, lane by lane, so that the same rows give the same bits
/// with any number of threads, on any processor and with any BLAS. That is why this loop is not
/// LAPACK's: dgeqrf chooses its kernels by the processor and shares larger blocks among threads,
/// and its own bits differ by both. It takes about as long.
enum StripKernel {
  typealias Quad = SIMD4<Double>

  /// Rows of a full strip: 32 quads of 17 columns are 17 KB, half of a first-level cache.
  static let quads = 32
  static let rows = 4 * quads

  /// Brings the rows of a strip under a triangle: [R; strip] = Q [R'; 0]. The strip is lost.
  ///
  /// Householder reflections whose head is the diagonal and whose tail is the strip's column.
  /// Source: Golub and Van Loan, Matrix Computations (2013), 5.1 and 6.5.3; the diagonal takes
  /// the sign that makes the subtraction an addition.
  /// - Parameter triangle: `order` x `order`, column-major, upper.
  static func fold(
    _ strip: UnsafeMutablePointer<Quad>, quads: Int,
    into triangle: UnsafeMutablePointer<Double>, order: Int
  ) {
    for k in 0..<order {
      let v = strip + k * quads
      let head = triangle[k + k * order]
      let squares = dot(v, v, quads)
      guard squares > 0 else { continue }
      let length = (head * head + squares).squareRoot()
      let diagonal = head > 0 ? -length : length
      // The reflector is I - factor (1, v)(1, v)' with v the column over `head - diagonal`.
      let scale = 1 / (head - diagonal)
      let factor = (diagonal - head) / diagonal
      triangle[k + k * order] = diagonal
      for i in 0..<quads { v[i] *= scale }
      for j in (k + 1)..<max(order, k + 1) {
        let column = strip + j * quads
        let top = triangle[k + j * order]
        let part = factor * (top + dot(v, column, quads))
        triangle[k + j * order] = top - part
        for i in 0..<quads { column[i] -= part * v[i] }
      }
    }
  }

  @inline(__always)
  private static func dot(
    _ a: UnsafeMutablePointer<Quad>, _ b: UnsafeMutablePointer<Quad>, _ quads: Int
  ) -> Double {
    var (even, odd) = (Quad.zero, Quad.zero)
    var i = 0
    while i + 1 < quads {
      even += a[i] * b[i]
      odd += a[i + 1] * b[i + 1]
      i += 2
    }
    if i < quads { even += a[i] * b[i] }
    even += odd
    return (even[0] + even[2]) + (even[1] + even[3])
  }

  /// One factor of the products of `sumOfProducts`: values, and their upper and lower halves.
  struct Split {
    let values: UnsafeMutablePointer<Quad>
    let upper: UnsafeMutablePointer<Quad>
    let lower: UnsafeMutablePointer<Quad>

    /// Halves of 26 bits each (Veltkamp): products of halves are exact.
    func split(_ quads: Int) {
      for i in 0..<quads {
        let value = values[i]
        let wide = value * 134_217_729  // 2^27 + 1
        let high = wide - (wide - value)
        upper[i] = high
        lower[i] = value - high
      }
    }

    func column(_ j: Int, _ quads: Int) -> Split {
      Split(
        values: values + j * quads, upper: upper + j * quads, lower: lower + j * quads)
    }
  }

  /// The sum of a_i b_i, and of e_i b_i where `errors` are what the a lack, as if in twice the
  /// precision: four sums of which each carries its rounding errors along.
  ///
  /// Source: Ogita, Rump and Oishi, SIAM J. Sci. Comput. 26 (2005), Dot2; the rounding of a
  /// product by Dekker's halves, because a fused multiply-add is a function call on processors
  /// that this code must also run on. Relative to the sum of |a_i b_i| the error is below
  /// (rows / 4)^2 2^-104.
  @inline(__always)
  static func sumOfProducts(
    _ a: Split, _ b: Split, errors: UnsafeMutablePointer<Quad>?, quads: Int
  ) -> DoubleDouble {
    var (sum, tail) = (Quad.zero, Quad.zero)
    for i in 0..<quads {
      let product = a.values[i] * b.values[i]
      let (ah, al, bh, bl) = (a.upper[i], a.lower[i], b.upper[i], b.lower[i])
      let rounding = (((ah * bh - product) + ah * bl) + al * bh) + al * bl
      let next = sum + product
      let part = next - sum
      let lost = (sum - (next - part)) + (product - part)
      sum = next
      tail += lost + rounding
    }
    if let errors {
      for i in 0..<quads { tail += errors[i] * b.values[i] }
    }
    var answer = DoubleDouble(high: sum[0], low: tail[0])
    for lane in 1..<4 { answer.add(DoubleDouble(high: sum[lane], low: tail[lane])) }
    return answer
  }
}

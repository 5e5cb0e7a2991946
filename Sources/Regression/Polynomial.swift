/// Polynomials that are orthogonal over the values of a sample: R's `poly(x, k)`.
///
/// With t = (x - centre) / scale, `p_0 = 1`,
/// `p_k = (t - a_k) p_(k-1) - (N_(k-1) / N_(k-2)) p_(k-2)`, `a_k = sum t p_(k-1)^2 / N_(k-1)`,
/// `N_k = sum p_k^2`; column k is `p_k / sqrt(N_k)`, of length 1 over the sample. The coefficients
/// a and N are kept, so that new values meet the same polynomials.
///
/// Source: Forsythe, J. SIAM 5 (1957); Kennedy and Gentle, Statistical Computing (1980), 8.3;
/// the numbers agree with R's
/// `poly` (which takes incomplete rows of the data into the sample; here it is the rows used).
public struct Polynomial: Sendable, Equatable, Codable {
  /// Beyond this the recurrence loses its orthogonality on samples as they occur.
  static let largestDegree = 20

  public let degree: Int
  /// Mean and largest deviation of the sample: t is in [-1, 1] there, so nothing overflows.
  let centre: Double
  let scale: Double
  let shifts: [Double]
  /// N_0 to N_degree.
  let norms: [Double]

  enum Problem: Error {
    case tooFewValues(Int)
    case outOfRange
  }

  /// - Parameter x: finite values, more different ones than the degree.
  init(_ x: [Double], degree: Int) throws(Problem) {
    let different = Set(x).count
    guard different > degree else { throw .tooFewValues(different) }
    // The mean of the halves cannot overflow.
    let middle = x.reduce(0) { $0 + $1 / Double(x.count) }
    let reach = x.reduce(0) { max($0, abs($1 - middle)) }
    guard middle.isFinite, reach.isFinite, reach > 0 else { throw .outOfRange }
    let t = x.map { ($0 - middle) / reach }
    var shifts: [Double] = []
    var norms = [Double(x.count)]
    var older = [Double](repeating: 0, count: x.count)
    var newer = [Double](repeating: 1, count: x.count)
    for k in 1...degree {
      var weighted = 0.0
      for i in t.indices { weighted += t[i] * newer[i] * newer[i] }
      let shift = weighted / norms[k - 1]
      let factor = k > 1 ? norms[k - 1] / norms[k - 2] : 0
      var norm = 0.0
      for i in t.indices {
        let next = (t[i] - shift) * newer[i] - factor * older[i]
        older[i] = newer[i]
        newer[i] = next
        norm += next * next
      }
      guard norm > 0 else { throw .outOfRange }
      shifts.append(shift)
      norms.append(norm)
    }
    self.degree = degree
    centre = middle
    scale = reach
    self.shifts = shifts
    self.norms = norms
  }

  /// The columns 1 to `degree` at the given values.
  func columns(_ x: [Double]) -> [[Double]] {
    var answer: [[Double]] = []
    var older = [Double](repeating: 0, count: x.count)
    var newer = [Double](repeating: 1, count: x.count)
    for k in 1...degree {
      let factor = k > 1 ? norms[k - 1] / norms[k - 2] : 0
      for i in x.indices {
        let t = (x[i] - centre) / scale
        (older[i], newer[i]) = (newer[i], (t - shifts[k - 1]) * newer[i] - factor * older[i])
      }
      let length = norms[k].squareRoot()
      answer.append(newer.map { $0 / length })
    }
    return answer
  }

  /// x, x^2, ..., x^degree: R's `poly(x, k, raw = TRUE)`.
  static func powers(_ x: [Double], _ degree: Int) -> [[Double]] {
    (1...max(degree, 1)).map { k in
      switch k {
      case 1: x
      case 2: x.map { $0 * $0 }
      default: x.map { CMath.power($0, Double(k)) }
      }
    }
  }

  /// Whether a decoded value can be evaluated.
  var isConsistent: Bool {
    (1...Self.largestDegree).contains(degree) && shifts.count == degree
      && norms.count == degree + 1 && centre.isFinite && scale.isFinite && scale > 0
      && shifts.allSatisfy(\.isFinite) && norms.allSatisfy { $0.isFinite && $0 > 0 }
  }
}

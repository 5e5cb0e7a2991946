internal import Foundation

/// The time of a migration on a shared link, by the transform of its law: for loads next to 1, at
/// which the chain of `SharedLinkQueue` has too many states.
///
///     E[e^(-sT) | x alone] = (1-rho)(1 - rho r^2) e^(-(lambda (1-r) + s) x)
///                            / ((1 - rho r)^2 - rho (1-r)^2 e^(-(mu/r - lambda r) x))
///     r: the root inside the unit circle of  lambda r^2 - (lambda + mu + s) r + mu = 0
///
/// Over exponential x, the denominator expanded as a geometric series:
///
///     E[e^(-sT)] = (1-rho)(1 - rho r^2)/A sum_n (B/A)^n mu / (mu + lambda (1-r) + s + n beta)
///     A = (1 - rho r)^2,  B = rho (1-r)^2,  beta = mu/r - lambda r
///
/// Source: Coffman, Muntz, Trotter, "Waiting time distributions for processor-sharing systems",
/// J. ACM 17 (1970) [recalled; checked against the chain]. Exponential times, no limit, rho < 1.
struct SharedLinkTransform {
  let arrivalRate: Double
  let serviceRate: Double

  /// P(T > t), t > 0, to about 1e-8.
  func responseTail(_ t: Double) -> Double {
    min(max(invertedTransform(at: t) { s in (1 - transform(s)) / s }, 0), 1)
  }

  func transform(_ s: Complex) -> Complex {
    let (lambda, mu) = (arrivalRate, serviceRate)
    let rho = lambda / mu
    let middle = s + Complex(lambda + mu)
    // The smaller root as mu over the larger one: nothing cancels.
    let root = ((middle * middle) - Complex(4 * lambda * mu)).squareRoot
    let larger = (middle + root) / 2
    let r = mu / larger
    let a = (1 - r * rho) * (1 - r * rho)
    let ratio = (1 - r) * (1 - r) * rho / a
    let beta = larger - r * lambda
    let first = Complex(mu) + (1 - r) * lambda + s
    var (power, sum) = (Complex(1), Complex(0))
    for n in 0..<Self.maximumTerms {
      let term = power * mu / (first + beta * Double(n))
      sum = sum + term
      // |ratio| < 1, and the denominators grow.
      if term.size < 1e-17 * sum.size { break }
      power = power * ratio
    }
    return (1 - r * r * rho) * (1 - rho) / a * sum
  }

  /// Enough for loads up to 1 - 1e-5 at any t of interest: |ratio| <= rho.
  private static let maximumTerms = 5_000_000
}

extension Complex {
  var size: Double { hypot(real, imaginary) }

  /// The root with a real part >= 0.
  var squareRoot: Complex {
    let length = size
    let x = ((length + abs(real)) / 2).squareRoot()
    guard x > 0 else { return Complex(0) }
    let y = imaginary / (2 * x)
    return real >= 0 ? Complex(x, y) : Complex(abs(y), imaginary >= 0 ? x : -x)
  }
}

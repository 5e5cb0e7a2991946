#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The functions of the C mathematics library under names of their own; the one place where
/// Regression names that library.
enum CMath {
  static func log(_ x: Double) -> Double { naturalLogarithm(x) }
  static func exp(_ x: Double) -> Double { naturalExponential(x) }
  static func exp2(_ x: Double) -> Double { pow(2, x) }
  static func exp10(_ x: Double) -> Double { pow(10, x) }
  static func power(_ x: Double, _ y: Double) -> Double { pow(x, y) }

  static func apply(_ function: Function, _ x: Double) -> Double {
    switch function {
    case .log: naturalLogarithm(x)
    case .log2: binaryLogarithm(x)
    case .log10: decimalLogarithm(x)
    case .log1p: logarithmOfOnePlus(x)
    case .exp: naturalExponential(x)
    case .sqrt: x.squareRoot()
    case .abs: Swift.abs(x)
    case .identity: x
    }
  }
}

private func naturalLogarithm(_ x: Double) -> Double { log(x) }
private func naturalExponential(_ x: Double) -> Double { exp(x) }
private func binaryLogarithm(_ x: Double) -> Double { log2(x) }
private func decimalLogarithm(_ x: Double) -> Double { log10(x) }
private func logarithmOfOnePlus(_ x: Double) -> Double { log1p(x) }

extension CMath {
  static func expm1(_ x: Double) -> Double { exponentialMinusOne(x) }
  static func sin(_ x: Double) -> Double { sine(x) }
  static func cos(_ x: Double) -> Double { cosine(x) }
  static func tan(_ x: Double) -> Double { tangent(x) }
  static func atan(_ x: Double) -> Double { arcTangent(x) }
}

private func exponentialMinusOne(_ x: Double) -> Double { expm1(x) }
private func sine(_ x: Double) -> Double { sin(x) }
private func cosine(_ x: Double) -> Double { cos(x) }
private func tangent(_ x: Double) -> Double { tan(x) }
private func arcTangent(_ x: Double) -> Double { atan(x) }

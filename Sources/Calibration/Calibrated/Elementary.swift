import Foundation

/// The exponential function of the C library; with `logarithm`, the one place where the
/// calibrated model names it.
func exponential(_ x: Double) -> Double { exp(x) }

/// The natural logarithm of the C library.
func logarithm(_ x: Double) -> Double { log(x) }

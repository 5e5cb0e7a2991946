#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The natural logarithm of the C library; the one place where Statistics names it.
func logarithm(_ x: Double) -> Double { log(x) }

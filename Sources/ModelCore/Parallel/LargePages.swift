#if canImport(Glibc)
  import Glibc
#endif

/// Asks for large pages behind the memory of a large array that is about to be filled: a fresh page
/// costs a visit of the kernel.
///
/// - Parameter count: doubles from `base` on.
package func adviseLargePages(_ base: UnsafeMutablePointer<Double>?, _ count: Int) {
  #if os(Linux)
    let large = 1 << 21
    guard let base, count * MemoryLayout<Double>.stride >= 4 * large else { return }
    let address = UInt(bitPattern: base)
    let first = (address + UInt(large) - 1) & ~UInt(large - 1)
    let end = (address + UInt(count * MemoryLayout<Double>.stride)) & ~UInt(large - 1)
    // Advice: nothing depends on whether it is taken.
    _ = madvise(UnsafeMutableRawPointer(bitPattern: first), Int(end - first), MADV_HUGEPAGE)
  #endif
}

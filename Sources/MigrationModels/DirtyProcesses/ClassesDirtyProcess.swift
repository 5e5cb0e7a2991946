public import Quantities

/// Classes of pages that differ in how often they are written: hot, warm, cold.
///
/// `u(t) = sum over classes of W_k (1 - exp(-D_k t / W_k))`.
///
/// Source: superposition of independent Poisson writes, Equations.md 0 identity 5 and section 3
/// (derived). One class is `SaturatingDirtyProcess`; no class never dirties anything.
public struct ClassesDirtyProcess: DirtyProcess, Hashable {
  public let classes: [SaturatingDirtyProcess]
  public var measurement: DirtyMeasurement?

  public init(_ classes: [SaturatingDirtyProcess], measurement: DirtyMeasurement? = nil) {
    self.classes = classes
    self.measurement = measurement
  }

  /// A hot set within a working set, as traces describe it.
  ///
  /// - Parameters:
  ///   - writeRate: of memory, repeats counted, bytes per second.
  ///   - hotSet: bytes, at most the working set.
  ///   - hotWriteFraction: share of the writes that go to the hot set on purpose, 0 to 1; the
  ///     others fall on the whole working set, the hot set included.
  public init(
    writeRate: ByteRate, workingSet: Bytes, hotSet: Bytes, hotWriteFraction: Double
  ) {
    let hotShare = hotSet.siValue / workingSet.siValue
    let others = writeRate.siValue * (1 - hotWriteFraction)
    let hot = writeRate.siValue * hotWriteFraction + others * hotShare
    self.init([
      SaturatingDirtyProcess(rate: ByteRate(siValue: hot), workingSet: hotSet),
      SaturatingDirtyProcess(
        rate: ByteRate(siValue: others * (1 - hotShare)), workingSet: workingSet - hotSet),
    ])
  }

  public var ceiling: Bytes? {
    classes.reduce(Bytes.zero) { $0 + ($1.rate.siValue > 0 ? $1.workingSet : .zero) }
  }

  public func dirtyBytes(after window: Double) -> Double {
    classes.reduce(0) { $0 + $1.dirtyBytes(after: window) }
  }

  public func dirtyRate(at window: Double) -> Double {
    classes.reduce(0) { $0 + $1.dirtyRate(at: window) }
  }

  public func window(untilDirty bytes: Double) -> Double? {
    // All writes to all memory: the right order of magnitude to begin with.
    let rate = classes.reduce(0) { $0 + $1.rate.siValue }
    guard rate > 0 else { return bytes <= 0 ? 0 : nil }
    let hint = rate.isFinite && bytes > 0 ? bytes / rate : 1
    return searchedWindow(untilDirty: bytes, hint: max(hint, .leastNormalMagnitude))
  }
}

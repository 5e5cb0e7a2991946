public import Quantities

/// A constant rate: `u(t) = D t`, up to a ceiling where there is one.
///
/// The classic assumption, and Zhang's deterministic law. It counts a page again each time it is
/// dirtied, so it overstates windows longer than the one in which D was measured; a ceiling or
/// `SaturatingDirtyProcess` repairs that.
///
/// Limits: D = 0 is never dirty; without a ceiling u has no bound.
public struct ConstantDirtyProcess: DirtyProcess, Hashable {
  /// D, bytes per second, >= 0.
  public let rate: ByteRate
  /// What can be dirty at most; `nil` for the geometric recursion of the first papers.
  public let ceiling: Bytes?
  public var measurement: DirtyMeasurement?

  public init(
    rate: ByteRate, ceiling: Bytes? = nil, measurement: DirtyMeasurement? = nil
  ) {
    self.rate = rate
    self.ceiling = ceiling
    self.measurement = measurement
  }

  public func dirtyBytes(after window: Double) -> Double {
    let volume = rate.siValue * window
    guard let ceiling else { return volume }
    return min(ceiling.siValue, volume)
  }

  public func dirtyRate(at window: Double) -> Double {
    if let ceiling, rate.siValue * window >= ceiling.siValue { return 0 }
    return rate.siValue
  }

  public func window(untilDirty bytes: Double) -> Double? {
    if bytes <= 0 { return 0 }
    if let ceiling, bytes > ceiling.siValue { return nil }
    return rate.siValue > 0 ? bytes / rate.siValue : nil
  }
}

/// A process that never has more than a ceiling of distinct memory dirty: `min(C, u(t))`.
public struct CappedDirtyProcess<Base: DirtyProcess>: DirtyProcess {
  public let base: Base
  /// The least of the cap and the ceiling of the base.
  public let ceiling: Bytes?
  private let cap: Double

  public init(_ base: Base, ceiling: Bytes) {
    self.base = base
    self.ceiling = base.ceiling.map { min($0, ceiling) } ?? ceiling
    cap = ceiling.siValue
  }

  public var measurement: DirtyMeasurement? { base.measurement }

  public func dirtyBytes(after window: Double) -> Double {
    min(cap, base.dirtyBytes(after: window))
  }

  public func dirtyRate(at window: Double) -> Double {
    base.dirtyBytes(after: window) >= cap ? 0 : base.dirtyRate(at: window)
  }

  public func window(untilDirty bytes: Double) -> Double? {
    bytes > cap ? nil : base.window(untilDirty: bytes)
  }
}

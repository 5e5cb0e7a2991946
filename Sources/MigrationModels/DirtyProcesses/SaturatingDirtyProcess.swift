internal import Foundation
public import Quantities

/// Uniform writes over a working set: `u(t) = W (1 - exp(-D t / W))`.
///
/// Source: expected number of distinct pages under Poisson writes, Equations.md 0
/// identity 5 and section 2.4 (derived). D is the slope at t = 0; W is never exceeded. W = 0
/// gives 0, W -> infinity gives `D t`. `expm1` and `log1p` keep the short windows exact, where
/// `1 - exp(-x)` would lose all digits.
///
/// A rate measured over a window w is a chord, not the slope: `init(measuredRate:over:)`.
public struct SaturatingDirtyProcess: DirtyProcess, Hashable {
  /// D, the slope at t = 0, bytes per second, >= 0; may be infinite.
  public let rate: ByteRate
  /// W, bytes, >= 0.
  public let workingSet: Bytes
  public var measurement: DirtyMeasurement?

  public init(rate: ByteRate, workingSet: Bytes, measurement: DirtyMeasurement? = nil) {
    self.rate = rate
    self.workingSet = workingSet
    self.measurement = measurement
  }

  /// The process that has `measuredRate * window` dirty after `window`: the slope is
  /// `D = -(W / w) ln(1 - r w / W)`, infinite when r w reaches W.
  public init(measuredRate: ByteRate, over window: Seconds, workingSet: Bytes) {
    let share = measuredRate.siValue * window.siValue / workingSet.siValue
    self.init(
      rate: ByteRate(
        siValue: share < 1 ? -workingSet.siValue / window.siValue * log1p(-share) : .infinity),
      workingSet: workingSet,
      measurement: DirtyMeasurement(
        source: .dirtyRate, shortest: window, longest: window, sampleCount: 1))
  }

  public var ceiling: Bytes? { workingSet }
  public var independentMemory: Bytes? { workingSet }

  public func dirtyBytes(after window: Double) -> Double {
    guard workingSet.siValue > 0, window > 0 else { return 0 }
    return workingSet.siValue * -expm1(-rate.siValue * window / workingSet.siValue)
  }

  public func dirtyRate(at window: Double) -> Double {
    guard workingSet.siValue > 0 else { return 0 }
    guard window > 0 else { return rate.siValue }
    guard rate.siValue.isFinite else { return 0 }
    return rate.siValue * exp(-rate.siValue * window / workingSet.siValue)
  }

  public func window(untilDirty bytes: Double) -> Double? {
    if bytes <= 0 { return 0 }
    guard bytes < workingSet.siValue, rate.siValue > 0 else { return nil }
    return -workingSet.siValue / rate.siValue * log1p(-bytes / workingSet.siValue)
  }
}

/// Each page dirtied in a slot with equal probability, independently: Zhang's Bernoulli law.
///
/// `u(t) = M (1 - exp(-theta t))`, `theta = -ln(1 - q) / s`. At whole slots this is
/// `M (1 - (1 - q)^(t/s))`; between them it is its continuous extension.
///
/// Source: Zhang, Ren, Lin 2014, Bernoulli law; formula Equations.md 4.3 (derived).
/// Limits: q = 0 never dirties; q = 1 has everything dirty after any window.
public struct BernoulliDirtyProcess: DirtyProcess, Hashable {
  /// M, bytes, > 0.
  public let memory: Bytes
  /// theta, 1/s, >= 0; infinite for q = 1.
  public let hazard: Frequency
  public var measurement: DirtyMeasurement?

  public init(memory: Bytes, hazard: Frequency, measurement: DirtyMeasurement? = nil) {
    self.memory = memory
    self.hazard = hazard
    self.measurement = measurement
  }

  /// - Parameters:
  ///   - probability: q, of a page being dirtied in a slot, 0 to 1.
  ///   - slot: s, > 0.
  public init(memory: Bytes, probability: Double, slot: Seconds) {
    self.init(
      memory: memory, hazard: Frequency(siValue: -log1p(-probability) / slot.siValue))
  }

  /// The process through one measured point: `measuredRate * window` dirty after `window`.
  public init(memory: Bytes, measuredRate: ByteRate, over window: Seconds) {
    let share = min(1, measuredRate.siValue * window.siValue / memory.siValue)
    self.init(memory: memory, probability: share, slot: window)
    measurement = DirtyMeasurement(
      source: .dirtyRate, shortest: window, longest: window, sampleCount: 1)
  }

  public var ceiling: Bytes? { memory }
  public var independentMemory: Bytes? { memory }

  public func dirtyBytes(after window: Double) -> Double {
    guard window > 0 else { return 0 }
    return memory.siValue * -expm1(-hazard.siValue * window)
  }

  public func dirtyRate(at window: Double) -> Double {
    guard hazard.siValue.isFinite else { return window > 0 ? 0 : .infinity }
    return memory.siValue * hazard.siValue * exp(-hazard.siValue * window)
  }

  public func window(untilDirty bytes: Double) -> Double? {
    if bytes <= 0 { return 0 }
    guard bytes < memory.siValue, hazard.siValue > 0 else { return nil }
    return -log1p(-bytes / memory.siValue) / hazard.siValue
  }
}

public import Quantities
internal import Statistics

/// Pages that are written periodically, with frequencies of reciprocal CDF: Zhang's third law.
///
/// `F(f) = 1 - c / (f + c)`; a page is dirty after t exactly when its period is not longer, so
/// `u(t) = M (1 - F(1/t)) = M c t / (1 + c t)`.
///
/// Source: Zhang, Ren, Lin 2014, reciprocal law, found there to fit real dirtying best; formula
/// Equations.md 4.4 (derived). c is the median frequency: half of the pages are dirty after 1/c.
/// Limits: c = 0 never dirties; the slope at 0 is c M; c infinite has all dirty after any window.
public struct ReciprocalDirtyProcess: DirtyProcess, Hashable {
  /// M, bytes, > 0.
  public let memory: Bytes
  /// c, 1/s, >= 0.
  public let scale: Frequency
  public var measurement: DirtyMeasurement?

  public init(memory: Bytes, scale: Frequency, measurement: DirtyMeasurement? = nil) {
    self.memory = memory
    self.scale = scale
    self.measurement = measurement
  }

  /// The process through one measured point: `c = r / (M - r w)`.
  public init(memory: Bytes, measuredRate: ByteRate, over window: Seconds) {
    let clean = memory.siValue - measuredRate.siValue * window.siValue
    self.init(
      memory: memory,
      scale: Frequency(siValue: clean > 0 ? measuredRate.siValue / clean : .infinity),
      measurement: DirtyMeasurement(
        source: .dirtyRate, shortest: window, longest: window, sampleCount: 1))
  }

  public var ceiling: Bytes? { memory }
  public var independentMemory: Bytes? { memory }

  public func dirtyBytes(after window: Double) -> Double {
    let x = scale.siValue * window
    guard window > 0, x > 0 else { return 0 }
    return memory.siValue / (1 + 1 / x)
  }

  public func dirtyRate(at window: Double) -> Double {
    guard scale.siValue.isFinite else { return window > 0 ? 0 : .infinity }
    let x = 1 + scale.siValue * window
    return memory.siValue * scale.siValue / (x * x)
  }

  public func window(untilDirty bytes: Double) -> Double? {
    if bytes <= 0 { return 0 }
    guard bytes < memory.siValue, scale.siValue > 0 else { return nil }
    return bytes / (memory.siValue - bytes) / scale.siValue
  }
}

/// The reciprocal law between a least and a largest frequency (bounded Pareto, shape 1).
///
/// `F(f) = (1 - f_min / f) / (1 - f_min / f_max)`, `u(t) = M (1 - F(1/t))` clamped to [0, M]:
/// nothing before 1/f_max, everything from 1/f_min on, a straight line between.
///
/// Source: Equations.md 4.4 (derived).
public struct TruncatedReciprocalDirtyProcess: DirtyProcess, Hashable {
  /// M, bytes, > 0.
  public let memory: Bytes
  /// f_min, 1/s, > 0.
  public let lowest: Frequency
  /// f_max, 1/s, above f_min.
  public let highest: Frequency
  public var measurement: DirtyMeasurement?

  /// - Throws: `ModelError.outOfDomain` unless 0 < f_min < f_max.
  public init(
    memory: Bytes, lowest: Frequency, highest: Frequency, measurement: DirtyMeasurement? = nil
  ) throws(ModelError) {
    guard lowest.siValue > 0 else {
      throw .outOfDomain("f_min_per_s", value: lowest.siValue, expected: "> 0")
    }
    guard highest > lowest else {
      throw .outOfDomain("f_max_per_s", value: highest.siValue, expected: "above f_min_per_s")
    }
    self.memory = memory
    self.lowest = lowest
    self.highest = highest
    self.measurement = measurement
  }

  private var clip: Double { 1 - lowest.siValue / highest.siValue }
  private var slope: Double { memory.siValue * lowest.siValue / clip }

  public var ceiling: Bytes? { memory }
  public var independentMemory: Bytes? { memory }

  public func dirtyBytes(after window: Double) -> Double {
    if window * lowest.siValue >= 1 { return memory.siValue }
    return max(0, slope * (window - 1 / highest.siValue))
  }

  public func dirtyRate(at window: Double) -> Double {
    window >= 1 / highest.siValue && window < 1 / lowest.siValue ? slope : 0
  }

  public func window(untilDirty bytes: Double) -> Double? {
    if bytes <= 0 { return 0 }
    guard bytes <= memory.siValue else { return nil }
    return min(1 / lowest.siValue, bytes / slope + 1 / highest.siValue)
  }
}

/// The reciprocal law with Poisson writes in place of periodic ones.
///
/// `u(t) = M x e^x E1(x)`, x = c t: the mean of `1 - exp(-f t)` over the frequencies.
///
/// Source: Equations.md 4.4 (derived; Monte Carlo 0.46168 beside 0.46146 at x = 0.5). The law has
/// an infinite mean frequency: u(t)/t grows without bound as t -> 0, so a positive downtime
/// floor exists at every bandwidth, and a least bandwidth depends on the number of rounds.
public struct PoissonReciprocalDirtyProcess: DirtyProcess, Hashable {
  /// M, bytes, > 0.
  public let memory: Bytes
  /// c, 1/s, >= 0.
  public let scale: Frequency
  public var measurement: DirtyMeasurement?

  public init(memory: Bytes, scale: Frequency, measurement: DirtyMeasurement? = nil) {
    self.memory = memory
    self.scale = scale
    self.measurement = measurement
  }

  /// The process through one measured point; c by a bracketed search.
  public init(memory: Bytes, measuredRate: ByteRate, over window: Seconds) {
    // u depends on c t alone: the x at which the share is reached, divided by the window.
    let unit = Self(memory: memory, scale: Frequency(siValue: 1))
    let bytes = measuredRate.siValue * window.siValue
    let x = unit.window(untilDirty: bytes) ?? .infinity
    self.init(
      memory: memory, scale: Frequency(siValue: x / window.siValue),
      measurement: DirtyMeasurement(
        source: .dirtyRate, shortest: window, longest: window, sampleCount: 1))
  }

  public var ceiling: Bytes? { memory }
  public var independentMemory: Bytes? { memory }

  public func dirtyBytes(after window: Double) -> Double {
    let x = scale.siValue * window
    guard window > 0, x > 0 else { return 0 }
    guard x.isFinite else { return memory.siValue }
    return memory.siValue * min(1, x * scaledE1(x))
  }

  /// `c M ((1 + x) e^x E1(x) - 1)`; beyond x = 1e3, where that difference loses digits, its
  /// asymptotic series `1/x^2 - 4/x^3 + 18/x^4 - 96/x^5`.
  public func dirtyRate(at window: Double) -> Double {
    let x = scale.siValue * window
    guard scale.siValue > 0 else { return 0 }
    guard x > 0 else { return .infinity }
    guard x.isFinite else { return 0 }
    let factor =
      x < 1e3
      ? (1 + x) * scaledE1(x) - 1 : (1 + (-4 + (18 - 96 / x) / x) / x) / x / x
    return memory.siValue * scale.siValue * factor
  }

  public func window(untilDirty bytes: Double) -> Double? {
    if bytes <= 0 { return 0 }
    guard bytes < memory.siValue, scale.siValue > 0, scale.siValue.isFinite else { return nil }
    return searchedWindow(untilDirty: bytes, hint: 1 / scale.siValue)
  }

  /// e^x E1(x) for x > 0, where it never fails.
  private func scaledE1(_ x: Double) -> Double {
    (try? scaledExponentialIntegral(x)) ?? .nan
  }
}

internal import Foundation
public import Quantities

/// How much distinct memory is dirty after a window of a given length: u(t).
///
/// u is zero at t = 0 or above it, does not fall, and has an upper bound where the process
/// knows one. Windows in seconds, answers in bytes.
public protocol DirtyProcess: Sendable {
  /// u(t), t >= 0.
  func dirtyBytes(after window: Double) -> Double
}

/// A constant rate: `u(t) = D t`, without a bound.
///
/// The classic assumption. It counts a page again each time it is dirtied, so it overstates
/// windows longer than the one in which D was measured; the engine's cap or
/// `SaturatingDirtyProcess` repairs that.
public struct ConstantDirtyProcess: DirtyProcess, Hashable {
  /// Bytes per second, >= 0.
  public let rate: ByteRate

  public init(rate: ByteRate) { self.rate = rate }

  public func dirtyBytes(after window: Double) -> Double { rate.siValue * window }
}

/// Uniform writes over a working set: `u(t) = W (1 - exp(-D t / W))`.
///
/// Source: expected number of distinct pages under Poisson writes, Equations.md 0
/// identity 5 and section 2.4 (derived). D is the slope at t = 0; W is never exceeded. W = 0
/// gives 0, W -> infinity gives `D t`. `expm1` keeps the short windows exact, where
/// `1 - exp(-x)` would lose all digits.
public struct SaturatingDirtyProcess: DirtyProcess, Hashable {
  public let rate: ByteRate
  public let workingSet: Bytes

  public init(rate: ByteRate, workingSet: Bytes) {
    self.rate = rate
    self.workingSet = workingSet
  }

  public func dirtyBytes(after window: Double) -> Double {
    guard workingSet.siValue > 0 else { return 0 }
    return workingSet.siValue * -expm1(-rate.siValue * window / workingSet.siValue)
  }
}

/// A process that never has more than a ceiling of distinct memory dirty: `min(C, u(t))`.
public struct CappedDirtyProcess<Base: DirtyProcess>: DirtyProcess {
  public let base: Base
  public let ceiling: Bytes

  public init(_ base: Base, ceiling: Bytes) {
    self.base = base
    self.ceiling = ceiling
  }

  public func dirtyBytes(after window: Double) -> Double {
    min(ceiling.siValue, base.dirtyBytes(after: window))
  }
}

import MigrationModels
import Traces

/// What is left of a migration that runs, from what its monitor says of it now.
///
/// The remaining memory R is sent at bandwidth B while memory is dirtied at rate D; rounds go on
/// until one fits into the downtime limit L: `T = (R - D L) / (B - D)`, the smooth form of the
/// geometric recursion (Equations.md 0, core identity 4, derived). Rates are the medians of the last
/// readings; the interval puts their 10 % and 90 % quantiles together at their worst and best.
/// Breaks where the guest's writing changes, and where its working set is small: a set that is
/// dirty already does not get dirtier, so the time is then too long, never too short.
struct LiveForecast: Equatable {
  enum Verdict: Equatable {
    /// The first pass: nothing is known of the dirty rate.
    case unknown
    case converges, doubtful, doesNotConverge
  }

  let verdict: Verdict
  /// Seconds; during the first pass a lower bound. `nil` when it never ends.
  let remaining: Double?
  /// Seconds at the best and at the worst of the readings.
  let soonest: Double?
  let latest: Double?

  init(_ state: RecordingState) {
    let left = state.sample.remainingBytes
    guard let left, let bandwidth = Self.quantiles(state.throughputs) else {
      (verdict, remaining, soonest, latest) = (.unknown, nil, nil, nil)
      return
    }
    guard let dirty = Self.quantiles(state.dirtyRates) else {
      (verdict, soonest, latest) = (.unknown, left / bandwidth.high, nil)
      remaining = left / bandwidth.middle
      return
    }
    func time(_ rate: Double, _ dirtyRate: Double) -> Double? {
      relaxedTotalTime(
        memory: left, bandwidth: rate, dirtyRate: dirtyRate,
        downtimeBudget: state.downtimeLimit ?? 0)
    }
    remaining = time(bandwidth.middle, dirty.middle)
    soonest = time(bandwidth.high, dirty.low)
    latest = time(bandwidth.low, dirty.high)
    verdict =
      if latest != nil { .converges } else if soonest == nil { .doesNotConverge } else {
        .doubtful
      }
  }

  /// The 10 %, 50 % and 90 % order statistics.
  private static func quantiles(
    _ values: [Double]
  ) -> (low: Double, middle: Double, high: Double)? {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    func value(_ share: Double) -> Double {
      sorted[Int((share * Double(sorted.count - 1)).rounded())]
    }
    return (value(0.1), value(0.5), value(0.9))
  }
}

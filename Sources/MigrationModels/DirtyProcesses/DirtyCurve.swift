public import Quantities

/// A measured dirty curve: distinct dirty memory against the length of the window,
/// piecewise linear between the measured points.
///
/// Left of the first point the curve is the line through the first two points, cut at zero;
/// right of the last one it goes on with the last slope up to the ceiling (memory without its
/// zero pages), then stays flat.
///
/// Source: A. Gudkov, "migration: predict migration time" series, QEMU mailing list, 2023
/// (Equations.md 9.8, read in full).
public struct DirtyCurve: DirtyProcess, Hashable {
  public struct Point: Sendable, Hashable {
    public var window: Seconds
    public var dirty: Bytes

    public init(window: Seconds, dirty: Bytes) {
      self.window = window
      self.dirty = dirty
    }
  }

  public let points: [Point]
  /// Memory without its zero pages: what can be dirty at most.
  public let limit: Bytes

  /// - Parameters:
  ///   - points: at least one, windows > 0 and rising, dirty memory >= 0 and not falling.
  ///   - ceiling: memory without its zero pages, > 0.
  /// - Throws: `ModelError.invalidCurve`.
  public init(points: [Point], ceiling: Bytes) throws(ModelError) {
    guard !points.isEmpty else { throw .invalidCurve("it has no points") }
    guard ceiling.siValue >= 0, ceiling.siValue.isFinite else {
      throw .invalidCurve("its ceiling \(ceiling.siValue) is not a size")
    }
    for (index, point) in points.enumerated() {
      guard point.window.siValue > 0, point.window.siValue.isFinite else {
        throw .invalidCurve("window \(index + 1) is not longer than zero")
      }
      guard point.dirty.siValue >= 0, point.dirty.siValue.isFinite else {
        throw .invalidCurve("dirty memory of window \(index + 1) is negative")
      }
      guard index > 0 else { continue }
      let before = points[index - 1]
      guard point.window > before.window else {
        throw .invalidCurve("windows must rise; number \(index + 1) does not")
      }
      guard point.dirty >= before.dirty else {
        throw .invalidCurve(
          "distinct dirty memory cannot fall with a longer window; number \(index + 1) does")
      }
    }
    self.points = points
    limit = ceiling
  }

  /// The limit, or less when the curve ends flat below it.
  public var ceiling: Bytes? {
    lastSlope > 0 ? limit : min(limit, points.last?.dirty ?? limit)
  }

  public var measurement: DirtyMeasurement? {
    guard let first = points.first, let last = points.last else { return nil }
    return DirtyMeasurement(
      source: .dirtyCurve, shortest: first.window, longest: last.window,
      sampleCount: points.count)
  }

  public func dirtyBytes(after window: Double) -> Double {
    let line = line(at: window)
    return min(limit.siValue, max(0, line.value))
  }

  public func dirtyRate(at window: Double) -> Double {
    let line = line(at: window)
    return line.value >= limit.siValue ? 0 : line.slope
  }

  public func window(untilDirty bytes: Double) -> Double? {
    if bytes <= dirtyBytes(after: 0) { return 0 }
    guard bytes <= limit.siValue, let last = points.last else { return nil }
    if bytes > last.dirty.siValue {
      guard lastSlope > 0 else { return nil }
      return last.window.siValue + (bytes - last.dirty.siValue) / lastSlope
    }
    // The first point that has so much dirty: the answer lies on the segment before it.
    let end = points.partitioningIndex { $0.dirty.siValue >= bytes }
    let high = points[end]
    let low =
      end == 0 ? Point(window: .zero, dirty: Bytes(siValue: dirtyBytes(after: 0))) : points[end - 1]
    let share =
      (bytes - low.dirty.siValue) / (high.dirty.siValue - low.dirty.siValue)
    return low.window.siValue + share * (high.window.siValue - low.window.siValue)
  }

  /// The slope right of the last point.
  private var lastSlope: Double {
    guard let last = points.last else { return 0 }
    return line(at: last.window.siValue).slope
  }

  /// The extended line, not yet cut at the limit, and its slope to the right.
  private func line(at window: Double) -> (value: Double, slope: Double) {
    guard points.count > 1 else {
      let slope = points[0].dirty.siValue / points[0].window.siValue
      return (slope * window, slope)
    }
    // The first point right of the window; the segment ends there.
    let end = points.partitioningIndex { $0.window.siValue > window }
    let right = min(max(end, 1), points.count - 1)
    let (low, high) = (points[right - 1], points[right])
    let slope =
      (high.dirty.siValue - low.dirty.siValue) / (high.window.siValue - low.window.siValue)
    guard end == 0 else {
      return (low.dirty.siValue + (window - low.window.siValue) * slope, slope)
    }
    // Left of the first point: from (0, intercept cut at zero) to the first point.
    let intercept = max(0, low.dirty.siValue - low.window.siValue * slope)
    let leftSlope = (low.dirty.siValue - intercept) / low.window.siValue
    return (intercept + leftSlope * window, leftSlope)
  }
}

extension Array {
  /// The first index whose element satisfies a predicate that is false, then true.
  func partitioningIndex(where predicate: (Element) -> Bool) -> Int {
    var (low, high) = (startIndex, endIndex)
    while low < high {
      let middle = low + (high - low) / 2
      if predicate(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

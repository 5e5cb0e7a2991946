public import MigrationModels
public import Quantities

/// Points of a dirty curve as they were observed: windows and what was dirty after them, in any
/// order, repeats and noise included.
public struct DirtySamples: Sendable, Hashable {
  public struct Point: Sendable, Hashable {
    public var window: Seconds
    public var dirty: Bytes

    public init(window: Seconds, dirty: Bytes) {
      self.window = window
      self.dirty = dirty
    }
  }

  /// By rising window.
  public let points: [Point]
  public let source: DirtyMeasurement.Source

  /// - Throws: `DirtyFitError.noSamples`, `DirtyFitError.badSample` for a window that is not
  ///   above zero or a negative volume.
  public init(
    points: [Point], source: DirtyMeasurement.Source = .dirtyCurve
  ) throws(DirtyFitError) {
    guard !points.isEmpty else { throw .noSamples("there is not one point") }
    for (index, point) in points.enumerated() {
      guard point.window.siValue > 0, point.window.siValue.isFinite else {
        throw .badSample(index: index, "a window has to be longer than zero")
      }
      guard point.dirty.siValue >= 0, point.dirty.siValue.isFinite else {
        throw .badSample(index: index, "dirty memory cannot be negative")
      }
    }
    self.points = points.sorted { $0.window < $1.window }
    self.source = source
  }

  /// The points that the polls of a running migration hold.
  ///
  /// A hypervisor counts dirty pages from one synchronisation of its bitmap to the next and
  /// reports their rate until the one after. So each poll that sees the number of synchronisations
  /// rise gives one point: the time since the last rise, and rate times that time. The first
  /// interval has no known beginning and gives none.
  ///
  /// - Parameters: per poll the time (s), the dirty rate (B/s) and the synchronisations; `nil`
  ///   where a poll does not have them.
  /// - Throws: `DirtyFitError.noSamples` when there are not two synchronisations with a rate.
  public init(
    pollTimes: [Double?], dirtyRates: [Double?], dirtySyncs: [Double?]
  ) throws(DirtyFitError) {
    var points: [Point] = []
    var last: (time: Double, syncs: Double)?
    var start: Double?
    for ((time, rate), syncs) in zip(zip(pollTimes, dirtyRates), dirtySyncs) {
      guard let time, let syncs else { continue }
      if let last, syncs > last.syncs {
        // Several between two polls share the interval: only a single one is a window.
        if let start, syncs == last.syncs + 1, let rate, rate >= 0, time > start {
          points.append(
            Point(
              window: Seconds(siValue: time - start),
              dirty: Bytes(siValue: rate * (time - start))))
        }
        start = time
      }
      last = (time, syncs)
    }
    guard !points.isEmpty else {
      throw .noSamples("the polls hold no two synchronisations with a dirty rate")
    }
    try self.init(points: points, source: .pollSeries)
  }

  /// u at whole numbers of slots of a recording, doubling from one.
  public init(_ history: HistoryDirtyProcess) throws(DirtyFitError) {
    let slot = history.history.slot
    var points: [Point] = []
    var slots = 1
    while slots <= history.history.slotCount {
      let window = slot * Double(slots)
      points.append(
        Point(window: window, dirty: Bytes(siValue: history.dirtyBytes(after: window.siValue))))
      slots *= 2
    }
    try self.init(points: points, source: .history)
  }

  public var measurement: DirtyMeasurement {
    DirtyMeasurement(
      source: source, shortest: points.first?.window ?? .zero,
      longest: points.last?.window ?? .zero, sampleCount: points.count)
  }
}

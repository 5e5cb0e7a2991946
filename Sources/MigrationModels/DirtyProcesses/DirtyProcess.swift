public import Quantities
internal import Statistics

/// How much distinct memory is dirty after a window of a given length: u(t).
///
/// u is zero at t = 0 or above it and does not fall. Windows in seconds, answers in bytes: this
/// is the kernel's side; `Seconds` and `Bytes` are for those who build the values.
///
/// A dirty *rate* is one point of this curve divided by its window, so a process says in
/// `measurement` which windows it knows from data; beyond them it extrapolates.
public protocol DirtyProcess: Sendable {
  /// u(t), t >= 0, bytes.
  func dirtyBytes(after window: Double) -> Double

  /// The slope u'(t), t >= 0, bytes per second; from the right where u has a corner or a jump,
  /// infinite where u rises vertically.
  func dirtyRate(at window: Double) -> Double

  /// The inverse: the shortest window after which at least so much is dirty, seconds; `nil`
  /// when it never is.
  func window(untilDirty bytes: Double) -> Double?

  /// What is never exceeded (the limit of u for long windows); `nil` when u has no bound.
  var ceiling: Bytes? { get }

  /// Memory whose pages become dirty independently of each other and with equal probability
  /// u(t) / memory; `nil` when the process says nothing about chance. Where it is given, the
  /// number of dirty pages is binomial.
  var independentMemory: Bytes? { get }

  /// The windows the process was measured over; `nil` for one that is assumed.
  var measurement: DirtyMeasurement? { get }
}

extension DirtyProcess {
  public var independentMemory: Bytes? { nil }

  /// The inverse of a continuous u by a bracketed search, for processes without a closed form.
  ///
  /// - Parameters:
  ///   - bytes: what shall be dirty.
  ///   - hint: a window of about the right size, > 0.
  func searchedWindow(untilDirty bytes: Double, hint: Double) -> Double? {
    if bytes <= dirtyBytes(after: 0) { return 0 }
    if let ceiling, bytes >= ceiling.siValue { return nil }
    var (low, high) = (hint, hint)
    while dirtyBytes(after: high) < bytes {
      low = high
      high *= 4
      // A limit that is approached but not reached within the doubles is never reached.
      guard high.isFinite else { return nil }
    }
    while low > 0, dirtyBytes(after: low) >= bytes { low /= 4 }
    let bracket = try? bracketedRoot(in: low...high) { dirtyBytes(after: $0) - bytes }
    return bracket?.upper
  }
}

/// What a dirty process was learnt from.
public struct DirtyMeasurement: Sendable, Hashable, CustomStringConvertible {
  /// The kind of samples.
  public enum Source: String, Sendable, Hashable, CaseIterable {
    case dirtyRate = "dirty rate"
    case pollSeries = "poll series"
    case dirtyCurve = "dirty curve"
    case pageCounts = "per-page counts"
    case history = "dirty history"
  }

  public let source: Source
  /// The windows measured, shortest and longest.
  public let shortest: Seconds
  public let longest: Seconds
  /// Points of a curve, polls, or pages counted.
  public let sampleCount: Int

  public init(source: Source, shortest: Seconds, longest: Seconds, sampleCount: Int) {
    self.source = source
    self.shortest = shortest
    self.longest = longest
    self.sampleCount = sampleCount
  }

  /// Whether a window lies between the shortest and the longest that was measured.
  public func covers(_ window: Seconds) -> Bool { window >= shortest && window <= longest }

  /// Such as `dirty curve, 22 samples, windows of 125ms to 1min`.
  public var description: String {
    let windows =
      shortest == longest
      ? "a window of \(shortest)" : "windows of \(shortest) to \(longest)"
    return "\(source.rawValue), \(sampleCount) sample\(sampleCount == 1 ? "" : "s"), \(windows)"
  }
}

public import Quantities

/// The machine that moves: its memory as the first round sees it, and how it dirties it.
public struct VirtualMachine: Sendable {
  /// Memory that is sent page by page.
  public var normalBytes: Bytes
  /// Memory that is sent as zero marks in the first round.
  public var zeroBytes: Bytes
  /// Memory that only the last transfer sends: pages known to be written all the time.
  public var heldBackBytes: Bytes
  public var pageSize: Bytes
  public var dirtyProcess: any DirtyProcess
  /// Whether a round sends each page at most once, so that no dirty volume exceeds the memory.
  /// Always so in reality; the geometric recursion of the first papers has no such cap.
  public var capsDirtyVolume: Bool

  public init(
    normalBytes: Bytes, zeroBytes: Bytes = Bytes(siValue: 0),
    heldBackBytes: Bytes = Bytes(siValue: 0), pageSize: Bytes, dirtyProcess: any DirtyProcess,
    capsDirtyVolume: Bool = true
  ) {
    self.normalBytes = normalBytes
    self.zeroBytes = zeroBytes
    self.heldBackBytes = heldBackBytes
    self.pageSize = pageSize
    self.dirtyProcess = dirtyProcess
    self.capsDirtyVolume = capsDirtyVolume
  }
}

/// What the guest's pages meet on their way in a pre-copy round.
///
/// A transform is asked once per round, after the dirty volume of the round is known.
public protocol Transform: Sendable {
  /// The share of the dirty memory, 0 to 1, that is kept back until the last transfer.
  ///
  /// - Parameters:
  ///   - duration: length of the round in which the memory became dirty, seconds.
  func deferredFraction(afterRoundOf duration: Double) -> Double
}

public import Quantities

/// What carries the stream, and what a page costs on it.
public struct Channel: Sendable, Hashable {
  /// Achieved throughput of the migration stream, bytes per second, > 0.
  public var bandwidth: ByteRate
  /// Before the first byte.
  public var setupTime: Seconds
  /// Fixed part of the downtime: device state, switch-over, resume.
  public var resumeTime: Seconds
  /// On top of a page sent in full, bytes per page.
  public var pageHeader: Bytes
  /// What stands for a zero page, bytes per page.
  public var zeroPageHeader: Bytes

  public init(
    bandwidth: ByteRate, setupTime: Seconds = Seconds(siValue: 0),
    resumeTime: Seconds = Seconds(siValue: 0), pageHeader: Bytes = Bytes(siValue: 0),
    zeroPageHeader: Bytes = Bytes(siValue: 0)
  ) {
    self.bandwidth = bandwidth
    self.setupTime = setupTime
    self.resumeTime = resumeTime
    self.pageHeader = pageHeader
    self.zeroPageHeader = zeroPageHeader
  }

  /// Bytes on the stream for this much memory, pages of `pageSize` bytes.
  func wireBytes(normal: Double, zero: Double, pageSize: Double) -> Double {
    normal + normal / pageSize * pageHeader.siValue + zero / pageSize * zeroPageHeader.siValue
  }

  /// Seconds that this many stream bytes take.
  func duration(of wireBytes: Double) -> Double {
    wireBytes / bandwidth.siValue
  }
}

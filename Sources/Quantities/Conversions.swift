// The products and quotients that mean something, and no others: a migration's arithmetic
// with wrong units does not compile. Each is one operation of doubles.

/// Time to send `data` at `rate`.
public func / (data: Bytes, rate: ByteRate) -> Seconds {
  Seconds(siValue: data.siValue / rate.siValue)
}

/// Mean rate of `data` sent in `time`.
public func / (data: Bytes, time: Seconds) -> ByteRate {
  ByteRate(siValue: data.siValue / time.siValue)
}

/// Data sent at `rate` in `time`.
public func * (rate: ByteRate, time: Seconds) -> Bytes {
  Bytes(siValue: rate.siValue * time.siValue)
}

/// Data sent at `rate` in `time`.
public func * (time: Seconds, rate: ByteRate) -> Bytes { rate * time }

/// Data in so many pages of `pageSize`.
public func * (pages: PageCount, pageSize: Bytes) -> Bytes {
  Bytes(siValue: pages.siValue * pageSize.siValue)
}

/// Rate of data of so many pages of `pageSize` a second.
public func * (rate: PageRate, pageSize: Bytes) -> ByteRate {
  ByteRate(siValue: rate.siValue * pageSize.siValue)
}

/// Pages of `pageSize` a second at a rate of data.
public func / (rate: ByteRate, pageSize: Bytes) -> PageRate {
  PageRate(siValue: rate.siValue / pageSize.siValue)
}

/// Mean rate of `pages` in `time`.
public func / (pages: PageCount, time: Seconds) -> PageRate {
  PageRate(siValue: pages.siValue / time.siValue)
}

/// Time to go through `pages` at `rate`.
public func / (pages: PageCount, rate: PageRate) -> Seconds {
  Seconds(siValue: pages.siValue / rate.siValue)
}

/// Pages gone through at `rate` in `time`.
public func * (rate: PageRate, time: Seconds) -> PageCount {
  PageCount(siValue: rate.siValue * time.siValue)
}

/// Pages gone through at `rate` in `time`.
public func * (time: Seconds, rate: PageRate) -> PageCount { rate * time }

/// Expected number of events in `time`: an offered load when `time` is a mean service time.
public func * (frequency: Frequency, time: Seconds) -> Ratio {
  Ratio(siValue: frequency.siValue * time.siValue)
}

/// Expected number of events in `time`.
public func * (time: Seconds, frequency: Frequency) -> Ratio { frequency * time }

/// A share or multiple of a quantity.
public func * <Q: Quantity>(ratio: Ratio, quantity: Q) -> Q {
  Q(siValue: ratio.siValue * quantity.siValue)
}

/// Compound ratio.
public func * (left: Ratio, right: Ratio) -> Ratio {
  Ratio(siValue: left.siValue * right.siValue)
}

extension Frequency {
  /// How often something happens that takes or returns after `period`.
  ///
  /// - Parameter period: above zero.
  public init(period: Seconds) { self.init(siValue: 1 / period.siValue) }

  /// The mean time between two events; infinite for a frequency of zero.
  public var period: Seconds { Seconds(siValue: 1 / siValue) }
}

/// Unpacks a compressed stream.
protocol Inflater: AnyObject {
  /// What the data are called in messages.
  var format: String { get }
  /// Whether a part has begun and not ended: the data may not stop here.
  var isInsidePart: Bool { get }
  /// Whether there may be more to hand out without any further input.
  var mayHoldMore: Bool { get }

  /// Unpacks from `input` until it or the room is used up or a part ends; `input` is empty only
  /// when `mayHoldMore` says so.
  func inflate(
    _ input: ArraySlice<UInt8>, into destination: UnsafeMutablePointer<UInt8>, room: Int
  ) -> InflationStep
}

/// What one call of an `Inflater` did.
struct InflationStep {
  var consumed = 0
  var produced = 0
  /// What is wrong with the data, in the words of the library.
  var damage: String?
}

import Foundation
import Statistics

/// A table to fit: `y` and sixteen numbers per row, the same bytes for the same number of rows.
///
/// The numbers are uniform in [0, 1) with five decimals; `y` is a sum of them with known
/// coefficients (1, 1/2, 1/3, ...) and uniform noise of width 0.2.
enum FitRows {
  static let predictors = 16
  static let formula = formula(predictors: predictors)

  static func formula(predictors: Int) -> String {
    "y ~ " + (1...predictors).map { "x\($0)" }.joined(separator: " + ")
  }

  /// Writes the table to a file descriptor.
  static func write(rows: Int, predictors: Int = predictors, to descriptor: Int32) throws {
    var generator = SplitMix64(seed: 1)
    var buffer = [UInt8]()
    buffer.reserveCapacity(2 << 20)
    buffer += Array(
      ("y," + (1...predictors).map { "x\($0)" }.joined(separator: ",") + "\n").utf8)
    var values = [UInt64](repeating: 0, count: predictors)
    for _ in 0..<rows {
      var sum = 0.0
      for j in values.indices {
        values[j] = generator.next() % 100_000
        sum += Double(values[j]) / Double(j + 1)
      }
      append(UInt64(sum) + generator.next() % 20_000, to: &buffer)
      for value in values {
        buffer.append(UInt8(ascii: ","))
        append(value, to: &buffer)
      }
      buffer.append(UInt8(ascii: "\n"))
      if buffer.count > 1 << 20 { try flush(&buffer, to: descriptor) }
    }
    try flush(&buffer, to: descriptor)
  }

  /// A number of hundred-thousandths as a decimal.
  private static func append(_ value: UInt64, to buffer: inout [UInt8]) {
    let (whole, rest) = value.quotientAndRemainder(dividingBy: 100_000)
    buffer.append(UInt8(ascii: "0") + UInt8(whole))
    buffer.append(UInt8(ascii: "."))
    var unit: UInt64 = 10_000
    while unit > 0 {
      buffer.append(UInt8(ascii: "0") + UInt8(rest / unit % 10))
      unit /= 10
    }
  }

  static func flush(_ buffer: inout [UInt8], to descriptor: Int32) throws {
    try buffer.withUnsafeBytes { bytes in
      var done = 0
      while done < bytes.count {
        let count = Foundation.write(
          descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done)
        guard count > 0 else { throw CommandFailed(command: ["write"], status: errno) }
        done += count
      }
    }
    buffer.removeAll(keepingCapacity: true)
  }
}

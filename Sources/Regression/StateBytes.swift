/// Writes numbers and text as bytes, little end first.
struct StateWriter {
  private(set) var bytes: [UInt8] = []

  mutating func write(_ value: UInt64) {
    for shift in stride(from: 0, to: 64, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }

  mutating func write(_ value: Int) { write(UInt64(bitPattern: Int64(value))) }
  mutating func write(_ value: Double) { write(value.bitPattern) }
  mutating func write(_ value: Bool) { bytes.append(value ? 1 : 0) }

  mutating func write(_ text: String) {
    write(text.utf8.count)
    bytes += text.utf8
  }

  mutating func write(_ values: [Double]) {
    write(values.count)
    for value in values { write(value) }
  }

  mutating func write(_ values: [String]) {
    write(values.count)
    for value in values { write(value) }
  }

  mutating func append(_ more: [UInt8]) { bytes += more }
}

/// Reads what a `StateWriter` wrote; nothing that it reads is believed.
struct StateReader {
  private let bytes: ArraySlice<UInt8>
  private var position: Int

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    position = bytes.startIndex
  }

  var isAtEnd: Bool { position == bytes.endIndex }

  mutating func word() throws(StreamError) -> UInt64 {
    guard bytes.endIndex - position >= 8 else { throw .inconsistent("it ends within a number") }
    var value: UInt64 = 0
    for i in 0..<8 { value |= UInt64(bytes[position + i]) << UInt64(8 * i) }
    position += 8
    return value
  }

  mutating func double() throws(StreamError) -> Double { Double(bitPattern: try word()) }

  mutating func bool() throws(StreamError) -> Bool {
    guard let byte = bytes[position...].first, byte <= 1 else {
      throw .inconsistent("neither yes nor no")
    }
    position += 1
    return byte == 1
  }

  mutating func integer() throws(StreamError) -> Int {
    guard let value = Int(exactly: Int64(bitPattern: try word())) else {
      throw .inconsistent("a number beyond the integers")
    }
    return value
  }

  /// A number of things that take at least `size` bytes each, so no more than the bytes left hold.
  mutating func count(of size: Int) throws(StreamError) -> Int {
    let count = try integer()
    guard count >= 0, count <= (bytes.endIndex - position) / size else {
      throw .inconsistent("\(count) parts in \(bytes.endIndex - position) bytes")
    }
    return count
  }

  mutating func text() throws(StreamError) -> String {
    let count = try count(of: 1)
    let part = bytes[position..<(position + count)]
    guard let answer = String(validating: part, as: UTF8.self) else {
      throw .inconsistent("a text is not UTF-8")
    }
    position += count
    return answer
  }

  mutating func doubles() throws(StreamError) -> [Double] {
    var answer: [Double] = []
    for _ in 0..<(try count(of: 8)) { answer.append(try double()) }
    return answer
  }

  mutating func texts() throws(StreamError) -> [String] {
    var answer: [String] = []
    for _ in 0..<(try count(of: 8)) { answer.append(try text()) }
    return answer
  }
}

/// CRC-64/XZ (ECMA-182, reflected): finds every change of up to 64 bits in a row.
enum StateChecksum {
  private static let table: [UInt64] = (0..<256).map { (index: UInt64) in
    var value = index
    for _ in 0..<8 { value = value & 1 == 1 ? (value >> 1) ^ 0xC96C_5795_D787_0F42 : value >> 1 }
    return value
  }

  static func of(_ bytes: some Sequence<UInt8>) -> UInt64 {
    var value = UInt64.max
    for byte in bytes { value = table[Int(UInt8(truncatingIfNeeded: value) ^ byte)] ^ (value >> 8) }
    return ~value
  }
}

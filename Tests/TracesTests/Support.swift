import Foundation

@testable import Traces

/// A file of the corpus of mistakes.
func faultyFile(_ name: String) -> String {
  let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  return tests.appending(path: "Faulty").appending(path: name).path
}

func filesInFaulty() throws -> [String] {
  try FileManager.default.contentsOfDirectory(atPath: faultyFile(""))
}

/// A directory that is removed when the closure has run.
func withTemporaryDirectory<Result>(_ body: (URL) throws -> Result) throws -> Result {
  let directory = FileManager.default.temporaryDirectory
    .appending(path: "cutover-traces-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: directory) }
  return try body(directory)
}

extension TraceError {
  /// The description with the file's last path component for its path.
  var shortDescription: String {
    description.replacing(file, with: (file as NSString).lastPathComponent, maxReplacements: 1)
  }
}

/// A reader over text.
func reader(
  _ text: String, name: String = "t.csv", _ configure: (inout TraceOptions) -> Void = { _ in }
) -> TraceReader {
  var options = TraceOptions()
  configure(&options)
  return TraceReader(bytes: Array(text.utf8), name: name, options: options)
}

/// One gzip member with stored (uncompressed) blocks, written from RFC 1952: a second route to
/// what zlib reads.
func storedGzip(_ bytes: [UInt8]) -> [UInt8] {
  var member: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]
  var rest = bytes[...]
  repeat {
    let block = rest.prefix(0xFFFF)
    rest = rest.dropFirst(0xFFFF)
    let length = UInt16(block.count)
    member.append(rest.isEmpty ? 1 : 0)
    member += littleEndian(length) + littleEndian(~length) + block
  } while !rest.isEmpty
  return member + littleEndian(crc32(bytes)) + littleEndian(UInt32(truncatingIfNeeded: bytes.count))
}

private func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian, Array.init)
}

private func crc32(_ bytes: [UInt8]) -> UInt32 {
  var crc: UInt32 = 0xFFFF_FFFF
  for byte in bytes {
    crc ^= UInt32(byte)
    for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ 0xEDB8_8320 : crc >> 1 }
  }
  return ~crc
}

/// One zstd frame of a raw block and a block of one byte repeated, written from RFC 8878: a second
/// route to what the library reads.
func zstdFrame(_ bytes: [UInt8], repeats: Int) -> [UInt8] {
  // No content size, no checksum, a window of 1 MiB.
  var frame: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 10 << 3]
  func header(_ size: Int, kind: Int, isLast: Bool) -> [UInt8] {
    let word = (isLast ? 1 : 0) | kind << 1 | size << 3
    return [UInt8(word & 255), UInt8(word >> 8 & 255), UInt8(word >> 16 & 255)]
  }
  frame += header(bytes.count, kind: 0, isLast: repeats == 0) + bytes
  if repeats > 0 { frame += header(repeats, kind: 1, isLast: true) + [UInt8(ascii: "7")] }
  return frame
}

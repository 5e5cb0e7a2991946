import CZstd

/// Unpacks Zstandard data frame by frame, checksums included; skippable frames are skipped.
///
/// Several frames in a row are one text, as `zstd -d` reads them.
final class ZstdInflater: Inflater {
  /// Of a frame with content, and of a skippable one but for its lowest four bits, which
  /// parallel compressors write first.
  private static let magic: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD]
  private static let skippable: [UInt8] = [0x2A, 0x4D, 0x18]

  static func isMagic(_ bytes: [UInt8]) -> Bool {
    bytes.starts(with: magic)
      || (bytes.count >= 4 && bytes[0] >> 4 == 5 && bytes[1..<4].elementsEqual(skippable))
  }

  let format = "zstd"
  private(set) var isInsidePart = true
  private(set) var mayHoldMore = false
  private let context: OpaquePointer

  init(file: String) throws(TraceError) {
    guard let context = ZSTD_createDCtx() else {
      throw TraceError(file: file, .internalFault("zstd does not start"))
    }
    self.context = context
  }

  deinit { ZSTD_freeDCtx(context) }

  func inflate(
    _ input: ArraySlice<UInt8>, into destination: UnsafeMutablePointer<UInt8>, room: Int
  ) -> InflationStep {
    input.withUnsafeBufferPointer { bytes in
      var source = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
      var target = ZSTD_outBuffer(dst: destination, size: room, pos: 0)
      let code = ZSTD_decompressStream(context, &target, &source)
      var step = InflationStep(consumed: source.pos, produced: target.pos)
      if ZSTD_isError(code) != 0 {
        step.damage = ZSTD_getErrorName(code).map { String(cString: $0) } ?? "code \(code)"
      } else {
        // 0: the frame is whole and handed out.
        isInsidePart = code != 0
        mayHoldMore = isInsidePart && target.pos == room
      }
      return step
    }
  }
}

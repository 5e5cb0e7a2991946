import CZlib

/// Unpacks gzip data member by member, checksums included.
///
/// Several members in a row are one text (that is what concatenating `.gz` files means); zero
/// bytes after the last member are padding, as `gzip` reads them.
final class GzipInflater: Inflater {
  static let magic: [UInt8] = [0x1f, 0x8b]

  /// The state lives behind a pointer because zlib keeps the address of the stream.
  private let stream: UnsafeMutablePointer<z_stream>
  let format = "gzip"
  private(set) var isInsidePart = true
  /// The checksum behind a member is read when all of it is handed out.
  let mayHoldMore = false
  private var sawPadding = false

  init(file: String) throws(TraceError) {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // 16 + window bits: gzip and nothing else, for its two first bytes were seen.
    let code = inflateInit2_(
      stream, 16 + MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard code == Z_OK else {
      // All properties are set, so `deinit` frees the stream.
      throw TraceError(file: file, .internalFault("zlib does not start (code \(code))"))
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  func inflate(
    _ input: ArraySlice<UInt8>, into destination: UnsafeMutablePointer<UInt8>, room: Int
  ) -> InflationStep {
    var step = InflationStep()
    var input = input
    if !isInsidePart {
      let padding = input.prefix { $0 == 0 }.count
      if padding > 0 { sawPadding = true }
      step.consumed = padding
      input = input.dropFirst(padding)
      guard let next = input.first else { return step }
      guard next == Self.magic[0], !sawPadding else {
        step.damage = "other bytes follow its end"
        return step
      }
      guard inflateReset(stream) == Z_OK else {
        step.damage = "zlib does not start again"
        return step
      }
      isInsidePart = true
    }
    let stream = stream
    let available = input.count
    let code = input.withUnsafeBufferPointer { bytes in
      // zlib does not write to its input; the parameter lacks the `const`.
      stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress)
      stream.pointee.avail_in = UInt32(clamping: available)
      stream.pointee.next_out = destination
      stream.pointee.avail_out = UInt32(clamping: room)
      return CZlib.inflate(stream, Z_NO_FLUSH)
    }
    step.consumed += min(available, Int(UInt32.max)) - Int(stream.pointee.avail_in)
    step.produced = min(room, Int(UInt32.max)) - Int(stream.pointee.avail_out)
    switch code {
    case Z_OK, Z_BUF_ERROR: break
    case Z_STREAM_END: isInsidePart = false
    default: step.damage = stream.pointee.msg.map { String(cString: $0) } ?? "code \(code)"
    }
    return step
  }
}

import Foundation
import ModelCore
import Testing

@testable import Traces

@Suite(.serialized) struct ByteInputTests {
  private func everything(_ input: ByteInput, blockSize: Int) throws -> [UInt8] {
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: blockSize)
    while true {
      let got = try block.withUnsafeMutableBufferPointer { buffer in
        try input.read(into: #require(buffer.baseAddress))
      }
      if got == 0 { return bytes }
      bytes += block.prefix(got)
    }
  }

  /// Two members by `gzip`, two frames by `zstd`, against the plain file they were packed from.
  @Test(arguments: ["gz", "zst"], [1, 2, 100, 1 << 18])
  func packedData(suffix: String, blockSize: Int) throws {
    let input = try ByteInput(
      path: faultyFile("text-in-a-number.csv.\(suffix)"), blockSize: blockSize)
    let plain = try Data(contentsOf: URL(filePath: faultyFile("text-in-a-number.csv")))
    #expect(try everything(input, blockSize: blockSize) == Array(plain))
  }

  @Test(arguments: [1, 3, 4096])
  func storedMembersAndPadding(blockSize: Int) throws {
    let text = Array("one\ntwo\n".utf8)
    let packed = storedGzip(text) + storedGzip([]) + storedGzip(text) + [0, 0, 0]
    let input = try ByteInput(bytes: packed, name: "p", blockSize: blockSize)
    #expect(try everything(input, blockSize: blockSize) == text + text)
  }

  @Test func membersBehindPaddingAreNotRead() throws {
    let packed = storedGzip([65]) + [0] + storedGzip([66])
    let input = try ByteInput(bytes: packed, name: "p", blockSize: 64)
    let error = TraceError(
      file: "p", .damagedPacking(format: "gzip", "other bytes follow its end"))
    #expect(throws: error) {
      try everything(input, blockSize: 64)
    }
  }

  /// Every cut of a gzip file is noticed: none passes for a shorter text.
  @Test func everyCutIsNoticed() throws {
    let packed = storedGzip(Array("a,b\n1,2\n".utf8))
    for length in 2..<packed.count {
      let input = try ByteInput(bytes: Array(packed[..<length]), name: "p", blockSize: 64)
      #expect(throws: TraceError(file: "p", .damagedPacking(format: "gzip", "it ends early"))) {
        try everything(input, blockSize: 64)
      }
    }
  }

  /// Frames with raw and repeated blocks, a skippable one before them; every cut is noticed.
  @Test func zstdFramesWrittenFromTheirSpecification() throws {
    let text = Array("a,b\n1,2\n".utf8)
    let packed =
      [0x53, 0x2A, 0x4D, 0x18, 2, 0, 0, 0, 9, 9] + zstdFrame(text, repeats: 0)
      + zstdFrame([], repeats: 0) + zstdFrame(text, repeats: 70_000)
    for blockSize in [1, 7, 4096] {
      let input = try ByteInput(bytes: packed, name: "p", blockSize: blockSize)
      let expected = text + text + [UInt8](repeating: UInt8(ascii: "7"), count: 70_000)
      #expect(try everything(input, blockSize: blockSize) == expected)
    }
    let frame = zstdFrame(text, repeats: 3)
    for length in 4..<frame.count {
      let input = try ByteInput(bytes: Array(frame[..<length]), name: "p", blockSize: 64)
      #expect(throws: TraceError(file: "p", .damagedPacking(format: "zstd", "it ends early"))) {
        try everything(input, blockSize: 64)
      }
    }
  }

  @Test func oneByteOfTheMagicIsNoGzip() throws {
    let input = try ByteInput(bytes: [0x1f], name: "p", blockSize: 8)
    #expect(try everything(input, blockSize: 8) == [0x1f])
  }

  /// A pipe delivers what has been written so far: short reads are no end.
  @Test(arguments: [false, true])
  func standardInput(packed: Bool) throws {
    let text = Array("memory_bytes,x\n1e9,2\n2e9,3\n".utf8)
    let bytes = packed ? storedGzip(text) : text
    let pipe = Pipe()
    let saved = dup(STDIN_FILENO)
    defer {
      dup2(saved, STDIN_FILENO)
      close(saved)
    }
    dup2(pipe.fileHandleForReading.fileDescriptor, STDIN_FILENO)
    let writer = Thread {
      for byte in bytes { try? pipe.fileHandleForWriting.write(contentsOf: Data([byte])) }
      try? pipe.fileHandleForWriting.close()
    }
    writer.start()
    let table = try TraceReader(path: "-").readTable().table
    #expect(table.source == "<stdin>")
    #expect(table["memory_bytes"] == Column("memory_bytes", numbers: [1e9, 2e9]))
  }

  #if os(Linux)
    /// A file that opens and does not read: the first page of a process is never mapped.
    @Test func readErrors() {
      let error = #expect(throws: TraceError.self) {
        try TraceReader(path: "/proc/self/mem").readTable()
      }
      #expect(error?.description == "/proc/self/mem: cannot be read: Input/output error")
      #expect(error?.category == .inputOutput)
    }
  #endif
}

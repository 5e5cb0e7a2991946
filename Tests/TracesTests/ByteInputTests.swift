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

  /// A real deflate stream of two members, against the plain file that they were packed from.
  @Test(arguments: [1, 2, 100, 1 << 18])
  func deflatedData(blockSize: Int) throws {
    let input = try ByteInput(path: faultyFile("text-in-a-number.csv.gz"), blockSize: blockSize)
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
    #expect(throws: TraceError(file: "p", .damagedGzip("other bytes follow its end"))) {
      try everything(input, blockSize: 64)
    }
  }

  /// Every cut of a gzip file is noticed: none passes for a shorter text.
  @Test func everyCutIsNoticed() throws {
    let packed = storedGzip(Array("a,b\n1,2\n".utf8))
    for length in 2..<packed.count {
      let input = try ByteInput(bytes: Array(packed[..<length]), name: "p", blockSize: 64)
      #expect(throws: TraceError(file: "p", .damagedGzip("it ends early"))) {
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

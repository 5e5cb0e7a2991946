import Foundation
import ModelCore
import Reporting
import Testing

@Suite struct StandardOutputTests {
  @Test func writesBlocksAndTheRestAtTheFlush() throws {
    let pipe = Pipe()
    let output = StandardOutput(
      descriptor: pipe.fileHandleForWriting.fileDescriptor, name: "standard output")
    try output.append("one ")
    try output.append("two")
    try output.flush()
    try pipe.fileHandleForWriting.close()
    let read = try pipe.fileHandleForReading.readToEnd()
    #expect(read == Data("one two".utf8))
  }

  @Test func aReaderThatHasGoneIsQuiet() throws {
    let pipe = Pipe()
    try pipe.fileHandleForReading.close()
    let output = StandardOutput(
      descriptor: pipe.fileHandleForWriting.fileDescriptor, name: "standard output")
    try output.append("x")
    let error = #expect(throws: OutputError.closedByReader) { try output.flush() }
    #expect(error?.isQuiet == true)
    // What could not be sent is gone: the next flush has nothing to fail on.
    try output.flush()
  }

  @Test func aClosedDescriptorIsAnInputOutputError() throws {
    let output = StandardOutput(descriptor: -1, name: "standard output")
    try output.append("x")
    let error = #expect(throws: OutputError.self) { try output.flush() }
    #expect(
      error == .cannotWrite(path: "standard output", reason: "Bad file descriptor"))
    #expect(error?.isQuiet == false && error?.category.exitCode == 74)
  }
}

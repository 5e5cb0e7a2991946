import Foundation
import ModelCore
import Reporting
import Testing

/// A directory that goes away with the test.
private final class Scratch {
  let path: String

  init(_ name: String = UUID().uuidString) throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("output-\(name)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path).sorted()
  }

  func text(_ name: String) throws -> String {
    try String(contentsOfFile: path + "/" + name, encoding: .utf8)
  }
}

@Suite struct OutputFileTests {
  @Test func appearsWholeAtTheCommit() throws {
    let scratch = try Scratch()
    let file = try OutputFile(path: scratch.path + "/a.csv")
    // Larger than the buffer, so that a part is on the disk before the commit.
    let block = [UInt8](repeating: 0x61, count: 300_000)
    try file.append(block)
    #expect(try scratch.names() == [".a.csv.part-\(getpid())"])
    try file.append("end")
    try file.commit()
    #expect(try scratch.names() == ["a.csv"])
    #expect(try scratch.text("a.csv").utf8.count == 300_003)
  }

  @Test func isRemovedWithoutACommitAndTheOldFileStays() throws {
    let scratch = try Scratch()
    try Data("old".utf8).write(to: URL(fileURLWithPath: scratch.path + "/a.csv"))
    do {
      let file = try OutputFile(path: scratch.path + "/a.csv")
      try file.append("new")
      #expect(try scratch.names().count == 2)
    }
    #expect(try scratch.names() == ["a.csv"])
    #expect(try scratch.text("a.csv") == "old")
  }

  @Test func keepsPermissionsAndFollowsLinks() throws {
    let scratch = try Scratch()
    let real = scratch.path + "/real.csv"
    try Data("old".utf8).write(to: URL(fileURLWithPath: real))
    try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: real)
    try FileManager.default.createSymbolicLink(
      atPath: scratch.path + "/link.csv", withDestinationPath: "real.csv")
    let file = try OutputFile(path: scratch.path + "/link.csv")
    try file.append("new")
    try file.commit()
    #expect(try scratch.names() == ["link.csv", "real.csv"])
    #expect(try scratch.text("real.csv") == "new")
    let mode = try FileManager.default.attributesOfItem(atPath: real)[.posixPermissions] as? Int
    #expect(mode == 0o640)
  }

  @Test func twoOfOneNameDoNotMeet() throws {
    let scratch = try Scratch()
    let first = try OutputFile(path: scratch.path + "/a.csv")
    let second = try OutputFile(path: scratch.path + "/a.csv")
    try first.append("first")
    try second.append("second")
    try first.commit()
    #expect(try scratch.text("a.csv") == "first")
    try second.commit()
    #expect(try scratch.text("a.csv") == "second")
    #expect(try scratch.names() == ["a.csv"])
  }

  @Test func refusals() throws {
    let scratch = try Scratch()
    let directory = #expect(throws: OutputError.isDirectory(path: scratch.path)) {
      try OutputFile(path: scratch.path)
    }
    #expect(directory?.category.exitCode == 73)
    let missing = scratch.path + "/no/such/a.csv"
    let error = #expect(throws: OutputError.self) { try OutputFile(path: missing) }
    #expect(error == .cannotCreate(path: missing, reason: "No such file or directory"))
    #expect(error?.description == "cannot create \(missing): No such file or directory")
    #expect(error?.category.exitCode == 73)
    #expect(throws: OutputError.self) { try OutputFile(path: "") }
    #expect(throws: OutputError.self) { try OutputFile(path: scratch.path + "/new/") }
    #expect(try scratch.names() == [])
  }

  @Test func devicesAreWrittenStraight() throws {
    let file = try OutputFile(path: "/dev/null")
    try file.append("x")
    try file.commit()
    var status = stat()
    #expect(stat("/dev/null", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
  }

  #if os(Linux)
    @Test func aFullDiskIsAnInputOutputError() throws {
      let file = try OutputFile(path: "/dev/full")
      try file.append("x")
      let error = #expect(throws: OutputError.self) { try file.commit() }
      #expect(error == .cannotWrite(path: "/dev/full", reason: "No space left on device"))
      #expect(error?.category.exitCode == 74)
    }
  #endif

  @Test func aTargetThatBecameADirectoryLeavesNoPart() throws {
    let scratch = try Scratch()
    let file = try OutputFile(path: scratch.path + "/a.csv")
    try file.append("x")
    try FileManager.default.createDirectory(
      atPath: scratch.path + "/a.csv", withIntermediateDirectories: false)
    let error = #expect(throws: OutputError.self) { try file.commit() }
    #expect(error?.category.exitCode == 74)
    #expect(try scratch.names() == ["a.csv"])
  }

  @Test func signalsRemoveUnfinishedFiles() async throws {
    // The child finds the directory by its parent's process id.
    let scratch = try Scratch("signal-\(getpid())")
    let result = await #expect(
      processExitsWith: .signal(SIGTERM), observing: [\.standardOutputContent]
    ) {
      let scratch = try Scratch("signal-\(getppid())")
      OutputFile.removeUnfinishedOnSignal()
      let done = try OutputFile(path: scratch.path + "/done.csv")
      try done.append("done")
      try done.commit()
      let file = try OutputFile(path: scratch.path + "/a.csv")
      try file.append([UInt8](repeating: 0x61, count: 300_000))
      let names = try scratch.names().joined(separator: " ")
      let output = StandardOutput()
      try output.append("names: \(names)\n")
      try output.flush()
      kill(getpid(), SIGTERM)
      sleep(20)
      try file.commit()
    }
    let printed = String(decoding: result?.standardOutputContent ?? [], as: UTF8.self)
    #expect(printed.contains(".a.csv.part-"), "the part was not there to be removed: \(printed)")
    #expect(try scratch.names() == ["done.csv"])
  }
}

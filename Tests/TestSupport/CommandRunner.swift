public import Foundation

/// What a run of the command left behind.
public struct CommandResult: Sendable, Equatable {
  public var status: Int32
  public var output: String
  public var errors: String
}

/// Runs shell lines in which `cutover` is the binary that was built beside these tests.
public struct CommandRunner: Sendable {
  /// A fresh directory for the run; `$TMP` in the line. In results its path reads `TMP`.
  public let scratch: URL
  private let root: URL

  public init() throws {
    root = FileManager.default.temporaryDirectory
      .appending(path: "cutover-test-\(UUID().uuidString)")
    scratch = root.appending(path: "work")
    try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
  }

  public func remove() {
    try? FileManager.default.removeItem(at: root)
  }

  /// The directory of the built products: where the test bundle lies.
  public static let products: URL = {
    let arguments = CommandLine.arguments
    // `swift test` hands over the bundle; the runner itself lies elsewhere.
    let bundle =
      arguments.first { $0.hasSuffix(".xctest") }
      ?? arguments.indices.dropLast().first { arguments[$0] == "--test-bundle-path" }
      .map { arguments[$0 + 1] } ?? arguments[0]
    return URL(filePath: bundle).deletingLastPathComponent()
  }()

  /// Runs a line at the top of the checkout, streams kept apart, in a clean environment.
  public func run(_ line: String) throws -> CommandResult {
    let output = root.appending(path: "stdout")
    let errors = root.appending(path: "stderr")
    for url in [output, errors] { try Data().write(to: url) }
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", line]
    process.currentDirectoryURL = Fixtures.checkout
    process.environment = [
      "PATH": "\(Self.products.path):/usr/bin:/bin", "TMP": scratch.path, "LC_ALL": "C",
      "COLUMNS": "80",
    ]
    process.standardInput = FileHandle.nullDevice
    // Files, not pipes: nothing has to be drained while the command runs.
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    process.waitUntilExit()
    func text(_ url: URL) throws -> String {
      String(decoding: try Data(contentsOf: url), as: UTF8.self)
        .replacingOccurrences(of: scratch.path, with: "TMP")
    }
    return CommandResult(
      status: process.terminationStatus, output: try text(output), errors: try text(errors))
  }
}

internal import Foundation
public import ModelCore

/// Why a figure could not be drawn.
public enum PlotError: Failure, Equatable {
  /// gnuplot is not where programs are looked for.
  case noGnuplot
  /// gnuplot did not do it; the first line of what it said.
  case gnuplotFailed(String)
  /// No series has a point that the axes can show; what would have been drawn.
  case nothingToDraw(String)
  /// The file's extension is not `.svg`.
  case notSVG(path: String)

  public var category: FailureCategory {
    switch self {
    case .noGnuplot, .gnuplotFailed: .cannotCreate
    case .nothingToDraw: .cannotAnswer
    case .notSVG: .usage
    }
  }

  public var description: String {
    switch self {
    case .noGnuplot:
      "plots need the program gnuplot, which was not found; "
        + "install it, on Debian with 'apt-get install gnuplot-nox'"
    case .gnuplotFailed(let reason): "gnuplot could not draw the plot: \(reason)"
    case .nothingToDraw(let what):
      "nothing to draw for \"\(what)\": no point has values that the axes can show"
    case .notSVG(let path): "\(path): plots are written as SVG; give a name that ends in .svg"
    }
  }
}

/// Draws figures as SVG with gnuplot, which runs as a process of its own: commands and data on
/// its standard input, the picture on its standard output.
///
/// The same figure gives the same bytes; the line in which gnuplot names its version is left
/// out.
public struct PlotRenderer: Sendable {
  private let searchPath: String

  public init() {
    self.init(searchPath: ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")
  }

  package init(searchPath: String) { self.searchPath = searchPath }

  /// - Throws: `PlotError`.
  public func svg(_ plot: Plot) throws(PlotError) -> String {
    let script = try PlotScript(plot).text
    guard let program = program() else { throw .noGnuplot }
    let result: (status: Int32, output: String, errors: String)
    do {
      result = try Self.run(program, script)
    } catch {
      throw .gnuplotFailed((error as NSError).localizedFailureReason ?? "it could not be started")
    }
    // gnuplot answers 0 after some errors; a picture that is not whole shows them.
    guard result.status == 0, result.output.contains("</svg>") else {
      let words = result.errors.split(separator: "\n").map {
        $0.trimmingCharacters(in: .whitespaces)
      }
      throw .gnuplotFailed(words.first { !$0.isEmpty } ?? "it ended with status \(result.status)")
    }
    return Self.withoutVersion(result.output, title: plot.title)
  }

  /// Refuses a path whose name does not end in `.svg`, before the work.
  public static func check(path: String) throws(PlotError) {
    guard path.lowercased().hasSuffix(".svg") else { throw .notSVG(path: path) }
  }

  private func program() -> String? {
    searchPath.split(separator: ":").map { "\($0)/gnuplot" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  /// Files stand in for pipes: neither side can wait for the other.
  private static func run(
    _ program: String, _ script: String
  ) throws -> (status: Int32, output: String, errors: String) {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "cutover-plot-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let names = ["input", "output", "errors"].map { folder.appending(path: $0) }
    try Data(script.utf8).write(to: names[0])
    for name in names.dropFirst() { try Data().write(to: name) }
    let process = Process()
    process.executableURL = URL(filePath: program)
    // Whatever the user's own settings file says stays out of the picture.
    process.arguments = ["--default-settings", "-"]
    process.environment = ["LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"]
    process.standardInput = try FileHandle(forReadingFrom: names[0])
    process.standardOutput = try FileHandle(forWritingTo: names[1])
    process.standardError = try FileHandle(forWritingTo: names[2])
    try process.run()
    process.waitUntilExit()
    func text(_ url: URL) throws -> String {
      String(decoding: try Data(contentsOf: url), as: UTF8.self)
    }
    return (process.terminationStatus, try text(names[1]), try text(names[2]))
  }

  /// The picture with the figure's title for readers of the page in place of gnuplot's name.
  private static func withoutVersion(_ svg: String, title: String) -> String {
    svg.split(separator: "\n", omittingEmptySubsequences: false).compactMap { line in
      if line.hasPrefix("<desc>Produced by GNUPLOT") { return nil }
      if line == "<title>Gnuplot</title>" { return "<title>\(escaped(title))</title>" }
      return String(line)
    }.joined(separator: "\n")
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }
}

import Reporting
import Traces

/// Rows that a lenient reading leaves out: said, counted and put aside.
struct Leniency {
  private let path: String?
  private var file: SkippedRowFile?
  private var count = 0
  private static let saidOneByOne = 5

  init(path: String?) { self.path = path }

  mutating func take(_ row: SkippedRow) throws {
    count += 1
    if count <= Self.saidOneByOne { say("left out: \(row.error)") }
    guard let path else { return }
    if file == nil { file = try SkippedRowFile(path: path) }
    try file?.append(row)
  }

  func finish() throws {
    try file?.commit()
    if count > 0 { say("\(count) rows left out" + (path.map { ", written to \($0)" } ?? "")) }
  }
}

/// The rows that a lenient reading left out, as they stood, under the header.
final class SkippedRowFile {
  private let file: OutputFile
  private var hasHeader = false

  init(path: String) throws(OutputError) {
    file = try OutputFile(path: path)
  }

  func append(_ row: SkippedRow) throws(OutputError) {
    if !hasHeader {
      try file.append(row.header + [UInt8(ascii: "\n")])
      hasHeader = true
    }
    try file.append(row.raw + [UInt8(ascii: "\n")])
  }

  func commit() throws(OutputError) { try file.commit() }
}

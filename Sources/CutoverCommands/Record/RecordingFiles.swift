import ModelCore
import Reporting
import Traces

/// A folder that takes a recording as it comes.
final class RecordingFiles: RecordingSink {
  let folder: String
  private let raw: AppendingFile
  private let samples: AppendingFile
  private let display: RecordingDisplay
  private var hasSamples = false
  private var curves: AppendingFile?

  /// - Throws: `OutputError.cannotCreate` when the folder holds a recording already.
  init(folder: String, display: RecordingDisplay) throws(OutputError) {
    self.folder = try OutputDirectory(path: folder).path
    self.display = display
    raw = try AppendingFile(path: "\(folder)/replies.ndjson")
    samples = try AppendingFile(path: "\(folder)/samples.csv")
  }

  func take(raw line: [UInt8]) throws(RecordingError) {
    try append(line + [0x0A], to: raw)
  }

  func take(samples table: Table) throws(RecordingError) {
    try append(lines(of: table, withHeader: !hasSamples), to: samples)
    hasSamples = true
  }

  func take(curves table: Table) throws(RecordingError) {
    if let curves { return try append(lines(of: table, withHeader: false), to: curves) }
    let file: AppendingFile
    do throws(OutputError) {
      file = try AppendingFile(path: "\(folder)/dirty-rates.csv")
    } catch {
      throw .output(error.description)
    }
    try append(lines(of: table, withHeader: true), to: file)
    curves = file
  }

  private func lines(of table: Table, withHeader: Bool) -> [UInt8] {
    let encoding = CSVEncoding()
    var text = TextBuffer()
    if withHeader { encoding.appendHeader(of: table, to: &text) }
    encoding.append(rows: 0..<table.rowCount, of: table, to: &text)
    return text.take()
  }

  func take(state: RecordingState) { display.show(state) }

  /// The row of the migration.
  func write(row table: Table) throws(OutputError) {
    try AppendingFile(path: "\(folder)/trace.csv").append(CSVEncoding().bytes(of: table))
  }

  private func append(_ bytes: [UInt8], to file: AppendingFile) throws(RecordingError) {
    do throws(OutputError) { try file.append(bytes) } catch { throw .output(error.description) }
  }
}

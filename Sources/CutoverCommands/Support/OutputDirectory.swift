import Foundation
import ModelCore
import Reporting

/// A directory that takes the tables of a comparison.
struct OutputDirectory {
  let path: String

  /// Makes the directory, and those above it, if need be.
  init(path: String) throws(OutputError) {
    self.path = path
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      let reason = (error as NSError).localizedFailureReason ?? "it cannot be made"
      var isDirectory: ObjCBool = false
      let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
      throw .cannotCreate(
        path: path,
        reason: exists && !isDirectory.boolValue ? "a file of that name is there" : reason)
    }
  }

  /// Each table as NAME.csv, the whole report as report.txt, the held-out predictions as
  /// predictions.csv.
  func write(_ report: Report, predictions: Table, digits: Int?) throws(OutputError) {
    for (table, name) in report.tables {
      try write(Report(table, name: name), as: "\(name).csv", .csv, digits)
    }
    try write(Report(predictions, name: "predictions"), as: "predictions.csv", .csv, digits)
    try write(report, as: "report.txt", .text, digits)
  }

  /// A report as NAME.csv, its table alone, and NAME.txt.
  func write(_ report: Report, as name: String) throws(OutputError) {
    for (table, _) in report.tables {
      try write(Report(table, name: name), as: "\(name).csv", .csv, nil)
    }
    try write(report, as: "\(name).txt", .text, nil)
  }

  private func write(
    _ report: Report, as name: String, _ format: OutputFormat, _ digits: Int?
  ) throws(OutputError) {
    let destination = try Destination(path: "\(path)/\(name)", format: format)
    try destination.write(report, significantDigits: digits)
    try destination.commit()
  }
}

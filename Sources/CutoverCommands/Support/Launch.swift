import ArgumentParser
import Calibration
import Foundation
import ModelCore
import Quantities
import Regression
import Reporting

extension CutoverCommand {
  /// Runs the command line of this process and ends it: result on stdout, talk on stderr, the
  /// verdict as exit status.
  public static func launch() -> Never {
    OutputFile.removeUnfinishedOnSignal()
    do {
      var command = try parseAsRoot()
      try command.run()
      Foundation.exit(0)
    } catch {
      Foundation.exit(report(error))
    }
  }

  /// Says on stderr what went wrong and returns the exit status.
  private static func report(_ error: any Error) -> Int32 {
    if let verdict = error as? NegativeVerdict {
      if let message = verdict.message { say(message) }
      return 1
    }
    if let output = error as? OutputError, output.isQuiet { return 0 }
    if let failure = error as? any Failure {
      say(failure.description)
      if let place = FormulaError.inside(failure) { say(lines: place.caret) }
      return failure.category.exitCode
    }
    let status = exitCode(for: error).rawValue
    let message = fullMessage(for: error)
    if status == 0 {
      // Help and version are results.
      let out = StandardOutput()
      try? out.append(message + "\n")
      try? out.flush()
      return 0
    }
    let words = message.hasPrefix("Error: ") ? String(message.dropFirst(7)) : message
    say(words)
    return status
  }
}

/// The work is done and the answer is no: exit status 1.
struct NegativeVerdict: Error {
  var message: String?
}

/// A line of talk on stderr.
func say(_ message: String) {
  FileHandle.standardError.write(Data("cutover: \(message)\n".utf8))
}

extension FormulaError {
  /// The formula error that a failure is or carries.
  static func inside(_ failure: any Failure) -> FormulaError? {
    switch failure {
    case let error as FormulaError: error
    case RegressionError.formula(let error): error
    case NonlinearError.regression(.formula(let error)): error
    default: nil
    }
  }
}

/// Lines below a message, indented.
private func say(lines: String) {
  let text = lines.split(separator: "\n").map { "  \($0)\n" }.joined()
  FileHandle.standardError.write(Data(text.utf8))
}

/// A mistake in how the command was called.
struct UsageError: Failure {
  let description: String
  var category: FailureCategory { .usage }

  init(_ description: String) { self.description = description }
}

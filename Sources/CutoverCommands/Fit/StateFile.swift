import Foundation
import ModelCore
import Regression

/// Saved states of streamed fits.
enum StateFile {
  /// The states of some files, merged in their order.
  static func merged(_ paths: [String]) throws -> LeastSquaresState {
    var state: LeastSquaresState?
    for path in paths {
      let next = try read(path)
      if state == nil {
        state = next
      } else {
        do {
          try state?.merge(next)
        } catch {
          throw BadState(description: "\(path): \(error)", category: error.category)
        }
      }
    }
    guard let state else { throw UsageError("--merge needs the files of one state or more") }
    return state
  }

  private static func read(_ path: String) throws -> LeastSquaresState {
    let bytes: [UInt8]
    do {
      bytes = Array(try Data(contentsOf: URL(filePath: path)))
    } catch {
      throw BadState(
        description: "\(path): no such file, or it cannot be read", category: .noInput)
    }
    do {
      return try LeastSquaresState(decoding: bytes)
    } catch {
      throw BadState(description: "\(path): \(error)", category: error.category)
    }
  }

  private struct BadState: Failure {
    let description: String
    let category: FailureCategory
  }
}

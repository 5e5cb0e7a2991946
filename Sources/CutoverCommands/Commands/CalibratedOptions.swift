import Calibration
import Foundation
import ModelCore

/// Options of `fit` and `compare` that only a calibrated fit has.
enum CalibratedOptions {
  /// Parts of the physics as typed.
  static func parts(_ text: String?) throws -> [CalibratedPhysics] {
    guard let text else { return [] }
    return try ModelSelection.list(text).map { name in
      guard let part = CalibratedPhysics(rawValue: name) else {
        let names = CalibratedPhysics.allCases.map(\.rawValue)
        let nearest = nearestWords(to: name, among: names)
        throw UsageError(
          "--without: no part \"\(name)\""
            + (nearest.isEmpty
              ? "; parts are \(names.joined(separator: ", "))"
              : suggestion(nearest)))
      }
      return part
    }
  }

  /// A saved calibrated fit.
  static func fit(_ path: String, option: String) throws -> CalibratedModel {
    guard
      case .calibrated(let model) = try SavedFit(try PredictFromFit.bytes(path), name: path)
    else {
      throw UsageError("\(option): \(path) is not a fit of --model \(CalibratedModel.id)")
    }
    return model
  }
}

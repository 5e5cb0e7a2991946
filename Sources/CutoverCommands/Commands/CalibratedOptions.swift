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

  /// Parameters as typed, by name or by group.
  static func parameters(_ text: String) throws -> [CalibratedParameter] {
    try ModelSelection.list(text).flatMap { name -> [CalibratedParameter] in
      if let group = CalibratedParameter.Group(rawValue: name) { return group.members }
      if let parameter = CalibratedParameter(name: name) { return [parameter] }
      let names =
        CalibratedParameter.Group.allCases.map(\.rawValue)
        + CalibratedParameter.allCases.map(\.name)
      let nearest = nearestWords(to: name, among: names)
      throw UsageError(
        "--free: no parameter \"\(name)\""
          + (nearest.isEmpty
            ? "; parameters are \(names.joined(separator: ", "))"
            : suggestion(nearest)))
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

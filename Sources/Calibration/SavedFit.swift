import Foundation
public import MigrationModels
import ModelCore
public import Regression

/// A fit as a file: a formula with its coefficients, or a model with its parameters.
///
/// JSON with `format` and `version` first in meaning; keys sorted, so that the same fit gives
/// the same bytes.
public enum SavedFit: Sendable {
  /// Least squares of a formula.
  case formula(FormulaFit)
  /// Another kind of linear fit.
  case linear(SavedLinearPredictor)
  case nonlinear(NonlinearFormulaFit)
  case model(any MigrationModel)
  /// The calibrated model, with what its predictions and intervals rest on.
  case calibrated(CalibratedModel)

  static let format = "cutover-fit"
  static let version = 1

  public func encoded() throws(CalibrationError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do {
      return Array(try encoder.encode(Envelope(self))) + [UInt8(ascii: "\n")]
    } catch {
      throw CalibrationError(error)
    }
  }

  /// Reads a fit back.
  ///
  /// - Parameter name: what messages call the file.
  /// - Throws: `CalibrationError` with category bad data for what is not a fit of this version,
  ///   or one that contradicts itself.
  public init(_ bytes: [UInt8], name: String) throws(CalibrationError) {
    do {
      self = try JSONDecoder().decode(Envelope.self, from: Data(bytes)).fit()
    } catch let error as DecodingError {
      throw .cause(.badData, "\(name): not a saved fit: \(Self.words(error))")
    } catch let error as any Failure {
      throw .cause(.badData, "\(name): \(error.description)")
    } catch {
      throw .cause(.badData, "\(name): not a saved fit")
    }
  }

  private static func words(_ error: DecodingError) -> String {
    func path(_ context: DecodingError.Context) -> String {
      let keys = context.codingPath.map(\.stringValue).joined(separator: ".")
      return keys.isEmpty ? "the top level" : keys
    }
    return switch error {
    case .keyNotFound(let key, let context): "\(path(context)) has no \"\(key.stringValue)\""
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      "\(path(context)) is not of the expected kind"
    case .dataCorrupted(let context):
      context.codingPath.isEmpty ? "it is not JSON" : "\(path(context)) cannot be read"
    @unknown default: "it cannot be read"
    }
  }

  private struct Envelope: Codable {
    var format: String
    var version: Int
    var formula: FormulaFit?
    var linear: SavedLinearPredictor?
    var nonlinear: NonlinearFormulaFit?
    var calibrated: CalibratedModel?
    var model: String?
    var parameters: [String: Double]?

    init(_ fit: SavedFit) {
      format = SavedFit.format
      version = SavedFit.version
      switch fit {
      case .formula(let fit): formula = fit
      case .linear(let fit): linear = fit
      case .nonlinear(let fit): nonlinear = fit
      case .calibrated(let fit): calibrated = fit
      case .model(let fitted):
        model = fitted.id
        parameters = fitted.parameters.named
      }
    }

    func fit() throws -> SavedFit {
      guard format == SavedFit.format else {
        throw CalibrationError.cause(
          .badData, "its format is \"\(format)\", not \(SavedFit.format)")
      }
      guard version == SavedFit.version else {
        throw CalibrationError.cause(
          .badData, "its version is \(version), and this program reads \(SavedFit.version)")
      }
      switch (formula, linear, nonlinear, calibrated, model) {
      case (.some(let fit), nil, nil, nil, nil): return .formula(fit)
      case (nil, .some(let fit), nil, nil, nil): return .linear(fit)
      case (nil, nil, .some(let fit), nil, nil): return .nonlinear(fit)
      case (nil, nil, nil, .some(let fit), nil): return .calibrated(fit)
      case (nil, nil, nil, nil, .some(let id)):
        return .model(try ModelCatalogue.model(id, parameters: parameters ?? [:]))
      default:
        throw CalibrationError.cause(.badData, "it holds neither a formula nor a model alone")
      }
    }
  }
}

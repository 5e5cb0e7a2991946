public import MigrationModels

/// What a fit found for one parameter. What a method does not give is absent.
public struct FittedParameter: Sendable, Equatable {
  public var term: String
  public var estimate: Double
  public var standardError: Double?
  public var statistic: Double?
  public var pValue: Double?
  public var confidence: ClosedRange<Double>?
  public var unit: String
  /// How it was estimated, in a few words.
  public var method: String
}

/// A model whose parameters were learned from a trace.
public struct FittedModel: Sendable {
  public let model: any MigrationModel
  public let parameters: [FittedParameter]
  /// Rows that taught it something.
  public let trainingRows: Int
}

/// Learns the parameters of one migration model from records.
///
/// An estimator holds options, never data; only completed records teach it.
public protocol MigrationEstimator: Sendable {
  /// - Parameters:
  ///   - records: the training rows, censored ones among them.
  ///   - downtime: which downtime column the fixed part of the downtime is learned from.
  func fit(
    _ records: [MigrationRecord], downtime: Target
  ) throws(CalibrationError) -> FittedModel
}

/// A model whose parameters a trace can teach.
///
/// The conformances stand beside the estimators, so that a new model needs no list.
public protocol LearnableModel: MigrationModel {
  static func estimator(basis: MemoryBasis) -> any MigrationEstimator
}

/// The estimator of a model; `nil` for one without parameters that a trace can teach.
///
/// - Throws: `ModelError` for an unknown id.
public func estimator(for id: String) throws(ModelError) -> (any MigrationEstimator)? {
  let (type, basis) = try ModelCatalogue.resolve(id)
  return (type as? any LearnableModel.Type)?.estimator(basis: basis)
}

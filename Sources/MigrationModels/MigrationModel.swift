public import ModelCore
import Quantities

/// Which memory a model's first round walks over.
public enum MemoryBasis: String, Sendable, Hashable, CaseIterable {
  /// `memory_bytes`, as the model was published.
  case memory
  /// `used_bytes`: zero pages cost nothing. The variant `+used`.
  case used
}

/// A model of one migration: an immutable value with its parameters inside.
///
/// A model predicts from what is known before the start. It does not learn; estimators in
/// `Calibration` do, and hand out models.
public protocol MigrationModel: Sendable {
  static var descriptor: ModelDescriptor { get }
  /// Whether `ID+used` exists.
  static var hasUsedVariant: Bool { get }

  var parameters: ModelParameters { get }
  var basis: MemoryBasis { get }

  init(parameters: ModelParameters, basis: MemoryBasis)

  /// What the model says about a scenario.
  ///
  /// - Parameter recordingRounds: whether the answer lists every transfer.
  /// - Throws: `ModelError.missingInput` when a needed input is absent.
  func predict(
    _ scenario: Scenario, recordingRounds: Bool
  ) throws(ModelError) -> MigrationPrediction

  /// The same for many scenarios, column by column and bit by bit; `nil` when the model answers
  /// them one at a time.
  ///
  /// A row for which there is more to say than numbers (an input is missing, the technique is not
  /// described) is left to `predict`.
  func predictions(of rows: ScenarioRows) -> PredictionColumns?

  /// What the reader of an answer has to know about it, when an input was replaced by a
  /// substitute; `nil` in the plain case.
  func remark(on scenario: Scenario) -> String?
}

extension MigrationModel {
  /// The id with the variant, as it is typed and printed.
  public var id: String {
    Self.descriptor.id + (basis == .used ? "+used" : "")
  }

  public func predict(_ scenario: Scenario) throws(ModelError) -> MigrationPrediction {
    try predict(scenario, recordingRounds: false)
  }

  /// Whether the model claims to describe a technique; a row without one is taken to be described.
  public static func describes(_ technique: String?) -> Bool {
    technique.map(descriptor.techniques.contains) ?? true
  }

  public func remark(on scenario: Scenario) -> String? { nil }

  public func predictions(of rows: ScenarioRows) -> PredictionColumns? { nil }

  /// The memory that the first round walks over, by the model's basis.
  func firstRoundMemory(_ scenario: Scenario) throws(ModelError) -> Double {
    switch basis {
    case .memory:
      return try scenario.require(.memory)
    case .used:
      guard let used = scenario.effectiveUsed else {
        throw .missingInput(ScenarioField.used.column)
      }
      return used.siValue
    }
  }
}

/// Values for the parameters that a descriptor declares, in its order.
public struct ModelParameters: Sendable, Equatable {
  public let definitions: [ParameterDefinition]
  public private(set) var values: [Double]

  /// The defaults, with some of them replaced.
  ///
  /// - Throws: `ModelError.unknownParameter`, `ModelError.parameterOutOfDomain`.
  public init(
    _ descriptor: ModelDescriptor, overriding: [String: Double] = [:]
  ) throws(ModelError) {
    definitions = descriptor.parameters
    values = descriptor.parameters.map(\.defaultValue)
    for (name, value) in overriding.sorted(by: { $0.key < $1.key }) {
      guard let index = definitions.firstIndex(where: { $0.name == name }) else {
        throw .unknownParameter(
          name, model: descriptor.id,
          nearest: nearestWords(to: name, among: definitions.map(\.name)))
      }
      let domain = definitions[index].domain
      guard value.isFinite, domain.contains(value) else {
        throw .parameterOutOfDomain(name, value: value, expected: domain.description)
      }
      values[index] = value
    }
  }

  /// The defaults.
  init(defaultsOf descriptor: ModelDescriptor) {
    definitions = descriptor.parameters
    values = descriptor.parameters.map(\.defaultValue)
  }

  /// The value of a parameter that the descriptor declares; 0 for a name it does not.
  subscript(name: String) -> Double {
    definitions.firstIndex { $0.name == name }.map { values[$0] } ?? 0
  }

  public var named: [String: Double] {
    Dictionary(uniqueKeysWithValues: zip(definitions.map(\.name), values))
  }
}

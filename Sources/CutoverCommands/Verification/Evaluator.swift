import ModelCore

/// What a formula answers for one output of a case.
enum OracleValue: Equatable {
  case number(Double)
  case flag(Bool)
  case text(String)

  /// What oracle files write where a recursion never ends.
  static let noConvergence = OracleValue.text("no_convergence")

  /// A count as a number.
  static func count(_ value: Int) -> OracleValue { .number(Double(value)) }

  /// A number, or `no_convergence` where there is none.
  static func number(orNone value: Double?) -> OracleValue {
    value.map(OracleValue.number) ?? noConvergence
  }

  var text: String {
    switch self {
    case .number(let value): shortestDecimal(value)
    case .flag(let value): value ? "true" : "false"
    case .text(let value): value
    }
  }
}

/// The formula behind a model key of oracle files: inputs in, every output it knows out.
///
/// Only the key and the names of the inputs choose what is computed; the name of a case is not
/// even passed. One "MB" of such files is one unit of data: the formulas take it as a byte.
struct Evaluator: Sendable {
  let model: String
  /// The largest relative error that passes, unless the caller asks for another.
  let tolerance: VerificationTolerance
  let outputs: @Sendable (inout OracleInputs) throws(EvaluationError) -> [String: OracleValue]

  init(
    _ model: String, _ tolerance: VerificationTolerance,
    _ outputs:
      @escaping @Sendable (inout OracleInputs) throws(EvaluationError) -> [String: OracleValue]
  ) {
    self.model = model
    self.tolerance = tolerance
    self.outputs = outputs
  }
}

/// A bound on the relative error, and why it is what it is.
struct VerificationTolerance: Sendable, Equatable {
  let value: Double
  let reason: String

  static let closedForm = VerificationTolerance(
    value: 1e-12, reason: "a closed form or a short recursion: a few hundred roundings")
  static let searched = VerificationTolerance(
    value: 1e-9, reason: "a root or an optimum, found by search")
  /// For models that no entry of the registry names a tolerance for.
  static let standard = VerificationTolerance(value: 1e-9, reason: "the default")

  static func given(_ value: Double) -> VerificationTolerance {
    VerificationTolerance(value: value, reason: "as asked for")
  }
}

/// Every formula that `models verify` knows, by model key: one file per family, one line here.
enum EvaluatorRegistry {
  static let all: [Evaluator] = [
    AkoushEvaluators.all,
    AldhalaanEvaluators.all,
    CerroniEvaluators.all,
    DirtyCurveEvaluators.all,
    LiuEvaluators.all,
    OtherEvaluators.all,
    QueueEvaluators.all,
    RegressionEvaluators.all,
    ZhangEvaluators.all,
  ].flatMap { $0 }

  static let byModel = Dictionary(all.map { ($0.model, $0) }) { first, _ in first }
}

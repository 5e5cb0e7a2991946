/// How the iterations of a non-linear fit ended. Failure until one of the tests is passed.
public enum NonlinearStatus: String, Sendable, Codable, CaseIterable {
  /// Nothing was done yet.
  case notRun = "not_run"
  /// The residuals are orthogonal to every column of the Jacobian, or zero.
  case gradient = "converged_gradient"
  /// The linear model promises no further reduction.
  case objective = "converged_objective"
  /// The Gauss-Newton step is negligible.
  case step = "converged_step"
  /// No step lowers the objective any more, and the Gauss-Newton step, or else the gradient, is
  /// no larger than what the rounding of the residuals explains.
  case rounding = "converged_rounding"
  case maximumIterations = "maximum_iterations"
  case maximumEvaluations = "maximum_evaluations"
  /// No step lowers the objective, however short.
  case stuck
  /// As `stuck`, and the Jacobian lacks rank there.
  case singular
  /// The model has no finite value or derivative at the start, or no derivative further on.
  case notFinite = "not_finite"

  public var isConverged: Bool {
    switch self {
    case .gradient, .objective, .step, .rounding: true
    case .notRun, .maximumIterations, .maximumEvaluations, .stuck, .singular, .notFinite: false
    }
  }

  /// What happened, for the reader of a report.
  public var explanation: String {
    switch self {
    case .notRun: "nothing was done"
    case .gradient: "the gradient is zero to the tolerance"
    case .objective: "no further reduction of the objective is in sight"
    case .step: "the Gauss-Newton step is below the tolerance"
    case .rounding: "the rounding of the residuals allows no further reduction"
    case .maximumIterations: "the limit of iterations was reached"
    case .maximumEvaluations: "the limit of evaluations was reached"
    case .stuck: "no step lowers the objective"
    case .singular: "no step lowers the objective, and the parameters are not identified there"
    case .notFinite: "the model has no finite value or derivative there"
    }
  }
}

/// One iteration of the solver, after its step.
public struct NonlinearIteration: Sendable, Equatable, Codable {
  public let iteration: Int
  /// After the step.
  public let objective: Double
  /// The largest cosine between residuals and a column of the Jacobian, before the step.
  public let gradientNorm: Double
  /// The Gauss-Newton step relative to the parameters, before the step; see
  /// `NonlinearOptions.stepTolerance`.
  public let gaussNewtonStep: Double
  /// The length of the step taken, by the same measure.
  public let stepNorm: Double
  /// The damping of the step; 0 for a Gauss-Newton step.
  public let lambda: Double
  /// Steps that were tried and refused before.
  public let refused: Int
}

/// All there is to know about one run of the solver.
public struct NonlinearReport: Sendable, Equatable, Codable {
  public let start: [Double]
  public internal(set) var end: [Double]
  /// The sum of squares, or of the robust loss; absent when the start has no finite value.
  public internal(set) var objectiveAtStart: Double?
  public internal(set) var objectiveAtEnd: Double?
  public internal(set) var status = NonlinearStatus.notRun
  public internal(set) var residualEvaluations = 0
  public internal(set) var jacobianEvaluations = 0
  public internal(set) var iterations: [NonlinearIteration] = []
  /// By the measures of the tests, at the end.
  public internal(set) var gradientNorm: Double?
  public internal(set) var gaussNewtonStep: Double?
  /// Whether each parameter rests on a bound that holds it back.
  public internal(set) var isAtBound: [Bool]
  public let options: NonlinearOptions

  init(start: [Double], options: NonlinearOptions) {
    self.start = start
    end = start
    isAtBound = start.map { _ in false }
    self.options = options
  }
}

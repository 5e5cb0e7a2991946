/// When the iterations of a non-linear fit end, and how far a step may go.
///
/// The tests look at the undamped Gauss-Newton step, never at a damped one, so that a solver
/// that is stuck cannot pass for one that has arrived.
public struct NonlinearOptions: Sendable, Equatable, Codable {
  /// Relative: what the linear model could still take off the objective.
  public var objectiveTolerance: Double
  /// Relative: the Gauss-Newton step by the parameters, both measured by the columns of the
  /// Jacobian, so that units do not matter.
  public var stepTolerance: Double
  /// The largest cosine between the residuals and a column of the Jacobian, both times `sqrt(rho')`
  /// under a robust loss.
  public var gradientTolerance: Double
  public var maximumIterations: Int
  /// Of the residuals, over one start; a Jacobian counts as none.
  public var maximumEvaluations: Int
  public var loss: RobustLoss
  /// Second-order correction of the step (Transtrum and Sethna 2012), at one more evaluation.
  public var usesAcceleration: Bool
  /// Gauss-Newton steps after a test is passed, while they still shrink.
  public var polishingSteps: Int

  /// The defaults ask for more digits than statistics needs: what a last step costs is little.
  public init(
    objectiveTolerance: Double = 1e-16, stepTolerance: Double = 1e-10,
    gradientTolerance: Double = 1e-10, maximumIterations: Int = 1000,
    maximumEvaluations: Int = 10_000, loss: RobustLoss = .squared,
    usesAcceleration: Bool = true, polishingSteps: Int = 40
  ) {
    self.objectiveTolerance = objectiveTolerance
    self.stepTolerance = stepTolerance
    self.gradientTolerance = gradientTolerance
    self.maximumIterations = maximumIterations
    self.maximumEvaluations = maximumEvaluations
    self.loss = loss
    self.usesAcceleration = usesAcceleration
    self.polishingSteps = polishingSteps
  }

  func checked() throws(NonlinearError) {
    for (name, value) in [
      ("objective tolerance", objectiveTolerance), ("step tolerance", stepTolerance),
      ("gradient tolerance", gradientTolerance),
    ] where !(value >= 0 && value < 1) {
      throw .option(name, value: value, expected: "a number from 0 to below 1")
    }
    for (name, value) in [
      ("limit of iterations", maximumIterations), ("limit of evaluations", maximumEvaluations),
    ] where value < 1 {
      throw .option(name, value: Double(value), expected: "at least 1")
    }
    guard loss.scale > 0, loss.scale.isFinite else {
      throw .option("scale of the loss", value: loss.scale, expected: "a finite number > 0")
    }
  }
}

/// The range that a parameter may take; infinite ends are no bounds.
public struct ParameterBounds: Sendable, Equatable, Codable {
  public var lower: Double
  public var upper: Double

  public init(lower: Double = -.infinity, upper: Double = .infinity) {
    self.lower = lower
    self.upper = upper
  }

  /// No bounds.
  public static let free = ParameterBounds()

  /// The nearest value inside.
  func clamp(_ value: Double) -> Double { min(max(value, lower), upper) }
}

import LinearAlgebra

/// Minimises the sum of squares, or of a robust loss, of a residual function.
///
/// Levenberg-Marquardt in the scales of the Jacobian: each step minimises
/// |r + J s|^2 + lambda |D s|^2 over an orthogonal factorisation of J, D the column lengths of J
/// with a memory of longer ones; lambda follows Nielsen's rule. A second-order correction along
/// the geodesic is added to the step while it stays small. Bounds are kept at every step:
/// parameters that a bound holds back are taken out, and those that a step would carry outside
/// stop there while the others are solved for again.
///
/// Sources: Moré, "The Levenberg-Marquardt algorithm" (1978); Nielsen, IMM-REP-1999-05; Transtrum
/// and Sethna, arXiv:1201.5885; Triggs et al. (2000) for the robust losses.
///
/// It finds a local minimum; `NonlinearStarts` helps to find a better one.
public struct NonlinearSolver: Sendable {
  public let options: NonlinearOptions

  /// The damping at the start, relative to the scaled columns of unit length.
  static let initialDamping = 1e-3
  /// What is left of an older, longer column in the scales after a step. With 1 (Moré) a start
  /// with huge derivatives slows down everything after it: NIST's MGH10 takes thousands of steps;
  /// with 0 (Marquardt) steps run off: MGH17 and BoxBOD are lost. A half does all of them.
  static let scaleMemory = 0.5
  /// The correction may be at most this part of the step (Transtrum and Sethna).
  static let largestAcceleration = 0.75
  /// The step of the difference quotient for the second derivative along a step, in steps.
  static let accelerationStep = 0.02
  /// More damping than this moves no parameter by its rounding.
  static let largestDamping = 1e30

  /// - Throws: `NonlinearError.option` for an option out of range.
  public init(options: NonlinearOptions = NonlinearOptions()) throws(NonlinearError) {
    try options.checked()
    self.options = options
  }

  /// Minimises from one start.
  ///
  /// - Parameters:
  ///   - start: one value per parameter, inside the bounds.
  ///   - bounds: one per parameter; `nil` for none.
  /// - Returns: the report of the run; `end` is the best point found, whatever the status.
  /// - Throws: `NonlinearError` for starts and bounds that contradict each other and for a model
  ///   that does not keep to its sizes; not for a lack of convergence.
  public func minimise(
    _ function: some ResidualFunction, start: [Double], bounds: [ParameterBounds]? = nil
  ) throws(NonlinearError) -> NonlinearReport {
    let limits = bounds ?? start.map { _ in .free }
    try Self.check(function, start, limits)
    var run = SolverRun(function: function, bounds: limits, start: start, options: options)
    do {
      try run.iterate()
    } catch {
      throw .regression(.linearAlgebra(error))
    }
    return run.report
  }

  private static func check(
    _ function: some ResidualFunction, _ start: [Double], _ bounds: [ParameterBounds]
  ) throws(NonlinearError) {
    let names = function.parameterNames
    guard start.count == names.count, bounds.count == names.count, !names.isEmpty,
      function.residualCount > 0
    else {
      throw .inconsistentModel(
        "\(start.count) starts and \(bounds.count) bounds for \(names.count) parameters and "
          + "\(function.residualCount) residuals")
    }
    for (name, (value, bound)) in zip(names, zip(start, bounds)) {
      guard value.isFinite else { throw .badStart(parameter: name, value: value) }
      guard bound.lower < bound.upper else {
        throw .badBounds(parameter: name, lower: bound.lower, upper: bound.upper)
      }
      guard bound.lower <= value, value <= bound.upper else {
        throw .startOutside(
          parameter: name, value: value, lower: bound.lower, upper: bound.upper)
      }
    }
  }
}

import ModelCore

/// Fits non-linear formulas, and residual functions written in Swift.
public struct NonlinearLeastSquares: Sendable {
  public let options: NonlinearOptions
  /// Confidence of the coefficients' intervals.
  public let level: Double

  /// - Throws: `NonlinearError.option`, or `.regression(.level)` for a level outside (0, 1).
  public init(
    options: NonlinearOptions = NonlinearOptions(), level: Double = 0.95
  ) throws(NonlinearError) {
    try options.checked()
    guard level > 0, level < 1 else { throw .regression(.level(level)) }
    self.options = options
    self.level = level
  }

  /// Fits a formula to the rows of a design.
  ///
  /// Each start is minimised on its own; the fit is the lowest objective among those that
  /// converged, the earliest among equals, or else the lowest of all. Every run is reported.
  /// - Parameter bounds: by parameter; those not named are free.
  /// - Throws: `NonlinearError` for starts and bounds that do not fit the parameters, and when
  ///   the model has no finite value at any start.
  public func fit(
    _ design: NonlinearDesign, starts: NonlinearStarts, bounds: [String: ParameterBounds] = [:]
  ) throws(NonlinearError) -> NonlinearFit {
    let names = design.parameterNames
    for name in bounds.keys.sorted() where !names.contains(name) {
      throw .unknownParameter(
        name, nearest: nearestWords(to: name, among: names), parameters: names)
    }
    let limits = names.map { bounds[$0] ?? .free }
    let reports = try minimise(design, starts: starts, bounds: limits)
    let best = Self.best(reports)
    guard reports[best].objectiveAtStart != nil else {
      let start = reports[0].start
      let row = design.fitted(at: start).firstIndex { !$0.isFinite }
      throw .notFiniteAtStart(place: design.place(row ?? 0), starts: reports.count)
    }
    return try regression { () throws(RegressionError) in
      try NonlinearFit(design: design, reports: reports, best: best, bounds: limits, level: level)
    }
  }

  /// Minimises any residual function from every start.
  ///
  /// - Returns: a report per start, in order; `best(_:)` picks one.
  public func minimise(
    _ function: some ResidualFunction, starts: NonlinearStarts, bounds: [ParameterBounds]? = nil
  ) throws(NonlinearError) -> [NonlinearReport] {
    let limits = bounds ?? function.parameterNames.map { _ in .free }
    guard limits.count == function.parameterNames.count else {
      throw .inconsistentModel(
        "\(limits.count) bounds for \(function.parameterNames.count) parameters")
    }
    let solver = try NonlinearSolver(options: options)
    var reports: [NonlinearReport] = []
    for start in try starts.resolved(function.parameterNames, limits) {
      reports.append(try solver.minimise(function, start: start, bounds: limits))
    }
    return reports
  }

  /// The position of the run to believe: the lowest objective among the converged runs, else
  /// among all; the earliest of equals.
  public static func best(_ reports: [NonlinearReport]) -> Int {
    let converged = reports.indices.filter { reports[$0].status.isConverged }
    let candidates = converged.isEmpty ? Array(reports.indices) : converged
    return candidates.min {
      (reports[$0].objectiveAtEnd ?? .infinity, $0) < (reports[$1].objectiveAtEnd ?? .infinity, $1)
    } ?? 0
  }
}

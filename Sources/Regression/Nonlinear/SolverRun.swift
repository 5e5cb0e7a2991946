import LinearAlgebra

/// The state of one run of `NonlinearSolver`.
struct SolverRun<Function: ResidualFunction> {
  let function: Function
  let bounds: [ParameterBounds]
  let options: NonlinearOptions
  private(set) var report: NonlinearReport

  private var point: [Double]
  private var residuals: [Double] = []
  private var objective = Double.infinity
  private var lambda = NonlinearSolver.initialDamping
  private var growth = 2.0
  /// Moré's scales: the largest length of each column so far.
  private var scales: [Double]

  init(
    function: Function, bounds: [ParameterBounds], start: [Double], options: NonlinearOptions
  ) {
    self.function = function
    self.bounds = bounds
    self.options = options
    point = start
    scales = start.map { _ in 0 }
    report = NonlinearReport(start: start, options: options)
  }

  /// A linearisation with what the tests look at.
  private struct Look {
    let model: LocalModel
    /// Derivatives of the plain residuals, and the factors that the loss puts on their rows.
    let jacobian: Matrix
    let rowFactors: [Double]?
    /// `nil` where a parameter is free, 0 where a bound holds it back.
    let held: [Double?]
    let gaussNewton: [Double]
    let gradientNorm: Double
    let potential: Double
    let stepSize: Double
  }

  mutating func iterate() throws(LinearAlgebraError) {
    residuals = evaluate(point)
    guard !residuals.isEmpty else {
      report.status = .notFinite
      return
    }
    objective = options.loss.objective(residuals)
    report.objectiveAtStart = objective
    report.status = try descend()
    report.end = point
    report.objectiveAtEnd = objective
  }

  private mutating func descend() throws(LinearAlgebraError) -> NonlinearStatus {
    while true {
      guard let look = try look() else { return .notFinite }
      note(look)
      if let status = verdict(look) {
        try polish(look)
        return status
      }
      guard report.iterations.count < options.maximumIterations else { return .maximumIterations }
      guard let end = try advance(look) else { continue }
      // Doubles cannot tell the objectives apart any more; the steps still can.
      if end.isConverged { try polish(look) }
      return end
    }
  }

  /// The residuals, or nothing where one of them is not finite.
  private mutating func evaluate(_ parameters: [Double]) -> [Double] {
    report.residualEvaluations += 1
    let values = function.residuals(at: parameters)
    guard values.count == function.residualCount, values.allSatisfy(\.isFinite),
      options.loss.objective(values).isFinite
    else { return [] }
    return values
  }

  private mutating func look() throws(LinearAlgebraError) -> Look? {
    report.jacobianEvaluations += 1
    let linear = function.linearization(at: point)
    guard linear.isFinite, linear.residuals.count == residuals.count,
      linear.jacobian.columns == point.count
    else { return nil }
    var (values, jacobian) = (linear.residuals, linear.jacobian)
    let weights = options.loss.reweighting(values)
    if let weights {
      values = weights.residuals
      jacobian = try jacobian.scalingRows(by: weights.rows)
    }
    let model = try LocalModel(residuals: values, jacobian: jacobian)
    for j in scales.indices { scales[j] = max(scales[j], model.columnNorms[j]) }
    let held = point.indices.map { j -> Double? in
      let outward =
        (point[j] <= bounds[j].lower && model.gradient[j] > 0)
        || (point[j] >= bounds[j].upper && model.gradient[j] < 0)
      return outward ? 0 : nil
    }
    let gaussNewton = try model.step(
      target: model.target, lambda: 0, scales: scales, held: held)
    let length = LocalModel.norm(values)
    let cosines = point.indices.filter { held[$0] == nil }.map { j -> Double in
      let whole = model.columnNorms[j] * length
      return whole > 0 ? abs(model.gradient[j]) / whole : 0
    }
    let reach = model.length(point)
    let size = model.length(gaussNewton)
    return Look(
      model: model, jacobian: linear.jacobian, rowFactors: weights?.rows, held: held,
      gaussNewton: gaussNewton, gradientNorm: cosines.max() ?? 0,
      potential: objective > 0 ? try model.reduction(gaussNewton) / objective : 0,
      stepSize: size == 0 ? 0 : (reach > 0 ? size / reach : .infinity))
  }

  private mutating func note(_ look: Look) {
    report.gradientNorm = look.gradientNorm
    report.gaussNewtonStep = look.stepSize
    report.isAtBound = look.held.map { $0 != nil }
  }

  private func verdict(_ look: Look) -> NonlinearStatus? {
    if look.gradientNorm <= options.gradientTolerance { return .gradient }
    if look.potential <= options.objectiveTolerance { return .objective }
    if look.stepSize <= options.stepTolerance { return .step }
    return nil
  }

  /// One accepted step, or why there is none.
  private mutating func advance(_ look: Look) throws(LinearAlgebraError) -> NonlinearStatus? {
    var refused = 0
    while true {
      guard report.residualEvaluations < options.maximumEvaluations else {
        return .maximumEvaluations
      }
      guard let step = try boundedStep(look), lambda < NonlinearSolver.largestDamping else {
        return try giveUp(look)
      }
      let trial = moved(step.total)
      guard trial != point else { return try giveUp(look) }
      if !step.isTooCurved {
        let values = evaluate(trial)
        let value = values.isEmpty ? .infinity : options.loss.objective(values)
        if value < objective {
          let promised = try look.model.reduction(step.velocity)
          let ratio = promised > 0 ? (objective - value) / promised : 0
          record(look, objective: value, step: difference(trial), refused: refused)
          (point, residuals, objective) = (trial, values, value)
          // Nielsen's rule: less damping the better the linear model was.
          let excess = 2 * ratio - 1
          lambda *= max(1.0 / 3, 1 - excess * excess * excess)
          growth = 2
          return nil
        }
      }
      refused += 1
      lambda *= growth
      growth *= 2
    }
  }

  private struct Step {
    let velocity: [Double]
    let total: [Double]
    let isTooCurved: Bool
  }

  /// The damped step inside the bounds, with its correction where no bound is in the way.
  private mutating func boundedStep(_ look: Look) throws(LinearAlgebraError) -> Step? {
    // A column that was always zero gets a scale of its own, so that the system has full rank.
    let widths = scales.map { $0 > 0 ? $0 : 1 }
    var held = look.held
    var velocity: [Double] = []
    for _ in 0...point.count {
      velocity = try look.model.step(
        target: look.model.target, lambda: lambda, scales: widths, held: held)
      guard velocity.allSatisfy(\.isFinite) else { return nil }
      var stopped = false
      for j in point.indices where held[j] == nil {
        let goal = point[j] + velocity[j]
        guard goal < bounds[j].lower || goal > bounds[j].upper else { continue }
        held[j] = bounds[j].clamp(goal) - point[j]
        stopped = true
      }
      if !stopped { break }
    }
    let plain = Step(velocity: velocity, total: velocity, isTooCurved: false)
    guard options.usesAcceleration, zip(held, look.held).allSatisfy({ ($0 == nil) == ($1 == nil) })
    else { return plain }
    return try accelerated(plain, look, widths)
  }

  /// Adds half of the acceleration a: the damped solution of J a = -r'', r'' the second
  /// derivative of the residuals along the step, by a difference quotient.
  private mutating func accelerated(
    _ plain: Step, _ look: Look, _ widths: [Double]
  ) throws(LinearAlgebraError) -> Step {
    let h = NonlinearSolver.accelerationStep
    let probe = zip(point, plain.velocity).map { $0 + h * $1 }
    let values = evaluate(probe)
    guard !values.isEmpty else { return plain }
    let slope = try look.jacobian.multiplied(by: plain.velocity)
    var curvature = values.indices.map {
      2 / h * ((values[$0] - residuals[$0]) / h - slope[$0])
    }
    if let factors = look.rowFactors { curvature = zip(curvature, factors).map { $0 * $1 } }
    guard curvature.allSatisfy(\.isFinite) else { return plain }
    let acceleration = try look.model.step(
      target: look.model.project(curvature), lambda: lambda, scales: widths, held: look.held)
    let lengthOfStep = LocalModel.norm(zip(plain.velocity, widths).map { $0 * $1 })
    let lengthOfCorrection = LocalModel.norm(zip(acceleration, widths).map { $0 * $1 })
    guard lengthOfCorrection.isFinite else { return plain }
    return Step(
      velocity: plain.velocity, total: zip(plain.velocity, acceleration).map { $0 + $1 / 2 },
      isTooCurved: 2 * lengthOfCorrection > NonlinearSolver.largestAcceleration * lengthOfStep)
  }

  private func moved(_ step: [Double]) -> [Double] {
    point.indices.map { bounds[$0].clamp(point[$0] + step[$0]) }
  }

  private func difference(_ trial: [Double]) -> [Double] {
    zip(trial, point).map { $0 - $1 }
  }

  private mutating func record(
    _ look: Look, objective: Double, step: [Double], refused: Int, lambda: Double? = nil
  ) {
    let reach = look.model.length(point)
    report.iterations.append(
      NonlinearIteration(
        iteration: report.iterations.count + 1, objective: objective,
        gradientNorm: look.gradientNorm, gaussNewtonStep: look.stepSize,
        stepNorm: reach > 0 ? look.model.length(step) / reach : look.model.length(step),
        lambda: lambda ?? self.lambda, refused: refused))
  }

  /// No step lowers the objective: because doubles cannot tell, or because something is wrong.
  private func giveUp(_ look: Look) throws(LinearAlgebraError) -> NonlinearStatus {
    // The square root of the spacing of doubles: below it, what a step takes off a sum of
    // squares is less than the rounding of the sum.
    let floor = Double.ulpOfOne.squareRoot()
    if look.stepSize <= floor || look.potential <= floor * floor { return .rounding }
    let factors = try PivotedQR(look.model.reduced)
    return factors.rank < point.count ? .singular : .stuck
  }

  /// Gauss-Newton steps after the tests are passed, while each is shorter than the one before:
  /// where residuals are large convergence is linear, and the tests say little of the digits.
  private mutating func polish(_ first: Look) throws(LinearAlgebraError) {
    var look = first
    for _ in 0..<options.polishingSteps {
      guard look.stepSize > 0, report.residualEvaluations < options.maximumEvaluations else {
        return
      }
      let trial = moved(look.gaussNewton)
      guard trial != point else { return }
      let values = evaluate(trial)
      // Up to rounding the objective may not grow.
      guard !values.isEmpty,
        options.loss.objective(values) <= objective * (1 + Self.polishingSlack)
      else { return }
      let before = (point, residuals, objective)
      record(
        look, objective: options.loss.objective(values), step: difference(trial), refused: 0,
        lambda: 0)
      (point, residuals, objective) = (trial, values, options.loss.objective(values))
      guard let next = try self.look(), next.stepSize < look.stepSize,
        next.held.map({ $0 == nil }) == look.held.map({ $0 == nil })
      else {
        (point, residuals, objective) = before
        report.iterations.removeLast()
        return
      }
      look = next
      note(look)
    }
  }

  /// A sum of squares of many terms has about so many correct digits.
  private static var polishingSlack: Double { 1e-12 }
}

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
  /// The lengths of the columns, older and longer ones fading.
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
      return end == .stuck ? try settle(look) : end
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
    for j in scales.indices {
      scales[j] = max(scales[j] * NonlinearSolver.scaleMemory, model.columnNorms[j])
    }
    let held = point.indices.map { j -> Double? in
      let outward =
        (point[j] <= bounds[j].lower && model.gradient[j] > 0)
        || (point[j] >= bounds[j].upper && model.gradient[j] < 0)
      return outward ? 0 : nil
    }
    let gaussNewton = try model.step(
      target: model.target, lambda: 0, scales: scales, held: held)
    // Angles under the loss's first-order weights: where it is not convex, those of second order make
    // residuals as long and rows as short as one likes, and every gradient looks like none.
    var (length, norms) = (LocalModel.norm(values), model.columnNorms)
    if let roots = options.loss.weightRoots(linear.residuals) {
      length = LocalModel.norm(zip(roots, linear.residuals).map { $0 * $1 })
      let weighted = try linear.jacobian.scalingRows(by: roots)
      norms = point.indices.map { LocalModel.norm(weighted.column($0)) }
    }
    let cosines = point.indices.filter { held[$0] == nil }.map { j -> Double in
      let whole = norms[j] * length
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
        return .stuck
      }
      let trial = moved(step.total)
      guard trial != point else { return .stuck }
      if !step.isTooCurved {
        let values = evaluate(trial)
        let value = values.isEmpty ? .infinity : options.loss.objective(values)
        if value < objective {
          let promised = try look.model.reduction(step.velocity)
          let ratio = promised > 0 ? (objective - value) / promised : 0
          record(
            look, from: point, objective: value, step: difference(trial), refused: refused,
            lambda: lambda)
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
    _ look: Look, from start: [Double], objective: Double, step: [Double], refused: Int,
    lambda: Double
  ) {
    let reach = look.model.length(start)
    report.iterations.append(
      NonlinearIteration(
        iteration: report.iterations.count + 1, objective: objective,
        gradientNorm: look.gradientNorm, gaussNewtonStep: look.stepSize,
        stepNorm: reach > 0 ? look.model.length(step) / reach : look.model.length(step),
        lambda: lambda, refused: refused))
  }

  /// No step lowers the objective: because doubles cannot tell any more, or because something is
  /// wrong. In the first case Gauss-Newton steps still contract, and lead to where they end.
  private mutating func settle(_ last: Look) throws(LinearAlgebraError) -> NonlinearStatus {
    let rank = try PivotedQR(last.model.reduced).rank
    // The square root of the spacing of doubles: a step below it changes a sum of squares by
    // less than its rounding.
    let floor = Double.ulpOfOne.squareRoot()
    var look = last
    if last.potential <= Self.invisibleReduction || last.stepSize <= floor {
      look = try polish(last)
      if let status = verdict(look) { return status }
    }
    let isTiny = look.stepSize <= floor || look.potential <= Double.ulpOfOne
    // Sloppy models: a large Gauss-Newton step along directions that hardly matter, while no
    // parameter by itself could take off more than the square of its cosine.
    let isFlat = look.gradientNorm * look.gradientNorm <= Self.invisibleSlope
    return isTiny || isFlat ? .rounding : (rank < point.count ? .singular : .stuck)
  }

  /// Gauss-Newton steps after the tests are passed, while each is shorter than the one before:
  /// where residuals are large convergence is linear, and the tests say little of the digits.
  /// Where whole steps overshoot, as they do when the second derivatives outweigh J'J, parts of
  /// them converge.
  ///
  /// - Returns: the look at the point where it ends.
  @discardableResult
  private mutating func polish(_ first: Look) throws(LinearAlgebraError) -> Look {
    var look = first
    var part = 1.0
    for _ in 0..<options.polishingSteps {
      guard look.stepSize > 0, report.residualEvaluations < options.maximumEvaluations else {
        break
      }
      let trial = moved(look.gaussNewton.map { part * $0 })
      guard trial != point else { break }
      let values = evaluate(trial)
      let value = values.isEmpty ? .infinity : options.loss.objective(values)
      // Up to rounding, that is.
      if value <= objective * (1 + Self.polishingSlack) {
        let before = (point, residuals, objective)
        let step = difference(trial)
        (point, residuals, objective) = (trial, values, value)
        if let next = try self.look(), next.stepSize < look.stepSize,
          next.held.map({ $0 == nil }) == look.held.map({ $0 == nil })
        {
          record(look, from: before.0, objective: value, step: step, refused: 0, lambda: 0)
          note(next)
          look = next
          continue
        }
        (point, residuals, objective) = before
      }
      guard part > Self.smallestPart else { break }
      part /= 2
    }
    return look
  }

  /// Parts of a step below this converge too slowly to be worth it.
  private static var smallestPart: Double { 0.25 }

  /// By how much of itself the objective may grow while polishing: residuals that are small
  /// differences of large numbers have no more digits than that.
  private static var polishingSlack: Double { 1e-9 }

  /// What a sum of squares loses by its own rounding and that of its terms.
  private static var invisibleSlope: Double { 1e-12 }

  /// What doubles may fail to see of a sum of squares, for the same reason.
  private static var invisibleReduction: Double { 1e-9 }
}

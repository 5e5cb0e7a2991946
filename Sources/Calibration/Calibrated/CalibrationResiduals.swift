import ModelCore
import Regression
import Statistics

/// One row of a trace as the calibrated model learns from it.
struct CalibratedRow: Sendable {
  let inputs: CalibratedInputs
  let group: String
  let isCompleted: Bool
  let outcomes: [CalibratedOutcome: Double]

  /// How long it was followed when it was not completed: its total time is longer.
  var censoredAt: Double? { isCompleted ? nil : outcomes[.totalTime] ?? inputs[.timeLimit] }
}

/// What the parameters are pulled to, and how strongly.
struct CalibrationPrior: Sendable {
  var logarithms: [Double]
  /// Standard deviations on the logarithmic scale.
  var spreads: [Double]

  /// Orders of magnitude.
  init() {
    logarithms = CalibratedParameters().logarithms
    spreads = CalibratedParameter.allCases.map(\.spread)
  }

  /// An earlier fit of the same site, as sure as it was and a little less: sites change. Of another
  /// site what is free may be anything about as large.
  init(_ previous: CalibratedModel, free: Set<CalibratedParameter>? = nil) {
    logarithms = previous.parameters.logarithms
    spreads = CalibratedParameter.allCases.map { parameter in
      guard free == nil, let error = previous.relativeErrors?[parameter.rawValue] else {
        return parameter.spread
      }
      return min(parameter.spread, (error * error + Self.change * Self.change).squareRoot())
    }
  }

  /// How much a parameter may have changed between fits, relative.
  private static let change = 0.05
}

/// What the calibrated model minimises: log total time, log bytes and log downtime of every row
/// together, each over its own scale, and the pull of the priors.
///
/// `r = log(predicted / observed) / scale`; a censored row counts only as far as it is predicted
/// to end before it was given up: `r = max(0, log(given up / predicted)) / scale`.
struct CalibrationResiduals: ResidualFunction {
  let rows: [CalibratedRow]
  /// Per row, the typical course of events: what rows scatter by is for predictions to add.
  let facts: [MigrationFacts]
  let without: Set<CalibratedPhysics>
  let prior: CalibrationPrior
  /// The parameters that are varied; the others stay at the prior's values.
  let moving: [CalibratedParameter]

  /// The noise of the outcomes, relative, as repeats of the same settings show it: a fraction of
  /// a per cent to a few for time and bytes, tens for the downtime.
  static let scales: [(CalibratedOutcome, Double)] = [
    (.totalTime, 0.02), (.transferredBytes, 0.012), (.downtimeObserved, 0.15),
  ]
  /// Pauses longer than predicted by this many scales count less and less.
  private static let delayScale = 4.0
  /// Step of the differences on the log scale, of a prior's width. Large beside rounding:
  /// the runs have steps, which a small one would take for slopes.
  private static let step = 0.05
  /// A change of a residual that is a jump to another course, not a slope.
  private static let jump = 20.0

  /// - Parameter hidden: what each row is read with.
  init(
    _ rows: [CalibratedRow], hidden: [HiddenInputs],
    without: Set<CalibratedPhysics> = [], prior: CalibrationPrior = CalibrationPrior(),
    moving: [CalibratedParameter] = CalibratedParameter.allCases
  ) {
    self.moving = moving
    self.without = without
    self.prior = prior
    self.rows = rows
    facts = zip(rows, hidden).map { Knowledge.facts($0.inputs, donor: nil, hidden: $1) }
  }

  var parameterNames: [String] { moving.map(\.name) }
  var residualCount: Int { rows.count * Self.scales.count + moving.count }

  /// All parameters, at the given logarithms of those that move.
  func parameters(at point: [Double]) -> CalibratedParameters {
    var logarithms = prior.logarithms
    for (parameter, value) in zip(moving, point) { logarithms[parameter.rawValue] = value }
    return CalibratedParameters(logarithms: logarithms, without: without)
  }

  func residuals(at point: [Double]) -> [Double] {
    let parameters = parameters(at: point)
    let blocks = parallelMap(count: rows.count) { row in
      residuals(of: row, parameters)
    }
    return blocks.flatMap { $0 } + pulls(at: point)
  }

  /// How far the parameters are from their priors.
  func pulls(at point: [Double]) -> [Double] {
    zip(moving, point).map { ($1 - prior.logarithms[$0.rawValue]) / prior.spreads[$0.rawValue] }
  }

  private func residuals(of row: Int, _ parameters: CalibratedParameters) -> [Double] {
    Self.residuals(of: rows[row], facts[row], parameters)
  }

  static func residuals(
    of row: CalibratedRow, _ facts: MigrationFacts, _ parameters: CalibratedParameters
  ) -> [Double] {
    let ensemble = Ensemble([facts], [.typical], parameters)
    return scales.map { outcome, scale in
      let predicted = ensemble.centre(outcome, within: nil).value
      if let limit = row.censoredAt {
        guard outcome == .totalTime, limit > 0 else { return 0 }
        return max(0, logarithm(limit / predicted)) / scale
      }
      guard row.isCompleted else { return 0 }
      if outcome == .downtimeObserved, row.outcomes[outcome] == nil {
        // Where nobody watched the guest, what the hypervisor says of the pause has to do.
        let reported = ensemble.centre(.downtime, within: nil).value
        return delayed(residual(reported, row.outcomes[.downtime], scale))
      }
      let residual = residual(predicted, row.outcomes[outcome], scale)
      return outcome == .downtimeObserved ? delayed(residual) : residual
    }
  }

  /// The residual of a pause, growing like a logarithm where the pause was longer than predicted.
  ///
  /// Why: a busy host adds to a pause, to a short one a multiple of it, and takes nothing away. What
  /// pauses have in common is near their shortest, not in the middle.
  static func delayed(_ residual: Double) -> Double {
    residual < 0 ? -delayScale * logarithm(1 - residual / delayScale) : residual
  }

  /// Zero where there is nothing to hold a prediction against.
  private static func residual(
    _ predicted: Double, _ observed: Double?, _ scale: Double
  ) -> Double {
    guard let observed, observed > 0, predicted > 0 else { return 0 }
    return logarithm(predicted / observed) / scale
  }

  /// Central differences, of those rows that a parameter can touch at all.
  func linearization(at point: [Double]) -> Linearization {
    let centre = residuals(at: point)
    let width = Self.scales.count
    let columns = moving.indices.map { index -> [Double] in
      let parameter = moving[index]
      let step = Self.step * parameter.spread
      func moved(by change: Double) -> CalibratedParameters {
        var moved = point
        moved[index] += change
        return parameters(at: moved)
      }
      let (low, high) = (moved(by: -step), moved(by: step))
      let blocks = parallelMap(count: rows.count) { row -> [Double] in
        guard parameter.matters(to: facts[row]) else {
          return [Double](repeating: 0, count: width)
        }
        return zip(residuals(of: row, high), residuals(of: row, low)).map { up, down in
          abs(up - down) > Self.jump ? 0 : (up - down) / (2 * step)
        }
      }
      let pulls = moving.map { $0 == parameter ? 1 / prior.spreads[parameter.rawValue] : 0 }
      return blocks.flatMap { $0 } + pulls
    }
    return Linearization(residuals: centre, columns: columns)
  }
}

extension CalibratedParameter {
  /// Whether a migration's outcome can depend on the parameter.
  func matters(to facts: MigrationFacts) -> Bool {
    switch self {
    case .windowOverhead: return facts.cap != nil
    case .linkEfficiency, .socketBuffer, .queueTime, .linkBurst: return facts.link != nil
    case .delayCrossings: return facts.delay > 0
    case .tcpResumeTime: return facts.isDirectTCP
    case .destinationZeroCost: return facts.buffersAhead
    case .migrationDrag: return facts.writes.isPacedByCPU
    case .timerBacklog: return facts.throttle != nil && !facts.writes.isPacedByCPU
    case .deltaOverhead, .deltaRunOverhead, .deltaCost:
      if case .delta = facts.encoding { return true }
      return false
    case .compressCost, .handOver, .compressedFloor: return facts.encoding == .compressed
    case .awakeHandOver: return facts.encoding == .compressed && facts.writes.isPacedByCPU
    case .zlibCost:
      if case .multifd(.zlib, _) = facts.encoding { return true }
      return false
    case .zstdCost:
      if case .multifd(.zstd, _) = facts.encoding { return true }
      return false
    case .easyEffort:
      if case .multifd(.some, _) = facts.encoding { return true }
      return facts.encoding == .compressed
    case .multifdPageOverhead, .multifdOvershoot, .channelDrain:
      if case .multifd = facts.encoding { return true }
      return false
    case .postcopyPageRatio, .postcopyZeroCost, .postcopySwitch, .switchLatency, .discardCost:
      return facts.switches
    case .pageCost, .zeroPageCost, .unbackedPages, .bandwidthWobble, .warmUp, .setupTime,
      .stopTime, .finalPageCost, .resumeTime:
      return true
    }
  }
}

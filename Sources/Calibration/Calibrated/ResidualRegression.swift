import LinearAlgebra
import Statistics

/// What the physics leaves, as a handful of log-linear terms per outcome.
///
/// `log(observed / predicted) = sum beta_k x_k` over rows predicted without their fold, by Huber's
/// M-estimator; terms are added one at a time, each the one that lowers
/// `BIC = n log(rho / n) + k log n` most, until none does. Downtimes weigh a row that is predicted
/// too low by `predicted / observed`, as the relative error does: a busy host lengthens a pause by
/// any multiple.
///
/// Source: Schwarz, Annals of Statistics 6 (1978), for BIC; Huber, Robust Statistics (1981), 7.
struct ResidualRegression: Sendable, Equatable, Codable {
  struct Term: Sendable, Equatable, Codable {
    var name: String
    var coefficient: Double
  }

  /// By outcome, in the order of selection.
  private(set) var terms: [String: [Term]] = [:]

  /// No term.
  init() {}

  struct Row: Sendable {
    var inputs: CalibratedInputs
    /// log(observed / predicted).
    var error: Double
  }

  private static let mostTerms = 5
  /// Residuals below this, relative, are noise that no term should follow.
  private static let leastScale = 0.02
  /// Fewer rows teach no term.
  private static let leastRows = 30

  init(_ rows: [CalibratedOutcome: [Row]]) throws(LinearAlgebraError) {
    for (outcome, rows) in rows where rows.count >= Self.leastRows {
      terms[outcome.column] = try Self.selected(
        rows, leansLow: outcome == .downtime || outcome == .downtimeObserved)
    }
  }

  /// The factor of a prediction.
  func factor(_ outcome: CalibratedOutcome, _ inputs: CalibratedInputs) -> Double {
    guard let terms = terms[outcome.column], !terms.isEmpty else { return 1 }
    let features = Self.features(inputs)
    return exponential(terms.reduce(0) { $0 + $1.coefficient * (features[$1.name] ?? 0) })
  }

  /// What no fit leaves behind, in a file that was changed; `nil` when nothing is amiss.
  var problem: String? {
    let known = Set(Self.features(CalibratedInputs()).keys)
    return terms.values.joined().first { !known.contains($0.name) }
      .map { "the regression has no term \"\($0.name)\"" }
  }

  /// Everything that may matter; what a row does not say counts as typical.
  static func features(_ inputs: CalibratedInputs) -> [String: Double] {
    func level(_ field: CalibratedField, per unit: Double) -> Double {
      inputs[field].flatMap { $0 > 0 ? logarithm($0 / unit) : nil } ?? 0
    }
    var features: [String: Double] = [
      "1": 1,
      "link": inputs[.link] == nil ? 0 : 1,
      "tcp": inputs.transport == "tcp" ? 1 : 0,
      "idle": inputs.workload == "idle" ? 1 : 0,
      CalibratedField.pacedByCPU.column: inputs[.pacedByCPU] ?? 0,
      "log(used_bytes/256MiB)": level(.used, per: 268_435_456),
      "log(bandwidth_bytes_per_s/64MiB/s)": level(.bandwidth, per: 67_108_864),
      "log(write_rate_pages_per_s/1000)": level(.writeRate, per: 1000),
      "log(downtime_limit_s/0.1)": level(.downtimeLimit, per: 0.1),
    ]
    for technique in CalibratedInputs.techniques {
      features["technique=" + technique] = inputs.technique == technique ? 1 : 0
    }
    return features
  }

  private static func selected(
    _ rows: [Row], leansLow: Bool
  ) throws(LinearAlgebraError) -> [Term] {
    let features = rows.map { Self.features($0.inputs) }
    let names = features[0].keys.sorted()
    let columns = names.map { name in features.map { $0[name] ?? 0 } }
    let errors = rows.map(\.error)
    let weights = errors.map { leansLow ? min(1, exponential(-$0)) : 1 }
    let sizes = errors.map { abs($0) }.sorted()
    let scale = max(leastScale, sizes[sizes.count / 2])
    let count = Double(rows.count)

    var chosen: [Int] = []
    var coefficients: [Double] = []
    var best = count * logarithm(loss(errors, weights, scale) / count)
    while chosen.count < mostTerms {
      var step: (bic: Double, index: Int, coefficients: [Double])?
      for index in names.indices where !chosen.contains(index) {
        guard Set(columns[index]).count > 1 || names[index] == "1" else { continue }
        let terms = chosen + [index]
        let beta = try robust(terms.map { columns[$0] }, errors, weights, scale)
        let left = errors.indices.map { row in
          zip(terms, beta).reduce(errors[row]) { $0 - $1.1 * columns[$1.0][row] }
        }
        let bic =
          count * logarithm(loss(left, weights, scale) / count)
          + Double(terms.count) * logarithm(count)
        if bic < (step?.bic ?? best) { step = (bic, index, beta) }
      }
      guard let step else { break }
      best = step.bic
      chosen.append(step.index)
      coefficients = step.coefficients
    }
    return zip(chosen, coefficients).map { Term(name: names[$0], coefficient: $1) }
  }

  /// Huber's loss, weighted.
  private static func loss(_ errors: [Double], _ weights: [Double], _ scale: Double) -> Double {
    zip(errors, weights).reduce(0) { sum, pair in
      let size = abs(pair.0)
      return sum + pair.1 * (size < scale ? size * size / 2 : scale * (size - scale / 2))
    }
  }

  /// Iteratively reweighted least squares; steps end as the coefficients stand still.
  private static func robust(
    _ columns: [[Double]], _ y: [Double], _ weights: [Double], _ scale: Double
  ) throws(LinearAlgebraError) -> [Double] {
    let matrix = try Matrix(columns: columns)
    var beta = [Double](repeating: 0, count: columns.count)
    for _ in 0..<30 {
      let fitted = try matrix.multiplied(by: beta)
      let roots = y.indices.map { row in
        (weights[row] / max(1, abs(y[row] - fitted[row]) / scale)).squareRoot()
      }
      let scaled = try matrix.scalingRows(by: roots)
      let next = try PivotedQR(scaled).solve(zip(y, roots).map { $0 * $1 }, matrix: scaled)
        .coefficients
      let change = zip(beta, next).map { abs($0 - $1) }.max() ?? 0
      beta = next
      if change < 1e-6 { break }
    }
    return beta
  }
}

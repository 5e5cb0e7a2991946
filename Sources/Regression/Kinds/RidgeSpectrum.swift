import LinearAlgebra

/// The singular values of the centred and scaled columns of a design: every lambda's answer is a
/// few sums away.
struct RidgeSpectrum {
  let design: Design
  /// Columns that bear the penalty and are not constant.
  private let penalised: [Int]
  private let centres: [Double]
  private let scales: [Double]
  private let responseCentre: Double
  /// Weights of mean 1, and their roots.
  private let roots: [Double]
  private let values: [Double]
  private let left: Matrix
  private let rightTransposed: Matrix
  /// U'y.
  private let rotated: [Double]
  /// |y|^2 - |U'y|^2 of the centred response: what no lambda explains.
  private let unexplained: Double

  private var hasIntercept: Bool { design.formula.hasIntercept }
  private var count: Int { design.response.count }

  init(_ design: Design) throws(RegressionError) {
    self.design = design
    let count = design.response.count
    let weights = design.weights ?? [Double](repeating: 1, count: count)
    let mean = weights.reduce(0, +) / Double(count)
    let relative = weights.map { $0 / mean }
    let roots = relative.map { $0.squareRoot() }
    self.roots = roots
    let hasIntercept = design.formula.hasIntercept
    func centre(_ column: [Double]) -> Double {
      guard hasIntercept else { return 0 }
      // A constant is its own mean, whatever rounding makes of the sum.
      if column.allSatisfy({ $0 == column[0] }) { return column[0] }
      var sum = 0.0
      for (weight, value) in zip(relative, column) { sum += weight * (value / Double(count)) }
      return sum
    }

    var (penalised, centres, scales): ([Int], [Double], [Double]) = ([], [], [])
    var columns: [[Double]] = []
    for j in (hasIntercept ? 1 : 0)..<max(design.matrix.columns, hasIntercept ? 1 : 0) {
      let column = Array(design.matrix.column(j))
      let middle = centre(column)
      let centred = zip(column, roots).map { ($0 - middle) * $1 }
      let largest = centred.reduce(0) { max($0, abs($1)) }
      guard largest > 0 else { continue }
      let quotients = centred.map { $0 / largest }
      let scale = largest * (quotients.reduce(0) { $0 + $1 * $1 } / Double(count)).squareRoot()
      penalised.append(j)
      centres.append(middle)
      scales.append(scale)
      columns.append(centred.map { $0 / scale })
    }
    guard hasIntercept || !penalised.isEmpty else {
      throw .noColumns(formula: design.formula.description)
    }
    let middle = centre(design.response)
    let response = zip(design.response, roots).map { ($0 - middle) * $1 }
    (self.penalised, self.centres, self.scales, responseCentre) = (
      penalised, centres, scales, middle
    )
    guard !columns.isEmpty else {
      (values, rotated) = ([], [])
      (left, rightTransposed) = (Matrix(rows: count, columns: 0), Matrix(rows: 0, columns: 0))
      unexplained = response.reduce(0) { $0 + $1 * $1 }
      return
    }
    let scaled = columns
    let parts = try algebra { () throws(LinearAlgebraError) in
      try SingularValueDecomposition(Matrix(columns: scaled))
    }
    (values, left, rightTransposed) = (parts.values, parts.left, parts.rightTransposed)
    var rest = response
    var rotated: [Double] = []
    for k in parts.values.indices {
      let direction = parts.left.column(k)
      var part = 0.0
      for (u, y) in zip(direction, response) { part += u * y }
      rotated.append(part)
      for (i, u) in direction.enumerated() { rest[i] -= part * u }
    }
    self.rotated = rotated
    unexplained = rest.reduce(0) { $0 + $1 * $1 }
  }

  /// d^2 / (d^2 + lambda), 0 for a singular value that is noise.
  private func shares(_ lambda: Double) -> [Double] {
    let limit = PivotedQR.defaultTolerance(rows: count, columns: penalised.count)
    return values.map { $0 > limit * (values.first ?? 0) ? $0 * $0 / ($0 * $0 + lambda) : 0 }
  }

  func effectiveDegrees(_ lambda: Double) -> Double {
    shares(lambda).reduce(hasIntercept ? 1 : 0, +)
  }

  /// n S / (n - edf)^2.
  func score(_ lambda: Double) -> Double {
    var squares = unexplained
    for (share, part) in zip(shares(lambda), rotated) {
      squares += (1 - share) * (1 - share) * part * part
    }
    let degrees = Double(count) - effectiveDegrees(lambda)
    return degrees > 0 ? Double(count) * squares / (degrees * degrees) : .infinity
  }

  /// Estimates on the original columns, and what makes a column redundant.
  func estimates(
    _ lambda: Double
  ) throws(RegressionError) -> (estimates: [Double?], aliases: [Int: [Double]]) {
    let names = design.recipe.columnNames
    if lambda == 0 {
      // The limit itself is least squares, refined, with its own account of redundant columns.
      let problem = try BasisProblem(design)
      let solved = try SolvedProblem(
        problem.matrix, problem.response, what: "the model matrix", terms: problem.terms,
        tolerance: 0)
      return (problem.spread(solved.coefficients), problem.aliases)
    }
    var answer = [Double?](repeating: nil, count: names.count)
    let factors = shares(lambda)
    var intercept = responseCentre
    for (place, column) in penalised.enumerated() {
      var sum = 0.0
      for k in values.indices where factors[k] > 0 {
        sum += rightTransposed[k, place] * factors[k] / values[k] * rotated[k]
      }
      answer[column] = sum / scales[place]
      intercept -= centres[place] * sum / scales[place]
    }
    if hasIntercept { answer[0] = intercept }
    // What is left is constant: a multiple of the intercept, or zero.
    let kept = answer.indices.filter { answer[$0] != nil }
    var aliases: [Int: [Double]] = [:]
    for column in names.indices where answer[column] == nil {
      let constant = design.matrix.rows > 0 ? design.matrix[0, column] : 0
      aliases[column] = kept.map { $0 == 0 && hasIntercept ? constant : 0 }
    }
    return (answer, aliases)
  }

  /// M with M'M = the covariance of the estimates for errors of variance 1, biased as they are.
  func covarianceRoot(_ lambda: Double) -> Matrix {
    let factors = shares(lambda)
    let offset = hasIntercept ? 1 : 0
    // Errors are of variance 1 / w; bringing the weights to mean 1 divided them by that mean.
    let mean = (design.weights?.reduce(0, +)).map { $0 / Double(count) } ?? 1
    let unit = 1 / mean.squareRoot()
    var root = Matrix(rows: values.count + offset, columns: penalised.count + offset)
    if hasIntercept { root[values.count, 0] = unit / Double(count).squareRoot() }
    for k in values.indices where factors[k] > 0 {
      for place in penalised.indices {
        let element = unit * rightTransposed[k, place] * factors[k] / values[k] / scales[place]
        root[k, place + offset] = element
        if hasIntercept { root[k, 0] -= centres[place] * element }
      }
    }
    return root
  }

  /// The diagonal of the matrix that takes y to the fitted values.
  func hat(_ lambda: Double) -> [Double] {
    let factors = shares(lambda)
    var answer = roots.map { hasIntercept ? $0 * $0 / Double(count) : 0 }
    for k in values.indices {
      for (i, u) in left.column(k).enumerated() { answer[i] += factors[k] * u * u }
    }
    return answer.map { min($0, 1) }
  }

  /// Condition number of the penalised problem, in the 2-norm; `nil` without a penalised column.
  func condition(_ lambda: Double) -> Double? {
    guard let largest = values.first, let smallest = values.last else { return nil }
    return ((largest * largest + lambda) / (smallest * smallest + lambda)).squareRoot()
  }

  // MARK: Choice of lambda

  /// Far below the smallest square that matters and far above the largest, as logarithms.
  private var search: ClosedRange<Double> {
    let largest = values.first ?? 1
    let top = CMath.log(largest * largest)
    return (top - 30)...(top + 12)
  }

  var centreOfSearch: Double { CMath.exp((search.lowerBound + search.upperBound) / 2) }

  func isInside(_ lambda: Double) -> Bool {
    CMath.exp(search.lowerBound + 0.01) < lambda && lambda < CMath.exp(search.upperBound - 0.01)
  }

  /// The least score: on a grid first, for there may be several minima, then by golden section.
  func bestLambda() -> Double {
    guard !values.isEmpty else { return 0 }
    let steps = 400
    let width = (search.upperBound - search.lowerBound) / Double(steps)
    var best = (score: Double.infinity, step: 0)
    for step in 0...steps {
      let value = score(CMath.exp(search.lowerBound + width * Double(step)))
      if value < best.score { best = (value, step) }
    }
    var low = search.lowerBound + width * Double(max(best.step - 1, 0))
    var high = search.lowerBound + width * Double(min(best.step + 1, steps))
    let golden = (5.0.squareRoot() - 1) / 2
    // 60 sections bring the bracket below the precision that a minimum has.
    for _ in 0..<60 {
      let left = high - golden * (high - low)
      let right = low + golden * (high - low)
      if score(CMath.exp(left)) <= score(CMath.exp(right)) { high = right } else { low = left }
    }
    return CMath.exp((low + high) / 2)
  }
}

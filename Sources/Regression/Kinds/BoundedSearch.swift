import LinearAlgebra

/// The active set method of bounded least squares, on columns of length 1.
struct BoundedSearch {
  private let matrix: Matrix
  private let y: [Double]
  private let lower: [Double]
  private let upper: [Double]
  private let lengths: [Double]
  /// Coefficients of the unit columns.
  private var z: [Double]
  private var isFree: [Bool]
  private(set) var residuals: [Double]
  private(set) var condition: Double?
  private var steps = 0

  /// Below this part of |y| a gradient is rounding: it may not let go of a bound.
  private static let pullTolerance = 1e-12

  init(
    _ matrix: Matrix, _ y: [Double], lower: [Double], upper: [Double]
  ) throws(RegressionError) {
    let lengths = (0..<matrix.columns).map { j in
      let length = matrix.columnNorm(j)
      return length > 0 ? length : 1
    }
    var unit = matrix
    for j in 0..<matrix.columns {
      for i in 0..<matrix.rows { unit[i, j] /= lengths[j] }
    }
    self.matrix = unit
    self.y = y
    self.lengths = lengths
    self.lower = lower.indices.map { lower[$0] * lengths[$0] }
    self.upper = upper.indices.map { upper[$0] * lengths[$0] }
    isFree = lower.indices.map { lower[$0] == -.infinity && upper[$0] == .infinity }
    z = [Double](repeating: 0, count: lower.count)
    residuals = y
    for j in z.indices where !isFree[j] {
      z[j] = self.lower[j].isFinite ? self.lower[j] : self.upper[j]
    }
  }

  var free: [Int] { isFree.indices.filter { isFree[$0] } }
  var fixed: [Int] { isFree.indices.filter { !isFree[$0] } }
  var coefficients: [Double] { z.indices.map { z[$0] / lengths[$0] } }

  mutating func run() throws(RegressionError) {
    var refused: Set<Int> = []
    try settle()
    // Each step lowers the sum of squares, so no set of bounds returns; far fewer are visited.
    let limit = 20 * (z.count + 5)
    while steps < limit, let column = strongestPull(except: refused) {
      steps += 1
      let before = self
      isFree[column] = true
      let aim = try solveFree()
      // Rounding, or a column that depends on the free ones, can point the wrong way.
      let points = aim.map { aim in
        before.z[column] == lower[column]
          ? aim[column] > lower[column] : aim[column] < upper[column]
      }
      guard points == true else {
        let count = steps
        self = before
        steps = count
        refused.insert(column)
        continue
      }
      try settle()
      refused = []
    }
  }

  /// Moves towards the least squares solution of the free columns, fixing what meets a bound.
  private mutating func settle() throws(RegressionError) {
    while true {
      guard let aim = try solveFree() else {
        throw .kind(
          .singular(what: "the part of the model that no bound holds", terms: "without bounds"))
      }
      var share = 1.0
      var stop: (column: Int, value: Double)?
      for j in z.indices where isFree[j] && (aim[j] < lower[j] || aim[j] > upper[j]) {
        let bound = aim[j] < lower[j] ? lower[j] : upper[j]
        let part = (bound - z[j]) / (aim[j] - z[j])
        if stop == nil || part < share { (share, stop) = (part, (j, bound)) }
      }
      for j in z.indices where isFree[j] { z[j] += share * (aim[j] - z[j]) }
      guard let stop else {
        for j in z.indices where isFree[j] { z[j] = aim[j] }
        try setResiduals()
        return
      }
      z[stop.column] = stop.value
      isFree[stop.column] = false
    }
  }

  /// The least squares solution over the free columns, the others as they are; `nil` when the
  /// free columns depend on each other.
  private mutating func solveFree() throws(RegressionError) -> [Double]? {
    let free = self.free
    guard !free.isEmpty else { return z }
    let rest = try target()
    let part = matrix.selectingColumns(free)
    let answer = try algebra { () throws(LinearAlgebraError) -> (PivotedQR, [Double])? in
      let factors = try PivotedQR(part)
      guard factors.rank == free.count else { return nil }
      return (factors, try factors.solve(rest, matrix: part).coefficients)
    }
    guard let (factors, solution) = answer else { return nil }
    condition = try algebra { () throws(LinearAlgebraError) in try factors.conditionEstimate() }
    var aim = z
    for (place, column) in free.enumerated() { aim[column] = solution[place] }
    return aim
  }

  /// y minus what the fixed columns say.
  private func target() throws(RegressionError) -> [Double] {
    let held = z.indices.map { isFree[$0] ? 0 : z[$0] }
    let part = try algebra { () throws(LinearAlgebraError) in try matrix.multiplied(by: held) }
    return zip(y, part).map { $0 - $1 }
  }

  /// Residuals of the free problem as QR refines them, not by subtraction of fitted values.
  private mutating func setResiduals() throws(RegressionError) {
    let free = self.free
    let rest = try target()
    guard !free.isEmpty else {
      residuals = rest
      return
    }
    let part = matrix.selectingColumns(free)
    residuals = try algebra { () throws(LinearAlgebraError) in
      try PivotedQR(part, tolerance: 0).solve(rest, matrix: part).residuals
    }
  }

  private func pull(_ j: Int) -> Double {
    var sum = 0.0
    for (x, r) in zip(matrix.column(j), residuals) { sum += x * r }
    return sum
  }

  private var size: Double { y.reduce(0) { $0 + $1 * $1 }.squareRoot() }

  /// The gradient of a fixed column, positive when it points into the allowed range.
  private func inwards(_ j: Int) -> Double {
    guard lower[j] < upper[j] else { return 0 }
    return z[j] == lower[j] ? pull(j) : -pull(j)
  }

  private func strongestPull(except refused: Set<Int>) -> Int? {
    var best: (column: Int, pull: Double)?
    let least = Self.pullTolerance * size
    for j in z.indices where !isFree[j] && !refused.contains(j) {
      let pull = inwards(j)
      if pull > least, pull > (best?.pull ?? 0) { best = (j, pull) }
    }
    return best?.column
  }

  var certificate: OptimalityCertificate {
    let unit = size > 0 ? size : 1
    return OptimalityCertificate(
      stationarity: free.reduce(0) { max($0, abs(pull($1)) / unit) },
      boundPull: fixed.reduce(0) { max($0, inwards($1) / unit) }, steps: steps)
  }

  /// A root of (X'X)^-1 over the free columns, zero for the others.
  func inverseRoot() throws(RegressionError) -> Matrix {
    let free = self.free
    guard !free.isEmpty else { return Matrix(rows: 1, columns: z.count) }
    let solved = try SolvedProblem(
      matrix.selectingColumns(free), y, what: "the free columns", terms: [], tolerance: 0)
    let part = try solved.inverseRoot()
    var answer = Matrix(rows: part.rows, columns: z.count)
    for (place, column) in free.enumerated() {
      for k in 0..<part.rows { answer[k, column] = part[k, place] / lengths[column] }
    }
    return answer
  }
}

import LinearAlgebra
import Statistics

/// The fits of a cross-validation from one pass over the rows.
///
/// The rows of every fold become a state of least squares (a triangle and exact sums of products);
/// the states of all folds but one, merged, are the state of what its model learns from. Folds are
/// merged from the front and from the back, O(folds) merges in all, and nothing is subtracted. With
/// more than `fewFolds` folds they are first merged by the hundred, and each hundred is made again
/// from its rows when it is its turn: O(sqrt(folds)) states in memory, two passes over the rows.
///
/// A fold is left to a fit of its own where that would learn something else than coefficients: its
/// rows hold all of a level of a factor, or the columns without it are close to dependent.
struct MergedFolds {
  /// Fits of fewer rows stay as they are.
  static let leastRows = 16_384
  /// Up to a condition of 2^20 the sums of products, whose error is 2^-90, give the coefficients
  /// to 2^-50: as the refined solution of the rows does.
  static let largestCondition = 0x1p20
  static let fewFolds = 256
  /// Rows of a piece of work.
  private static let pieceRows = 16_384

  /// One model per fold, learnt without it; `nil` where the fold needs a fit of its own.
  private(set) var models: [Model?]

  struct Model {
    let coefficients: [Double]
    var smearing = 1.0
  }

  private let design: Design
  private let folds: Folds
  private let rankTolerance: Double?
  private let threads: Int?
  private let roots: [Double]?
  private let order: [Int]
  private let starts: [Int]

  /// - Returns: `nil` when the folds of such a design have to be fitted by themselves: few rows,
  ///   or a polynomial whose own terms are learnt in each fold.
  init?(
    _ design: Design, _ folds: Folds, estimator: LeastSquares, threads: Int?, leastRows: Int
  ) throws(ValidationError) {
    let learnsTerms = design.recipe.variables.contains {
      if case .polynomial = $0 { true } else { false }
    }
    guard design.rows.count >= leastRows, folds.fold.count == design.rows.count, !learnsTerms,
      estimator.level > 0, estimator.level < 1
    else { return nil }
    self.design = design
    self.folds = folds
    rankTolerance = estimator.rankTolerance
    self.threads = threads
    roots = design.weights?.map { $0.squareRoot() }
    (order, starts) = folds.rowsByFold()
    models = []
    models = try learn(lacking: try lackingLevels())
    for (fold, factor) in smearing().enumerated() { models[fold]?.smearing = factor }
  }

  /// The folds without which a factor has fewer levels.
  private func lackingLevels() throws(ValidationError) -> Set<Int> {
    var answer: Set<Int> = []
    for (variable, recipe) in zip(design.formula.variables, design.recipe.variables) {
      guard case .factor = recipe, let column = variable.columnsRead.first else { continue }
      let (level, count) = try design.groupNumbers(column)
      // The one fold of each level; -1 before the first row, -2 for several.
      var home = [Int](repeating: -1, count: count)
      for (row, number) in level.enumerated() {
        let fold = folds.fold[row]
        home[number] = home[number] == -1 || home[number] == fold ? fold : -2
      }
      answer.formUnion(home.filter { $0 >= 0 })
    }
    return answer
  }

  private func learn(lacking: Set<Int>) throws(ValidationError) -> [Model?] {
    let size = folds.count <= Self.fewFolds ? 1 : Int(Double(folds.count).squareRoot())
    let units = stride(from: 0, to: folds.count, by: size).map {
      $0..<min($0 + size, folds.count)
    }
    var pieces: [(unit: Int, rows: Range<Int>)] = []
    for (index, unit) in units.enumerated() {
      let rows = starts[unit.lowerBound]..<starts[unit.upperBound]
      for start in stride(from: rows.lowerBound, to: rows.upperBound, by: Self.pieceRows) {
        pieces.append((index, start..<min(start + Self.pieceRows, rows.upperBound)))
      }
    }
    let work = pieces
    return try validatedAlgebra { () throws(LinearAlgebraError) in
      let parts = try parallelMap(count: work.count, threads: threads) {
        (index) throws(LinearAlgebraError) in try state(work[index].rows)
      }
      let columns = design.matrix.columns + 1
      var states = [MergeableQR](repeating: MergeableQR(columns: columns), count: units.count)
      for (piece, part) in zip(work, parts) { try states[piece.unit].merge(part) }
      let outside = try MergeableQR.withoutEach(
        of: states, outside: MergeableQR(columns: columns))
      let solved = try parallelMap(count: units.count, threads: threads) {
        (index) throws(LinearAlgebraError) in
        let unit = units[index]
        guard unit.count > 1 else {
          return [try solve(outside[index], isLacking: lacking.contains(unit.lowerBound))]
        }
        var own: [MergeableQR] = []
        for fold in unit { own.append(try state(starts[fold]..<starts[fold + 1])) }
        var answer: [Model?] = []
        let others = try MergeableQR.withoutEach(of: own, outside: outside[index])
        for (fold, training) in zip(unit, others) {
          answer.append(try solve(training, isLacking: lacking.contains(fold)))
        }
        return answer
      }
      return solved.flatMap { $0 }
    }
  }

  private func state(_ places: Range<Int>) throws(LinearAlgebraError) -> MergeableQR {
    try MergeableQR(
      design.matrix, response: design.response, roots: roots, rows: order[places])
  }

  private func solve(
    _ training: MergeableQR, isLacking: Bool
  ) throws(LinearAlgebraError) -> Model? {
    let columns = design.matrix.columns
    guard !isLacking, training.rows >= columns else { return nil }
    // The rule of a fit of these rows.
    let tolerance =
      rankTolerance ?? PivotedQR.defaultTolerance(rows: training.rows, columns: columns)
    let solved = try training.leastSquares(
      predictors: Array(0..<columns), response: columns, tolerance: tolerance)
    guard let solved, solved.basis.count == columns,
      try solved.factors.conditionEstimate() <= Self.largestCondition
    else { return nil }
    return Model(coefficients: solved.coefficients)
  }
}

/// What the models say of rows.
extension MergedFolds {
  /// x'b of some rows that stand next to each other: row i by the coefficients of fold `fold(i)`.
  ///
  /// The sums of `LinearPredictor.value`, in its order.
  private func values(
    _ rows: Range<Int>, _ coefficients: [Double], stride: Int, fold: (Int) -> Int
  ) -> [Double] {
    let (height, count) = (design.matrix.rows, rows.count)
    var sums = [Double](repeating: 0, count: count)
    design.matrix.storage.withUnsafeBufferPointer { elements in
      coefficients.withUnsafeBufferPointer { coefficients in
        for j in 0..<design.matrix.columns {
          let first = rows.lowerBound + j * height
          for i in 0..<count {
            sums[i] += elements[first + i] * coefficients[fold(i) + j * stride]
          }
        }
      }
    }
    return sums
  }

  /// The pieces that passes over all rows are made of, the same for any number of threads.
  private var pieces: [Range<Int>] {
    stride(from: 0, to: design.rows.count, by: Self.pieceRows).map {
      $0..<min($0 + Self.pieceRows, design.rows.count)
    }
  }

  /// Predictions of all rows by the models without them, on the original scale of the response;
  /// they may be beyond the doubles. Those of rows in a fold without a model say nothing.
  func predictions() -> [Double] {
    let count = folds.count
    var coefficients = [Double](repeating: 0, count: count * design.matrix.columns)
    for (fold, model) in models.enumerated() {
      for (j, value) in (model?.coefficients ?? []).enumerated() {
        coefficients[fold + j * count] = value
      }
    }
    let table = coefficients
    let smearing = models.map { $0?.smearing ?? 1 }
    let scale = ResponseScale(design.formula.response)
    let pieces = self.pieces
    let parts = parallelMap(count: pieces.count, threads: threads) { index in
      let rows = pieces[index]
      return folds.fold.withUnsafeBufferPointer { fold in
        var sums = values(rows, table, stride: count) { fold[rows.lowerBound + $0] }
        guard scale.kind != .identity else { return sums }
        for i in sums.indices {
          sums[i] = scale.back(sums[i]) * smearing[fold[rows.lowerBound + i]]
        }
        return sums
      }
    }
    return parts.flatMap { $0 }
  }

  /// The smearing factor of every model over what it learnt from; O(rows columns folds).
  private func smearing() -> [Double] {
    let scale = ResponseScale(design.formula.response)
    guard scale.kind != .identity else { return [] }
    let pieces = self.pieces
    let parts = parallelMap(count: pieces.count, threads: threads) { index in
      let rows = pieces[index]
      return models.enumerated().map { fold, model in
        guard let model else { return (sum: 0.0, total: 0.0) }
        let fitted = values(rows, model.coefficients, stride: 1) { _ in 0 }
        var answer = (sum: 0.0, total: 0.0)
        for i in fitted.indices where folds.fold[rows.lowerBound + i] != fold {
          let row = rows.lowerBound + i
          let weight = design.weights?[row] ?? 1
          answer.sum += weight * scale.back(design.response[row] - fitted[i])
          answer.total += weight
        }
        return answer
      }
    }
    return models.indices.map { fold in
      let (sum, total) = parts.reduce((0, 0)) { ($0.0 + $1[fold].sum, $0.1 + $1[fold].total) }
      return sum / total
    }
  }
}

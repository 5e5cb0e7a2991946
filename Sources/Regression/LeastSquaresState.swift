import LinearAlgebra
public import ModelCore

/// All that ordinary or weighted least squares needs to know of rows that are not kept.
///
/// Batches are added as they are read; states of different parts of the data merge into the state
/// of all, in any order and grouping up to rounding. Memory is O(p^2) for p columns, whatever the
/// number of rows. See `MergeableQR` for the numerics, `fit` for what comes out.
public struct LeastSquaresState: Sendable, Equatable {
  /// The formula and the levels seen so far.
  public internal(set) var design: StreamingDesign
  /// Rows of all batches.
  public internal(set) var rowsRead = 0
  /// Rows left out because a cell of a column that is read is missing.
  public internal(set) var missingRows = 0
  /// Rows left out because their weight is 0.
  public internal(set) var zeroWeightRows = 0
  var reduction: MergeableQR
  /// The sum of the logarithms of the weights.
  var logWeights = CompensatedSum()
  /// Of the response on the formula's scale.
  var response = Extent()
  /// Of the numeric columns of the right side.
  var extents: [String: Extent] = [:]

  /// The smallest and the largest of some values.
  struct Extent: Sendable, Equatable {
    var lower = Double.infinity
    var upper = -Double.infinity

    mutating func add(_ value: Double) {
      if value < lower { lower = value }
      if value > upper { upper = value }
    }

    mutating func add(_ other: Extent) {
      lower = min(lower, other.lower)
      upper = max(upper, other.upper)
    }
  }

  /// The state of no rows.
  public init(_ design: StreamingDesign) {
    self.design = design
    reduction = MergeableQR(columns: design.columnCount)
  }

  /// Rows that count: complete, of positive weight.
  public var nobs: Int { reduction.rows }

  /// The sum of the weights; the number of rows without weights.
  public var weightSum: Double { reduction.sumOfProducts(0, 0) }

  /// Adds the rows of a batch.
  ///
  /// The state is unchanged when this throws.
  /// - Throws: `RegressionError` as a `Design` of these rows does; `.stream(.kindChanged)` for a
  ///   factor that was text and is numbers now, or the reverse.
  public mutating func add(_ table: Table) throws(RegressionError) {
    if try addPlainly(table) { return }
    let batch = try StreamedRows(table, design)
    var next = reduction
    let moved = batch.design == design ? nil : design.positions(in: batch.design)
    next = try algebra { () throws(LinearAlgebraError) in
      var answer = next
      if let moved {
        answer = try answer.embedded(columns: batch.design.columnCount, at: moved)
      }
      try answer.add(batch.block, weights: batch.weights)
      return answer
    }
    reduction = next
    design = batch.design
    rowsRead += table.rowCount
    missingRows += batch.missingRows
    zeroWeightRows += batch.zeroWeightRows
    for weight in batch.weights ?? [] { logWeights.add(CMath.log(weight)) }
    for value in batch.block.column(design.responseColumn) { response.add(value) }
    for name in design.formula.columnsRead {
      guard let column = table.numbersIfPresent(name) else { continue }
      var extent = extents[name] ?? Extent()
      let cells = column.storage
      for row in batch.rows.positions { extent.add(cells[row]) }
      extents[name] = extent
    }
  }

  /// Adds what another state has seen. Levels of factors are united.
  ///
  /// - Throws: `RegressionError.stream(.incompatible)`, which says what differs, for a state of
  ///   another formula, weight, kind of column or polynomial.
  public mutating func merge(_ other: LeastSquaresState) throws(RegressionError) {
    let (here, there) = (design, other.design)
    // The parts of one file are of one design unless it has factors.
    let isSame = here == there
    let united = isSame ? here : try here.union(there)
    let (mine, theirs) = (reduction, other.reduction)
    reduction = try algebra { () throws(LinearAlgebraError) in
      if isSame {
        var sum = mine
        try sum.merge(theirs)
        return sum
      }
      var sum = try mine.embedded(columns: united.columnCount, at: here.positions(in: united))
      try sum.merge(
        theirs.embedded(columns: united.columnCount, at: there.positions(in: united)))
      return sum
    }
    design = united
    rowsRead += other.rowsRead
    missingRows += other.missingRows
    zeroWeightRows += other.zeroWeightRows
    logWeights.add(other.logWeights)
    response.add(other.response)
    for (name, extent) in other.extents { extents[name, default: Extent()].add(extent) }
  }

  /// What the numeric columns of the right side covered.
  public var ranges: [ColumnRange] {
    design.formula.columnsRead.compactMap { name in
      guard let extent = extents[name], extent.lower.isFinite, extent.upper.isFinite else {
        return nil
      }
      return ColumnRange(column: name, lower: extent.lower, upper: extent.upper)
    }
  }
}

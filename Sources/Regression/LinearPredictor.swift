import LinearAlgebra
import Statistics

/// The linear part of a fit: coefficients, and what it takes to say how sure a prediction is.
///
/// The variance of x'b is sigma^2 |R^-T x|^2, with R the triangle of the fit: a sum of squares,
/// never negative however ill-conditioned the columns are.
struct LinearPredictor: Sendable, Equatable {
  /// By how much a row may depart, relative to the size of its parts, from the relation that
  /// made a column redundant: far above rounding, far below any difference in data.
  static let aliasTolerance = 1e-7

  /// One per column of the model matrix, `nil` for a redundant one.
  let estimates: [Double?]
  /// The columns of R, in its order.
  let pivots: [Int]
  let triangle: UpperTriangle
  /// For each redundant column its coefficients on `pivots`.
  let aliases: [Int: [Double]]
  let sigma: Double?
  let degreesOfFreedom: Int

  /// x'b.
  func value(_ row: [Double]) -> Double {
    var sum = 0.0
    for (x, estimate) in zip(row, estimates) { sum += x * (estimate ?? 0) }
    return sum
  }

  /// x' (X'WX)^-1 x.
  func leverage(_ row: [Double]) throws(RegressionError) -> Double {
    let part = pivots.map { row[$0] }
    let solved = try algebra { () throws(LinearAlgebraError) in try triangle.solveTransposed(part) }
    return solved.reduce(0) { $0 + $1 * $1 }
  }

  /// The redundant column that a row takes out of line with the others: the data said nothing
  /// about such a row, and the zero in place of the missing coefficient would be an invention.
  func brokenAlias(_ row: [Double]) -> Int? {
    for (column, coefficients) in aliases.sorted(by: { $0.key < $1.key }) {
      var gap = row[column]
      var size = abs(row[column])
      for (pivot, coefficient) in zip(pivots, coefficients) {
        gap -= coefficient * row[pivot]
        size += abs(coefficient * row[pivot])
      }
      if abs(gap) > Self.aliasTolerance * size { return column }
    }
    return nil
  }

  /// The half-width of an interval around x'b; `nil` without degrees of freedom.
  func halfWidth(
    _ row: [Double], level: Double, kind: IntervalKind
  ) throws(RegressionError) -> Double? {
    guard let sigma, degreesOfFreedom > 0 else { return nil }
    let spread = try leverage(row) + (kind == .prediction ? 1 : 0)
    let critical = try Self.critical(level: level, degreesOfFreedom: degreesOfFreedom)
    return critical * sigma * spread.squareRoot()
  }

  /// The two-sided critical value of Student's t.
  static func critical(
    level: Double, degreesOfFreedom: Int
  ) throws(RegressionError) -> Double {
    guard level > 0, level < 1 else { throw .level(level) }
    return try statistics { () throws(StatisticsError) in
      try StudentT(degreesOfFreedom: Double(degreesOfFreedom)).upperQuantile((1 - level) / 2)
    }
  }
}

/// What an interval is meant to cover.
public enum IntervalKind: String, Sendable, CaseIterable {
  /// The mean of the response for such rows.
  case confidence
  /// A single new observation of weight 1.
  case prediction
}

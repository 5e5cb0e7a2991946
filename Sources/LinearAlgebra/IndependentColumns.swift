/// The columns that are not combinations of the columns before them, in their own order.
///
/// A pivoted factorisation keeps whichever columns are longest; people expect the *later* one of
/// two equal columns to be dropped, as R's `lm` does. Each column is made orthogonal to those
/// kept so far (modified Gram-Schmidt, twice, which is enough: Giraud, Langou and Rozložník
/// 2005) and is kept if more than `tolerance` of its length remains. O(rows * columns^2).
///
/// - Throws: `LinearAlgebraError.notFinite` for an infinity or a NaN in the matrix.
public func independentColumns(
  of matrix: Matrix, tolerance: Double
) throws(LinearAlgebraError) -> [Int] {
  guard matrix.storage.allSatisfy(\.isFinite) else { throw .notFinite("a matrix") }
  var kept: [Int] = []
  var directions: [[Double]] = []
  for j in 0..<matrix.columns {
    let column = Array(matrix.column(j))
    guard var rest = unitVector(column) else { continue }
    for _ in 0..<2 {
      for direction in directions {
        let part = dot(direction, rest)
        for i in rest.indices { rest[i] -= part * direction[i] }
      }
    }
    guard dot(rest, rest).squareRoot() > tolerance, kept.count < matrix.rows,
      let direction = unitVector(rest)
    else { continue }
    kept.append(j)
    directions.append(direction)
  }
  return kept
}

private func dot(_ left: [Double], _ right: [Double]) -> Double {
  var sum = 0.0
  for i in left.indices { sum += left[i] * right[i] }
  return sum
}

/// The vector divided by its length, `nil` for a zero one; safe from overflow.
private func unitVector(_ vector: [Double]) -> [Double]? {
  let largest = vector.reduce(0) { max($0, abs($1)) }
  guard largest > 0 else { return nil }
  let quotients = vector.map { $0 / largest }
  let length = dot(quotients, quotients).squareRoot()
  return quotients.map { $0 / length }
}

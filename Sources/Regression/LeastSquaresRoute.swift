import LinearAlgebra
import ModelCore

/// How the triangle of a fit was made: what its digits rest on.
public enum LeastSquaresRoute: Sendable, Equatable {
  /// By Householder reflections of all rows.
  case reflections
  /// From sums of products in twice the precision, of blocks of rows whose condition is bounded;
  /// `rows` of `of`, the others by reflections.
  case products(rows: Int, of: Int)

  /// Blocks of a larger condition number (columns of equal length, the response one of them) are
  /// taken by reflections: (2^17)^2 times the error of the sums, 2^-90, is below 2^-53.
  public static let largestCondition = MergeableQR.productBound.squareRoot()

  /// For a note.
  var sentence: String {
    let bound = shortestDecimal(Self.largestCondition)
    switch self {
    case .reflections:
      return "solved by Householder reflections of the rows."
    case .products(let rows, let all):
      let which = rows == all ? "all rows" : "\(rows) of \(all) rows"
      return "solved by sums of products in twice the precision for \(which), in blocks of a "
        + "condition number below \(bound), where they lose nothing"
        + (rows == all ? "." : "; by Householder reflections for the others.")
    }
  }
}

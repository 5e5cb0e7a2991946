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
      return "triangle by Householder reflections."
    case .products(let rows, let all):
      let which =
        rows == all ? "every block of rows has" : "\(rows) of \(all) rows are in blocks of"
      return "triangle from sums of products in twice the precision: \(which) a condition number "
        + "below \(bound)" + (rows == all ? "." : ", the others were taken by reflections.")
    }
  }
}

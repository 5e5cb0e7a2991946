import Foundation
import LinearAlgebra
import Testing

@Suite struct LeastSquaresSolutionTests {
  /// The data of a certified set and the powers or columns of its model.
  static func problem(_ name: String) throws -> (Matrix, y: [Double]) {
    let rows = try fixture("nist/linear/\(name).csv")
    let y = try rows.map { try number($0, "y") }
    if name == "longley" {
      let predictors = try (1...6).map { k in try rows.map { try number($0, "x\(k)") } }
      return (try Matrix(columns: [y.map { _ in 1 }] + predictors), y)
    }
    let x = try rows.map { try number($0, "x") }
    if name.hasPrefix("noint") { return (try Matrix(columns: [x]), y) }
    let degree = ["norris": 1, "pontius": 2, "filip": 10][name] ?? 5
    // Products of integers are exact; Filip's powers are rounded, as in every double program.
    let powers = (0...degree).map { k in x.map { value in (0..<k).reduce(1) { p, _ in p * value } }
    }
    return (try Matrix(columns: powers), y)
  }

  /// Digits that must be right in every coefficient. Decimals (Norris, Pontius, Wampler2) and
  /// Filip's powers are rounded to doubles before the fit begins, so 16 are out of reach there:
  /// the exact solution of Norris in those doubles agrees with the certified one to 13.97.
  static let minimumDigits: [(String, Double)] = [
    ("norris", 13.9), ("pontius", 13.4), ("noint1", 15), ("noint2", 15), ("longley", 14),
    ("filip", 7), ("wampler1", 15), ("wampler2", 12), ("wampler3", 15), ("wampler4", 15),
    ("wampler5", 15),
  ]

  @Test(arguments: minimumDigits)
  func certifiedCoefficients(_ name: String, _ minimum: Double) throws {
    let (matrix, y) = try Self.problem(name)
    let qr = try PivotedQR(matrix)
    #expect(qr.rank == matrix.columns)
    let solution = try qr.solve(y, matrix: matrix)
    let certified = try fixture("nist/linear/certified.csv").filter { $0["dataset"] == name }
    #expect(certified.count == matrix.columns)
    let worst =
      try zip(solution.coefficients, certified).map {
        digits($0, try number($1, "estimate"))
      }.min() ?? 0
    #expect(worst >= minimum)
  }

  @Test func residualsAreOrthogonalToColumns() throws {
    let matrix = try noise(60, 6, seed: 5)
    let y = (0..<60).map { cos(Double($0)) }
    let solution = try PivotedQR(matrix).solve(y, matrix: matrix)
    for j in 0..<6 {
      let product = zip(matrix.column(j), solution.residuals).reduce(0) { $0 + $1.0 * $1.1 }
      // Residuals of size 1 are rounded, 60 of them.
      #expect(abs(product) < 1e-14)
    }
  }

  /// What refinement is for: without it the same problem keeps fewer digits.
  @Test func refinementGainsDigits() throws {
    let (matrix, y) = try Self.problem("wampler5")
    let qr = try PivotedQR(matrix)
    let plain = try qr.solve(y, matrix: matrix, maximumRefinements: 0)
    #expect(plain.refinements == 0)
    #expect((plain.coefficients.map { digits($0, 1) }.min() ?? 16) < 10)
  }

  @Test func zeroMatrixHasZeroSolution() throws {
    let matrix = Matrix(rows: 3, columns: 2)
    let solution = try PivotedQR(matrix).solve([1, 2, 3], matrix: matrix)
    #expect(solution.coefficients == [0, 0] && solution.residuals == [1, 2, 3])
  }
}

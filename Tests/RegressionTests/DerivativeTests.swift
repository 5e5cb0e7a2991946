import Foundation
import LinearAlgebra
import ModelCore
import Regression
import TestSupport
import Testing

/// A formula written as a model over scalars: the second route to every derivative.
private struct TreeModel: NonlinearModel {
  let design: NonlinearDesign
  var parameterNames: [String] { design.parameterNames }
  var residualCount: Int { design.rows.count }

  func residuals<S: DifferentiableScalar>(_ parameters: [S]) -> [S] {
    design.rows.indices.map { row in
      var names: [String: S] = [:]
      for name in design.columns {
        names[name] = S(design.table.numbersIfPresent(name)?[design.rows[row]] ?? .nan)
      }
      for (name, value) in zip(design.parameterNames, parameters) { names[name] = value }
      return value(design.formula.right, names) - S(design.response[row])
    }
  }

  private func value<S: DifferentiableScalar>(
    _ tree: NonlinearExpression, _ names: [String: S]
  ) -> S {
    switch tree {
    case .number(let number): return S(number)
    case .pi: return S(.pi)
    case .name(let name): return names[name] ?? S(.nan)
    case .negate(let inner): return -value(inner, names)
    case .call(let function, let inner): return S.apply(function, value(inner, names))
    case .binary(let sign, let left, let right):
      let (x, y) = (value(left, names), value(right, names))
      switch sign {
      case .add: return x + y
      case .subtract: return x - y
      case .multiply: return x * y
      case .divide: return x / y
      case .power: return S.pow(x, y)
      }
    }
  }
}

@Suite struct DerivativeTests {
  /// mpmath at 120 digits. A dozen roundings, times the condition of the expression at the point:
  /// up to 1e3 here, in tan near its pole and in differences.
  static let digitsOfDerivatives = 12.0

  @Test func agreeWithHighPrecision() throws {
    let rows = try fixture("nonlinear/derivatives.csv")
    #expect(rows.count == 69)
    for row in rows {
      let text = try #require(row["expression"])
      let data = try Table([
        Column("y", numbers: [0]), Column("x", numbers: [number(row, "x")]),
        Column("z", numbers: [number(row, "z")]),
      ])
      let design = try NonlinearDesign(NonlinearFormula("y ~ " + text), data)
      let names = design.parameterNames
      let point = try names.map { try number(row, $0) }
      for linear in [
        design.linearization(at: point), TreeModel(design: design).linearization(at: point),
      ] {
        let place: Comment = "\(text) at \(point)"
        #expect(
          try digits(linear.residuals[0], number(row, "value")) >= Self.digitsOfDerivatives, place)
        for (j, name) in names.enumerated() {
          let expected = try number(row, "d\(name)")
          #expect(
            digits(linear.jacobian[0, j], expected) >= Self.digitsOfDerivatives,
            "\(place) by \(name): \(linear.jacobian[0, j]), expected \(expected)")
        }
      }
    }
  }

  /// Limits that a naive rule turns into NaN.
  @Test func edges() throws {
    func slopes(_ text: String, x: Double, at point: [Double]) throws -> [Double] {
      let data = try Table([Column("y", numbers: [0]), Column("x", numbers: [x])])
      let design = try NonlinearDesign(NonlinearFormula("y ~ " + text), data)
      let linear = design.linearization(at: point)
      #expect(TreeModel(design: design).linearization(at: point) == linear)
      return (0..<point.count).map { linear.jacobian[0, $0] }
    }
    #expect(try slopes("a * x^b", x: 0, at: [2, 1.5]) == [0, 0])
    #expect(try slopes("(a - x)^2", x: 3, at: [1]) == [-4])
    #expect(try slopes("(a * x)^0", x: 0, at: [1]) == [0])
    #expect(try slopes("(a * x)^1", x: 0, at: [1]) == [0])
    #expect(try slopes("(-a)^3", x: 0, at: [2]) == [-12])
    #expect(try slopes("abs(a)", x: 0, at: [0]) == [0])
    #expect(try slopes("a * sqrt(x)", x: 0, at: [2]) == [0])
    #expect(try slopes("expm1(a)", x: 0, at: [-800]) == [0])
  }

  /// Random expressions at random points, zeros, signs and huge numbers among them: both routes
  /// agree to the last bits where they are finite, and nothing traps.
  @Test func randomExpressions() throws {
    let seed: UInt64 = 11
    var random = TestRandom(seed: seed)
    var finite = 0
    for trial in 0..<3000 {
      let text = expression(depth: 5, &random)
      let formula = try NonlinearFormula("y ~ a + b + c + (\(text))")
      // In every other trial extreme numbers, whose cancellations leave no digits to compare.
      let isExtreme = trial % 2 == 0
      let values: [Double] =
        isExtreme ? [0, -0.0, 1e-300, 1e300, -1e300, .infinity, 40] : [0, -1, 1, 0.5, -2, 3]
      func pick() -> Double {
        Bool.random(using: &random)
          ? values[Int.random(in: 0..<values.count, using: &random)] : random.uniform(-3, 3)
      }
      let data = try Table([
        Column("y", numbers: [0, 0]), Column("x", numbers: [pick(), pick()]),
      ])
      let design = try NonlinearDesign(formula, data, parameters: ["a", "b", "c"])
      let point = [pick(), pick(), pick()]
      let columns = design.linearization(at: point)
      let scalars = TreeModel(design: design).linearization(at: point)
      #expect(columns.residuals.count == 2 && columns.jacobian.columns == 3)
      #expect(design.residuals(at: point).map(\.bitPattern) == columns.residuals.map(\.bitPattern))
      let pairs = zip(columns.jacobian.storage, scalars.jacobian.storage)
      for (left, right) in pairs where !isExtreme && left.isFinite && right.isFinite {
        // A few products in another order; sums may cancel, so relative to the larger parts.
        let size = max(abs(left), abs(right), 1)
        #expect(abs(left - right) <= 1e-9 * size, "seed \(seed), trial \(trial): \(text)")
        finite += 1
      }
    }
    #expect(finite > 1500)
  }

  private func expression(depth: Int, _ random: inout TestRandom) -> String {
    let leaves = ["a", "b", "c", "x", "1", "2", "0.5", "pi", "0"]
    guard depth > 0, Int.random(in: 0..<5, using: &random) > 0 else {
      return leaves[Int.random(in: 0..<leaves.count, using: &random)]
    }
    switch Int.random(in: 0..<8, using: &random) {
    case 0:
      let functions = ElementaryFunction.allCases
      let function = functions[Int.random(in: 0..<functions.count, using: &random)]
      return "\(function.rawValue)(\(expression(depth: depth - 1, &random)))"
    case 1: return "-(" + expression(depth: depth - 1, &random) + ")"
    default:
      let sign = ["+", "-", "*", "/", "^"][Int.random(in: 0..<5, using: &random)]
      return "(" + expression(depth: depth - 1, &random) + ")" + sign + "("
        + expression(depth: depth - 1, &random) + ")"
    }
  }
}

public import LinearAlgebra

/// Residuals and their derivatives at one point.
public struct Linearization: Sendable, Equatable {
  /// One per observation.
  public let residuals: [Double]
  /// Row i, column j: the derivative of residual i by parameter j.
  public let jacobian: Matrix

  /// - Parameter columns: the derivatives by each parameter, as long as `residuals`; what is
  ///   missing counts as not a number, and is refused by the solver.
  public init(residuals: [Double], columns: [[Double]]) {
    self.residuals = residuals
    var matrix = Matrix(rows: residuals.count, columns: columns.count)
    for (j, column) in columns.enumerated() {
      for i in residuals.indices { matrix[i, j] = i < column.count ? column[i] : .nan }
    }
    jacobian = matrix
  }

  public init(residuals: [Double], jacobian: Matrix) {
    self.residuals = residuals
    self.jacobian = jacobian
  }

  var isFinite: Bool {
    residuals.allSatisfy(\.isFinite) && jacobian.storage.allSatisfy(\.isFinite)
  }
}

/// Something to minimise: a vector of residuals that depends on parameters.
///
/// The order and number of residuals are fixed; they may come from several responses, each
/// divided by its own scale. Where the model has no value, a residual is NaN or infinite: the
/// solver then takes a shorter step.
public protocol ResidualFunction: Sendable {
  /// One per parameter, unique.
  var parameterNames: [String] { get }
  /// The number of residuals.
  var residualCount: Int { get }
  /// The residuals at these values of the parameters.
  func residuals(at parameters: [Double]) -> [Double]
  /// The residuals with their derivatives.
  func linearization(at parameters: [Double]) -> Linearization
}

/// A model written once over a scalar that is differentiated automatically.
///
/// Only `residuals(_:)` has to be written:
///
///     struct Decay: NonlinearModel {
///       let parameterNames = ["rate"]
///       let times, values: [Double]
///       var residualCount: Int { times.count }
///       func residuals<S: DifferentiableScalar>(_ parameters: [S]) -> [S] {
///         zip(times, values).map { S($1) - S.exp(-parameters[0] * S($0)) }
///       }
///     }
///
/// The defaults below are compiled with the model, so that its arithmetic is specialised for
/// plain and for dual numbers.
public protocol NonlinearModel: ResidualFunction {
  /// The residuals for the parameters, in the order of `parameterNames`.
  func residuals<S: DifferentiableScalar>(_ parameters: [S]) -> [S]
}

extension NonlinearModel {
  @inlinable
  public func residuals(at parameters: [Double]) -> [Double] {
    residuals(parameters)
  }

  /// One pass of the model per eight parameters.
  @inlinable
  public func linearization(at parameters: [Double]) -> Linearization {
    var values: [Double] = []
    var columns: [[Double]] = []
    for first in stride(from: 0, to: parameters.count, by: Dual.width) {
      let last = min(first + Dual.width, parameters.count)
      let seeded = parameters.indices.map { j in
        first <= j && j < last
          ? Dual(variable: j - first, value: parameters[j]) : Dual(parameters[j])
      }
      let duals = residuals(seeded)
      if first == 0 { values = duals.map(\.value) }
      for j in 0..<(last - first) { columns.append(duals.map { $0.partials[j] }) }
    }
    return Linearization(residuals: values, columns: columns)
  }
}

/// A number that a statistical function cannot take.
public enum StatisticsError: Error, Sendable, Equatable, CustomStringConvertible {
  /// An argument outside the domain; `expected` says what the domain is.
  case domain(function: String, argument: String, value: Double, expected: String)
  /// The underlying series or root finder did not converge.
  case noConvergence(function: String)
  /// A statistic of nothing.
  case empty(function: String)
  /// Two lists that must pair up differ in length.
  case unequalLengths(function: String, Int, Int)

  public var description: String {
    switch self {
    case .domain(let function, let argument, let value, let expected):
      "\(function): \(argument) is \(value); expected \(expected)"
    case .noConvergence(let function): "\(function): the computation did not converge"
    case .empty(let function): "\(function): there are no values"
    case .unequalLengths(let function, let left, let right):
      "\(function): \(left) values beside \(right)"
    }
  }
}

/// Throws `StatisticsError.domain` unless `holds`.
func require(
  _ holds: Bool, _ function: String, _ argument: String, _ value: Double, _ expected: String
) throws(StatisticsError) {
  guard holds else {
    throw .domain(function: function, argument: argument, value: value, expected: expected)
  }
}

/// The value, or `noConvergence` for a NaN that no argument explains.
func converged(_ function: String, _ value: Double) throws(StatisticsError) -> Double {
  guard !value.isNaN else { throw .noConvergence(function: function) }
  return value
}

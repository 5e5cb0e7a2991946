extension Expression {
  /// The value row by row.
  ///
  /// Follows IEEE arithmetic: a logarithm of 0 is -infinity and one of a negative number NaN,
  /// which callers must look for.
  /// - Parameters:
  ///   - columns: the values of each column that is read, `count` of them.
  func evaluate(_ columns: [String: [Double]], count: Int) -> [Double] {
    switch self {
    case .number(let value): return [Double](repeating: value, count: count)
    case .column(let name): return columns[name] ?? [Double](repeating: .nan, count: count)
    case .negate(let inner): return inner.evaluate(columns, count: count).map { -$0 }
    case .call(let function, let inner):
      return inner.evaluate(columns, count: count).map { CMath.apply(function, $0) }
    case .binary(let sign, let left, let right):
      let first = left.evaluate(columns, count: count)
      let second = right.evaluate(columns, count: count)
      return first.indices.map { sign.apply(first[$0], second[$0]) }
    }
  }
}

extension Operator {
  func apply(_ left: Double, _ right: Double) -> Double {
    switch self {
    case .add: left + right
    case .subtract: left - right
    case .multiply: left * right
    case .divide: left / right
    // A square is one product, exactly rounded, as R has it.
    case .power: right == 2 ? left * left : CMath.power(left, right)
    }
  }
}

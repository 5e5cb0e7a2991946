/// Values of an expression over many rows with their derivatives: a vector of dual numbers.
///
/// What is the same in every row is held once. Derivatives by parameters that a part does not
/// contain are not held at all, so a sum of k terms costs k derivatives and not k^2.
struct DualColumns {
  /// One value, or one per row.
  var values: [Double]
  /// By parameter; one value, or one per row.
  var partials: [Int: [Double]] = [:]

  func chained(_ values: [Double], _ slopes: @autoclosure () -> [Double]) -> DualColumns {
    guard !partials.isEmpty else { return DualColumns(values: values) }
    let slopes = slopes()
    return DualColumns(
      values: values, partials: partials.mapValues { Self.combine($0, slopes, *) })
  }

  /// f(x, y) by its values and its two derivatives.
  func chained(
    with other: DualColumns, _ values: [Double], _ slopes: @autoclosure () -> [Double],
    _ otherSlopes: @autoclosure () -> [Double]
  ) -> DualColumns {
    var answer = chained(values, slopes())
    guard !other.partials.isEmpty else { return answer }
    let slopes = otherSlopes()
    for (parameter, partial) in other.partials {
      let part = Self.combine(partial, slopes, *)
      answer.partials[parameter] =
        answer.partials[parameter].map { Self.combine($0, part, +) }
        ?? part
    }
    return answer
  }

  /// An operation row by row, where a single value stands for every row.
  static func combine(
    _ left: [Double], _ right: [Double], _ operation: (Double, Double) -> Double
  ) -> [Double] {
    if left.count == right.count { return left.indices.map { operation(left[$0], right[$0]) } }
    if left.count == 1 { return right.map { operation(left[0], $0) } }
    return left.map { operation($0, right[0]) }
  }
}

extension NonlinearExpression {
  /// The values row by row, with the derivatives by the parameters.
  ///
  /// IEEE arithmetic: outside a function's domain the value is NaN, which callers look for.
  /// - Parameters:
  ///   - names: what each name stands for: a column's values, or a parameter with its derivative.
  func evaluate(_ names: [String: DualColumns]) -> DualColumns {
    switch self {
    case .number(let value): return DualColumns(values: [value])
    case .pi: return DualColumns(values: [.pi])
    case .name(let name): return names[name] ?? DualColumns(values: [.nan])
    case .negate(let inner):
      let x = inner.evaluate(names)
      return DualColumns(
        values: x.values.map { -$0 }, partials: x.partials.mapValues { $0.map { -$0 } })
    case .call(let function, let inner):
      let x = inner.evaluate(names)
      let values = x.values.map(function.value)
      return x.chained(
        values, zip(x.values, values).map { function.slope($0, value: $1) })
    case .binary(let sign, let left, let right):
      return sign.evaluate(left.evaluate(names), right.evaluate(names))
    }
  }
}

extension Operator {
  fileprivate func evaluate(_ x: DualColumns, _ y: DualColumns) -> DualColumns {
    let values = DualColumns.combine(x.values, y.values, apply)
    switch self {
    case .add: return x.chained(with: y, values, [1], [1])
    case .subtract: return x.chained(with: y, values, [1], [-1])
    case .multiply: return x.chained(with: y, values, y.values, x.values)
    case .divide:
      return x.chained(
        with: y, values, y.values.map { 1 / $0 },
        DualColumns.combine(values, y.values) { -$0 / $1 })
    case .power:
      return x.chained(
        with: y, values, DualColumns.combine(x.values, y.values, PowerRule.baseSlope),
        DualColumns.combine(x.values, y.values, PowerRule.exponentSlope))
    }
  }
}

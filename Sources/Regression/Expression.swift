/// A function that a formula may call on a number.
public enum Function: String, Sendable, CaseIterable {
  case log, log2, log10, log1p, exp, sqrt, abs
  /// R's `I( )`: the value itself; it shields arithmetic from its meaning in a model.
  case identity = "I"
}

/// An arithmetic operator inside a function or on the left of a formula.
public enum Operator: Character, Sendable, CaseIterable {
  case add = "+"
  case subtract = "-"
  case multiply = "*"
  case divide = "/"
  case power = "^"

  var precedence: Int {
    switch self {
    case .add, .subtract: 1
    case .multiply, .divide: 2
    case .power: 4
    }
  }
}

/// Arithmetic over the columns of a table.
public indirect enum Expression: Sendable, Hashable {
  /// Finite and not negative; a negative number is the negation of one.
  case number(Double)
  case column(String)
  case negate(Expression)
  case binary(Operator, Expression, Expression)
  case call(Function, Expression)
}

extension Expression {
  /// The columns that are read, each once, in the order of appearance.
  public var columnsRead: [String] {
    var answer: [String] = []
    collectColumns(into: &answer)
    return answer
  }

  private func collectColumns(into answer: inout [String]) {
    switch self {
    case .number: break
    case .column(let name): if !answer.contains(name) { answer.append(name) }
    case .negate(let inner), .call(_, let inner): inner.collectColumns(into: &answer)
    case .binary(_, let left, let right):
      left.collectColumns(into: &answer)
      right.collectColumns(into: &answer)
    }
  }

  /// Between multiplication and power, as in R: `-a^2` is -(a^2) and `-a * b` is (-a) * b.
  private static let negationPrecedence = 3
  private static let atomPrecedence = 5

  private var precedence: Int {
    switch self {
    case .number, .column, .call: Self.atomPrecedence
    case .negate: Self.negationPrecedence
    case .binary(let sign, _, _): sign.precedence
    }
  }
}

extension Expression: CustomStringConvertible {
  /// The expression in R's notation and spacing (`a + b`, `a * b`, `a/b`, `a^b`), with no
  /// more parentheses than it takes; parsing it gives an equal expression.
  public var description: String {
    switch self {
    case .number(let value): return formulaNumber(value)
    case .column(let name): return quotedName(name)
    case .call(let function, let inner): return "\(function.rawValue)(\(inner))"
    case .negate(let inner):
      return "-" + inner.parenthesised(when: inner.precedence < Self.negationPrecedence)
    case .binary(.power, let base, let exponent):
      let left = base.parenthesised(when: base.precedence < Self.atomPrecedence)
      // A power associates to the right and takes a sign in its exponent.
      let right = exponent.parenthesised(when: exponent.precedence < Self.negationPrecedence)
      return "\(left)^\(right)"
    case .binary(let sign, let left, let right):
      let before = left.parenthesised(when: left.precedence < sign.precedence)
      let after = right.parenthesised(when: right.precedence <= sign.precedence)
      return sign == .divide ? "\(before)/\(after)" : "\(before) \(sign.rawValue) \(after)"
    }
  }

  private func parenthesised(when needed: Bool) -> String {
    needed ? "(\(description))" : description
  }
}

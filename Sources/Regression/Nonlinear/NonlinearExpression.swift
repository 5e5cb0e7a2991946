/// Arithmetic over names that are columns or parameters: the right side of a non-linear model.
public indirect enum NonlinearExpression: Sendable, Hashable {
  /// Finite and not negative; a negative number is the negation of one.
  case number(Double)
  /// The circle's constant, written `pi`.
  case pi
  /// A column or a parameter; the table decides.
  case name(String)
  case negate(NonlinearExpression)
  case binary(Operator, NonlinearExpression, NonlinearExpression)
  case call(ElementaryFunction, NonlinearExpression)
}

extension NonlinearExpression {
  /// The names that are read, each once, in the order of appearance.
  public var names: [String] {
    var answer: [String] = []
    var seen: Set<String> = []
    collect(into: &answer, &seen)
    return answer
  }

  private func collect(into answer: inout [String], _ seen: inout Set<String>) {
    switch self {
    case .number, .pi: break
    case .name(let name): if seen.insert(name).inserted { answer.append(name) }
    case .negate(let inner), .call(_, let inner): inner.collect(into: &answer, &seen)
    case .binary(_, let left, let right):
      left.collect(into: &answer, &seen)
      right.collect(into: &answer, &seen)
    }
  }

  /// Between multiplication and power, as in R: `-a^2` is -(a^2).
  private static let negationPrecedence = 3
  private static let atomPrecedence = 5

  private var precedence: Int {
    switch self {
    case .number, .pi, .name, .call: Self.atomPrecedence
    case .negate: Self.negationPrecedence
    case .binary(let sign, _, _): sign.precedence
    }
  }
}

extension NonlinearExpression: CustomStringConvertible {
  /// R's notation with no more parentheses than it takes; parsing it gives an equal expression.
  public var description: String {
    switch self {
    case .number(let value): return formulaNumber(value)
    case .pi: return "pi"
    // A column that is called pi keeps its backquotes, or it would read back as the constant.
    case .name(let name): return name == "pi" ? "`pi`" : quotedName(name)
    case .call(let function, let inner): return "\(function.rawValue)(\(inner))"
    case .negate(let inner):
      return "-" + inner.parenthesised(when: inner.precedence < Self.negationPrecedence)
    case .binary(.power, let base, let exponent):
      let left = base.parenthesised(when: base.precedence < Self.atomPrecedence)
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

/// What a term of a model is made of.
public enum Variable: Sendable, Hashable {
  /// A column, a function of columns, or `I( )`. A bare column of text is a factor.
  case expression(Expression)
  /// `C(x)`: the column as a factor, whatever it holds.
  case factor(String)
  /// `poly(x, k)`: orthogonal polynomials of degree 1 to k.
  case polynomial(Expression, degree: Int)
  /// `poly(x, k, raw = TRUE)`: the powers 1 to k; `raw` is the word that was typed for TRUE.
  case powers(Expression, degree: Int, raw: String)

  /// The columns that are read, in the order of appearance.
  public var columnsRead: [String] {
    switch self {
    case .expression(let inner), .polynomial(let inner, _), .powers(let inner, _, _):
      inner.columnsRead
    case .factor(let name): [name]
    }
  }
}

extension Variable: CustomStringConvertible {
  /// The variable in R's notation; it heads the names of its coefficients.
  public var description: String {
    switch self {
    case .expression(let inner): inner.description
    case .factor(let name): "C(\(quotedName(name)))"
    case .polynomial(let inner, let degree): "poly(\(inner), \(degree))"
    case .powers(let inner, let degree, let raw): "poly(\(inner), \(degree), raw = \(raw))"
    }
  }
}

/// The right-hand side of a formula as it was written, with the operators' model meaning.
public indirect enum ModelExpression: Sendable, Hashable {
  /// A term that a sum adds or removes.
  public struct Item: Sendable, Hashable {
    public let adds: Bool
    public let term: ModelExpression

    public init(adds: Bool, term: ModelExpression) {
      self.adds = adds
      self.term = term
    }
  }

  case variable(Variable)
  /// `1`, the intercept, when true; `0`, its absence, when false.
  case intercept(Bool)
  case sum([Item])
  /// `a:b`: the products.
  case interaction([ModelExpression])
  /// `a*b`: `a + b + a:b`.
  case crossing([ModelExpression])
  /// `(a + b)^n`: all products of up to n of the terms.
  case power(ModelExpression, Int)
}

extension ModelExpression: CustomStringConvertible {
  /// The expression in R's spacing; parsing it gives an equal expression.
  public var description: String {
    switch self {
    case .variable(let variable): return variable.description
    case .intercept(let present): return present ? "1" : "0"
    case .sum(let items):
      var text = ""
      for item in items {
        let sign = item.adds ? "+" : "-"
        text += text.isEmpty ? (item.adds ? "" : "-") : " \(sign) "
        text += item.term.parenthesised(under: precedence)
      }
      return text
    case .interaction(let parts):
      return parts.map { $0.parenthesised(under: precedence) }.joined(separator: ":")
    case .crossing(let parts):
      return parts.map { $0.parenthesised(under: precedence) }.joined(separator: " * ")
    case .power(let base, let exponent):
      return base.parenthesised(under: precedence) + "^\(exponent)"
    }
  }

  private var precedence: Int {
    switch self {
    case .sum: 1
    case .crossing: 2
    case .interaction: 3
    case .power: 4
    case .variable, .intercept: 5
    }
  }

  private func parenthesised(under outer: Int) -> String {
    precedence <= outer ? "(\(description))" : description
  }
}

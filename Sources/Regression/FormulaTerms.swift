/// A product of variables: positions in the list of a formula's variables, ascending.
///
/// The product of none is the intercept.
public struct Term: Sendable, Hashable {
  public let variables: [Int]

  init(_ variables: [Int]) {
    self.variables = variables
  }

  func union(_ other: Term) -> Term {
    Term(Array(Set(variables).union(other.variables)).sorted())
  }

  static let intercept = Term([])
}

/// The terms that a right-hand side stands for, by the rules of R's `terms.formula`
/// (Wilkinson and Rogers, Applied Statistics 22 (1973), as R extends them).
struct TermExpansion {
  /// More terms than any table has columns for; `(a + b + ...)^n` gets there quickly.
  static let limit = 4096

  struct TooManyTerms: Error {}

  private(set) var variables: [Variable] = []
  private var positions: [Variable: Int] = [:]
  /// In R's order: by the number of variables, else as they were written; without intercept.
  private(set) var terms: [Term] = []
  private(set) var hasIntercept = true

  init(_ expression: ModelExpression) throws(TooManyTerms) {
    register(expression)
    var list = OrderedTerms()
    list.insert(.intercept)
    try apply(expression, adds: true, to: &list)
    hasIntercept = list.contains(.intercept)
    let products = list.terms.filter { $0 != .intercept }
    let byOrder = products.enumerated().sorted {
      ($0.element.variables.count, $0.offset) < ($1.element.variables.count, $1.offset)
    }
    terms = byOrder.map(\.element)
    forgetUnusedVariables()
  }

  /// What was taken out again (`a*b - b - a:b`) leaves no variable behind.
  private mutating func forgetUnusedVariables() {
    let used = Set(terms.flatMap(\.variables)).sorted()
    let places = Dictionary(uniqueKeysWithValues: used.enumerated().map { ($1, $0) })
    variables = used.map { variables[$0] }
    terms = terms.map { Term($0.variables.compactMap { places[$0] }) }
  }

  /// Numbers the variables in the order of their appearance.
  private mutating func register(_ expression: ModelExpression) {
    switch expression {
    case .variable(let variable):
      if positions[variable] == nil {
        positions[variable] = variables.count
        variables.append(variable)
      }
    case .intercept: break
    case .sum(let items): for item in items { register(item.term) }
    case .interaction(let parts), .crossing(let parts): for part in parts { register(part) }
    case .power(let base, _): register(base)
    }
  }

  private func apply(
    _ expression: ModelExpression, adds: Bool, to list: inout OrderedTerms
  ) throws(TooManyTerms) {
    switch expression {
    case .intercept(let present):
      // `+ 0` is `- 1`, and `- 0` is `+ 1`.
      if present == adds { list.insert(.intercept) } else { list.remove(.intercept) }
    case .sum(let items) where adds:
      for item in items { try apply(item.term, adds: item.adds, to: &list) }
    default:
      for term in try expand(expression) {
        if adds { list.insert(term) } else { list.remove(term) }
      }
    }
    guard list.terms.count <= Self.limit else { throw TooManyTerms() }
  }

  private func expand(_ expression: ModelExpression) throws(TooManyTerms) -> [Term] {
    var list = OrderedTerms()
    switch expression {
    case .variable(let variable): list.insert(Term(positions[variable].map { [$0] } ?? []))
    case .intercept, .sum: try apply(expression, adds: true, to: &list)
    case .interaction(let parts): list = try fold(parts, keepingFactors: false)
    case .crossing(let parts): list = try fold(parts, keepingFactors: true)
    case .power(let base, let exponent):
      let terms = try expand(base)
      list.insert(contentsOf: terms)
      for _ in 1..<max(exponent, 1) {
        let previous = list.terms
        list = try products(previous, terms)
        // The products of a term with itself are the term: once nothing is new, nothing will be.
        if list.terms.count == previous.count { break }
      }
    }
    return list.terms
  }

  private func fold(
    _ parts: [ModelExpression], keepingFactors: Bool
  ) throws(TooManyTerms) -> OrderedTerms {
    var list = OrderedTerms()
    for (index, part) in parts.enumerated() {
      let right = try expand(part)
      if index == 0 {
        list.insert(contentsOf: right)
        continue
      }
      let product = try products(list.terms, right)
      if keepingFactors { list.insert(contentsOf: right) } else { list = OrderedTerms() }
      list.insert(contentsOf: product.terms)
      guard list.terms.count <= Self.limit else { throw TooManyTerms() }
    }
    return list
  }

  private func products(_ left: [Term], _ right: [Term]) throws(TooManyTerms) -> OrderedTerms {
    var list = OrderedTerms()
    for a in left {
      for b in right { list.insert(a.union(b)) }
      guard list.terms.count <= Self.limit else { throw TooManyTerms() }
    }
    return list
  }
}

/// Terms in the order in which they came, each once.
private struct OrderedTerms {
  private(set) var terms: [Term] = []
  private var members: Set<Term> = []

  func contains(_ term: Term) -> Bool { members.contains(term) }

  mutating func insert(_ term: Term) {
    if members.insert(term).inserted { terms.append(term) }
  }

  mutating func insert(contentsOf more: [Term]) {
    for term in more { insert(term) }
  }

  mutating func remove(_ term: Term) {
    if members.remove(term) != nil { terms.removeAll { $0 == term } }
  }
}

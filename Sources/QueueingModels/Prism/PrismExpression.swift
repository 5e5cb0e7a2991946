internal import Foundation

/// A value of PRISM's language: numbers of both kinds are doubles.
enum PrismValue: Hashable, Sendable {
  case number(Double)
  case flag(Bool)

  func number(_ place: PrismPlace) throws(PrismError) -> Double {
    guard case .number(let value) = self else {
      throw place.error("true or false stands where a number is needed")
    }
    return value
  }

  func flag(_ place: PrismPlace) throws(PrismError) -> Bool {
    guard case .flag(let value) = self else {
      throw place.error("a number stands where a condition is needed")
    }
    return value
  }
}

/// An expression whose names are resolved to literals and variables.
indirect enum PrismExpression: Sendable, Hashable {
  case literal(PrismValue)
  /// A variable by its position in the state; flags are kept as 0 and 1.
  case variable(Int, isFlag: Bool, PrismPlace)
  case unary(String, PrismExpression, PrismPlace)
  /// Operands with signs between them, from the left. A list and not a tree: a sum of a million
  /// terms would be as deep as it is long, and deeper than the stack.
  case chain(PrismExpression, [Link])
  case choice(PrismExpression, PrismExpression, PrismExpression, PrismPlace)
  case call(String, [PrismExpression], PrismPlace)

  /// A sign and what stands to its right.
  struct Link: Sendable, Hashable {
    var sign: String
    var operand: PrismExpression
    var place: PrismPlace
  }

  /// The functions of the subset and how many arguments each takes.
  static let functions: [String: ClosedRange<Int>] = [
    "min": 2...99, "max": 2...99, "floor": 1...1, "ceil": 1...1, "round": 1...1, "pow": 2...2,
    "mod": 2...2, "log": 2...2,
  ]

  func value(_ state: [Int]) throws(PrismError) -> PrismValue {
    switch self {
    case .literal(let value): return value
    case .variable(let index, let isFlag, let place):
      guard index < state.count else {
        throw place.error("a variable stands where a constant is needed")
      }
      return isFlag ? .flag(state[index] != 0) : .number(Double(state[index]))
    case .unary(let sign, let operand, let place):
      if sign == "!" { return .flag(!(try operand.flag(state, place))) }
      return .number(-(try operand.number(state, place)))
    case .chain(let first, let links):
      var value = try first.value(state)
      for link in links { value = try Self.joined(value, link, state) }
      return value
    case .choice(let condition, let yes, let no, let place):
      return try condition.flag(state, place) ? try yes.value(state) : try no.value(state)
    case .call(let name, let arguments, let place):
      var numbers: [Double] = []
      for argument in arguments { numbers.append(try argument.number(state, place)) }
      let value = try Self.call(name, numbers, place)
      guard value.isFinite else { throw place.error("\(name) gives \(value), which is no number") }
      return .number(value)
    }
  }

  func number(_ state: [Int], _ place: PrismPlace) throws(PrismError) -> Double {
    try value(state).number(place)
  }

  func flag(_ state: [Int], _ place: PrismPlace) throws(PrismError) -> Bool {
    try value(state).flag(place)
  }

  private static func joined(
    _ left: PrismValue, _ link: Link, _ state: [Int]
  ) throws(PrismError) -> PrismValue {
    let (sign, right, place) = (link.sign, link.operand, link.place)
    switch sign {
    case "&": return .flag(try left.flag(place) ? try right.flag(state, place) : false)
    case "|": return .flag(try left.flag(place) ? true : try right.flag(state, place))
    case "=>": return .flag(try left.flag(place) ? try right.flag(state, place) : true)
    case "<=>": return .flag(try left.flag(place) == right.flag(state, place))
    case "=", "!=":
      let other = try right.value(state)
      switch (left, other) {
      case (.number, .flag), (.flag, .number):
        throw place.error("a number is compared with a condition")
      default: return .flag((left == other) == (sign == "="))
      }
    default: break
    }
    let (x, y) = (try left.number(place), try right.number(state, place))
    switch sign {
    case "<": return .flag(x < y)
    case "<=": return .flag(x <= y)
    case ">": return .flag(x > y)
    case ">=": return .flag(x >= y)
    case "+": return .number(x + y)
    case "-": return .number(x - y)
    case "*": return .number(x * y)
    default:
      guard y != 0 else { throw place.error("division by zero") }
      return .number(x / y)
    }
  }

  private static func call(
    _ name: String, _ numbers: [Double], _ place: PrismPlace
  ) throws(PrismError) -> Double {
    switch name {
    case "min": return numbers.min() ?? 0
    case "max": return numbers.max() ?? 0
    case "floor": return numbers[0].rounded(.down)
    case "ceil": return numbers[0].rounded(.up)
    case "round": return (numbers[0] + 0.5).rounded(.down)
    case "pow": return Foundation.pow(numbers[0], numbers[1])
    case "mod":
      guard numbers[1] > 0 else { throw place.error("mod needs a divisor above 0") }
      return numbers[0] - numbers[1] * (numbers[0] / numbers[1]).rounded(.down)
    default: return Foundation.log(numbers[0]) / Foundation.log(numbers[1])
    }
  }
}

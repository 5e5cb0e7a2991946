/// The hidden inputs that are no choice among a few but quantities: how much memory is used, how
/// fast a guest writes and how much of its memory it writes to, where no one measured them.
///
/// They are looked for with shrinking steps on the logarithmic scale, one at a time and two
/// together.
///
/// Source: coordinate and pattern search, Kolda, Lewis and Torczon, SIAM Review 45 (2003).
struct HiddenSearch: Sendable {
  enum Quantity: CaseIterable, Sendable {
    case used, rate, set

    /// Where the search begins: shares of the memory and of what is used of it, pages a second.
    var typical: Double {
      switch self {
      case .used: 0.4
      case .rate: 5000
      case .set: 0.2
      }
    }

    /// Standard deviation between guests, on the logarithmic scale.
    var width: Double { self == .used ? 0.5 : 1 }
    var bounds: ClosedRange<Double> { self == .rate ? 0.1...1e7 : 1e-3...1 }
  }

  private static let steps = [0.8, 0.4, 0.2, 0.1, 0.05, 0.025, 0.012, 0.006]
  /// A larger machine with a smaller part written looks much the same: hence steps of two.
  private static let directions: [[Quantity: Double]] = {
    let signs = [1.0, -1]
    let single = Quantity.allCases.flatMap { quantity in signs.map { [quantity: $0] } }
    let pairs: [(Quantity, Quantity)] = [(.used, .set), (.rate, .set), (.used, .rate)]
    let double = pairs.flatMap { a, b in
      signs.flatMap { one in signs.map { other in [a: one, b: other] } }
    }
    return single + double
  }()

  let open: [Quantity]
  private let moves: [[Quantity: Double]]

  init(_ open: [Quantity]) {
    self.open = open
    moves = Self.directions.filter { $0.allSatisfy { open.contains($0.key) } }
  }

  /// The quantities that a row leaves open.
  static func open(for inputs: CalibratedInputs) -> [Quantity] {
    let writes = inputs.workload != "idle"
    let lacksUsed = inputs.effectiveUsed == nil
    let lacksRate = writes && inputs[.writeRate] == nil && inputs[.dirtyRate] == nil
    var open: [Quantity] = []
    if lacksUsed { open.append(.used) }
    if lacksRate { open.append(.rate) }
    if writes, inputs[.workingSet] == nil, lacksUsed || lacksRate { open.append(.set) }
    return open
  }

  /// The point of least cost that a descent from any of the starts finds.
  func least(
    from starts: [HiddenInputs], cost: (HiddenInputs) -> Double
  ) -> (hidden: HiddenInputs, cost: Double)? {
    var best: (hidden: HiddenInputs, cost: Double)?
    for start in starts {
      var point = start
      for quantity in open {
        point[quantity] = clamp(point[quantity] ?? quantity.typical, quantity)
      }
      var value = cost(point)
      for step in Self.steps {
        for move in moves {
          // A step that helps is taken again, while it helps.
          while true {
            var trial = point
            for (quantity, sign) in move {
              trial[quantity] = point[quantity].map {
                clamp($0 * exponential(sign * step), quantity)
              }
            }
            guard trial != point else { break }
            let next = cost(trial)
            guard next < value else { break }
            (point, value) = (trial, next)
          }
        }
      }
      if value < best?.cost ?? .infinity { best = (point, value) }
    }
    return best
  }

  private func clamp(_ value: Double, _ quantity: Quantity) -> Double {
    min(quantity.bounds.upperBound, max(quantity.bounds.lowerBound, value))
  }

  /// What it costs, in squared scales, to be so far from the middle.
  func distance(
    _ hidden: HiddenInputs, from middle: HiddenInputs, widths factor: Double
  ) -> Double {
    open.reduce(0) { sum, quantity in
      guard let value = hidden[quantity] else { return sum }
      let z =
        logarithm(value / (middle[quantity] ?? quantity.typical)) / (factor * quantity.width)
      return sum + z * z / 2
    }
  }
}

extension HiddenInputs {
  subscript(quantity: HiddenSearch.Quantity) -> Double? {
    get {
      switch quantity {
      case .used: usedShare
      case .rate: writeRate
      case .set: setShare
      }
    }
    set {
      switch quantity {
      case .used: usedShare = newValue
      case .rate: writeRate = newValue
      case .set: setShare = newValue
      }
    }
  }

  /// The same with the quantities of another, those that are open.
  func with(_ quantities: HiddenInputs, _ open: [HiddenSearch.Quantity]) -> HiddenInputs {
    var answer = self
    for quantity in open { answer[quantity] = quantities[quantity] ?? quantity.typical }
    return answer
  }
}

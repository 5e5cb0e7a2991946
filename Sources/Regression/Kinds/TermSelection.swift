public import ModelCore

/// Which of a formula's terms to keep, by an information criterion.
///
/// A term may enter only when the terms it contains are in (`a:b` after `a` and `b`, where the full
/// formula has them) and leave only when no term that contains it is in. The criterion is
/// `-2 log L + 2k + 2k(k+1)/(n-k-1)` (AICc) or `-2 log L + k log n` (BIC), k = rank + 1. All
/// candidates are fitted to the rows that are complete for the full formula, from one QR
/// factorisation of its columns: `X = QR` gives every subset's sum of squares from the columns
/// of R.
/// Sources: Hurvich and Tsai, Biometrika 76 (1989); Nelder, J. Roy. Statist. Soc. A 140 (1977) on
/// marginality; R, `step`.
/// The selected terms were chosen by the same data: their p-values are too small and their
/// intervals too narrow.
public struct TermSelection: Sendable {
  public enum Criterion: String, Sendable, CaseIterable {
    case aicc, bic
  }

  public enum Search: String, Sendable, CaseIterable {
    /// Every admissible set of up to 15 terms.
    case exhaustive
    /// From the intercept alone upwards.
    case forward
    /// From the full formula downwards.
    case backward
    /// From the full formula, downwards or upwards in each step.
    case both
  }

  /// More terms have too many subsets to try them all.
  public static let exhaustiveLimit = 15
  /// How many sets an exhaustive search lists.
  public static let listed = 10

  public var criterion: Criterion
  public var search: Search
  public var level: Double

  public init(
    _ search: Search = .both, by criterion: Criterion = .aicc, level: Double = 0.95
  ) {
    self.search = search
    self.criterion = criterion
    self.level = level
  }

  /// Selects terms of the design's formula and fits the selected one.
  ///
  /// The selected fit is of the rows that the design used, and of those alone: its augmented data
  /// have no others. Weights come along as a column `(weights)`, as in R's model frames.
  /// - Throws: `KindError`: more terms than an exhaustive search takes; no candidate with a
  ///   criterion (too few rows, or a perfect fit); contrasts that depend on which terms are there.
  ///   What a design and a fit throw.
  public func fit(_ design: Design) throws(RegressionError) -> SelectedFit {
    guard level > 0, level < 1 else { throw .level(level) }
    let candidates = try SelectionCandidates(design, criterion)
    let termCount = design.formula.terms.count
    let steps: [SelectionStep]
    let best: UInt64
    if search == .exhaustive || termCount == 0 {
      guard termCount <= Self.exhaustiveLimit else {
        throw .kind(.tooManyTerms(termCount, limit: Self.exhaustiveLimit))
      }
      (best, steps) = try exhaustive(candidates, termCount)
    } else {
      guard termCount < 64 else { throw .kind(.tooManyTerms(termCount, limit: 63)) }
      (best, steps) = try stepwise(candidates, termCount)
    }
    let formula = try formulaChecked { () throws(FormulaError) in
      try Formula(candidates.text(best))
    }
    // The rows of the full formula, so that criteria compare like with like.
    let fit = try LeastSquares(level: level).fit(try Self.design(formula, like: design))
    return SelectedFit(
      fit: fit, steps: steps, criterion: criterion, search: search,
      considered: termCount, left: design.notes)
  }

  /// A design of another formula with the rows and the weights of a given one.
  private static func design(
    _ formula: Formula, like design: Design
  ) throws(RegressionError) -> Design {
    let table = design.table.selecting(design.rows)
    guard let weights = design.weights else { return try Design(formula, table) }
    let name = "(weights)"
    let weighted: Table
    do { weighted = try table.appending([Column(name, numbers: weights)]) } catch {
      throw .table(error)
    }
    return try Design(formula, weighted, weights: .column(name))
  }

  private func exhaustive(
    _ candidates: SelectionCandidates, _ count: Int
  ) throws(RegressionError) -> (UInt64, [SelectionStep]) {
    var found: [(set: UInt64, value: Double)] = []
    for set in 0..<(UInt64(1) << UInt64(count)) where candidates.isAdmissible(set) {
      guard let value = try candidates.value(set) else { continue }
      found.append((set, value))
    }
    // Of sets that differ by rounding alone, the smaller one comes first.
    found.sort {
      let (left, right) = (candidates.ranked($0.value, $0.set), candidates.ranked($1.value, $1.set))
      return (left, $0.set) < (right, $1.set)
    }
    guard let best = found.first else { throw candidates.nothing }
    var steps: [SelectionStep] = []
    for (place, entry) in found.prefix(Self.listed).enumerated() {
      steps.append(
        try candidates.step(
          entry.set, action: "rank \(place + 1)", value: entry.value, best: best.value))
    }
    return (best.set, steps)
  }

  private func stepwise(
    _ candidates: SelectionCandidates, _ count: Int
  ) throws(RegressionError) -> (UInt64, [SelectionStep]) {
    let all = (UInt64(1) << UInt64(count)) - 1
    var current: UInt64 = search == .forward ? 0 : all
    var visited: [(set: UInt64, action: String, value: Double?)] = []
    var value = candidates.isAdmissible(current) ? try candidates.value(current) : nil
    visited.append((current, "start", value))
    while true {
      var best: (set: UInt64, action: String, value: Double)?
      for term in 0..<count {
        let bit = UInt64(1) << UInt64(term)
        let isIn = current & bit != 0
        if isIn && search == .forward || !isIn && search == .backward { continue }
        let next = current ^ bit
        guard candidates.isAdmissible(next), let score = try candidates.value(next) else {
          continue
        }
        let rank = candidates.ranked(score, next)
        if best.map({ rank < candidates.ranked($0.value, $0.set) }) ?? true {
          best = (next, (isIn ? "- " : "+ ") + candidates.name(term), score)
        }
      }
      // To add must gain more than rounding, to remove lose no more: no two models take turns.
      guard let best,
        value.map({ candidates.ranked(best.value, best.set) < candidates.ranked($0, current) })
          ?? true
      else { break }
      (current, value) = (best.set, best.value)
      visited.append((best.set, best.action, best.value))
    }
    guard let last = value else { throw candidates.nothing }
    var steps: [SelectionStep] = []
    for entry in visited {
      steps.append(
        try candidates.step(entry.set, action: entry.action, value: entry.value, best: last))
    }
    return (current, steps)
  }
}

/// A model that a selection looked at.
public struct SelectionStep: Sendable, Equatable {
  /// `start`, `+ term`, `- term`, or the place in an exhaustive search.
  public let action: String
  public let formula: String
  /// Columns that were estimated.
  public let rank: Int
  /// Of the weighted residuals.
  public let residualSquares: Double
  /// `nil` where there are too few rows for it.
  public let criterion: Double?
  /// The criterion minus that of the selected model.
  public let delta: Double?
}

/// A least squares fit whose terms were selected.
public struct SelectedFit: FormulaModelFit {
  public let fit: LinearFit
  public let steps: [SelectionStep]
  public let criterion: TermSelection.Criterion
  public let search: TermSelection.Search
  /// Terms of the full formula.
  public let considered: Int
  let left: [String]

  public var formulaText: String { fit.formulaText }

  public var method: String {
    let how =
      switch search {
      case .exhaustive: "exhaustive"
      case .forward: "forward"
      case .backward: "backward"
      case .both: "stepwise"
      }
    return "\(fit.method) after \(how) selection by \(criterion == .aicc ? "AICc" : "BIC")"
  }

  public var notes: [String] {
    let kept = fit.design.formula.terms.count
    return left + fit.notes + [
      "\(kept) of \(considered) terms were selected by the same data: p-values are too small and "
        + "intervals too narrow; judge the model by cross-validation."
    ]
  }

  /// The models that were visited: `action, model, rank, rss, criterion, delta`.
  public func stepTable() throws(RegressionError) -> Table {
    do {
      return try Table([
        Column("action", text: steps.map(\.action)), Column("model", text: steps.map(\.formula)),
        Column("rank", numbers: steps.map { Double($0.rank) }),
        Column("rss", numbers: steps.map(\.residualSquares)),
        Column(criterion.rawValue, numbers: steps.map(\.criterion)),
        Column("delta", numbers: steps.map(\.delta)),
      ])
    } catch {
      throw .table(error)
    }
  }

  public func tidy() throws(RegressionError) -> Table { try fit.tidy() }
  public func glance() throws(RegressionError) -> Table { try fit.glance() }
  public func augment() throws(RegressionError) -> Table { try fit.augment() }
  public func predict(_ table: Table, level: Double) throws(RegressionError) -> [Prediction] {
    try fit.predict(table, level: level)
  }
}

import Regression
import Statistics

/// Reads finished rows with the hidden inputs that explain them best, parameters given.
///
/// Choices are tried one by one. Quantities are first looked for once for all rows of one
/// workload together, then for each row near that: where a migration says little of one, as
/// post-copy of the write rate, it stays where the others have it.
///
/// Source: empirical Bayes, Efron and Morris, JASA 70 (1975); maximum a posteriori in turns.
struct HiddenReading {
  let rows: [CalibratedRow]
  let loss: RobustLoss
  /// By workload, what its rows have in common.
  private var middles: [String: HiddenInputs] = [:]
  private(set) var hidden: [HiddenInputs]
  /// The readings of each row that explain it best, where they are choices; the first is `hidden`.
  private(set) var likeliest: [[HiddenInputs]]

  /// Rows of one workload lie nearer together than any two, by this factor.
  private static let kinship = 0.3
  /// What is typical is less sure than how far guests lie apart.
  private static let doubt = 2.0
  /// Where write rates are looked for first, relative to the typical one: a run that ends and one
  /// that does not are separated by a cliff.
  private static let starts = [0.25, 1, 4, 16]
  /// Readings of a row that are kept.
  private static let kept = 8

  init(_ rows: [CalibratedRow], loss: RobustLoss) {
    self.rows = rows
    self.loss = loss
    hidden = rows.map { HiddenInputs.likely(for: $0.inputs) }
    likeliest = hidden.map { [$0] }
  }

  /// Whether some row leaves a quantity open.
  var isOpen: Bool { rows.contains { !HiddenSearch.open(for: $0.inputs).isEmpty } }

  private func cost(
    of row: CalibratedRow, _ hidden: HiddenInputs, _ parameters: CalibratedParameters
  ) -> Double {
    let facts = Knowledge.facts(row.inputs, donor: nil, hidden: hidden)
    let residuals = CalibrationResiduals.residuals(of: row, facts, parameters)
    return hidden.unlikeliness + loss.objective(residuals)
  }

  mutating func read(with parameters: CalibratedParameters) {
    updateMiddles(parameters)
    let (reading, before) = (self, hidden)
    likeliest = parallelMap(count: rows.count) { index in
      let row = reading.rows[index]
      let search = HiddenSearch(HiddenSearch.open(for: row.inputs))
      // A row that was given up says something of a write rate that nobody measured.
      guard row.isCompleted || !search.open.isEmpty else { return [before[index]] }
      var found: [(cost: Double, hidden: HiddenInputs)] = []
      for candidate in HiddenInputs.possible(for: row.inputs) {
        guard !search.open.isEmpty else {
          found.append((reading.cost(of: row, candidate, parameters), candidate))
          continue
        }
        let middle = reading.middles[row.inputs.workload ?? ""] ?? candidate
        let factor = row.inputs.workload == nil ? 1 : Self.kinship
        let starts = [middle, before[index]].map { candidate.with($0, search.open) }
        let least = search.least(
          from: starts,
          cost: {
            reading.cost(of: row, $0, parameters)
              + search.distance($0, from: middle, widths: factor)
          })
        if let least { found.append((least.cost, least.hidden)) }
      }
      let likeliest = found.filter { $0.cost < .infinity }.sorted { $0.cost < $1.cost }
        .prefix(search.open.isEmpty ? Self.kept : 1).map(\.hidden)
      return likeliest.isEmpty ? [before[index]] : likeliest
    }
    hidden = likeliest.map { $0[0] }
  }

  /// The quantities that explain all rows of a workload together.
  private mutating func updateMiddles(_ parameters: CalibratedParameters) {
    let open = rows.map { HiddenSearch.open(for: $0.inputs) }
    let reading = self
    let workloads = Set(
      rows.indices.filter { !open[$0].isEmpty }.map { rows[$0].inputs.workload ?? "" })
    for workload in workloads.sorted() {
      let members = rows.indices.filter {
        !open[$0].isEmpty && (rows[$0].inputs.workload ?? "") == workload
      }
      let quantities = HiddenSearch.Quantity.allCases.filter { quantity in
        members.contains { open[$0].contains(quantity) }
      }
      let search = HiddenSearch(quantities)
      let typical = HiddenInputs().with(HiddenInputs(), quantities)
      let starts =
        middles[workload].map { [$0] }
        ?? Self.starts.map { factor in
          var start = typical
          start.writeRate = start.writeRate.map { $0 * factor }
          return start
        }
      let found = search.least(from: starts) { point in
        let costs = parallelMap(count: members.count) { index in
          let member = members[index]
          return reading.cost(
            of: reading.rows[member], reading.hidden[member].with(point, open[member]), parameters)
        }
        return costs.reduce(search.distance(point, from: typical, widths: Self.doubt), +)
      }
      middles[workload] = found?.hidden
    }
  }
}

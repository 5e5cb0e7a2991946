public import ModelCore

/// The scenarios of a table's rows, one by one or column by column.
///
/// The columns are looked up once, so that a table of millions of rows costs no dictionary
/// access per cell.
public struct ScenarioRows: Sendable {
  public let count: Int
  /// Only those that the table has.
  private let columns: [(field: ScenarioField, values: [Double])]
  private let techniques: TextColumn?

  public init(_ table: Table) {
    count = table.rowCount
    columns = ScenarioField.allCases.compactMap { field in
      table.numbersIfPresent(field.column).map { (field, $0.storage) }
    }
    techniques = table.textIfPresent("technique")
  }

  public subscript(row: Int) -> Scenario {
    var scenario = Scenario()
    for (field, values) in columns where !values[row].isNaN { scenario[field] = values[row] }
    scenario.technique = techniques?[row]
    return scenario
  }

  /// The values of a field, NaN where they are not known; `nil` for a field no row knows.
  private func values(_ field: ScenarioField) -> [Double]? {
    columns.first { $0.field == field }?.values
  }

  /// Appends the values of a field, NaN where they are not known.
  ///
  /// - Parameter unlimited: what stands for a cap on the rounds beyond any that could be run.
  func append(
    _ field: ScenarioField, unlimited: Double = .nan, to numbers: inout [Double]
  ) {
    guard let values = values(field) else {
      numbers.append(contentsOf: repeatElement(.nan, count: count))
      return
    }
    // As in a scenario: a cap beyond any number of rounds that could be run is none.
    guard field == .maxRounds else { return numbers.append(contentsOf: values) }
    numbers.append(
      contentsOf: values.lazy.map {
        $0 < 1e15 ? $0.rounded(.towardZero) : $0.isNaN ? .nan : unlimited
      })
  }

  /// Appends what `Scenario.effectiveUsed` is.
  func appendEffectiveUsed(to numbers: inout [Double]) {
    let start = numbers.count
    append(.used, to: &numbers)
    guard let zero = values(.zeroFraction), let memory = values(.memory) else { return }
    for row in 0..<count where numbers[start + row].isNaN {
      numbers[start + row] = memory[row] * (1 - zero[row])
    }
  }

  /// Appends the memory that the first round walks over.
  func appendFirstRoundMemory(_ basis: MemoryBasis, to numbers: inout [Double]) {
    switch basis {
    case .memory: append(.memory, to: &numbers)
    case .used: appendEffectiveUsed(to: &numbers)
    }
  }

  /// Appends what `Scenario.effectiveBandwidth` is.
  func appendEffectiveBandwidth(to numbers: inout [Double]) {
    let start = numbers.count
    append(.bandwidth, to: &numbers)
    let limits = [values(.link), values(.bandwidthCap)].compactMap { $0 }
    guard !limits.isEmpty else { return }
    for row in 0..<count where numbers[start + row].isNaN {
      numbers[start + row] = limits.map { $0[row] }.filter { !$0.isNaN }.min() ?? .nan
    }
  }

  /// Whether a model claims to describe the technique of a row.
  func isDescribed(_ row: Int, by model: any MigrationModel.Type) -> Bool {
    guard let techniques else { return true }
    return model.describes(techniques[row])
  }
}

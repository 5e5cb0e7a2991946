import Kernels
import ModelCore

/// Many scenarios of Liu's geometric models at once: the kernel makes the engine's operations in
/// the engine's order.
extension Liu {
  /// The most rounds that the kernel makes for a row; one that may make more keeps fifteen others
  /// waiting, and is left to `predict`.
  private static let mostRounds = 1000.0

  /// - Parameter capped: whether a round leaves no more dirty than the memory and the working set.
  static func predictions(
    of rows: ScenarioRows, basis: MemoryBasis, capped: Bool, by model: any MigrationModel.Type
  ) -> PredictionColumns {
    let count = rows.count
    let inputs = kernelInputs(rows, basis: basis)
    var reached = [UInt8](repeating: 0, count: count)
    let numbers = [Double](
      unsafeUninitializedCapacity: PredictionColumns.Number.allCases.count * count
    ) { numbers, initialized in
      reached.withUnsafeMutableBufferPointer { reached in
        inputs.withUnsafeBufferPointer { run($0, count, capped: capped, numbers, reached) }
      }
      initialized = numbers.count
    }
    return PredictionColumns(
      terminations: (0..<count).map { row in
        guard rows.isDescribed(row, by: model),
          (0..<4).allSatisfy({ !inputs[$0 * count + row].isNaN }),
          inputs[5 * count + row] <= mostRounds
        else { return nil }
        let total = numbers[PredictionColumns.Number.totalTime.rawValue * count + row]
        return total.isNaN ? .notConvergent : reached[row] != 0 ? .threshold : .roundLimit
      },
      converging: [.threshold], storage: numbers)
  }

  /// What `inputs` reads of a scenario, with the same defaults, column behind column.
  private static func kernelInputs(_ rows: ScenarioRows, basis: MemoryBasis) -> [Double] {
    let count = rows.count
    var inputs: [Double] = []
    inputs.reserveCapacity(8 * count)
    rows.appendFirstRoundMemory(basis, to: &inputs)
    rows.appendEffectiveBandwidth(to: &inputs)
    rows.append(.dirtyRate, to: &inputs)
    rows.append(.threshold, to: &inputs)
    rows.append(.resumeTime, to: &inputs)
    rows.append(.maxRounds, unlimited: .infinity, to: &inputs)
    rows.append(.workingSet, to: &inputs)
    rows.append(.downtimeLimit, to: &inputs)
    for row in 0..<count {
      func fill(_ column: Int, _ value: Double) {
        if inputs[column * count + row].isNaN { inputs[column * count + row] = value }
      }
      fill(3, inputs[count + row] * inputs[7 * count + row])
      fill(4, 0)
      fill(5, Double(xenRoundCount))
      let ceiling = inputs[6 * count + row]
      let memory = inputs[row]
      inputs[6 * count + row] = ceiling < memory ? ceiling : memory
      // Lanes of rows that are left to `predict` end at once.
      if inputs[5 * count + row] > mostRounds { inputs[row] = 0 }
    }
    return inputs
  }

  private static func run(
    _ inputs: UnsafeBufferPointer<Double>, _ count: Int, capped: Bool,
    _ numbers: UnsafeMutableBufferPointer<Double>, _ reached: UnsafeMutableBufferPointer<UInt8>
  ) {
    guard let input = inputs.baseAddress, let output = numbers.baseAddress else { return }
    func column(_ index: Int) -> UnsafePointer<Double> { input + index * count }
    func target(_ number: PredictionColumns.Number) -> UnsafeMutablePointer<Double> {
      output + number.rawValue * count
    }
    var columns = cutover_precopy_inputs(
      memory: column(0), bandwidth: column(1), dirtyRate: column(2), threshold: column(3),
      resumeTime: column(4), limit: column(5), ceiling: capped ? column(6) : nil)
    var outputs = cutover_precopy_outputs(
      totalTime: target(.totalTime), downtime: target(.downtime),
      transferred: target(.transferred), rounds: target(.rounds), reached: reached.baseAddress)
    cutover_precopy_rounds(&columns, count, &outputs)
  }
}

extension LiuBasic {
  public func predictions(of rows: ScenarioRows) -> PredictionColumns? {
    Liu.predictions(of: rows, basis: basis, capped: false, by: Self.self)
  }
}

extension LiuCapped {
  public func predictions(of rows: ScenarioRows) -> PredictionColumns? {
    Liu.predictions(of: rows, basis: basis, capped: true, by: Self.self)
  }
}

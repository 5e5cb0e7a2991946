import Kernels
import ModelCore

/// Many scenarios at once: the kernel makes the engine's operations in the engine's order.
extension QEMUPrecopy {
  public func predictions(of rows: ScenarioRows) -> PredictionColumns? {
    let count = rows.count
    let inputs = kernelInputs(rows)
    var ends = [UInt8](repeating: 0, count: count)
    let numbers = [Double](
      unsafeUninitializedCapacity: PredictionColumns.Number.allCases.count * count
    ) { numbers, initialized in
      ends.withUnsafeMutableBufferPointer { ends in
        inputs.withUnsafeBufferPointer { run($0, count, numbers, ends) }
      }
      initialized = numbers.count
    }
    return PredictionColumns(
      terminations: (0..<count).map {
        rows.isDescribed($0, by: Self.self) ? termination(ends[$0]) : nil
      },
      converging: [.downtimeLimit], storage: numbers)
  }

  private func termination(_ end: UInt8) -> Termination? {
    switch Int32(end) {
    case CUTOVER_ENDS_AT_DOWNTIME_LIMIT: .downtimeLimit
    case CUTOVER_ENDS_AT_ROUND_LIMIT: .roundLimit
    case CUTOVER_DOES_NOT_END: .notConvergent
    default: nil
    }
  }

  /// What `predict` reads of a scenario, with the same defaults, column behind column.
  private func kernelInputs(_ rows: ScenarioRows) -> [Double] {
    let count = rows.count
    var inputs: [Double] = []
    inputs.reserveCapacity(9 * count)
    let switchover = parameters["switchover_time_s"]
    rows.append(.memory, to: &inputs)
    rows.appendEffectiveUsed(to: &inputs)
    rows.appendEffectiveBandwidth(to: &inputs)
    rows.append(.dirtyRate, to: &inputs)
    rows.append(.workingSet, to: &inputs)
    rows.append(.downtimeLimit, to: &inputs)
    rows.append(.resumeTime, to: &inputs)
    rows.append(.pageSize, to: &inputs)
    rows.append(.maxRounds, to: &inputs)
    for row in 0..<count {
      func fill(_ column: Int, _ value: Double) {
        if inputs[column * count + row].isNaN { inputs[column * count + row] = value }
      }
      fill(1, inputs[row])
      fill(4, inputs[count + row])
      fill(6, switchover)
      fill(7, 4096)
      fill(8, .infinity)
    }
    return inputs
  }

  private func run(
    _ inputs: UnsafeBufferPointer<Double>, _ count: Int,
    _ numbers: UnsafeMutableBufferPointer<Double>, _ ends: UnsafeMutableBufferPointer<UInt8>
  ) {
    guard let input = inputs.baseAddress, let output = numbers.baseAddress else { return }
    func column(_ index: Int) -> UnsafePointer<Double> { input + index * count }
    func target(_ number: PredictionColumns.Number) -> UnsafeMutablePointer<Double> {
      output + number.rawValue * count
    }
    var columns = cutover_qemu_inputs(
      memory: column(0), used: column(1), bandwidth: column(2), dirtyRate: column(3),
      workingSet: column(4), downtimeLimit: column(5), resumeTime: column(6),
      pageSize: column(7), limit: column(8))
    var constants = cutover_qemu_constants(
      setupTime: parameters["setup_time_s"], pageHeader: parameters["page_header_bytes"],
      zeroPageHeader: parameters["zero_page_bytes"], roundBound: Double(Migration.roundBound),
      stallStart: Double(Migration.stallCheckStart))
    var outputs = cutover_qemu_outputs(
      totalTime: target(.totalTime), downtime: target(.downtime),
      transferred: target(.transferred), rounds: target(.rounds), end: ends.baseAddress)
    cutover_qemu_rounds(&columns, &constants, count, &outputs)
  }
}

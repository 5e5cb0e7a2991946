public import ModelCore
import Quantities

/// Liu's refinement: hot pages are kept back while they are being written again.
///
/// `W_{i+1} = gamma_i D T_i` stays, `V_{i+1} = D T_i - W_{i+1}` is sent, with
/// `gamma_i = a T_i + b D + c` held within 0 and 1; the last transfer sends all of `D T_i`.
/// Stops when `V_{i+1} <= V_thd`, when `V_{i+1} > V_i`, or at the round cap.
///
/// Source: Liu et al. 2011, writable-working-set refinement (Equations.md 1.2, recalled;
/// the published digits of a, b, c are uncertain and belong to that testbed).
/// Limits: a = b = c = 0 is `LiuBasic`.
public struct LiuRefined: MigrationModel {
  public static let descriptor = ModelDescriptor(
    id: "liu.refined",
    title: "Liu, writable working set kept back",
    equations: [
      "gamma_i = a T_i + b D + c, within 0 and 1",
      "V_{i+1} = D T_i (1 - gamma_i), T_i = V_i / R",
      "stop when V_{i+1} <= V_thd, V_{i+1} > V_i or after max_rounds; the last transfer sends D T_i",
      "total time = sum of T_i + T_res, downtime = T_n + T_res",
    ],
    source: Liu.source + "; writable-working-set refinement",
    provenance: [.recalled, .uncertain],
    caveat: "the default coefficients are remembered from another testbed (T in s, D in MB/s): "
      + "fit them to your own trace",
    requiredInputs: Liu.requiredInputs, optionalInputs: Liu.optionalInputs, outputs: Liu.outputs,
    techniques: Liu.techniques,
    assumptions: [
      "constant bandwidth and dirty rate", "the share kept back is linear in T and D",
      "the dirty volume is not capped at the memory",
    ],
    limits: [
      "gamma = 0 is liu.basic",
      "gamma = 1: nothing is sent again before the last transfer",
      "D = 0: two transfers, the second empty",
      "a round larger than the one before ends the rounds",
    ],
    example: "cutover predict --model liu.refined --memory 1GiB --bandwidth 100MiB/s "
      + "--dirty-rate 20MiB/s --threshold 1MiB --rounds",
    reading: Liu.reading
      + "; a, b and c are learned on the training rows: per row the smallest constant gamma at "
      + "which the model sends as little as was sent, then least squares of gamma on V/R and D",
    parameters: [
      ParameterDefinition(
        "gamma_per_s", unit: "1/s", domain: .any, default: -0.0463, "a, per second of round"),
      ParameterDefinition(
        "gamma_per_byte_per_s", unit: "s/B", domain: .any, default: -0.0001 / 1e6,
        "b, per byte/s dirtied"),
      ParameterDefinition("gamma_constant", unit: "1", domain: .any, default: 0.3586, "c"),
    ])
  public static let hasUsedVariant = true

  public let parameters: ModelParameters
  public let basis: MemoryBasis
  private let perSecond: Double
  private let perRate: Double
  private let constant: Double

  public init(parameters: ModelParameters, basis: MemoryBasis) {
    self.parameters = parameters
    self.basis = basis
    perSecond = parameters["gamma_per_s"]
    perRate = parameters["gamma_per_byte_per_s"]
    constant = parameters["gamma_constant"]
  }

  public func predict(
    _ scenario: Scenario, recordingRounds: Bool
  ) throws(ModelError) -> MigrationPrediction {
    let inputs = try Liu.inputs(scenario, memory: try firstRoundMemory(scenario))
    return Liu.run(
      inputs, scenario: scenario,
      process: ConstantDirtyProcess(rate: ByteRate(siValue: inputs.dirtyRate)), capped: false,
      transform: LinearDeferral(
        perSecond: perSecond, atRest: perRate * inputs.dirtyRate + constant),
      endsWhenGrowing: true, recordingRounds: recordingRounds)
  }
}

/// Keeps back a share of the dirty memory that is linear in the length of the round.
public struct LinearDeferral: Transform, Hashable {
  public let perSecond: Double
  public let atRest: Double

  public init(perSecond: Double, atRest: Double) {
    self.perSecond = perSecond
    self.atRest = atRest
  }

  public func deferredFraction(afterRoundOf duration: Double) -> Double {
    min(1, max(0, perSecond * duration + atRest))
  }
}

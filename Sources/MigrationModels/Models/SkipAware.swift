public import ModelCore
import Quantities
internal import Statistics

/// A pre-copy that knows which pages Xen skips: those dirty again before their turn.
///
/// Class k has N_k pages to send and is written at f_k per page; a round takes the t of
/// `t = tau (sum over classes N_k g(f_k t))`, `g(x) = (1 - e^-x) / x`; then
/// `N_k = W_k (1 - exp(-f_k t))`.
///
/// Source: the ideas of Nathan, Bellur and Kulkarni 2015 (Equations.md 9.3); the equations are
/// derived.
/// Numerics: t is the one root of a rising function, found by TOMS 748.
/// Limits: f -> 0 sends all and is `AldhalaanSaturating`; f t -> infinity sends nothing of the
/// class before the last transfer, which carries it.
public struct SkipAware: MigrationModel {
  public static let descriptor = ModelDescriptor(
    id: "nathan.skip",
    title: "Skip-aware pre-copy",
    equations: [
      "round length t: t = tau (sum of N_k g(f_k t)), g(x) = (1 - e^-x) / x, tau = page / B",
      "next round: N_k = W_k (1 - exp(-f_k t)), f_k = D_k / W_k",
      "stop when sum of N_k <= V_thd / page or after max_rounds; the last transfer sends all",
      "total time = sum of t + T_res, downtime = last t + T_res",
    ],
    source: "S. Nathan, U. Bellur, P. Kulkarni: Towards a comprehensive performance model of "
      + "virtual machine live migration, SoCC 2015 (its ideas)",
    provenance: [.derived], caveat: "the published equations were not at hand",
    requiredInputs: Liu.requiredInputs,
    optionalInputs: Liu.optionalInputs + [
      "working_set_bytes", "hot_set_bytes", "hot_write_fraction",
    ],
    outputs: Liu.outputs, techniques: Liu.techniques,
    assumptions: [
      "constant bandwidth", "Poisson writes, uniform within a class",
      "a page's turn is uniform over the round",
    ],
    limits: [
      "D -> 0: every page is sent once",
      "f t -> 0: nothing is skipped, as in "
        + "aldhalaan.saturating",
      "f t -> infinity: a hot class is sent with the guest paused only",
      "V_thd >= V: one transfer, with the guest paused",
    ],
    example: "cutover predict --model nathan.skip --memory 1GiB --bandwidth 100MiB/s "
      + "--dirty-rate 150MiB/s --working-set 300MiB --threshold 400MiB",
    reading: Liu.reading
      + "; one class W = working_set_bytes (memory where the row has none), or two where "
      + "hot_set_bytes and hot_write_fraction are known")
  public static let hasUsedVariant = true

  public let parameters: ModelParameters
  public let basis: MemoryBasis

  public init(parameters: ModelParameters, basis: MemoryBasis) {
    self.parameters = parameters
    self.basis = basis
  }

  public func predict(
    _ scenario: Scenario, recordingRounds: Bool
  ) throws(ModelError) -> MigrationPrediction {
    let memory = try firstRoundMemory(scenario)
    let inputs = try Liu.inputs(scenario, memory: memory)
    var rounds = SkipRounds(
      memory: memory, classes: try classes(scenario, memory: memory),
      bandwidth: inputs.bandwidth)
    let rule = ThresholdRule(
      threshold: Bytes(siValue: inputs.threshold), limit: inputs.limit)
    return rounds.run(rule, resume: inputs.resumeTime, recordingRounds: recordingRounds)
  }

  private func classes(
    _ scenario: Scenario, memory: Double
  ) throws(ModelError) -> [SaturatingDirtyProcess] {
    if scenario.hotSet != nil, scenario.hotWriteFraction != nil {
      let pages = try AldhalaanHotPages(scenario, memory: memory)
      return [pages.hot, pages.cold]
    }
    let set = min(memory, scenario.workingSet?.siValue ?? memory)
    return [
      SaturatingDirtyProcess(
        rate: ByteRate(siValue: try scenario.require(.dirtyRate)), workingSet: Bytes(siValue: set))
    ]
  }
}

/// The rounds of a skip-aware pre-copy; sizes in bytes.
private struct SkipRounds {
  let classes: [SaturatingDirtyProcess]
  let bandwidth: Double
  /// Bytes to send of each class, and behind them those that nothing writes.
  private var toSend: [Double]

  init(memory: Double, classes: [SaturatingDirtyProcess], bandwidth: Double) {
    self.classes = classes
    self.bandwidth = bandwidth
    let written = classes.reduce(0) { $0 + $1.workingSet.siValue }
    toSend = classes.map(\.workingSet.siValue) + [max(0, memory - written)]
  }

  mutating func run(
    _ rule: ThresholdRule, resume: Double, recordingRounds: Bool
  ) -> MigrationPrediction {
    var rounds: [Round] = []
    var (elapsed, sent, count) = (0.0, 0.0, 0)
    var before = Double.infinity
    func transfer(_ phase: Phase, _ bytes: Double, _ duration: Double, dirtied: Double) {
      if recordingRounds {
        rounds.append(
          Round(
            index: count, phase: phase, start: Seconds(siValue: elapsed),
            duration: Seconds(siValue: duration), transferredBytes: Bytes(siValue: bytes),
            dirtiedBytes: Bytes(siValue: dirtied)))
      }
      elapsed += duration
      sent += bytes
      count += 1
    }
    while count < Migration.roundBound {
      let remaining = toSend.reduce(0, +)
      let decision = rule.decision(
        RoundState(
          completedRounds: count, elapsed: elapsed, remaining: remaining,
          remainingOnWire: remaining, sent: sent, lastSent: nil, measuredBandwidth: bandwidth))
      if case .stopAndCopy(let reason, let converged) = decision {
        let pause = remaining / bandwidth
        transfer(.stopAndCopy, remaining, pause, dirtied: 0)
        var answer = MigrationPrediction(termination: reason, converged: converged)
        answer.roundCount = count
        answer.rounds = rounds
        answer.totalMigrationTime = Seconds(siValue: elapsed + resume)
        answer.downtime = Seconds(siValue: pause + resume)
        answer.transferredBytes = Bytes(siValue: sent)
        return answer
      }
      // Why 64: as in the engine, a volume that no longer shrinks is a fixed point by then.
      if !rule.isCertainToEnd, count >= 64, remaining >= before { break }
      before = remaining
      let duration = roundLength(remaining)
      let dirty = classes.map { $0.dirtyBytes(after: duration) }
      transfer(.precopy, duration * bandwidth, duration, dirtied: dirty.reduce(0, +))
      toSend = dirty + [0]
    }
    return MigrationPrediction(termination: .notConvergent, converged: false)
  }

  /// The root of `t - (sum of N_k g(f_k t)) / B`, between nothing and everything sent.
  private func roundLength(_ remaining: Double) -> Double {
    let longest = remaining / bandwidth
    guard longest > 0, longest.isFinite else { return longest }
    let excess = { (t: Double) in t - sentBytes(in: t) / bandwidth }
    // The ends have opposite signs: at 0 everything is left to send, at the longest no more
    // than everything is sent. Without skipping the longest itself is the root.
    guard excess(longest) > 0, let root = try? bracketedRoot(in: 0...longest, excess) else {
      return longest
    }
    return root.middle
  }

  private func sentBytes(in window: Double) -> Double {
    var sum = toSend[toSend.count - 1]
    for (process, bytes) in zip(classes, toSend) where bytes > 0 {
      let rate = process.rate.siValue / process.workingSet.siValue
      sum += bytes * SkippedPages(writeRate: rate, window: window).sent
    }
    return sum
  }
}

public import ModelCore
public import Quantities

/// What the models of Zhang, Ren and Lin share: rounds over one of their laws of dirtying, ended by
/// the downtime limit.
///
/// The law's one parameter comes from the row: the curve u(t) through the measured point
/// `u(w) = D w`, D the dirty rate and w the window it was measured over.
public protocol ZhangModel: MigrationModel {
  /// The law through the measured point.
  static func process(
    memory: Bytes, rate: ByteRate, window: Seconds
  ) -> any DirtyProcess
}

extension ZhangModel {
  /// The window of a dirty rate that comes without one: what QEMU's sampling uses.
  static var customaryWindow: Seconds { Seconds(siValue: 1) }

  public func remark(on scenario: Scenario) -> String? {
    scenario.dirtyRateWindow == nil
      ? "no dirty_rate_window_s is given: the dirty rate is taken as measured over 1 s" : nil
  }

  public func predict(
    _ scenario: Scenario, recordingRounds: Bool
  ) throws(ModelError) -> MigrationPrediction {
    let memory = Bytes(siValue: try firstRoundMemory(scenario))
    let bandwidth = ByteRate(siValue: try scenario.requireBandwidth())
    let rate = ByteRate(siValue: try scenario.require(.dirtyRate))
    let limit = Seconds(siValue: try scenario.require(.downtimeLimit))
    let migration = Migration(
      machine: VirtualMachine(
        normalBytes: memory, pageSize: scenario.effectivePageSize,
        dirtyProcess: Self.process(
          memory: memory, rate: rate, window: scenario.dirtyRateWindow ?? Self.customaryWindow)),
      channel: Channel(bandwidth: bandwidth, resumeTime: scenario.resumeTime ?? .zero),
      strategy: .precopy(
        DowntimeBudgetRule(
          downtimeLimit: limit, limit: scenario.roundLimit ?? .rounds(Zhang.maximumIndex))))
    return migration.run(recordingRounds: recordingRounds)
  }
}

/// Pause at the first transfer that takes no longer than the downtime limit, or when rounds run
/// out; the full copy itself may be that transfer.
///
/// Source: Equations.md 4.1 (derived).
public struct DowntimeBudgetRule: StopRule, Hashable {
  public let downtimeLimit: Seconds
  public let limit: RoundLimit

  public init(downtimeLimit: Seconds, limit: RoundLimit) {
    self.downtimeLimit = downtimeLimit
    self.limit = limit
  }

  public var isCertainToEnd: Bool { limit != .unlimited }

  public func decision(_ state: RoundState) -> StopDecision {
    if state.remainingOnWire / state.measuredBandwidth <= downtimeLimit.siValue {
      return .stopAndCopy(.downtimeLimit, converged: true)
    }
    if limit.forbids(state.completedRounds) {
      return .stopAndCopy(.roundLimit, converged: false)
    }
    return .goOn
  }
}

enum Zhang {
  /// Rounds before the last one; the cap of Equations.md 4.5.
  static let maximumIndex = 200

  static let source =
    "J. Zhang, F. Ren, C. Lin: Delay guaranteed live migration of virtual machines, INFOCOM 2014"

  static let caveat =
    "the three laws are named in the paper's abstract; every formula here is derived"

  static func descriptor(
    id: String, title: String, law: [String], assumption: String, limits: [String]
  ) -> ModelDescriptor {
    ModelDescriptor(
      id: id, title: title,
      equations: law + [
        "V_0 = M, t_i = V_i / B, V_(i+1) = u(t_i); pause at the first t_n <= downtime limit",
        "total time = t_0 + ... + t_n + resume, downtime = t_n + resume",
      ],
      source: source, provenance: [.seed, .derived], caveat: caveat,
      requiredInputs: [
        "memory_bytes", "bandwidth_bytes_per_s", "dirty_rate_bytes_per_s", "downtime_limit_s",
      ],
      optionalInputs: ["dirty_rate_window_s", "max_rounds", "resume_time_s", "page_size_bytes"],
      outputs: ["total_time_s", "downtime_s", "transferred_bytes", "rounds"],
      techniques: Glossary.techniques.filter { $0.hasPrefix("precopy") },
      assumptions: ["constant bandwidth", assumption],
      limits: limits,
      example: "cutover predict --model \(id) --memory 1GiB --bandwidth 100MiB/s "
        + "--dirty-rate 20MiB/s --dirty-rate-window 1s --downtime-limit 100ms",
      reading: "the law's parameter from one point, D w dirty after w = dirty_rate_window_s (1 s "
        + "if empty); 200 rounds at most if the row has no max_rounds")
  }
}

/// Zhang's deterministic law: `u(t) = min(M, d t)`.
///
/// Source: Equations.md 4.2 (derived).
public struct ZhangDeterministic: ZhangModel {
  public static let descriptor = Zhang.descriptor(
    id: "zhang.deterministic", title: "Zhang, constant dirty rate", law: ["u(t) = min(M, d t)"],
    assumption: "distinct pages become dirty at a constant rate",
    limits: [
      "d = 0: two transfers, the last one empty", "d >= B: no round is shorter than the full copy",
    ])
  public static let hasUsedVariant = true

  public let parameters: ModelParameters
  public let basis: MemoryBasis

  public init(parameters: ModelParameters, basis: MemoryBasis) {
    self.parameters = parameters
    self.basis = basis
  }

  public static func process(
    memory: Bytes, rate: ByteRate, window: Seconds
  ) -> any DirtyProcess {
    ConstantDirtyProcess(rate: rate, ceiling: memory)
  }

  /// A constant rate is the same over any window.
  public func remark(on scenario: Scenario) -> String? { nil }
}

/// Zhang's Bernoulli law: `u(t) = M (1 - exp(-theta t))`.
///
/// Source: Equations.md 4.3 (derived).
public struct ZhangBernoulli: ZhangModel {
  public static let descriptor = Zhang.descriptor(
    id: "zhang.bernoulli", title: "Zhang, Bernoulli dirtying",
    law: ["u(t) = M (1 - exp(-theta t)), theta = -ln(1 - D w / M) / w"],
    assumption: "every page is equally likely to be written at any time",
    limits: [
      "B >= theta M: the rounds vanish",
      "B < theta M: they end at the root of v = 1 - exp(-(theta M / B) v), the downtime floor",
    ])
  public static let hasUsedVariant = true

  public let parameters: ModelParameters
  public let basis: MemoryBasis

  public init(parameters: ModelParameters, basis: MemoryBasis) {
    self.parameters = parameters
    self.basis = basis
  }

  public static func process(
    memory: Bytes, rate: ByteRate, window: Seconds
  ) -> any DirtyProcess {
    BernoulliDirtyProcess(memory: memory, measuredRate: rate, over: window)
  }
}

/// Zhang's reciprocal law: `u(t) = M c t / (1 + c t)`.
///
/// Source: Equations.md 4.4 (derived).
public struct ZhangReciprocal: ZhangModel {
  public static let descriptor = Zhang.descriptor(
    id: "zhang.reciprocal", title: "Zhang, reciprocal frequencies",
    law: [
      "frequencies with CDF F(f) = 1 - c / (f + c): u(t) = M c t / (1 + c t), c = D / (M - D w)",
      "k = c M / B: V_n = M k^n (1 - k) / (1 - k^(n+1)), M / (n + 1) for k = 1",
    ],
    assumption: "pages are written periodically, few of them often and most rarely",
    limits: ["k < 1: the rounds vanish", "k > 1: downtime floor M/B - 1/c"])
  public static let hasUsedVariant = true

  public let parameters: ModelParameters
  public let basis: MemoryBasis

  public init(parameters: ModelParameters, basis: MemoryBasis) {
    self.parameters = parameters
    self.basis = basis
  }

  public static func process(
    memory: Bytes, rate: ByteRate, window: Seconds
  ) -> any DirtyProcess {
    ReciprocalDirtyProcess(memory: memory, measuredRate: rate, over: window)
  }
}

/// The reciprocal law with Poisson writes: `u(t) = M c t e^(c t) E1(c t)`.
///
/// Source: Equations.md 4.4 (derived).
public struct ZhangPoisson: ZhangModel {
  public static let descriptor = Zhang.descriptor(
    id: "zhang.reciprocal-poisson", title: "Zhang, reciprocal frequencies, Poisson writes",
    law: ["u(t) = M x e^x E1(x), x = c t; c from u(w) = D w, by search"],
    assumption: "pages are written at random times, few of them often and most rarely",
    limits: [
      "a positive downtime floor at every bandwidth: u(t)/t grows without bound as t -> 0",
      "D w >= M: everything is dirty after any window, one copy is as good as any number",
    ])
  public static let hasUsedVariant = true

  public let parameters: ModelParameters
  public let basis: MemoryBasis

  public init(parameters: ModelParameters, basis: MemoryBasis) {
    self.parameters = parameters
    self.basis = basis
  }

  public static func process(
    memory: Bytes, rate: ByteRate, window: Seconds
  ) -> any DirtyProcess {
    PoissonReciprocalDirtyProcess(memory: memory, measuredRate: rate, over: window)
  }
}

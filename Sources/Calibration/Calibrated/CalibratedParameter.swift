/// What the calibrated model learns from a trace: few numbers, each with a meaning.
///
/// All are positive and are fitted on the logarithmic scale, pulled towards `prior` with the
/// relative width `spread`: a trace that says nothing about one leaves it where it was. The
/// priors are orders of magnitude of QEMU on a current machine.
public enum CalibratedParameter: Int, Sendable, CaseIterable {
  // Channel and pacing
  case windowOverhead
  case linkEfficiency
  case socketBuffer
  case queueTime
  case linkBurst
  case pageCost
  case zeroPageCost
  case unbackedPages
  // Guest
  case migrationDrag
  case timerBacklog
  case bandwidthWobble
  case warmUp
  // Fixed costs and the switch
  case setupTime
  case stopTime
  case finalPageCost
  case resumeTime
  case tcpResumeTime
  case delayCrossings
  case destinationZeroCost
  // Delta compression
  case deltaOverhead
  case deltaRunOverhead
  case deltaCost
  // Compression
  case compressCost
  case handOver
  case awakeHandOver
  case zlibCost
  case zstdCost
  case easyEffort
  case compressedFloor
  // Multifd
  case multifdPageOverhead
  case multifdOvershoot
  case channelDrain
  // Post-copy
  case postcopyPageRatio
  case postcopyZeroCost
  case postcopySwitch
  case switchLatency
  case discardCost

  /// The name in files and tables.
  public var name: String { definition.name }
  /// Unit of the value, `1` for a ratio.
  public var unit: String { definition.unit }
  /// What it stands for, a clause.
  public var meaning: String { definition.meaning }
  /// Where it starts and what it is pulled to.
  public var prior: Double { definition.prior }
  /// Standard deviation of the prior on the logarithmic scale.
  public var spread: Double {
    switch self {
    case .linkEfficiency: 0.05
    case .postcopyPageRatio: 0.15
    // Few rows of a trace are held back by the processor: one with a busy host must not lead these.
    case .pageCost, .channelDrain, .bandwidthWobble, .awakeHandOver: 0.3
    case .zeroPageCost, .postcopyZeroCost: 0.5
    default: 1
    }
  }

  /// Parameters that change together when a hypervisor moves to other hardware.
  public enum Group: String, Sendable, CaseIterable {
    /// How fast pages leave.
    case bandwidth
    /// What every migration pays once.
    case fixedCosts = "fixed-costs"

    public var members: [CalibratedParameter] {
      switch self {
      case .bandwidth:
        [
          .windowOverhead, .linkEfficiency, .socketBuffer, .queueTime, .linkBurst, .pageCost,
          .zeroPageCost, .finalPageCost, .destinationZeroCost, .postcopyPageRatio,
          .postcopyZeroCost,
        ]
      case .fixedCosts:
        [
          .setupTime, .stopTime, .resumeTime, .tcpResumeTime, .delayCrossings, .postcopySwitch,
          .switchLatency, .discardCost,
        ]
      }
    }
  }

  public init?(name: String) {
    guard let found = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = found
  }

  private var definition: (name: String, unit: String, prior: Double, meaning: String) {
    switch self {
    case .windowOverhead:
      (
        "window_overhead_s", "s", 0.0005,
        "lost per 100 ms pacing window to timers"
      )
    case .linkEfficiency:
      (
        "link_efficiency", "1", 1,
        "share of the stated link rate that memory gets"
      )
    case .socketBuffer:
      (
        "socket_buffer_bytes", "B", 400000,
        "bytes between the hypervisor and the link, whatever the link"
      )
    case .queueTime: ("queue_time_s", "s", 0.01, "further queue, in seconds of the link")
    case .linkBurst:
      ("link_burst_s", "s", 0.005, "what an idle link lets through at once, in seconds of it")
    case .pageCost: ("page_cpu_s", "s", 3e-06, "CPU time to send a page as it is")
    case .zeroPageCost: ("zero_page_cpu_s", "s", 2e-7, "CPU time to find a page zero")
    case .unbackedPages:
      (
        "unbacked_pages", "pages", 700,
        "used pages that turn out zero: a guest fills less than it says"
      )
    case .migrationDrag:
      (
        "cpu_guest_drag", "1", 0.05,
        "writes that a busy guest loses to the migration, relative"
      )
    case .timerBacklog:
      (
        "timer_backlog_s", "s", 0.1,
        "how much a throttled, timer-paced guest can catch up"
      )
    case .bandwidthWobble:
      (
        "bandwidth_wobble", "1", 0.05,
        "relative noise of the bandwidth that the stop rule measures"
      )
    case .warmUp: ("warm_up_s", "s", 5, "how long the guest wrote before the migration")
    case .setupTime: ("setup_time_s", "s", 0.003, "before the first byte")
    case .stopTime: ("stop_time_s", "s", 0.002, "to stop the guest and save its devices")
    case .finalPageCost:
      (
        "final_page_s", "s", 2.3e-06,
        "per page of the last copy, which no cap holds back"
      )
    case .resumeTime: ("resume_time_s", "s", 0.002, "from the last byte to a running guest")
    case .tcpResumeTime:
      ("tcp_resume_time_s", "s", 0.002, "further time to resume over TCP without a shaped link")
    case .delayCrossings:
      (
        "switch_delay_crossings", "1", 1,
        "one-way delays of the link that the last byte takes at least"
      )
    case .destinationZeroCost:
      (
        "destination_zero_page_s", "s", 2.5e-07,
        "time per zero page at the destination, which looks at its own memory first"
      )
    case .deltaOverhead:
      (
        "delta_overhead_bytes", "B", 16,
        "bytes of a page sent as a delta, before its runs"
      )
    case .deltaRunOverhead:
      (
        "delta_run_bytes", "B", 3,
        "bytes that describe a run of changed words"
      )
    case .deltaCost: ("delta_cpu_s", "s", 5e-06, "CPU time to encode a page against its old copy")
    case .compressCost:
      (
        "compress_cpu_s", "s", 3e-05,
        "time per page of random words with the old compression threads"
      )
    case .handOver:
      (
        "hand_over_s", "s", 4e-05,
        "and to hand a page over to such a thread, which finds it zero or compresses it"
      )
    case .awakeHandOver:
      (
        "awake_hand_over", "1", 0.35,
        "the same where the guest keeps a core awake, relative"
      )
    case .zlibCost:
      (
        "multifd_zlib_cpu_s", "s", 4e-05,
        "CPU time per page of random words, multifd with zlib"
      )
    case .zstdCost: ("multifd_zstd_cpu_s", "s", 1e-05, "the same with zstd")
    case .easyEffort:
      (
        "easy_effort", "1", 0.3,
        "time of a page that compresses well, relative to a random one"
      )
    case .compressedFloor:
      (
        "compressed_floor", "1", 0.02,
        "size of a page that compresses well, relative"
      )
    case .multifdPageOverhead:
      (
        "multifd_page_overhead_bytes", "B", 20,
        "bytes per page beside its content"
      )
    case .multifdOvershoot:
      (
        "multifd_overshoot_bytes", "B", 380000,
        "bytes beyond the cap in each window, part of a packet per channel"
      )
    case .channelDrain:
      (
        "multifd_drain_bytes", "B", 524288,
        "what leaves each other channel's queue while the last packet finds its way, uncompressed"
      )
    case .postcopyPageRatio:
      (
        "postcopy_page_ratio", "1", 1,
        "time per page after the switch, relative to before"
      )
    case .postcopyZeroCost:
      (
        "postcopy_zero_page_s", "s", 1e-6,
        "time per zero page after the switch, each of which is put in place by a system call"
      )
    case .postcopySwitch: ("postcopy_switch_s", "s", 0.003, "pause of a switch to post-copy")
    case .switchLatency:
      (
        "switch_latency_s", "s", 0.03,
        "between the wish to switch and the switch"
      )
    case .discardCost:
      (
        "discard_page_s", "s", 3e-07,
        "pause per page that was sent, was written again and is discarded at the switch"
      )
    }
  }
}

/// A value for every parameter.
public struct CalibratedParameters: Sendable, Equatable {
  private var values: [Double]
  /// What is left out of the physics.
  public var without: Set<CalibratedPhysics> = []

  func has(_ part: CalibratedPhysics) -> Bool { !without.contains(part) }

  /// The priors.
  public init() { values = CalibratedParameter.allCases.map(\.prior) }

  init(logarithms: [Double], without: Set<CalibratedPhysics> = []) {
    values = logarithms.map { exponential($0) }
    self.without = without
  }

  public subscript(parameter: CalibratedParameter) -> Double {
    get { values[parameter.rawValue] }
    set { values[parameter.rawValue] = newValue }
  }

  var logarithms: [Double] { values.map { logarithm($0) } }
}

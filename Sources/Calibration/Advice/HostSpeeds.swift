import Quantities

/// What hosts, links and guests are like where nobody says: speeds and fixed times that the
/// advice rests on, from a site's fit or from defaults.
///
/// Why not the fit of the bundled traces: they are of software emulation on one small host, so
/// their speeds say little about hardware. The defaults are the priors of `CalibratedParameter`
/// (orders of magnitude of QEMU on a current machine) and the constants below.
struct HostSpeeds: Sendable {
  var parameters = CalibratedParameters()
  /// Share of the link that memory gets: 1448 payload bytes of the 1538 that a full Ethernet
  /// frame takes with TCP, IP, timestamps and the gap between frames (derived).
  var linkEfficiency = 1448.0 / 1538
  /// Stopping the guest, device state, resuming it, neighbours learning its new place. Liu's
  /// T_res (Equations.md 1.1, recalled, uncertain).
  var fixedPause = 0.02
  /// Bytes per second that the thread which hands pages to multifd's channels gets through
  /// (assumed; one thread copies 1.4 GB/s itself).
  let multifdFeed = 8e9
  let mostChannels = 16.0
  /// Cores that compress, and as many channels (assumed).
  let compressingChannels = 8.0
  /// One network fault of post-copy with `postcopy-preempt` (Equations.md 10.4, found: QEMU list).
  let faultTime = 0.00057
  /// What the downtime limit handed to QEMU leaves for the error of the bandwidth it measures.
  var measuringError: Double { parameters[.bandwidthWobble] }
  /// What a page shrinks to, as a delta or compressed: nobody knows before. Each is as likely.
  let contents = [0.1, 0.4, 1.0]

  /// Bytes of pages per second through one thread.
  func stream(page: Double) -> Double { page / parameters[.pageCost] }

  /// The speeds of a site.
  init(_ fitted: CalibratedParameters) {
    parameters = fitted
    linkEfficiency = fitted[.linkEfficiency]
    fixedPause = fitted[.stopTime] + fitted[.resumeTime]
  }

  /// The priors; but a guest that runs for days has had most of its memory, so what is zero of it
  /// has to be read from memory (assumed: 4 GB/s).
  init() { parameters[.zeroPageCost] = 1e-6 }
}

/// What migration may use of the link, and how.
struct Transport: Sendable {
  /// Memory goes over the wire as fast as this at most, bytes per second.
  var wire: Double
  var page: Double
  /// Its bitmap is sent when post-copy switches.
  var memory: Double

  init(_ question: AdviceQuestion, _ speeds: HostSpeeds) {
    let link = question.link.siValue * speeds.linkEfficiency
    wire = min(link, question.bandwidthCap?.siValue ?? .infinity)
    page = question.effectivePageSize
    memory = question.memory.siValue
  }

  /// Channels that fill the wire, 2 at least (QEMU's default).
  func channels(_ technique: AdviceTechnique, _ speeds: HostSpeeds) -> Int {
    switch technique {
    case .multifdZlib, .multifdZstd: Int(speeds.compressingChannels)
    default: Int(min(speeds.mostChannels, max(2, (wire / speeds.stream(page: page)).rounded(.up))))
    }
  }
}

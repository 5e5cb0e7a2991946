/// How memory goes over the wire.
enum PageEncoding: Sendable, Equatable {
  case plain
  case delta(cachePages: Double)
  case compressed
  case multifd(Compression?, channels: Double)

  enum Compression: Sendable { case zlib, zstd }
}

/// Auto-converge's settings, shares of 1.
struct ThrottleSchedule: Sendable, Equatable {
  var initial: Double
  var increment: Double
  var trigger: Double
}

/// One migration with every input known: what the physics needs, in SI units.
struct MigrationFacts: Sendable {
  var memoryPages: Double
  var usedPages: Double
  var pageSize: Double
  var incompressible: Double
  var wordsPerWrite: Double
  var writes: GuestWrites
  /// Zero pages lie among the used ones, not behind them.
  var scattersZeros = false
  /// Share of the written set that lies outside used memory: zero pages until they are written.
  var blankShare: Double
  /// The cap, `nil` without one.
  var cap: Double?
  /// The link, `nil` for a direct socket.
  var link: Double?
  var delay: Double
  /// Over TCP, without a link that holds it back.
  var isDirectTCP: Bool
  var downtimeLimit: Double
  var encoding: PageEncoding
  var throttle: ThrottleSchedule?
  /// The rounds before a switch to post-copy, `nil` for pre-copy.
  var switchAfterRounds: Double?
  /// The seconds before a switch to post-copy, where time and not rounds decide.
  var switchAfterTime: Double?
  /// The guest is stopped before the migration starts.
  var isStopped = false
  var postcopyCap: Double?
  /// When the run is given up as not ending, seconds.
  var horizon: Double
}

/// What the physics says of one migration.
struct PhysicalOutcome: Sendable {
  var converged: Bool
  var totalTime: Double
  var downtime: Double
  var downtimeObserved: Double
  var transferredBytes: Double
  var syncs: Int
  var throttle: Double
}

extension MigrationFacts {
  /// Whether what the source has sent may lie in front of the destination: in a link's queue or in
  /// TCP's buffers. A local socket holds little.
  var buffersAhead: Bool { link != nil || isDirectTCP }

  /// Whether the guest may go over before its memory has.
  var switches: Bool { switchAfterRounds != nil || switchAfterTime != nil }

  /// The same migration with parts of the physics left out.
  mutating func simplify(without parts: Set<CalibratedPhysics>) {
    guard !parts.isEmpty else { return }
    if parts.contains(.zeroPages) { usedPages = memoryPages }
    if parts.contains(.saturation) { writes.saturates = false }
    if parts.contains(.classes) {
      let pages = writes.classes.reduce(0) { $0 + $1.pages }
      if pages > 0 { writes.classes = [WriteClass(pages: pages, share: 1)] }
    }
    if parts.contains(.throttle) { throttle = nil }
    if parts.contains(.deltas), case .delta = encoding { encoding = .plain }
    if parts.contains(.hidden) { blankShare = 0 }
  }
}

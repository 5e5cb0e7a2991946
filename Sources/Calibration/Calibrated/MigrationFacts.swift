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
  /// The cap, `nil` without one.
  var cap: Double?
  /// The link, `nil` for a direct socket.
  var link: Double?
  var delay: Double
  var downtimeLimit: Double
  var encoding: PageEncoding
  var throttle: ThrottleSchedule?
  /// The rounds before a switch to post-copy, `nil` for pre-copy.
  var switchAfterRounds: Double?
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

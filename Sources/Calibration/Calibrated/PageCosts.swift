/// What one page costs on its way: bytes that the hypervisor counts, bytes on the wire, and
/// seconds of CPU.
struct PageCost: Sendable {
  var counted: Double
  var wire: Double
  var cpu: Double
}

/// Page costs of a technique.
struct PageCosts: Sendable {
  let facts: MigrationFacts
  let parameters: CalibratedParameters

  /// A page in full: header of 8 bytes, and the block's name once in a while.
  static let pageHeader = 8.005
  static let zeroPageBytes = 9.0
  /// Cores that compress at a time, at most.
  static let cores = 2.0

  /// A page that does not go as a delta, so much of which does not compress.
  func full(incompressible: Double) -> PageCost {
    let size = facts.pageSize
    let plain = size + Self.pageHeader
    switch facts.encoding {
    case .plain, .delta:
      return PageCost(counted: plain, wire: plain, cpu: parameters[.pageCost])
    case .compressed:
      // Each page is a stream of its own, which has a least size.
      let floor = parameters[.compressedFloor]
      let share = min(1, floor + (1 - floor) * incompressible)
      let bytes = size * share + Self.pageHeader + 4
      return PageCost(
        counted: bytes, wire: bytes,
        cpu: parameters.has(.compression)
          ? zeroCPU + parameters[.compressCost] * effort(incompressible) : parameters[.pageCost])
    case .multifd(let kind, let channels):
      let counted = size + parameters[.multifdPageOverhead]
      guard let kind else {
        return PageCost(counted: counted, wire: counted, cpu: parameters[.pageCost])
      }
      let parallel = min(channels, Self.cores)
      let cost = parameters[kind == .zlib ? .zlibCost : .zstdCost] * effort(incompressible)
      return PageCost(
        counted: counted,
        wire: size * incompressible + parameters[.multifdPageOverhead],
        cpu: parameters.has(.compression)
          ? max(parameters[.pageCost], cost / parallel) : parameters[.pageCost])
    }
  }

  /// Seconds to find a page zero; a thread that compresses does so, once it has the page.
  var zeroCPU: Double {
    guard facts.encoding == .compressed, parameters.has(.compression) else {
      return parameters[.zeroPageCost]
    }
    return parameters[.handOver] * (facts.writes.isPacedByCPU ? parameters[.awakeHandOver] : 1)
  }

  /// A page of which an older copy is in the cache; `touches` since then.
  func delta(touches: Double) -> PageCost {
    let runs = max(1, touches)
    let encoded =
      parameters[.deltaOverhead]
      + runs * (4 * facts.wordsPerWrite + parameters[.deltaRunOverhead])
    guard encoded < facts.pageSize else {
      var cost = full(incompressible: facts.incompressible)
      cost.cpu += parameters[.deltaCost]
      return cost
    }
    return PageCost(counted: encoded, wire: encoded, cpu: parameters[.deltaCost])
  }

  /// What of a page does not compress after so many writes, each of random words at a random place:
  /// `1 - (1 - before) exp(-writes words / page)`.
  func incompressible(before: Double, writesPerPage: Double) -> Double {
    let words = facts.wordsPerWrite * 4 / facts.pageSize
    return 1 - (1 - before) * exponential(-writesPerPage * words)
  }

  /// Compressing random words takes longer than repeated ones.
  private func effort(_ incompressible: Double) -> Double {
    let easy = parameters[.easyEffort]
    return easy + (1 - easy) * incompressible
  }
}

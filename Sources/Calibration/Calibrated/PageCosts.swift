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

  /// A page that does not go as a delta, `written` telling how often its content was replaced
  /// by the guest's own.
  func full(writesPerPage: Double) -> PageCost {
    let size = facts.pageSize
    let plain = size + Self.pageHeader
    switch facts.encoding {
    case .plain, .delta:
      return PageCost(counted: plain, wire: plain, cpu: parameters[.pageCost])
    case .compressed:
      let ratio = compressedShare(writesPerPage)
      let bytes = size * ratio + Self.pageHeader + 4
      return PageCost(
        counted: bytes, wire: bytes,
        cpu: parameters.has(.compression)
          ? parameters[.compressCost] * effort(writesPerPage) : parameters[.pageCost])
    case .multifd(let kind, let channels):
      let counted = size + parameters[.multifdPageOverhead]
      guard let kind else {
        return PageCost(counted: counted, wire: counted, cpu: parameters[.pageCost])
      }
      let parallel = min(channels, Self.cores)
      let cost = parameters[kind == .zlib ? .zlibCost : .zstdCost] * effort(writesPerPage)
      let ratio = compressedShare(writesPerPage)
      return PageCost(
        counted: counted, wire: size * ratio + parameters[.multifdPageOverhead],
        cpu: parameters.has(.compression)
          ? max(parameters[.pageCost], cost / parallel) : parameters[.pageCost])
    }
  }

  /// Seconds to find a page zero.
  var zeroCPU: Double {
    parameters[
      facts.encoding == .compressed && parameters.has(.compression)
        ? .compressZeroCost : .zeroPageCost]
  }

  /// A page of which an older copy is in the cache; `touches` since then.
  func delta(touches: Double) -> PageCost {
    let runs = max(1, touches)
    let encoded =
      parameters[.deltaOverhead]
      + runs * (4 * facts.wordsPerWrite + parameters[.deltaRunOverhead])
    guard encoded < facts.pageSize else {
      var cost = full(writesPerPage: 0)
      cost.cpu += parameters[.deltaCost]
      return cost
    }
    return PageCost(counted: encoded, wire: encoded, cpu: parameters[.deltaCost])
  }

  /// Share of its size that a page compresses to.
  func compressedShare(_ writesPerPage: Double) -> Double {
    let share = incompressible(writesPerPage)
    let floor = parameters[.compressedFloor]
    return min(1, floor + (1 - floor) * share)
  }

  private func incompressible(_ writesPerPage: Double) -> Double {
    let fresh = 1 - exponential(-writesPerPage * facts.wordsPerWrite * 4 / facts.pageSize)
    return facts.incompressible + (1 - facts.incompressible) * fresh
  }

  /// Compressing random words takes longer than repeated ones.
  private func effort(_ writesPerPage: Double) -> Double {
    let easy = parameters[.easyEffort]
    return easy + (1 - easy) * incompressible(writesPerPage)
  }
}

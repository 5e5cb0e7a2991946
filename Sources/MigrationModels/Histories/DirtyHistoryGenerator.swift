public import ModelCore
public import Quantities
internal import Statistics

/// How a guest writes for a while.
public struct DirtyBehaviour: Sendable, Hashable {
  public enum Pattern: String, Sendable, Hashable, CaseIterable {
    /// No writes.
    case idle
    /// A sweep over the working set, from its first page, again and again.
    case sequential
    /// Each write on a page of the working set drawn at random.
    case uniform
    /// A share of the writes on the hot set, the others anywhere in the working set.
    case hotcold
  }

  public var pattern: Pattern
  /// Page writes per second, repeats counted.
  public var writeRate: PageRate
  /// Pages of the working set; it begins at page `firstPage`.
  public var workingSetPages: Int
  public var firstPage: Int
  /// Pages of the hot set, at the beginning of the working set; `hotcold` only.
  public var hotSetPages: Int
  /// Share of the writes that go to the hot set on purpose; `hotcold` only.
  public var hotWriteFraction: Double

  public init(
    _ pattern: Pattern, writeRate: PageRate = .zero, workingSetPages: Int, firstPage: Int = 0,
    hotSetPages: Int = 0, hotWriteFraction: Double = 0
  ) {
    self.pattern = pattern
    self.writeRate = writeRate
    self.workingSetPages = workingSetPages
    self.firstPage = firstPage
    self.hotSetPages = hotSetPages
    self.hotWriteFraction = hotWriteFraction
  }
}

/// Makes dirty histories from behaviours that take turns; the same seed gives the same history
/// on every machine.
///
/// Writes per slot are `rate * slot`, the fraction carried over. Uniform writes are the memoryless
/// case: n of them leave W (1 - (1 - 1/W)^n) distinct pages in the mean, which is
/// `SaturatingDirtyProcess` up to 1/W.
public struct DirtyHistoryGenerator: Sendable, Hashable {
  public struct Phase: Sendable, Hashable {
    public var behaviour: DirtyBehaviour
    /// Slots that it lasts, >= 1.
    public var slots: Int

    public init(_ behaviour: DirtyBehaviour, slots: Int) {
      self.behaviour = behaviour
      self.slots = slots
    }
  }

  public var memoryPages: Int
  public var pageSize: Bytes
  public var slot: Seconds
  public var slotCount: Int
  /// Taken in turn, from the first again after the last.
  public var phases: [Phase]
  public var seed: UInt64

  /// More drawn writes than this would take minutes and fill gigabytes.
  public static let maximumWrites = 5e8

  public init(
    memoryPages: Int, pageSize: Bytes, slot: Seconds, slotCount: Int, phases: [Phase], seed: UInt64
  ) {
    self.memoryPages = memoryPages
    self.pageSize = pageSize
    self.slot = slot
    self.slotCount = slotCount
    self.phases = phases
    self.seed = seed
  }

  /// - Throws: `DirtyHistoryError`, `DirtyGeneratorError` for a behaviour outside the memory or
  ///   more writes than `maximumWrites`.
  public func generate() throws -> DirtyHistory {
    try check()
    var builder = try DirtyHistoryBuilder(
      memoryPages: memoryPages, pageSize: pageSize, slot: slot)
    var random = Xoshiro256StarStar(seed: seed)
    var carry = 0.0
    var sweep = 0
    var (phase, left) = (0, phases[0].slots)
    for number in 0..<slotCount {
      if left == 0 {
        phase = (phase + 1) % phases.count
        left = phases[phase].slots
      }
      left -= 1
      let behaviour = phases[phase].behaviour
      carry += behaviour.pattern == .idle ? 0 : behaviour.writeRate.siValue * slot.siValue
      let writes = Int(carry)
      carry -= Double(writes)
      try builder.append(slot: number, firstPage: behaviour.firstPage, pageCount: 0)
      switch behaviour.pattern {
      case .idle: break
      case .sequential: try append(sweep: &sweep, writes, behaviour, slot: number, to: &builder)
      case .uniform, .hotcold:
        for _ in 0..<writes {
          let page = behaviour.firstPage + (try Self.page(behaviour, &random))
          try builder.append(slot: number, firstPage: page, pageCount: 1)
        }
      }
    }
    return try builder.finish()
  }

  private func append(
    sweep: inout Int, _ writes: Int, _ behaviour: DirtyBehaviour, slot: Int,
    to builder: inout DirtyHistoryBuilder
  ) throws(DirtyHistoryError) {
    let pages = behaviour.workingSetPages
    sweep %= pages
    let length = min(writes, pages)
    let straight = min(length, pages - sweep)
    try builder.append(slot: slot, firstPage: behaviour.firstPage + sweep, pageCount: straight)
    try builder.append(
      slot: slot, firstPage: behaviour.firstPage, pageCount: length - straight)
    sweep = (sweep + writes) % pages
  }

  private static func page(
    _ behaviour: DirtyBehaviour, _ random: inout Xoshiro256StarStar
  ) throws(StatisticsError) -> Int {
    let isHot =
      behaviour.pattern == .hotcold && random.unitInterval() < behaviour.hotWriteFraction
    return try random.integer(
      below: isHot ? behaviour.hotSetPages : behaviour.workingSetPages)
  }

  private func check() throws(DirtyGeneratorError) {
    guard slotCount >= 1, !phases.isEmpty, phases.allSatisfy({ $0.slots >= 1 }) else {
      throw .nothingToDo
    }
    guard slotCount <= DirtyHistoryBuilder.maximumSlots else { throw .tooManySlots(slotCount) }
    for behaviour in phases.map(\.behaviour) where behaviour.pattern != .idle {
      guard behaviour.firstPage >= 0, behaviour.workingSetPages >= 1,
        behaviour.workingSetPages <= memoryPages - behaviour.firstPage
      else { throw .workingSetOutside(pages: behaviour.workingSetPages, memory: memoryPages) }
      guard behaviour.writeRate.siValue >= 0, behaviour.writeRate.siValue.isFinite else {
        throw .rate(behaviour.writeRate.siValue)
      }
      if behaviour.pattern == .hotcold {
        guard (1...behaviour.workingSetPages).contains(behaviour.hotSetPages) else {
          throw .hotSetOutside(
            pages: behaviour.hotSetPages, workingSet: behaviour.workingSetPages)
        }
      }
      let writes = behaviour.writeRate.siValue * slot.siValue * Double(slotCount)
      // A sweep is run-coded and costs nothing; it only must not overrun an integer.
      let limit = behaviour.pattern == .sequential ? 1e15 : Self.maximumWrites
      guard writes <= limit else { throw .tooManyWrites(writes, limit: limit) }
    }
  }
}

/// Why a history cannot be generated.
public enum DirtyGeneratorError: Failure, Equatable {
  case nothingToDo
  case tooManySlots(Int)
  case workingSetOutside(pages: Int, memory: Int)
  case hotSetOutside(pages: Int, workingSet: Int)
  case rate(Double)
  case tooManyWrites(Double, limit: Double)

  public var category: FailureCategory { .usage }

  public var description: String {
    switch self {
    case .nothingToDo: "a history needs at least one slot and one behaviour of at least one slot"
    case .tooManySlots(let count):
      "\(count) slots are more than the \(DirtyHistoryBuilder.maximumSlots) of a history"
    case .workingSetOutside(let pages, let memory):
      "a working set of \(pages) pages does not lie in a memory of \(memory) pages"
    case .hotSetOutside(let pages, let workingSet):
      "a hot set of \(pages) pages; expected 1 to the working set's \(workingSet)"
    case .rate(let rate): "a write rate of \(shortestDecimal(rate)) pages/s; expected >= 0"
    case .tooManyWrites(let writes, let limit):
      "\(shortestDecimal(writes)) writes in all; at most \(shortestDecimal(limit)) are drawn: "
        + "lower the rate or the number of slots"
    }
  }
}

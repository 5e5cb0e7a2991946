public import ModelCore
public import Quantities

/// Which pages a machine dirtied in each slot of time: the fourth table of the trace table.
///
/// Kept as runs of pages, so an hour of a 64 GiB machine takes memory by what was dirtied and
/// not by pages times slots. What happened within a slot is not recorded; where an order is
/// needed, the pages of a slot count as written in ascending order, evenly spread over it.
///
/// Beyond its end a history repeats from its start (HIST suits machines whose behaviour repeats).
public struct DirtyHistory: Sendable, Hashable {
  /// Pages of the machine, those that are never dirtied included.
  public let memoryPages: Int
  public let pageSize: Bytes
  /// Length of a slot, > 0.
  public let slot: Seconds
  /// Where the runs of slot k begin and end: starts[k] ..< starts[k + 1].
  private let starts: [Int]
  private let firstPages: [UInt32]
  private let pageCounts: [UInt32]

  fileprivate init(builder: DirtyHistoryBuilder) {
    memoryPages = builder.memoryPages
    pageSize = builder.pageSize
    slot = builder.slot
    starts = builder.starts
    firstPages = builder.firstPages
    pageCounts = builder.pageCounts
  }

  /// Number of slots, >= 1.
  public var slotCount: Int { starts.count - 1 }
  /// Length of the recording.
  public var duration: Seconds { slot * Double(slotCount) }
  /// Number of runs kept.
  public var runCount: Int { firstPages.count }

  /// The runs of pages dirtied in a slot: ascending, apart from each other.
  public func runs(in slot: Int) -> some RandomAccessCollection<Range<Int>> {
    (starts[slot]..<starts[slot + 1]).lazy.map { run(at: $0) }
  }

  /// Distinct pages dirtied in a slot.
  public func pageCount(in slot: Int) -> Int {
    var count = 0
    for run in starts[slot]..<starts[slot + 1] { count += Int(pageCounts[run]) }
    return count
  }

  /// Distinct memory dirtied in a slot, mean over the slots, per second: what AVG works with.
  public var meanDirtyRate: ByteRate {
    let pages = pageCounts.reduce(0.0) { $0 + Double($1) }
    return pageSize * (pages / Double(slotCount)) / slot
  }

  func runRange(of slot: Int) -> Range<Int> { starts[slot]..<starts[slot + 1] }

  func run(at index: Int) -> Range<Int> {
    let first = Int(firstPages[index])
    return first..<first + Int(pageCounts[index])
  }
}

/// Collects a history run by run.
public struct DirtyHistoryBuilder: Sendable {
  fileprivate let memoryPages: Int
  fileprivate let pageSize: Bytes
  fileprivate let slot: Seconds
  fileprivate private(set) var starts: [Int] = [0]
  fileprivate private(set) var firstPages: [UInt32] = []
  fileprivate private(set) var pageCounts: [UInt32] = []
  private var pending: [Range<Int>] = []
  private var currentSlot = 0
  private var sawRow = false

  /// Ninety-seven days of seconds: beyond it a slot number is a slip of the pen.
  public static let maximumSlots = 1 << 23
  /// Page numbers are kept in 32 bits: 16 TiB of 4 KiB pages.
  public static let maximumPages = Int(UInt32.max)

  /// - Throws: `DirtyHistoryError` unless there is memory and the slot has a length.
  public init(
    memoryPages: Int, pageSize: Bytes, slot: Seconds
  ) throws(DirtyHistoryError) {
    guard (1...Self.maximumPages).contains(memoryPages) else {
      throw .memoryOutOfRange(pages: memoryPages)
    }
    guard slot.siValue > 0, slot.siValue.isFinite else { throw .slotLength(slot) }
    self.memoryPages = memoryPages
    self.pageSize = pageSize
    self.slot = slot
  }

  /// Adds a run of pages dirtied in a slot.
  ///
  /// - Parameters:
  ///   - slot: number of the slot, from 0; not below that of the run before.
  ///   - firstPage: first page of the run.
  ///   - pageCount: 0 says that the slot was watched and nothing (more) was dirty.
  public mutating func append(
    slot: Int, firstPage: Int, pageCount: Int
  ) throws(DirtyHistoryError) {
    guard slot >= currentSlot else { throw .slotsFall(slot: slot, before: currentSlot) }
    guard slot < Self.maximumSlots else { throw .tooManySlots(slot: slot) }
    guard pageCount >= 0, firstPage >= 0, firstPage <= memoryPages,
      pageCount <= memoryPages - firstPage
    else {
      throw .outsideMemory(
        slot: slot, firstPage: firstPage, pageCount: pageCount, memoryPages: memoryPages)
    }
    sawRow = true
    while currentSlot < slot { closeSlot() }
    if pageCount > 0 { pending.append(firstPage..<firstPage + pageCount) }
  }

  /// The history.
  ///
  /// - Throws: `DirtyHistoryError.empty` when nothing was appended.
  public consuming func finish() throws(DirtyHistoryError) -> DirtyHistory {
    guard sawRow else { throw .empty }
    closeSlot()
    return DirtyHistory(builder: self)
  }

  /// Sorts the slot's runs and joins those that overlap or touch.
  private mutating func closeSlot() {
    pending.sort { $0.lowerBound < $1.lowerBound }
    var current: Range<Int>?
    for run in pending {
      if let open = current, run.lowerBound <= open.upperBound {
        current = open.lowerBound..<max(open.upperBound, run.upperBound)
      } else {
        if let current { keep(current) }
        current = run
      }
    }
    if let current { keep(current) }
    pending.removeAll(keepingCapacity: true)
    starts.append(firstPages.count)
    currentSlot += 1
  }

  private mutating func keep(_ run: Range<Int>) {
    firstPages.append(UInt32(run.lowerBound))
    pageCounts.append(UInt32(run.count))
  }
}

/// What can be wrong with a dirty history.
public enum DirtyHistoryError: Failure, Equatable {
  case empty
  case slotLength(Seconds)
  case slotsFall(slot: Int, before: Int)
  case tooManySlots(slot: Int)
  case outsideMemory(slot: Int, firstPage: Int, pageCount: Int, memoryPages: Int)
  case memoryOutOfRange(pages: Int)

  public var category: FailureCategory { .badData }

  public var description: String {
    switch self {
    case .empty: "a dirty history needs at least one slot"
    case .slotLength(let slot): "a slot of \(shortestDecimal(slot.siValue)) s has no length"
    case .slotsFall(let slot, let before):
      "slot \(slot) comes after slot \(before): sort the rows by slot"
    case .tooManySlots(let slot):
      "slot \(slot) is beyond the \(DirtyHistoryBuilder.maximumSlots) slots that a history may have"
    case .outsideMemory(let slot, let first, let count, let pages):
      "slot \(slot): \(count) pages from page \(first) do not lie in a memory of \(pages) pages"
    case .memoryOutOfRange(let pages):
      "a memory of \(pages) pages; expected 1 to \(DirtyHistoryBuilder.maximumPages)"
    }
  }
}

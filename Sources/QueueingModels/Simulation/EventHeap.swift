/// What happens next.
struct SimulationEvent {
  enum Kind: UInt8 {
    case arrival, departure, abandonment, retry, breakdown, repair
  }

  var time: Double
  var kind: Kind
  /// A job, a server or a source, by kind.
  var id: Int
  /// An event of an older version of its subject is void.
  var version: Int
  /// Equal times keep the order in which they were planned.
  var sequence: Int
}

/// A binary heap of events, the earliest first.
struct EventHeap {
  private var events: [SimulationEvent] = []
  private var sequence = 0

  mutating func push(_ time: Double, _ kind: SimulationEvent.Kind, _ id: Int, _ version: Int = 0) {
    sequence += 1
    events.append(
      SimulationEvent(time: time, kind: kind, id: id, version: version, sequence: sequence))
    var child = events.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard isBefore(child, parent) else { break }
      events.swapAt(child, parent)
      child = parent
    }
  }

  mutating func pop() -> SimulationEvent? {
    guard let first = events.first else { return nil }
    let last = events.removeLast()
    guard !events.isEmpty else { return first }
    events[0] = last
    var parent = 0
    while true {
      var child = 2 * parent + 1
      guard child < events.count else { break }
      if child + 1 < events.count, isBefore(child + 1, child) { child += 1 }
      guard isBefore(child, parent) else { break }
      events.swapAt(child, parent)
      parent = child
    }
    return first
  }

  private func isBefore(_ left: Int, _ right: Int) -> Bool {
    let (a, b) = (events[left], events[right])
    return a.time < b.time || (a.time == b.time && a.sequence < b.sequence)
  }
}

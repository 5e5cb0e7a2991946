/// One sending host: requests arrive, at most `slots` migrate at a time, room for `capacity`.
///
/// Rate of completion with r running: `mu r`, each with its own bandwidth, or `mu` on a shared
/// link. Source: after Kikuchi and Matsumoto, CLOUD 2011, whose rates were not at hand (Queues.md
/// 7) [derived].
public struct MigrationSender: Sendable, Hashable {
  public let arrivalRate: Double
  public let serviceRate: Double
  public let slots: Int
  public let capacity: Int
  public let sharesLink: Bool

  /// - Throws: `QueueingError.outOfDomain`.
  public init(
    arrivalRate: Double, serviceRate: Double, slots: Int, capacity: Int, sharesLink: Bool
  ) throws(QueueingError) {
    try requireRates(arrivalRate: arrivalRate, serviceRate: serviceRate)
    try requireServers(slots)
    try require(
      capacity >= 1 && capacity <= 1_000_000, "capacity", Double(capacity), "1 to 1000000")
    self.arrivalRate = arrivalRate
    self.serviceRate = serviceRate
    self.slots = slots
    self.capacity = capacity
    self.sharesLink = sharesLink
  }

  /// The number of requests at the sender as a queue.
  public func queue() throws(QueueingError) -> BirthDeathQueue {
    let states = 0...capacity
    return try BirthDeathQueue(
      births: states.map { _ in arrivalRate },
      deaths: states.map { serviceRate * (sharesLink ? 1 : Double(min($0, slots))) },
      servers: slots)
  }
}

/// Migrations between several senders and receivers: each runs only while both ends have a slot.
///
/// A waiting migration starts as soon as its sender and some receiver have a free slot: the sender
/// with most waiting first (then the lower number), to the receiver with most free slots. With
/// shared links a migration gets the lesser of an equal share of both hosts' links:
/// rate `mu min(1/running at sender, 1/running at receiver)`; otherwise mu.
/// Source: after Kikuchi and Matsumoto 2011 (Queues.md 7) [derived]. Exponential times.
public struct ConcurrentMigrations: Sendable, Hashable {
  /// Migrations waiting at each sender at the start.
  public let pending: [Int]
  /// Requests per second at each sender; 0 to drain what is pending.
  public let arrivalRate: Double
  public let serviceRate: Double
  public let senderSlots: Int
  /// Slots of each receiver.
  public let receiverSlots: [Int]
  /// Room at each sender, those running included.
  public let capacity: Int
  public let sharesLinks: Bool

  /// - Parameter capacity: the largest pending number unless given.
  /// - Throws: `QueueingError.outOfDomain`.
  public init(
    pending: [Int], arrivalRate: Double = 0, serviceRate: Double, senderSlots: Int,
    receiverSlots: [Int], capacity: Int? = nil, sharesLinks: Bool
  ) throws(QueueingError) {
    try requireRates(arrivalRate: arrivalRate, serviceRate: serviceRate)
    try require(!pending.isEmpty, "senders", Double(pending.count), "at least 1")
    try require(!receiverSlots.isEmpty, "receivers", Double(receiverSlots.count), "at least 1")
    let room = capacity ?? max(pending.max() ?? 1, 1)
    for count in pending {
      try require(
        count >= 0 && count <= room, "pending migrations", Double(count), "0 to capacity (\(room))")
    }
    try requireServers(senderSlots)
    for slots in receiverSlots { try requireServers(slots) }
    self.pending = pending
    self.arrivalRate = arrivalRate
    self.serviceRate = serviceRate
    self.senderSlots = senderSlots
    self.receiverSlots = receiverSlots
    self.capacity = room
    self.sharesLinks = sharesLinks
  }

  /// The state space: `w1 ...` waiting at each sender, `r1_1 ...` running from sender to receiver.
  /// Labels: `drained`, and with arrivals `full` (a request at some sender would be refused);
  /// rewards per second: `waiting`, `running`, `completions`, and with arrivals `refusals`.
  ///
  /// - Throws: `QueueingError.tooLarge`.
  public func model() throws(QueueingError) -> StateModel {
    let senders = pending.indices
    let receivers = receiverSlots.indices
    var variables = senders.map { StateVariable("w\($0 + 1)", 0, capacity) }
    for s in senders {
      for r in receivers {
        variables.append(
          StateVariable("r\(s + 1)_\(r + 1)", 0, min(senderSlots, receiverSlots[r])))
      }
    }
    let empty = pending + [Int](repeating: 0, count: senders.count * receivers.count)
    var model = try StateModel(variables: variables, initial: started(empty)) {
      (state) throws(QueueingError) in arrows(state)
    }
    let states = model.states
    model.labels["drained"] = states.map { $0.allSatisfy { $0 == 0 } }
    model.rewards["waiting"] = states.map { state in
      senders.reduce(0) { $0 + Double(state[$1]) }
    }
    model.rewards["running"] = states.map { state in
      state.dropFirst(senders.count).reduce(0) { $0 + Double($1) }
    }
    model.rewards["completions"] = states.map { state in
      completions(state).reduce(0) { $0 + $1.rate }
    }
    guard arrivalRate > 0 else { return model }
    model.labels["full"] = states.map { state in
      senders.contains { held(state, $0) >= capacity }
    }
    model.rewards["refusals"] = states.map { state in
      arrivalRate * Double(senders.count { held(state, $0) >= capacity })
    }
    return model
  }

  /// Migrations that are not finished in a state.
  public func remaining(_ state: [Int]) -> Int { state.reduce(0, +) }

  private func cell(_ s: Int, _ r: Int) -> Int { pending.count + s * receiverSlots.count + r }

  private func running(_ state: [Int], sender s: Int) -> Int {
    receiverSlots.indices.reduce(0) { $0 + state[cell(s, $1)] }
  }

  private func running(_ state: [Int], receiver r: Int) -> Int {
    pending.indices.reduce(0) { $0 + state[cell($1, r)] }
  }

  private func held(_ state: [Int], _ s: Int) -> Int { state[s] + running(state, sender: s) }

  private func completions(_ state: [Int]) -> [(index: Int, rate: Double)] {
    var answer: [(index: Int, rate: Double)] = []
    for s in pending.indices {
      for r in receiverSlots.indices where state[cell(s, r)] > 0 {
        let busiest = max(running(state, sender: s), running(state, receiver: r))
        let share = sharesLinks ? 1 / Double(busiest) : 1
        answer.append((cell(s, r), Double(state[cell(s, r)]) * serviceRate * share))
      }
    }
    return answer
  }

  private func arrows(_ state: [Int]) -> [(state: [Int], rate: Double)] {
    var answer: [(state: [Int], rate: Double)] = []
    for completion in completions(state) {
      var next = state
      next[completion.index] -= 1
      answer.append((started(next), completion.rate))
    }
    guard arrivalRate > 0 else { return answer }
    for s in pending.indices where held(state, s) < capacity {
      var next = state
      next[s] += 1
      answer.append((started(next), arrivalRate))
    }
    return answer
  }

  /// The state after every migration that can start has started.
  private func started(_ state: [Int]) -> [Int] {
    var next = state
    while true {
      let senders = pending.indices.filter {
        next[$0] > 0 && running(next, sender: $0) < senderSlots
      }
      let free = receiverSlots.indices.map { receiverSlots[$0] - running(next, receiver: $0) }
      guard let s = senders.max(by: { (next[$0], -$0) < (next[$1], -$1) }),
        let r = free.indices.max(by: { (free[$0], -$0) < (free[$1], -$1) }), free[r] > 0
      else { return next }
      next[s] -= 1
      next[cell(s, r)] += 1
    }
  }
}

/// The way out of the source: a queue in front of a link.
///
/// What the hypervisor writes is gone for it as soon as it is in the queue (socket buffers,
/// switch buffers); the queue drains at the link's rate. A link that was idle lets a burst through
/// at once (a token bucket): the queue is then below zero. Without a link it drains at once.
struct Pipe: Sendable {
  /// Bytes per second; `nil` for a direct socket, which only the CPU limits.
  let link: Double?
  let capacity: Double
  /// Bytes that an idle link saves up for.
  let burst: Double
  private(set) var queued = 0.0

  init(link: Double?, capacity: Double, burst: Double) {
    self.link = link
    self.capacity = capacity
    self.burst = burst
  }

  /// Seconds until `bytes`, made ready at `speed`, are in the queue.
  mutating func send(_ bytes: Double, at speed: Double) -> Double {
    guard bytes > 0 else { return 0 }
    guard let link else { return bytes / speed }
    guard speed > link else {
      let time = bytes / speed
      queued = max(-burst, queued - (link - speed) * time)
      return time
    }
    let untilFull = max(0, capacity - queued) / (speed - link)
    if bytes <= speed * untilFull {
      let time = bytes / speed
      queued += (speed - link) * time
      return time
    }
    let rest = bytes - speed * untilFull
    queued = max(queued, capacity)
    return untilFull + rest / link
  }

  mutating func idle(_ time: Double) {
    if let link { queued = max(-burst, queued - link * time) }
  }

  /// Seconds until all that is queued has left.
  var drainTime: Double { link.map { max(0, queued) / $0 } ?? 0 }
}

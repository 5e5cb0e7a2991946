/// Pages that are written alike: so many, and their share of the writes.
struct WriteClass: Sendable {
  var pages: Double
  var share: Double
}

/// What a guest writes while it is migrated: page touches at a rate, spread over classes.
///
/// Distinct pages after T touches of a class of n pages: `n (1 - exp(-T/n))` at random,
/// `min(n, T)` in a sweep (Equations.md, section 0, identity 5, derived). Dirty memory
/// therefore saturates, class by class.
struct GuestWrites: Sendable {
  var rate: Double
  var classes: [WriteClass]
  var isSweep: Bool
  var isPacedByCPU: Bool
  /// Whether a page that is written twice is dirty once.
  var saturates = true

  /// The bitmap of a class after a synchronisation: what was not sent yet and what was written
  /// since the last one, each page once.
  func union(of unsent: Double, touches: Double, in index: Int) -> Double {
    let n = classes[index].pages
    guard n > 0 else { return unsent }
    let touched = touches * classes[index].share
    if !saturates { return min(n, unsent + touched) }
    if isSweep {
      // The sweep and the copy go round at different paces: where one is says nothing of the other.
      let swept = min(n, touched)
      return swept + min(n, unsent) * (1 - swept / n)
    }
    return unsent + max(0, n - unsent) * (1 - exponential(-touched / n))
  }
}

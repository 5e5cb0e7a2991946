/// What nobody knows before a migration: where in a window the tests fall, which pages of the
/// written set are still blank, how the measured bandwidth wobbles.
///
/// One value is one possible course of events. A run over several of them gives a
/// distribution; its median is the prediction. The values are a low-discrepancy sequence, not
/// random numbers: the same rows give the same answer, and neighbouring parameters see the same
/// courses.
struct Chance: Sendable {
  /// Of the used pages, as a share.
  var usedShift: Double
  /// Of the write rate, as a share.
  var rateShift: Double
  /// Share of zero pages inside the written set, relative to the machine's share.
  var blank: Double
  /// Of the first window, as a share of a window.
  var phase: Double
  /// Of the working set where nobody knows it, -1 to 1.
  var setShift: Double
  var seed: UInt64

  /// The middle of everything.
  static let typical = Chance(usedShift: 0, rateShift: 0, blank: 0, phase: 0, setShift: 0, seed: 0)

  static func courses(_ count: Int) -> [Chance] {
    guard count > 1 else { return [.typical] }
    return (0..<count).map { k in
      // The additive recurrence of Roberts: multiples of inverse powers of the root of
      // x^6 = x + 1, a sequence that fills the unit cube evenly.
      let root = 1.1347241384015194
      var point: [Double] = []
      var step = 1.0
      for _ in 0..<5 {
        step /= root
        let x = 0.5 + step * Double(k)
        point.append(x - x.rounded(.down))
      }
      return Chance(
        usedShift: 2 * point[0] - 1, rateShift: 2 * point[1] - 1,
        blank: max(0, 2 * point[2] - 1), phase: point[3],
        setShift: 2 * point[4] - 1, seed: UInt64(k))
    }
  }
}

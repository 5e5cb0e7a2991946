/// What nobody knows before a migration: to the page how much is used, how evenly the guest writes,
/// how the measured bandwidth wobbles.
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
  /// Of the working set where nobody knows it, -1 to 1.
  var setShift: Double
  var seed: UInt64

  /// The middle of everything.
  static let typical = Chance(usedShift: 0, rateShift: 0, setShift: 0, seed: 0)

  static func courses(_ count: Int) -> [Chance] {
    guard count > 1 else { return [.typical] }
    return (0..<count).map { k in
      // The additive recurrence of Roberts: multiples of inverse powers of the root of
      // x^4 = x + 1, a sequence that fills the unit cube evenly.
      let root = 1.2207440846057596
      var point: [Double] = []
      var step = 1.0
      for _ in 0..<3 {
        step /= root
        let x = 0.5 + step * Double(k)
        point.append(x - x.rounded(.down))
      }
      return Chance(
        usedShift: 2 * point[0] - 1, rateShift: 2 * point[1] - 1,
        setShift: 2 * point[2] - 1, seed: UInt64(k))
    }
  }
}

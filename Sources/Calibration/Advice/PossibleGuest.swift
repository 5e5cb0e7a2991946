import Quantities
import Statistics

/// One guest that fits the known facts: what it writes, and what its pages are like.
///
/// A dirty rate with its window says how many distinct pages were written in that window, not
/// whether they were new ones. With `u(t)` concave, `u(0) = 0` and `u(w) = D w`, all that is
/// certain is
///
///     D min(t, w) <= u(t) <= D max(t, w)
///
/// (derived): from a set of D w bytes that is written again and again, to a sweep over all used
/// memory, `u(t) = min(W, D t)`. The guests between are uniform writers over a working set W,
/// `u(t) = W (1 - exp(-r t / W))` with r so that u(w) = D w (Equations.md, section 0, identity 5,
/// derived).
struct PossibleGuest: Sendable, Equatable {
  /// W, bytes.
  var workingSet: Double
  /// r, the slope of u at 0, bytes per second.
  var writeRate: Double
  /// D, bytes per second over the question's window.
  var dirtyRate: Double
  /// Whether it goes through its set in order.
  var isSweep = false

  /// Working sets tried when none is given: enough that none has more than a weight of 5 %.
  static let setCount = 24
  /// Dirty rates tried when none is given.
  static let rateCount = 11
  static let setCountPerRate = 6
  /// Slowest and fastest dirty rates tried when none is given, bytes per second.
  static let assumedRates = (least: 1_048_576.0, most: 1_073_741_824.0)
  /// A window that dirties its whole set says only that. The guest that is then tried writes each
  /// page 21 times in the window (-ln 1e-9): nearly the bound D w for every shorter time, and
  /// still slowed down by a throttle.
  static let saturation = 1 - 1e-9

  /// The guests that fit a question, evenly on the logarithmic scale of what is not known,
  /// smallest working set first within a rate, a sweep last.
  ///
  /// - Parameter fewer: three sets at one rate and four rates, for a model that takes its time.
  static func all(_ question: AdviceQuestion, fewer: Bool = false) -> [PossibleGuest] {
    let window = question.rateWindow.siValue
    let most = question.workingSet?.siValue ?? question.usedBytes
    let rates: [Double]
    if let rate = question.dirtyRate?.siValue {
      rates = [rate]
    } else {
      let top = min(assumedRates.most, most * saturation / window)
      rates = spread(min(assumedRates.least, top), top, fewer ? 4 : rateCount)
    }
    return rates.flatMap { rate -> [PossibleGuest] in
      guard rate > 0, most > 0 else {
        return [PossibleGuest(workingSet: 0, writeRate: 0, dirtyRate: 0)]
      }
      let sets: [Double]
      if let set = question.workingSet?.siValue {
        sets = [set]
      } else {
        let least = min(rate * window / saturation, most)
        let count = question.dirtyRate == nil ? setCountPerRate : setCount
        sets = spread(least, most, fewer ? 3 : count)
      }
      let sweep = PossibleGuest(
        workingSet: most, writeRate: rate, dirtyRate: rate, isSweep: true)
      return sets.map { guest(rate: rate, window: window, workingSet: $0) } + [sweep]
    }
  }

  /// The guest of a question's dirty rate with this working set.
  static func guest(_ question: AdviceQuestion, workingSet: Double) -> PossibleGuest? {
    question.dirtyRate.map {
      guest(rate: $0.siValue, window: question.rateWindow.siValue, workingSet: workingSet)
    }
  }

  private static func guest(rate: Double, window: Double, workingSet: Double) -> PossibleGuest {
    let share = min(rate * window / workingSet, saturation)
    return PossibleGuest(
      workingSet: workingSet, writeRate: -workingSet / window * logarithm(1 - share),
      dirtyRate: rate)
  }

  /// `count` values from one end to the other, evenly on the logarithmic scale.
  private static func spread(_ least: Double, _ most: Double, _ count: Int) -> [Double] {
    guard most > least * (1 + 1e-9), count > 1 else { return [most] }
    let step = logarithm(most / least) / Double(count - 1)
    return (0..<count).map {
      $0 == count - 1 ? most : least * exponential(step * Double($0))
    }
  }

  /// Distinct memory dirtied in `time` seconds of writing at a share of the full speed.
  func dirtied(in time: Double, of set: Double, speed: Double = 1) -> Double {
    guard workingSet > 0, set > 0 else { return 0 }
    if isSweep { return min(set, writeRate * speed * time) }
    return set * (1 - exponential(-writeRate * speed * time / workingSet))
  }
}

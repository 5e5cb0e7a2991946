internal import Foundation

/// What becomes of a page in a round in which Xen skips pages that are dirty again before their
/// turn.
///
/// The page's turn is uniform over the round of length t, its writes are Poisson with rate f.
/// With `x = f t`:
/// - sent: `g = (1 - e^-x) / x`, skipped: `1 - g`
/// - sent and dirty again at the end: `g - e^-x`
/// - dirty at the end, sent or not: `1 - e^-x`
///
/// Source: derived after Nathan, Bellur and Kulkarni 2015 (Equations.md 9.3); Xen sends a page
/// only if it is in to_send and not in to_skip.
/// Numerics: each share is a series of positive terms where its closed form would lose digits.
/// Limits: x = 0 sends everything and leaves nothing dirty; x -> infinity skips everything.
///
/// Example: `SkippedPages(writeRate: 1, window: 10).sent` is 0.09999546.
public struct SkippedPages: Sendable, Hashable {
  /// Share of the pages that are sent.
  public let sent: Double
  /// Share that is skipped: dirty again before its turn.
  public let skipped: Double
  /// Share that is dirty at the end of the round.
  public let dirtyAfter: Double
  /// Share that was sent and is dirty again.
  public let sentThenDirty: Double

  /// - Parameters:
  ///   - writeRate: f, writes of a page per second, >= 0.
  ///   - window: t, seconds, >= 0.
  public init(writeRate: Double, window: Double) {
    let x = writeRate * window
    dirtyAfter = -expm1(-x)
    guard x > 0 else {
      (sent, skipped, sentThenDirty) = (1, 0, 0)
      return
    }
    sent = dirtyAfter / x
    // Below one the differences of the closed forms lose digits; the series have at most some
    // twenty terms there.
    if x < 1 {
      var (term, sum, alternating, sign) = (1.0, 0.0, 0.0, 1.0)
      var k = 1.0
      while term > sum * 1e-18 {
        term *= x / (k + 1)
        sum += term
        alternating += sign * term
        sign = -sign
        k += 1
      }
      skipped = alternating
      sentThenDirty = exp(-x) * sum
    } else {
      skipped = 1 - sent
      sentThenDirty = sent - exp(-x)
    }
  }
}

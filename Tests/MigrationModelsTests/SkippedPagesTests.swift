import MigrationModels
import TestSupport
import Testing

@Suite struct SkippedPagesTests {
  /// Every page is skipped or sent, and what is dirty at the end was either.
  @Test func sharesAddUp() {
    let seed: UInt64 = 93
    var random = TestRandom(seed: seed)
    for trial in 0..<100_000 {
      let pages = SkippedPages(
        writeRate: random.logUniform(1e-12, 1e4), window: random.logUniform(1e-3, 1e3))
      let accepts = Tolerance(relative: 1e-14, reason: "two additions").accepts
      guard accepts(pages.sent + pages.skipped, 1),
        accepts(pages.skipped + pages.sentThenDirty, pages.dirtyAfter)
      else {
        Issue.record("seed \(seed), trial \(trial): \(pages)")
        return
      }
    }
  }

  /// Long before one branch hands over to the other both have all their digits.
  @Test func branchesMeet() {
    for step in -8...8 {
      let x = 1 + Double(step) * 1e-15
      let pages = SkippedPages(writeRate: x, window: 1)
      let accepts = Tolerance(relative: 1e-13, reason: "at x = 1").accepts
      #expect(accepts(pages.skipped, 0.36787944117144233))
      #expect(accepts(pages.sentThenDirty, 0.26424111765711533))
    }
  }
}

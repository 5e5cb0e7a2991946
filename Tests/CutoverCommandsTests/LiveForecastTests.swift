import Testing
import Traces

@testable import CutoverCommands

@Suite struct LiveForecastTests {
  private func state(
    left: Double?, throughputs: [Double], dirtyRates: [Double], limit: Double? = 0.1
  ) -> RecordingState {
    var sample = MigrationSample(stage: .precopy)
    sample.remainingBytes = left
    return RecordingState(
      sample: sample, downtimeLimit: limit, throughputs: throughputs, dirtyRates: dirtyRates)
  }

  /// By hand: (1000 - 20 * 0.1) / (100 - 20).
  @Test func steadyRates() {
    let forecast = LiveForecast(state(left: 1000, throughputs: [100, 100], dirtyRates: [20]))
    #expect(forecast.verdict == .converges)
    #expect(forecast.remaining == 998.0 / 80)
    #expect(forecast.soonest == forecast.remaining && forecast.latest == forecast.remaining)
  }

  @Test func whatFitsIntoTheLimitIsSentAtOnce() {
    let forecast = LiveForecast(state(left: 5, throughputs: [100], dirtyRates: [90]))
    #expect(forecast.remaining == 0.05)
  }

  /// The interval puts the best with the best and the worst with the worst.
  @Test func intervals() throws {
    let forecast = LiveForecast(
      state(left: 1000, throughputs: [80, 100, 120], dirtyRates: [10, 20, 30], limit: 0))
    #expect(forecast.verdict == .converges)
    #expect(forecast.soonest == 1000.0 / 110 && forecast.latest == 1000.0 / 50)
    #expect(forecast.remaining == 1000.0 / 80)
  }

  @Test func verdicts() {
    #expect(LiveForecast(state(left: 9, throughputs: [], dirtyRates: [])).verdict == .unknown)
    #expect(LiveForecast(state(left: nil, throughputs: [1], dirtyRates: [1])).verdict == .unknown)
    let first = LiveForecast(state(left: 1000, throughputs: [100], dirtyRates: []))
    #expect(first.verdict == .unknown && first.remaining == 10 && first.latest == nil)
    #expect(
      LiveForecast(state(left: 1000, throughputs: [100, 100], dirtyRates: [100, 130])).verdict
        == .doesNotConverge)
    let doubtful = LiveForecast(
      state(left: 1000, throughputs: [80, 100, 120], dirtyRates: [70, 90, 110]))
    #expect(doubtful.verdict == .doubtful && doubtful.latest == nil && doubtful.soonest != nil)
  }

  @Test func linesSayWhatIsKnown() {
    var state = state(left: 0x3p20, throughputs: [0x1p20], dirtyRates: [0x1p19], limit: 0)
    let line = RecordingDisplay.line(state, LiveForecast(state))
    #expect(
      line == "running, 3.00 MiB left, at 1.00 MiB/s, dirtying 512 KiB/s, converges: 6.00 s more "
        + "(6.00 s to 6.00 s)")
    state = self.state(left: 9, throughputs: [], dirtyRates: [])
    #expect(
      RecordingDisplay.line(state, LiveForecast(state)) == "running, 9.00 B left, no rate yet")
  }
}

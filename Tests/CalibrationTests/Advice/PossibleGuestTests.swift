import Quantities
import TestSupport
import Testing

@testable import Calibration

@Suite struct PossibleGuestTests {
  /// Rounding of an exponential and a logarithm.
  private static let rounding = 1e-9

  private func question(_ random: inout TestRandom) -> AdviceQuestion {
    let memory = random.logUniform(1e9, 1e12)
    var question = AdviceQuestion(
      memory: Bytes(siValue: memory), link: ByteRate(siValue: random.logUniform(1e8, 1e10)))
    let window = random.logUniform(0.1, 30)
    question.dirtyRateWindow = Seconds(siValue: window)
    question.dirtyRate = ByteRate(siValue: memory * random.logUniform(1e-4, 0.9) / window)
    return question
  }

  @Test func everyGuestDirtiesWhatWasMeasuredAndKeepsTheBounds() {
    let seed: UInt64 = 7
    var random = TestRandom(seed: seed)
    for trial in 0..<200 {
      let question = question(&random)
      let window = question.rateWindow.siValue
      let rate = question.dirtyRate?.siValue ?? 0
      for guest in PossibleGuest.all(question) {
        let measured = guest.dirtied(in: window, of: guest.workingSet)
        #expect(abs(measured / (rate * window) - 1) < 1e-6, "seed \(seed), trial \(trial)")
        let time = random.logUniform(window / 1000, window * 1000)
        let dirtied = guest.dirtied(in: time, of: guest.workingSet)
        #expect(dirtied >= rate * min(time, window) * (1 - 1e-6), "seed \(seed), trial \(trial)")
        #expect(dirtied <= rate * max(time, window) * (1 + 1e-6), "seed \(seed), trial \(trial)")
        #expect(guest.workingSet <= question.usedBytes * (1 + Self.rounding))
      }
    }
  }

  @Test func theGuestsReachBothEnds() throws {
    var question = AdviceQuestion(memory: try Bytes(parsing: "64GiB"), link: ByteRate(siValue: 1e9))
    question.dirtyRate = try ByteRate(parsing: "900MiB/s")
    let guests = PossibleGuest.all(question)
    #expect(guests.count == PossibleGuest.setCount + 1)
    let least = try #require(guests.first)
    let most = guests[PossibleGuest.setCount - 1]
    let sweep = try #require(guests.last)
    #expect(sweep.isSweep && sweep.workingSet == most.workingSet)
    // The upper bound itself, until all is dirty.
    #expect(sweep.dirtied(in: 10, of: sweep.workingSet) == 9000 * 1_048_576)
    #expect(sweep.dirtied(in: 1e9, of: sweep.workingSet) == sweep.workingSet)
    #expect(abs(least.workingSet / (900 * 1_048_576) - 1) < 1e-8)
    #expect(most.workingSet == 64 * 1_073_741_824)
    // A sweep over much more than the window's pages: the slope is the rate.
    #expect(abs(most.writeRate / (900 * 1_048_576) - 1) < 0.01)
    // The same pages again: written 21 times in the window.
    #expect(abs(least.writeRate / least.workingSet - 20.7) < 0.1)
  }

  @Test func whatIsKnownLeavesAWriterAndASweep() throws {
    var question = AdviceQuestion(memory: try Bytes(parsing: "8GiB"), link: ByteRate(siValue: 1e9))
    question.dirtyRate = try ByteRate(parsing: "10MiB/s")
    question.workingSet = try Bytes(parsing: "1GiB")
    #expect(PossibleGuest.all(question).map(\.isSweep) == [false, true])
    question.dirtyRate = .zero
    #expect(
      PossibleGuest.all(question) == [PossibleGuest(workingSet: 0, writeRate: 0, dirtyRate: 0)])
    question.dirtyRate = nil
    #expect(PossibleGuest.all(question).count == 2 * PossibleGuest.rateCount)
    question.workingSet = nil
    #expect(
      PossibleGuest.all(question).count
        == PossibleGuest.rateCount * (PossibleGuest.setCountPerRate + 1))
  }
}

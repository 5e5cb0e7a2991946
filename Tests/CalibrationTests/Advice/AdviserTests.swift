import ModelCore
import Quantities
import TestSupport
import Testing

@testable import Calibration

@Suite struct AdviserTests {
  private func question(
    _ memory: String, _ link: String, rate: String? = nil, window: String? = nil,
    set: String? = nil, downtime: String? = "300ms", total: String? = nil
  ) throws -> AdviceQuestion {
    var question = AdviceQuestion(
      memory: try Bytes(parsing: memory), link: try ByteRate(parsing: link))
    question.dirtyRate = try rate.map { try ByteRate(parsing: $0) }
    question.dirtyRateWindow = try window.map { try Seconds(parsing: $0) }
    question.workingSet = try set.map { try Bytes(parsing: $0) }
    question.downtime = try downtime.map { try Seconds(parsing: $0) }
    question.totalTime = try total.map { try Seconds(parsing: $0) }
    return question
  }

  private func anyQuestion(_ random: inout TestRandom) -> AdviceQuestion {
    let memory = random.logUniform(1e9, 1e12)
    var question = AdviceQuestion(
      memory: Bytes(siValue: memory), link: ByteRate(siValue: random.logUniform(1e8, 1e10)))
    question.dirtyRate = ByteRate(siValue: memory * random.logUniform(1e-4, 0.5))
    if random.uniform(0, 1) < 0.5 {
      let least = memory * (question.dirtyRate?.siValue ?? 0) / memory
      question.workingSet = Bytes(siValue: random.logUniform(least, memory))
    }
    question.downtime = Seconds(siValue: random.logUniform(0.03, 2))
    if random.uniform(0, 1) < 0.7 {
      question.totalTime = Seconds(
        siValue: memory / question.link.siValue * random.logUniform(0.7, 10))
    }
    return question
  }

  private static let order: [AdviceVerdict] = [.no, .unlikely, .likely, .yes]

  private func rank(_ verdict: AdviceVerdict) -> Int {
    Self.order.firstIndex(of: verdict) ?? -1
  }

  /// More bandwidth or a higher downtime limit never turns a yes into a no, nor lowers any
  /// verdict in between.
  @Test func moreNeverTurnsAYesIntoANo() throws {
    let seed: UInt64 = 21
    var random = TestRandom(seed: seed)
    var verdicts: Set<AdviceVerdict> = []
    for trial in 0..<150 {
      let question = anyQuestion(&random)
      var wider = question
      wider.link = question.link * random.logUniform(1.001, 8)
      var patient = question
      patient.downtime = question.downtimeLimit * random.logUniform(1.001, 8)
      let adviser = try Adviser(question)
      for technique in AdviceTechnique.allCases {
        let before = try adviser.outlook(technique, question)
        if technique == .precopy { verdicts.insert(before.verdict) }
        for after in [wider, patient] {
          let outlook = try adviser.outlook(technique, after)
          #expect(
            rank(outlook.verdict) >= rank(before.verdict),
            "seed \(seed), trial \(trial), \(technique.rawValue)")
          #expect(outlook.share >= before.share || technique == .autoconverge)
        }
      }
    }
    #expect(verdicts.isSuperset(of: [.no, .likely, .yes]))
  }

  /// The numbers to type are enough, and a little less is not.
  @Test func theRemediesAreTheLeast() throws {
    let seed: UInt64 = 22
    var random = TestRandom(seed: seed)
    var (links, downtimes, rates) = (0, 0, 0)
    // Two digits: the next smaller number is within a tenth.
    let lessThanOneDigit = 0.89
    for trial in 0..<60 {
      let question = anyQuestion(&random)
      let adviser = try Adviser(question)
      let advice = try adviser.advice()
      if let change = advice.widerLink {
        links += 1
        #expect(change.outlook.verdict == .yes, "seed \(seed), trial \(trial)")
        var less = question
        less.link = change.question.link * lessThanOneDigit
        for technique in [AdviceTechnique.precopy, .multifd] {
          #expect(try adviser.outlook(technique, less).verdict != .yes, "trial \(trial)")
        }
      }
      if let change = advice.higherDowntime {
        downtimes += 1
        var less = question
        less.downtime = change.question.downtimeLimit * lessThanOneDigit
        #expect(try adviser.outlook(.precopy, less).verdict != .yes, "trial \(trial)")
      }
      if let rate = advice.greatestDirtyRate {
        rates += 1
        var calmer = question
        calmer.dirtyRate = rate
        #expect(try adviser.outlook(.precopy, calmer).verdict == .yes, "trial \(trial)")
      }
    }
    #expect(links > 30 && downtimes > 15 && rates > 15, "\(links) \(downtimes) \(rates)")
  }

  /// A guest that writes one window's pages again and again needs room for all of them.
  @Test func theSureNumbersAreThoseOfOneWindowsPages() throws {
    let question = try question("64GiB", "10Gbit/s", rate: "900MiB/s", total: "10min")
    let advice = try Adviser(question).advice()
    let pages = 900.0 * 1_048_576
    let setting = 0.266
    let link = try #require(advice.widerLink?.question.link.siValue)
    // The hottest guest writes each page 21 times a window, not infinitely often: what leaves in
    // a 21st of the window need not fit, a sixth at this rate; two digits are a tenth.
    #expect(abs(link * 1448 / 1538 / (pages / setting) - 1) < 0.25)
    let limit = try #require(advice.higherDowntime?.question.downtimeLimit.siValue)
    let rate = RoundForecast(question, HostSpeeds()).plainRate
    #expect(abs(limit / (pages / rate * 1.05 + 0.02) - 1) < 0.1)
  }

  @Test func choices() throws {
    func chosen(
      _ question: AdviceQuestion, without: Set<AdviceTechnique> = []
    ) throws -> Advice.Choice {
      try Adviser(question, allowed: Set(AdviceTechnique.allCases).subtracting(without))
        .advice().choice
    }
    func technique(_ choice: Advice.Choice) -> AdviceTechnique? {
      if case .use(let outlook) = choice { return outlook.technique }
      return nil
    }
    let easy = try question("8GiB", "10Gbit/s", rate: "10MiB/s", total: "5min")
    #expect(technique(try chosen(easy)) == .precopy)
    let fast = try question("64GiB", "100Gbit/s", rate: "10MiB/s", total: "20s")
    #expect(technique(try chosen(fast)) == .multifd)
    let busy = try question("64GiB", "10Gbit/s", rate: "2GiB/s", set: "20GiB", total: "10min")
    #expect(technique(try chosen(busy)) == .autoconverge)
    #expect(technique(try chosen(busy, without: [.autoconverge])) == .hybrid)
    let none = try chosen(busy, without: [.autoconverge, .hybrid, .postcopy])
    guard case .attempt(let outlook) = none else {
      Issue.record("\(none)")
      return
    }
    #expect(outlook.technique == .multifdZstd)
    let tiny = try question("64GiB", "10Gbit/s", rate: "200MiB/s", downtime: "10ms")
    guard case .raiseDowntime(let change) = try chosen(tiny) else {
      Issue.record("a pause below the fixed part")
      return
    }
    #expect(change.question.downtimeLimit.siValue > 0.02)
    let late = try question("64GiB", "1Gbit/s", rate: "1MiB/s", total: "1min")
    guard case .widenLink = try chosen(late) else {
      Issue.record("a copy takes ten minutes")
      return
    }
  }

  @Test func theWindowIsALimitToo() throws {
    var question = try question("8GiB", "1Gbit/s", rate: "1MiB/s", total: "10min")
    #expect(try Adviser(question).advice().plain.verdict == .yes)
    question.window = try Seconds(parsing: "30s")
    #expect(try Adviser(question).advice().plain.verdict == .no)
  }

  @Test func contradictionsAreRefused() throws {
    func message(_ change: (inout AdviceQuestion) throws -> Void) throws -> String {
      var question = try question("8GiB", "1Gbit/s")
      try change(&question)
      do {
        _ = try Adviser(question)
        return ""
      } catch {
        #expect(error.category == .usage)
        return error.description
      }
    }
    #expect(
      try message { $0.workingSet = try Bytes(parsing: "9GiB") }.contains("9GiB is more than"))
    #expect(try message { $0.used = try Bytes(parsing: "9GiB") }.contains("used_bytes"))
    #expect(
      try message {
        $0.used = try Bytes(parsing: "2GiB")
        $0.workingSet = try Bytes(parsing: "3GiB")
      }.contains("is not zero"))
    #expect(
      try message {
        $0.dirtyRate = try ByteRate(parsing: "1GiB/s")
        $0.dirtyRateWindow = try Seconds(parsing: "10s")
      }.contains("10GiB of distinct memory"))
    for path: WritableKeyPath<AdviceQuestion, Seconds?> in [
      \.downtime, \.totalTime, \.window, \.dirtyRateWindow,
    ] {
      #expect(try message { $0[keyPath: path] = .zero }.contains("(> 0)"))
    }
  }
}

import ModelCore
import Quantities

/// The site's own model, asked about one guest and one technique.
///
/// Numbers are `CalibratedModel`'s, with what the guest does filled in; of the limits it says
/// with which probability they are kept, from the errors of the rows that were held out.
struct CalibratedForecast: Sendable {
  let model: CalibratedModel
  let question: AdviceQuestion
  let rounds: RoundForecast

  /// Courses of events per forecast: advice asks for hundreds of them.
  private static let courses = 5

  init(_ model: CalibratedModel, _ question: AdviceQuestion, _ speeds: HostSpeeds) {
    self.model = model
    self.question = question
    rounds = RoundForecast(question, speeds)
  }

  func forecast(
    _ technique: AdviceTechnique, _ guest: PossibleGuest, content: Double
  ) throws(CalibrationError) -> GuestForecast {
    // What the guest loses is not an outcome of the model: the rounds say it.
    var answer = rounds.forecast(technique, guest, content: content)
    let setting = rounds.setting
    guard setting > 0 || technique.isPostcopy else { return answer }
    let prediction = try model.predict(
      inputs(technique, guest, content, setting: setting), courses: Self.courses)
    let values = prediction.values
    let ends = prediction.converged || question.timeLimit != nil
    answer.totalTime = ends && prediction.probability > 0 ? values[.totalTime] : nil
    answer.downtime = values[.downtimeObserved] ?? answer.downtime
    answer.bytes = values[.transferredBytes] ?? answer.bytes
    answer.probability =
      prediction.probability
      * model.probability(
        of: .downtimeObserved, below: question.downtimeLimit.siValue, in: prediction)
    return answer
  }

  private func inputs(
    _ technique: AdviceTechnique, _ guest: PossibleGuest, _ content: Double, setting: Double
  ) -> CalibratedInputs {
    var inputs = CalibratedInputs()
    let page = rounds.transport.page
    inputs.technique = technique.rawValue
    inputs[.memory] = question.memory.siValue
    inputs[.used] = question.usedBytes
    inputs[.pageSize] = page
    inputs[.link] = question.link.siValue
    inputs[.cap] = question.bandwidthCap?.siValue
    inputs[.downtimeLimit] = max(setting, 0.001)
    inputs[.timeLimit] = question.timeLimit?.siValue
    inputs.workload = guest.workingSet > 0 ? guest.isSweep ? "sequential" : "uniform" : "idle"
    inputs[.workingSet] = guest.workingSet
    inputs[.writeRate] = guest.writeRate / page
    inputs[.dirtyRate] = guest.dirtyRate
    inputs[.pacedByCPU] = 1
    inputs[.delay] = 0
    inputs[.incompressible] = content
    // A delta is 4 bytes a word and its overheads (`PageCosts.delta`).
    inputs[.writeWords] = content * page / 4
    inputs[.channels] = Double(rounds.transport.channels(technique, rounds.speeds))
    inputs[.cache] = XBZRLECache.bytes(
      for: guest.workingSet, memory: question.memory.siValue)
    return inputs
  }
}

extension CalibratedModel {
  /// As `predict`, over fewer courses of events.
  func predict(
    _ inputs: CalibratedInputs, courses: Int
  ) throws(CalibrationError) -> CalibratedPrediction {
    if let missing = inputs.missing {
      throw .cause(.cannotAnswer, "\(Self.id) needs \(missing)")
    }
    let chances = Chance.courses(courses)
    let ensemble = Ensemble(knowledge.courses(for: inputs, chances), chances, parameters)
    var values: [CalibratedOutcome: Double] = [:]
    var spreads: [CalibratedOutcome: Double] = [:]
    for outcome in CalibratedOutcome.allCases {
      (values[outcome], spreads[outcome]) = ensemble.centre(outcome, within: inputs[.timeLimit])
    }
    let stratum = Self.stratum(inputs)
    return CalibratedPrediction(
      values: values,
      probability: ensemble.probability(
        within: inputs[.timeLimit],
        scale: intervals.scale(.totalTime, stratum: stratum, spread: 0)),
      spreads: spreads, stratum: stratum)
  }

  /// The probability that an outcome of a completed migration is at most `limit`, its logarithm
  /// being off by the scale of the rows held out.
  func probability(
    of outcome: CalibratedOutcome, below limit: Double, in prediction: CalibratedPrediction
  ) -> Double {
    guard let value = prediction.values[outcome], value > 0 else { return 1 }
    let scale = intervals.scale(
      outcome, stratum: prediction.stratum, spread: prediction.spreads[outcome] ?? 0)
    // The logistic function with this factor is the normal one to 0.01.
    return 1 / (1 + exponential(-1.702 * logarithm(limit / value) / max(scale, 1e-6)))
  }
}

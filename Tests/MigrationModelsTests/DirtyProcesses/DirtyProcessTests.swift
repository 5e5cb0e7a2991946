import Foundation
import MigrationModels
import ModelCore
import Quantities
import TestSupport
import Testing

/// The battery that every dirty process has to pass, on random parameters.
@Suite struct DirtyProcessTests {
  enum Kind: String, CaseIterable {
    case constant, capped, saturating, classes, bernoulli, reciprocal, truncated, poisson, curve
    case history
  }

  static func process(_ kind: Kind, _ random: inout TestRandom) throws -> any DirtyProcess {
    let memory = Bytes(siValue: random.logUniform(1e6, 1e12))
    let scale = Frequency(siValue: random.logUniform(1e-4, 10))
    switch kind {
    case .constant:
      return ConstantDirtyProcess(rate: ByteRate(siValue: random.logUniform(1, 1e10)))
    case .capped:
      return CappedDirtyProcess(
        ReciprocalDirtyProcess(memory: memory, scale: scale), ceiling: memory * 0.7)
    case .saturating:
      return SaturatingDirtyProcess(
        rate: memory * scale.siValue / Seconds(siValue: 1), workingSet: memory)
    case .classes:
      return ClassesDirtyProcess(
        writeRate: memory * scale.siValue / Seconds(siValue: 1), workingSet: memory,
        hotSet: memory * random.uniform(0.01, 0.5), hotWriteFraction: random.uniform(0.5, 0.99))
    case .bernoulli:
      return BernoulliDirtyProcess(
        memory: memory, probability: random.uniform(0.001, 0.9), slot: Seconds(siValue: 1))
    case .reciprocal: return ReciprocalDirtyProcess(memory: memory, scale: scale)
    case .truncated:
      return try TruncatedReciprocalDirtyProcess(
        memory: memory, lowest: scale, highest: scale * random.logUniform(1.5, 1e4))
    case .poisson: return PoissonReciprocalDirtyProcess(memory: memory, scale: scale)
    case .curve:
      var points: [DirtyCurve.Point] = []
      var (window, dirty) = (0.0, 0.0)
      for _ in 0..<6 {
        window += random.logUniform(0.1, 10)
        dirty += memory.siValue * random.uniform(0.01, 0.1)
        points.append(.init(window: Seconds(siValue: window), dirty: Bytes(siValue: dirty)))
      }
      return try DirtyCurve(points: points, ceiling: memory)
    case .history:
      let pages = 500
      var builder = try DirtyHistoryBuilder(
        memoryPages: pages, pageSize: Bytes(siValue: 4096), slot: Seconds(siValue: 0.5))
      for slot in 0..<40 {
        for _ in 0..<5 {
          let first = Int(random.uniform(0, 480))
          try builder.append(slot: slot, firstPage: first, pageCount: Int(random.uniform(1, 20)))
        }
      }
      return HistoryDirtyProcess(try builder.finish())
    }
  }

  /// u rises from at least zero, stays below its ceiling, and its inverse leads back.
  @Test(arguments: Kind.allCases)
  func laws(_ kind: Kind) throws {
    let seed: UInt64 = 20_101
    var random = TestRandom(seed: seed)
    for trial in 0..<200 {
      let process = try Self.process(kind, &random)
      let context: Comment = "\(kind), seed \(seed), trial \(trial)"
      var last = process.dirtyBytes(after: 0)
      #expect(last >= 0, context)
      for window in [1e-6, 1e-3, 0.03, 0.3, 1, 3, 10, 100, 1e4, 1e9] {
        let dirty = process.dirtyBytes(after: window)
        #expect(dirty >= last && dirty.isFinite, context)
        // One rounding of room: a ceiling is summed in another order.
        if let ceiling = process.ceiling {
          #expect(dirty <= ceiling.siValue * (1 + 1e-14), context)
        }
        #expect(process.dirtyRate(at: window) >= 0, context)
        last = dirty
        try inverseLeadsBack(process, window, dirty, context)
      }
      #expect(process.window(untilDirty: 0) == 0, context)
      if let ceiling = process.ceiling {
        #expect(process.window(untilDirty: ceiling.siValue * 1.001) == nil, context)
      }
    }
  }

  /// u(inverse(y)) = y, and the inverse is the first window that has so much.
  private func inverseLeadsBack(
    _ process: any DirtyProcess, _ window: Double, _ dirty: Double, _ context: Comment
  ) throws {
    // Where u is flat to the last digits it cannot say where it is.
    guard dirty > 0, process.ceiling.map({ dirty < $0.siValue * (1 - 1e-9) }) ?? true else {
      return
    }
    let back = try #require(process.window(untilDirty: dirty), context)
    // Near a ceiling of long windows an error of one digit in u is magnified by its flatness:
    // what can be asked is that u agrees.
    let tolerance = 1e-9
    #expect(back <= window * (1 + 1e-6), context)
    #expect(abs(process.dirtyBytes(after: back) - dirty) <= tolerance * dirty, context)
  }

  /// The slope is the limit of the difference quotient.
  @Test(arguments: Kind.allCases)
  func slope(_ kind: Kind) throws {
    let seed: UInt64 = 20_102
    var random = TestRandom(seed: seed)
    var checked = 0
    for trial in 0..<200 {
      let process = try Self.process(kind, &random)
      let window = random.logUniform(0.01, 30)
      let step = window * 1e-6
      let (before, after) = (
        process.dirtyBytes(after: window - step), process.dirtyBytes(after: window + step)
      )
      let secant = (after - before) / (2 * step)
      let slopes = [window - step, window, window + step].map(process.dirtyRate(at:))
      // A corner within the step has two slopes; elsewhere u is smooth.
      guard (slopes.max() ?? 0) - (slopes.min() ?? 0) < 1e-4 * (slopes.max() ?? 0) else { continue }
      checked += 1
      // The quotient of two nearly equal volumes keeps ten digits less those of the step.
      let noise = 1e-15 * after / step
      #expect(
        abs(secant - slopes[1]) <= 1e-5 * slopes[1] + noise, "\(kind), seed \(seed), trial \(trial)"
      )
    }
    #expect(checked > 50)
  }

  @Test(arguments: Oracle.cases("zhang_dirty_fraction"))
  func dirtyFractions(_ test: OracleCase) {
    let memory = Bytes(siValue: 1)
    let scale = Frequency(siValue: test.input("c"))
    let window = test.input("t")
    let accepts = Tolerance.oracle.accepts
    #expect(
      accepts(
        ReciprocalDirtyProcess(memory: memory, scale: scale).dirtyBytes(after: window),
        test.output("det_period")))
    #expect(
      accepts(
        PoissonReciprocalDirtyProcess(memory: memory, scale: scale).dirtyBytes(after: window),
        test.output("poisson_lomax")))
    #expect(
      accepts(
        BernoulliDirtyProcess(memory: memory, hazard: Frequency(siValue: test.input("theta")))
          .dirtyBytes(after: window), test.output("bernoulli")))
  }

  /// A process through a measured point goes through it.
  @Test func throughAMeasuredPoint() {
    let seed: UInt64 = 20_103
    var random = TestRandom(seed: seed)
    for trial in 0..<300 {
      let memory = Bytes(siValue: random.logUniform(1e6, 1e12))
      let window = Seconds(siValue: random.logUniform(0.01, 100))
      let share = random.uniform(0.001, 0.98)
      let rate = memory * share / window
      let processes: [any DirtyProcess] = [
        SaturatingDirtyProcess(measuredRate: rate, over: window, workingSet: memory),
        BernoulliDirtyProcess(memory: memory, measuredRate: rate, over: window),
        ReciprocalDirtyProcess(memory: memory, measuredRate: rate, over: window),
        PoissonReciprocalDirtyProcess(memory: memory, measuredRate: rate, over: window),
      ]
      for process in processes {
        let dirty = process.dirtyBytes(after: window.siValue)
        #expect(
          Tolerance.closedForm.accepts(dirty, memory.siValue * share),
          "\(type(of: process)), seed \(seed), trial \(trial)")
        #expect(process.measurement?.covers(window) == true)
      }
    }
  }

  /// A rate that dirties all memory in its window is the limit of the laws, not a number beyond.
  @Test func aPointAtTheCeiling() {
    let memory = Bytes(siValue: 1000)
    let rate = ByteRate(siValue: 2000)
    let second = Seconds(siValue: 1)
    let processes: [any DirtyProcess] = [
      SaturatingDirtyProcess(measuredRate: rate, over: second, workingSet: memory),
      BernoulliDirtyProcess(memory: memory, measuredRate: rate, over: second),
      ReciprocalDirtyProcess(memory: memory, measuredRate: rate, over: second),
      PoissonReciprocalDirtyProcess(memory: memory, measuredRate: rate, over: second),
    ]
    for process in processes {
      #expect(process.dirtyBytes(after: 0) == 0)
      #expect(process.dirtyBytes(after: 1e-9) == 1000)
    }
  }

  /// The Poisson variant's slope beyond x = 1e3, where its series stands in for a difference:
  /// against the difference quotient of a curve that is smooth there.
  @Test(arguments: [990.0, 1010, 3e3, 1e4])
  func slopeOfLongWindows(_ x: Double) {
    let process = PoissonReciprocalDirtyProcess(
      memory: Bytes(siValue: 1), scale: Frequency(siValue: 1))
    let step = x / 16
    func u(_ k: Double) -> Double { process.dirtyBytes(after: x + k * step) }
    // Seven points: the quotient's own error is of the order of (1/16)^6.
    let quotient =
      (45 * (u(1) - u(-1)) - 9 * (u(2) - u(-2)) + u(3) - u(-3)) / (60 * step)
    #expect(abs(process.dirtyRate(at: x) / quotient - 1) < 1e-5)
  }

  @Test func statesItsWindow() {
    let measurement = DirtyMeasurement(
      source: .dirtyCurve, shortest: Seconds(siValue: 0.125), longest: Seconds(siValue: 60),
      sampleCount: 22)
    #expect(measurement.description == "dirty curve, 22 samples, windows of 125ms to 1min")
    #expect(measurement.covers(Seconds(siValue: 1)) && !measurement.covers(Seconds(siValue: 61)))
    #expect(
      ConstantDirtyProcess(rate: ByteRate(siValue: 1)).measurement == nil)
  }
}

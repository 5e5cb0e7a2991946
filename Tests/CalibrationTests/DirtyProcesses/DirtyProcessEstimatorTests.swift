import Calibration
import Foundation
import MigrationModels
import Quantities
import TestSupport
import Testing

@Suite struct DirtyProcessEstimatorTests {
  static let memory = Bytes(siValue: 1e9)
  static let windows = [0.125, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 60]

  static func samples(_ process: any DirtyProcess) throws -> DirtySamples {
    try DirtySamples(
      points: windows.map {
        .init(
          window: Seconds(siValue: $0), dirty: Bytes(siValue: process.dirtyBytes(after: $0)))
      })
  }

  /// Half the digits of a parameter are what a search for a least sum can tell.
  static let found = Tolerance(relative: 1e-5, reason: "the place of a minimum, by Brent's search")

  /// Samples without noise give the parameters back.
  @Test func parametersComeBack() throws {
    let scale = Frequency(siValue: 0.03)
    let cases: [(any DirtyProcess, String, [Double])] = [
      (ConstantDirtyProcess(rate: ByteRate(siValue: 1e6)), "constant", [1e6]),
      (
        SaturatingDirtyProcess(rate: ByteRate(siValue: 2e7), workingSet: Bytes(siValue: 2e8)),
        "saturating", [2e8, 2e7]
      ),
      (BernoulliDirtyProcess(memory: Self.memory, hazard: scale), "bernoulli", [0.03]),
      (ReciprocalDirtyProcess(memory: Self.memory, scale: scale), "reciprocal", [0.03]),
      (
        PoissonReciprocalDirtyProcess(memory: Self.memory, scale: scale), "reciprocal-poisson",
        [0.03]
      ),
    ]
    for (process, name, values) in cases {
      let estimator = DirtyProcessEstimator(
        samples: try Self.samples(process), memory: Self.memory)
      let fit = try #require(try estimator.all().first { $0.name == name })
      #expect(try #require(fit.relativeError) < 1e-5, "\(name)")
      for (parameter, value) in zip(fit.parameters, values) {
        #expect(Self.found.accepts(parameter.value, value), "\(name): \(parameter)")
      }
      let measurement = try #require(fit.process.measurement)
      #expect(measurement.covers(Seconds(siValue: 60)) && !measurement.covers(Seconds(siValue: 61)))
    }
  }

  /// Two classes far apart come back as two.
  @Test func classesComeBack() throws {
    let process = ClassesDirtyProcess(
      writeRate: ByteRate(siValue: 4e7), workingSet: Bytes(siValue: 8e8),
      hotSet: Bytes(siValue: 8e6), hotWriteFraction: 0.8)
    let fit = try DirtyProcessEstimator(
      samples: try Self.samples(process), memory: Self.memory
    ).classes()
    #expect(fit.parameters.count == 4, "\(fit.parameters)")
    #expect(try #require(fit.relativeError) < 1e-3)
    let hot = try #require(fit.parameters.dropFirst(2).first)
    #expect(abs(hot.value / 8e6 - 1) < 0.02, "\(fit.parameters)")
  }

  /// Noisy points of a curve become one that rises and passes through the means.
  @Test func curvesRise() throws {
    let points = [(1.0, 10.0), (2, 30), (2, 10), (3, 15), (4, 40)].map {
      DirtySamples.Point(window: Seconds(siValue: $0.0), dirty: Bytes(siValue: $0.1))
    }
    let fit = try DirtyProcessEstimator(
      samples: DirtySamples(points: points), memory: Bytes(siValue: 100)
    ).curve()
    // 2 s: mean 20 of two, 3 s: 15; together 55/3.
    #expect(Tolerance.closedForm.accepts(fit.process.dirtyBytes(after: 2), 55.0 / 3))
    #expect(Tolerance.closedForm.accepts(fit.process.dirtyBytes(after: 3), 55.0 / 3))
    #expect(fit.process.dirtyBytes(after: 1) == 10 && fit.process.dirtyBytes(after: 4) == 40)
  }

  /// A poll series holds a point per synchronisation that follows another one.
  @Test func pollsBecomePoints() throws {
    let samples = try DirtySamples(
      pollTimes: [0, 1, 2, 3, 4, nil, 6, 7, 9],
      dirtyRates: [nil, nil, 5, 5, 8, 1, 4, nil, 4],
      dirtySyncs: [1, 1, 2, 2, 3, 3, 5, 6, 7])
    // The rise at 2 s begins the first interval; at 4 s it is 2 s old; at 6 s two rises share one;
    // at 7 s there is no rate; at 9 s 2 s.
    #expect(samples.points.map(\.window.siValue) == [2, 2])
    #expect(Set(samples.points.map(\.dirty.siValue)) == [16, 8])
    #expect(samples.measurement.source == .pollSeries)
    #expect(throws: DirtyFitError.self) {
      try DirtySamples(pollTimes: [0, 1], dirtyRates: [1, 1], dirtySyncs: [1, 2])
    }
  }

  @Test func badSamples() {
    let bad: [[(Double, Double)]] = [
      [], [(0, 1)], [(-1, 1)], [(.infinity, 1)], [(1, -1)], [(1, .nan)], [(.nan, 1)],
    ]
    for points in bad {
      #expect(throws: DirtyFitError.self) {
        try DirtySamples(
          points: points.map {
            .init(window: Seconds(siValue: $0.0), dirty: Bytes(siValue: $0.1))
          })
      }
    }
  }

  /// A machine that dirties nothing is fitted by every kind, without a number that is none.
  @Test func nothingDirty() throws {
    let samples = try DirtySamples(
      points: [1, 2].map { .init(window: Seconds(siValue: $0), dirty: .zero) })
    for fit in try DirtyProcessEstimator(samples: samples, memory: Self.memory).all() {
      #expect(fit.relativeError == nil, "\(fit.name)")
      // A billionth of the memory is as near to nothing as the search looks.
      #expect(fit.process.dirtyBytes(after: 1) <= 20, "\(fit.name)")
    }
  }
}

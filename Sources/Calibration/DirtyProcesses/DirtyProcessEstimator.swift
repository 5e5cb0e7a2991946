internal import Foundation
public import MigrationModels
public import Quantities
internal import Statistics

/// A dirty process that was fitted to samples of its curve.
public struct DirtyProcessFit: Sendable {
  public struct Parameter: Sendable, Hashable {
    public let name: String
    /// SI unit.
    public let unit: String
    public let value: Double
  }

  /// Such as `saturating`.
  public let name: String
  public let process: any DirtyProcess
  public let parameters: [Parameter]
  /// Root mean square of `(fitted - observed) / observed`, over the samples that are not zero.
  public let relativeError: Double?
}

/// Fits dirty processes to samples of u(t).
///
/// All but the curve minimise the sum of `(sqrt(u(w)) - sqrt(dirty))^2`: a number of dirty pages
/// varies about as its mean, and square roots of such counts vary alike, small windows and long
/// ones, zero counts included.
public struct DirtyProcessEstimator: Sendable {
  public let samples: DirtySamples
  /// What can be dirty at most: the memory, without zero pages where they are known.
  public let memory: Bytes

  public init(samples: DirtySamples, memory: Bytes) {
    self.samples = samples
    self.memory = memory
  }

  /// Every kind that samples of a curve can teach, best first by its relative error.
  public func all() throws(DirtyFitError) -> [DirtyProcessFit] {
    var fits = [
      try constant(), try saturating(), try bernoulli(), try reciprocal(),
      try reciprocalPoisson(), try classes(),
    ]
    fits.sort { ($0.relativeError ?? .infinity) < ($1.relativeError ?? .infinity) }
    return fits
  }

  /// `u = D t`: `sqrt(D) = sum sqrt(w dirty) / sum w`, in closed form.
  public func constant() throws(DirtyFitError) -> DirtyProcessFit {
    let weight = samples.points.reduce(0) { $0 + $1.window.siValue }
    let root = samples.points.reduce(0) {
      $0 + ($1.window.siValue * $1.dirty.siValue).squareRoot()
    }
    let rate = (root / weight) * (root / weight)
    return fit(
      "constant",
      ConstantDirtyProcess(
        rate: ByteRate(siValue: rate), ceiling: memory, measurement: samples.measurement),
      [.init(name: "dirty_rate_bytes_per_s", unit: "B/s", value: rate)])
  }

  /// `u = W (1 - exp(-D t / W))`, W at most the memory.
  public func saturating() throws(DirtyFitError) -> DirtyProcessFit {
    func process(_ set: Double, _ hazard: Double) -> SaturatingDirtyProcess {
      SaturatingDirtyProcess(
        rate: ByteRate(siValue: set * hazard), workingSet: Bytes(siValue: set),
        measurement: samples.measurement)
    }
    guard let most = samples.points.map(\.dirty.siValue).max(), most > 0 else {
      return fit("saturating", process(0, 0), workingSetParameters(0, 0))
    }
    // No less than what was seen dirty, but for noise.
    let low = log(min(most, memory.siValue) * 0.5)
    let set = try search(low, log(max(memory.siValue, most))) { logSet in
      let set = exp(logSet)
      guard let hazard = try? self.hazard({ process(set, $0) }) else { return .infinity }
      return loss(process(set, hazard))
    }
    let hazard = try self.hazard { process(exp(set), $0) }
    return fit(
      "saturating", process(exp(set), hazard), workingSetParameters(exp(set), exp(set) * hazard))
  }

  private func workingSetParameters(
    _ set: Double, _ rate: Double
  ) -> [DirtyProcessFit.Parameter] {
    [
      .init(name: "working_set_bytes", unit: "B", value: set),
      .init(name: "dirty_rate_bytes_per_s", unit: "B/s", value: rate),
    ]
  }

  /// `u = M (1 - exp(-theta t))`.
  public func bernoulli() throws(DirtyFitError) -> DirtyProcessFit {
    try ofFrequency("bernoulli", "hazard_per_s") {
      BernoulliDirtyProcess(memory: memory, hazard: $0, measurement: samples.measurement)
    }
  }

  /// `u = M c t / (1 + c t)`.
  public func reciprocal() throws(DirtyFitError) -> DirtyProcessFit {
    try ofFrequency("reciprocal", "frequency_per_s") {
      ReciprocalDirtyProcess(memory: memory, scale: $0, measurement: samples.measurement)
    }
  }

  /// `u = M x e^x E1(x)`, x = c t.
  public func reciprocalPoisson() throws(DirtyFitError) -> DirtyProcessFit {
    try ofFrequency("reciprocal-poisson", "frequency_per_s") {
      PoissonReciprocalDirtyProcess(memory: memory, scale: $0, measurement: samples.measurement)
    }
  }

  /// The samples as a piecewise linear curve: volumes of equal windows averaged, and made to rise
  /// by the least change (pool adjacent violators).
  public func curve() throws -> DirtyProcessFit {
    var blocks: [(window: Double, sum: Double, count: Double)] = []
    var merged: [(windows: [Double], mean: Double, count: Double)] = []
    for point in samples.points {
      if let last = blocks.last, last.window == point.window.siValue {
        blocks[blocks.count - 1].sum += point.dirty.siValue
        blocks[blocks.count - 1].count += 1
      } else {
        blocks.append((point.window.siValue, point.dirty.siValue, 1))
      }
    }
    for block in blocks {
      merged.append(([block.window], block.sum / block.count, block.count))
      while merged.count > 1, merged[merged.count - 2].mean > merged[merged.count - 1].mean {
        let last = merged.removeLast()
        let before = merged.removeLast()
        let count = before.count + last.count
        merged.append(
          (
            before.windows + last.windows,
            (before.mean * before.count + last.mean * last.count) / count, count
          ))
      }
    }
    let points = merged.flatMap { block in
      block.windows.map {
        DirtyCurve.Point(
          window: Seconds(siValue: $0),
          dirty: Bytes(siValue: min(block.mean, memory.siValue)))
      }
    }
    let curve = try DirtyCurve(points: points, ceiling: memory)
    return fit("curve", curve, [])
  }

  private func ofFrequency(
    _ name: String, _ parameter: String, _ process: (Frequency) -> any DirtyProcess
  ) throws(DirtyFitError) -> DirtyProcessFit {
    let value = try hazard { process(Frequency(siValue: $0)) }
    return fit(
      name, process(Frequency(siValue: value)),
      [.init(name: parameter, unit: "1/s", value: value)])
  }

  /// The frequency that fits best.
  private func hazard(_ process: (Double) -> any DirtyProcess) throws(DirtyFitError) -> Double {
    guard let shortest = samples.points.first?.window.siValue,
      let longest = samples.points.last?.window.siValue
    else { throw .noSamples("none") }
    // A page in a billion per longest window, to all pages a thousand times per shortest.
    return exp(
      try search(log(1e-9 / longest), log(1e3 / shortest)) { loss(process(exp($0))) })
  }

  /// A scan, then Brent's search between the neighbours of the best place.
  private func search(
    _ low: Double, _ high: Double, _ loss: (Double) -> Double
  ) throws(DirtyFitError) -> Double {
    let steps = 48
    let grid = (0...steps).map { low + (high - low) * Double($0) / Double(steps) }
    let values = grid.map(loss)
    guard let best = values.indices.min(by: { values[$0] < values[$1] }) else {
      throw .searchFailed
    }
    do {
      let found = try minimum(in: grid[max(0, best - 1)]...grid[min(steps, best + 1)], loss)
      return found.value <= values[best] ? found.place : grid[best]
    } catch {
      throw .searchFailed
    }
  }

  private func loss(_ process: any DirtyProcess) -> Double {
    samples.points.reduce(0) { sum, point in
      let difference =
        process.dirtyBytes(after: point.window.siValue).squareRoot()
        - point.dirty.siValue.squareRoot()
      return sum + difference * difference
    }
  }

  func fit(
    _ name: String, _ process: any DirtyProcess, _ parameters: [DirtyProcessFit.Parameter]
  ) -> DirtyProcessFit {
    let errors = samples.points.filter { $0.dirty > .zero }.map { point in
      process.dirtyBytes(after: point.window.siValue) / point.dirty.siValue - 1
    }
    let square = errors.reduce(0) { $0 + $1 * $1 }
    return DirtyProcessFit(
      name: name, process: process, parameters: parameters,
      relativeError: errors.isEmpty ? nil : (square / Double(errors.count)).squareRoot())
  }
}

internal import Foundation
internal import MigrationModels
internal import Quantities
internal import Statistics

extension DirtyProcessEstimator {
  /// `u = sum W_k (1 - exp(-f_k t))`, W_k >= 0: as few classes as the samples tell apart.
  ///
  /// Non-negative least squares over a grid of frequencies says where classes are; neighbours on
  /// the grid are one class whose frequency lies between its points, so they are joined, and
  /// sizes and frequencies then refined in turn. Residuals are weighted by one over the square
  /// root of the observed volume, as for the other kinds.
  ///
  /// Sums of exponentials are hard to tell apart: frequencies within a factor of two or three come
  /// out as one class. Source: Equations.md 0 identity 5 (derived); the fit is ours.
  public func classes() throws(DirtyFitError) -> DirtyProcessFit {
    let problem = ClassProblem(samples)
    var hazards = problem.joined(problem.grid, problem.sizes(problem.grid))
    for _ in 0..<4 {
      for k in hazards.indices {
        let best = try? minimum(in: log(hazards[k] / 3)...log(hazards[k] * 3)) { place in
          var moved = hazards
          moved[k] = exp(place)
          return problem.loss(moved, problem.sizes(moved))
        }
        if let best { hazards[k] = exp(best.place) }
      }
    }
    let sizes = problem.sizes(hazards)
    let kept = zip(sizes, hazards).filter { $0.0 > 0 }
    let process = ClassesDirtyProcess(
      kept.map {
        SaturatingDirtyProcess(
          rate: ByteRate(siValue: $0.0 * $0.1), workingSet: Bytes(siValue: $0.0))
      }, measurement: samples.measurement)
    let parameters = kept.enumerated().flatMap { index, pair in
      [
        DirtyProcessFit.Parameter(name: "class_\(index + 1)_bytes", unit: "B", value: pair.0),
        DirtyProcessFit.Parameter(
          name: "class_\(index + 1)_hazard_per_s", unit: "1/s", value: pair.1),
      ]
    }
    return fit("classes", process, parameters)
  }
}

/// The least squares behind `classes`: which sizes of given frequencies explain the samples?
private struct ClassProblem {
  let windows: [Double]
  let weights: [Double]
  let targets: [Double]
  /// From a class hardly written in the longest window to one always dirty in the shortest.
  let grid: [Double]

  init(_ samples: DirtySamples) {
    windows = samples.points.map(\.window.siValue)
    let most = samples.points.reduce(0) { max($0, $1.dirty.siValue) }
    let floor = max(1, most * 1e-6)
    weights = samples.points.map { 1 / max($0.dirty.siValue, floor).squareRoot() }
    targets = zip(samples.points, weights).map { $0.dirty.siValue * $1 }
    let low = log(0.1 / (windows.last ?? 1))
    let high = log(10 / (windows.first ?? 1))
    let count = 20
    grid = (0..<count).map { exp(low + (high - low) * Double($0) / Double(count - 1)) }
  }

  private func columns(_ hazards: [Double]) -> [[Double]] {
    hazards.map { hazard in zip(windows, weights).map { -expm1(-hazard * $0) * $1 } }
  }

  /// Non-negative least squares by coordinate descent: every step lowers a convex sum.
  func sizes(_ hazards: [Double]) -> [Double] {
    let columns = columns(hazards)
    let squares = columns.map { $0.reduce(0) { $0 + $1 * $1 } }
    var residuals = targets
    var sizes = [Double](repeating: 0, count: hazards.count)
    for _ in 0..<3000 {
      var moved = 0.0
      for k in sizes.indices where squares[k] > 0 {
        let slope = zip(columns[k], residuals).reduce(0) { $0 + $1.0 * $1.1 }
        let next = max(0, sizes[k] + slope / squares[k])
        let change = next - sizes[k]
        guard change != 0 else { continue }
        sizes[k] = next
        for i in residuals.indices { residuals[i] -= change * columns[k][i] }
        moved = max(moved, abs(change))
      }
      if moved <= 1e-10 * (sizes.max() ?? 0) { break }
    }
    return sizes
  }

  func loss(_ hazards: [Double], _ sizes: [Double]) -> Double {
    var residuals = targets
    for (column, size) in zip(columns(hazards), sizes) {
      for i in residuals.indices { residuals[i] -= size * column[i] }
    }
    return residuals.reduce(0) { $0 + $1 * $1 }
  }

  /// One frequency per run of neighbours with sizes that count: the mean of the logarithms,
  /// weighted by how much each writes.
  func joined(_ hazards: [Double], _ sizes: [Double]) -> [Double] {
    let least = 1e-3 * zip(hazards, sizes).reduce(0) { max($0, $1.0 * $1.1) }
    var answer: [Double] = []
    var (sum, weight) = (0.0, 0.0)
    for (hazard, size) in zip(hazards + [0], sizes + [0]) {
      // What a class writes a second: a small hot class counts like a large cold one.
      let rate = hazard * size
      if rate > least {
        sum += rate * log(hazard)
        weight += rate
      } else if weight > 0 {
        answer.append(exp(sum / weight))
        (sum, weight) = (0, 0)
      }
    }
    return answer
  }
}

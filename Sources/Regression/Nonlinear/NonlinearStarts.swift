import Statistics

/// Where the solver begins.
public struct NonlinearStarts: Sendable, Equatable {
  /// Given points, in the order in which they are tried; each by parameter.
  public var points: [[String: Double]]
  /// Further points at random, spread over the bounds.
  public var randomCount: Int
  public var seed: UInt64

  public init(_ points: [[String: Double]] = [], randomCount: Int = 0, seed: UInt64 = 1) {
    self.points = points
    self.randomCount = randomCount
    self.seed = seed
  }

  /// A range of positive numbers wider than this factor is sampled by its logarithm.
  static let widestLinearRange = 100.0

  /// All starts, in order: the given points, then the
  /// random ones.
  ///
  /// The random ones are a Latin hypercube: each parameter's range is cut into `randomCount`
  /// equal parts, and each part is used once. McKay, Beckman and Conover, Technometrics 21 (1979).
  /// - Throws: `NonlinearError.noStart` for parameters without a value in a given point, or
  ///   without finite bounds when starts are random; `.unknownParameter`.
  func resolved(
    _ names: [String], _ bounds: [ParameterBounds]
  ) throws(NonlinearError) -> [[Double]] {
    var answer: [[Double]] = []
    for point in points {
      for name in point.keys.sorted() where !names.contains(name) {
        throw .unknownParameter(name, nearest: [], parameters: names)
      }
      let lacking = names.filter { point[$0] == nil }
      guard lacking.isEmpty else { throw .noStart(lacking) }
      answer.append(names.compactMap { point[$0] })
    }
    guard randomCount > 0 else {
      guard !answer.isEmpty else { throw .noStart(names) }
      return answer
    }
    let open = names.indices.filter { !bounds[$0].lower.isFinite || !bounds[$0].upper.isFinite }
    guard open.isEmpty else { throw .noStart(open.map { names[$0] }) }
    return answer + hypercube(bounds)
  }

  private func hypercube(_ bounds: [ParameterBounds]) -> [[Double]] {
    var random = Xoshiro256StarStar(seed: seed)
    let columns = bounds.map { bound in
      random.shuffled(Array(0..<randomCount)).map { part -> Double in
        let share = (Double(part) + random.unitInterval()) / Double(randomCount)
        if bound.lower > 0, bound.upper / bound.lower > Self.widestLinearRange {
          let span = CMath.log(bound.upper / bound.lower)
          return bound.clamp(bound.lower * CMath.exp(share * span))
        }
        return bound.clamp(bound.lower * (1 - share) + bound.upper * share)
      }
    }
    return (0..<randomCount).map { row in columns.map { $0[row] } }
  }
}

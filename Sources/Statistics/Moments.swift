/// The shape of a sample by its third and fourth moments about the mean.
///
/// `m_k = mean of (x - mean)^k`; `skewness = m3 / m2^1.5`, `kurtosis = m4 / m2^2` (3 for a
/// normal distribution), both with the divisor n.
public struct SampleShape: Sendable, Equatable {
  public let count: Int
  public let skewness: Double
  public let kurtosis: Double

  /// - Throws: `StatisticsError.domain` for a value that is not finite, or without any spread;
  ///   `.empty` without values.
  public init(_ values: [Double]) throws(StatisticsError) {
    guard let first = values.first else { throw .empty(function: "moments") }
    for value in values {
      try require(value.isFinite, "moments", "value", value, "a finite number")
    }
    let n = Double(values.count)
    let mean = first + values.reduce(0) { $0 + ($1 - first) / n }
    let reach = values.reduce(0) { max($0, abs($1 - mean)) }
    try require(reach > 0 && reach.isFinite, "moments", "spread", reach, "> 0")
    var (second, third, fourth) = (0.0, 0.0, 0.0)
    for value in values {
      // Scaled by the largest deviation, so that no power overflows.
      let gap = (value - mean) / reach
      second += gap * gap
      third += gap * gap * gap
      fourth += gap * gap * gap * gap
    }
    (second, third, fourth) = (second / n, third / n, fourth / n)
    count = values.count
    skewness = third / (second * second.squareRoot())
    kurtosis = fourth / (second * second)
  }

  /// Jarque and Bera's `n/6 (skewness^2 + (kurtosis - 3)^2 / 4)`: about chi-squared with two
  /// degrees of freedom for a large normal sample (International Statistical Review 55 (1987)).
  public var jarqueBera: Double {
    Double(count) / 6 * (skewness * skewness + (kurtosis - 3) * (kurtosis - 3) / 4)
  }
}

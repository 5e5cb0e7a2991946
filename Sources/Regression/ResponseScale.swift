/// The left side of a formula seen as a scale: what it was before a logarithm, and the way back.
public struct ResponseScale: Sendable, Equatable {
  public enum Kind: String, Sendable, Codable {
    /// The response is predicted as it stands in the formula.
    case identity
    case log, log2, log10
  }

  public let kind: Kind
  /// What is predicted in the end: the argument of the logarithm, else the whole left side.
  let original: Expression

  public init(_ response: Expression) {
    switch response {
    case .call(.log, let inner): (kind, original) = (.log, inner)
    case .call(.log2, let inner): (kind, original) = (.log2, inner)
    case .call(.log10, let inner): (kind, original) = (.log10, inner)
    default: (kind, original) = (.identity, response)
    }
  }

  /// The name of what is predicted: `total_time_s` for `log(total_time_s)`, and
  /// `sqrt(total_time_s)` for itself, because only logarithms are undone.
  public var name: String { original.description }

  /// From the scale of the formula back to the original one.
  public func back(_ value: Double) -> Double {
    switch kind {
    case .identity: value
    case .log: CMath.exp(value)
    case .log2: CMath.exp2(value)
    case .log10: CMath.exp10(value)
    }
  }

  /// Duan's smearing factor: the weighted mean of the residuals taken back, 1 for the identity.
  ///
  /// The mean of y given x is not the exponential of the mean of log y, but about this factor
  /// times it, whatever the distribution of the errors, as long as it is the same for all x.
  /// Source: Duan, JASA 78 (1983), equation 3.
  func smearing(_ residuals: [Double], weights: [Double]?) -> Double {
    guard kind != .identity else { return 1 }
    var sum = 0.0
    var total = 0.0
    for i in residuals.indices {
      let weight = weights?[i] ?? 1
      sum += weight * back(residuals[i])
      total += weight
    }
    return sum / total
  }
}

import LinearAlgebra
import ModelCore

/// Ridge regression: b minimises `sum w (y - Xb)^2 + lambda sum (s_j b_j)^2`.
///
/// s_j is the standard deviation of column j (divisor n; without an intercept its root mean
/// square), so that the penalty does not depend on units; the intercept bears none. Weights are
/// brought to mean 1 first, so that a common factor does not change the answer.
///
/// Source: Hoerl and Kennard, Technometrics 12 (1970), equation 2.1; lambda as in R's
/// `MASS::lm.ridge`. By the singular values d of the centred and scaled columns: the fit is
/// `sum u_k d_k^2 / (d_k^2 + lambda) u_k'y`, its trace the effective degrees of freedom.
/// With lambda = 0 the answer is least squares itself, redundant columns included; as lambda falls
/// the estimates go there. Columns that say the same share their effect. Estimates are biased
/// towards zero on purpose: standard errors hold the variance alone.
public struct RidgeRegression: Sendable {
  /// Who chooses lambda.
  public enum Penalty: Sendable, Equatable {
    /// Finite, >= 0.
    case fixed(Double)
    /// The lambda of the least generalised cross-validation score.
    case generalisedCrossValidation
  }

  public var penalty: Penalty
  public var level: Double

  public init(_ penalty: Penalty, level: Double = 0.95) {
    self.penalty = penalty
    self.level = level
  }

  /// Fits a design.
  ///
  /// - Throws: `KindError.setting` for a lambda below 0; `RegressionError.level`, `.noColumns`.
  public func fit(_ design: Design) throws(RegressionError) -> RidgeFit {
    if case .fixed(let lambda) = penalty, !(lambda >= 0 && lambda.isFinite) {
      throw .kind(.setting(name: "lambda", value: lambda, expected: "a finite number >= 0"))
    }
    let spectrum = try RidgeSpectrum(design)
    let lambda: Double
    switch penalty {
    case .fixed(let value): lambda = value
    case .generalisedCrossValidation: lambda = spectrum.bestLambda()
    }
    return try RidgeFit(spectrum, lambda: lambda, penalty: penalty, level: level)
  }
}

/// A ridge regression fitted to a design.
public struct RidgeFit: LinearModelKind {
  public let model: LinearModelFit
  public let lambda: Double
  /// The trace of the matrix that takes y to the fitted values, the intercept's 1 included.
  public let effectiveDegreesOfFreedom: Double
  /// `n S / (n - edf)^2`, S the weighted sum of squared residuals; infinite for edf = n.
  public let gcvScore: Double

  init(
    _ spectrum: RidgeSpectrum, lambda: Double, penalty: RidgeRegression.Penalty, level: Double
  ) throws(RegressionError) {
    let design = spectrum.design
    let count = design.response.count
    let (estimates, aliases) = try spectrum.estimates(lambda)
    let edf = spectrum.effectiveDegrees(lambda)
    let degrees = Double(count) - edf
    let fitted = try algebra { () throws(LinearAlgebraError) in
      try design.matrix.multiplied(by: estimates.map { $0 ?? 0 })
    }
    let residuals = zip(design.response, fitted).map { $0 - $1 }
    var squares = 0.0
    for i in residuals.indices {
      squares += (design.weights?[i] ?? 1) * residuals[i] * residuals[i]
    }
    // The trace is a sum of quotients: within its rounding of n there is nothing left.
    let hasDegrees = degrees > 1e-9 * Double(count)
    let sigma = hasDegrees ? (squares / degrees).squareRoot() : nil
    let smearing = ResponseScale(design.formula.response)
      .smearing(residuals, weights: design.weights)
    let root = sigma.flatMap { sigma in
      aliases.isEmpty ? spectrum.covarianceRoot(lambda).scaled(by: sigma) : nil
    }

    // No interval: the bias that the penalty brings is unknown, and half of the error. So what is
    // saved has no covariance; the table of coefficients takes its standard errors from here.
    func predictor(_ root: Matrix?) -> SavedLinearPredictor {
      SavedLinearPredictor(
        method: "ridge regression", design: design, estimates: estimates, aliases: aliases,
        root: root, sigma: nil, degreesOfFreedom: nil, smearing: smearing)
    }
    let saved = predictor(nil)
    var summary = KindSummary(nobs: count, rank: estimates.count { $0 != nil })
    summary.degreesOfFreedom = degrees
    summary.sigma = sigma
    summary.rSquared = KindSummary.shareExplained(squares, design)
    summary.condition = spectrum.condition(lambda)
    summary.setLikelihood(
      hasDegrees ? KindSummary.gaussianLogLikelihood(squares, design) : nil, parameters: edf + 1)
    try summary.setErrors(design, fitted: fitted, smearing: smearing)

    self.lambda = lambda
    effectiveDegreesOfFreedom = edf
    gcvScore = spectrum.score(lambda)
    model = LinearModelFit(
      design: design,
      coefficients: try kindCoefficients(predictor(root), .errorsOnly, level: level),
      summary: summary, fitted: fitted, residuals: residuals, hat: spectrum.hat(lambda),
      saved: saved,
      notes: design.kindNotes(saved)
        + Self.notes(lambda: lambda, edf: edf, penalty: penalty, spectrum: spectrum)
        + design.smearingNotes(smearing, how: "Duan's smearing factor"),
      level: level, extras: [])
  }

  private static func notes(
    lambda: Double, edf: Double, penalty: RidgeRegression.Penalty, spectrum: RidgeSpectrum
  ) -> [String] {
    let chosen =
      penalty == .generalisedCrossValidation ? ", chosen by generalised cross-validation" : ""
    var notes = [
      "penalty lambda \(shortestDecimal(lambda)) on scaled columns\(chosen); "
        + "\(shortestDecimal((edf * 1e4).rounded() / 1e4)) effective degrees of freedom.",
      "estimates are shrunk towards zero: standard errors hold their variance without that bias, "
        + "so there are no tests and no intervals.",
    ]
    if penalty == .generalisedCrossValidation, !spectrum.isInside(lambda) {
      notes.append(
        "the best lambda lies at the end of the range that was searched: the data ask for "
          + (lambda < spectrum.centreOfSearch ? "no penalty." : "no effects at all."))
    }
    return notes
  }
}

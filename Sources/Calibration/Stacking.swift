import ModelCore
import Regression

/// Weights of several models, none below zero and one in sum, by least squares on the log scale.
///
///     min over w of sum over rows of (sum over k of w_k e_k)^2,  w >= 0,  sum w = 1,
///
/// with e_k = log(observed / predicted by model k). The sum is kept by a further row of ones:
/// min |E w|^2 + (1 - sum w)^2 over w >= 0 has, for w = s u with sum u = 1, its least value
/// |E u|^2 / (|E u|^2 + 1) at the best s, which grows with |E u|^2; so the u of the answer is that
/// of the constrained problem, exactly, and not in the limit of a heavy row.
///
/// Source: Breiman, Machine Learning 24 (1996), "Stacked regressions" [recalled]: weights >= 0 on
/// predictions that are out of fold; the row of ones [derived].
struct Stacking: Sendable, Equatable {
  /// One per model.
  let weights: [Double]
  /// Mean square of a model's own errors; the fallback where no model with weight answers.
  let meanSquares: [Double]

  /// - Parameter errors: per model, log(observed / predicted) of the same rows.
  /// - Throws: `CalibrationError.notFitted` when the optimum is not proven.
  init(errors: [[Double]]) throws(CalibrationError) {
    let rows = errors.first?.count ?? 0
    guard rows > 0 else {
      throw .tooFewRows(what: "rows that teach weights", found: 0, needed: 1)
    }
    meanSquares = errors.map { column in
      column.reduce(0) { $0 + $1 * $1 } / Double(rows)
    }
    let names = errors.indices.map { "m\($0)" }
    // Why in units of the typical error: the row of ones then weighs about as much as a row.
    let unit = max((meanSquares.min() ?? 0).squareRoot(), 1e-6)
    do {
      let columns = zip(names, errors).map { name, column in
        Column(name, numbers: column.map { $0 / unit } + [1])
      }
      let response = Column(
        "y", numbers: [Double](repeating: 0, count: rows) + [1])
      let formula = try Formula("y ~ 0 + " + names.joined(separator: " + "))
      let fit = try BoundedLeastSquares(isNonNegative: true)
        .fit(try Design(formula, try Table([response] + columns, source: "out of fold")))
      guard fit.certificate.holds else {
        throw CalibrationError.notFitted(
          model: StackedComparison.id, reason: "the weights are not proven to be the best")
      }
      let found = fit.model.coefficients.map { max(0, $0.estimate ?? 0) }
      let sum = found.reduce(0, +)
      weights = found.map { $0 / sum }
    } catch {
      throw CalibrationError(error)
    }
  }

  /// The weights of the models that answer: their own, made to sum to one; where none of them has
  /// weight, all of it for the one that errs least.
  func weights(answering: [Bool]) -> [Double] {
    let own = zip(weights, answering).map { $1 ? $0 : 0 }
    let sum = own.reduce(0, +)
    if sum > 0 { return own.map { $0 / sum } }
    let best = weights.indices.filter { answering[$0] }.min {
      (meanSquares[$0], $0) < (meanSquares[$1], $1)
    }
    return weights.indices.map { $0 == best ? 1 : 0 }
  }
}

import LinearAlgebra
public import ModelCore

/// A second pass over data that can be read twice: what a streamed fit lacks because its rows were
/// not kept.
///
/// It gives Duan's smearing factor in place of that of normal errors, and `rmse`; for a response
/// without a logarithm `mae` too. (With one, the absolute errors need the factor, which is known
/// only at the end; a median needs all errors at once.)
/// Source: Duan, JASA 78 (1983), equation 3.
public struct ResidualScan: Sendable {
  /// The fit as it was before the pass.
  public let fit: StreamedFit
  /// Rows that count.
  public private(set) var rows = 0
  private let design: StreamingDesign
  private let scale: ResponseScale
  private let positions: [Int]
  private var weightSum = CompensatedSum()
  /// The sum of w back(r).
  private var smeared = CompensatedSum()
  /// With e the original response less the fitted value taken back, and m the latter.
  private var (absolutes, squares) = (CompensatedSum(), CompensatedSum())
  private var (crossed, values) = (CompensatedSum(), CompensatedSum())

  /// - Parameter state: the one that the fit came from.
  public init(_ state: LeastSquaresState, _ fit: StreamedFit) {
    self.fit = fit
    design = state.design
    scale = fit.formulaFit.scale
    positions = state.design.positions(of: fit.formulaFit.recipe)
  }

  /// Takes the rows of a batch.
  ///
  /// - Throws: `RegressionError.stream(.changed)` for a level that the first pass did not meet,
  ///   and what `LeastSquaresState.add` throws.
  public mutating func add(_ table: Table) throws(RegressionError) {
    let batch = try StreamedRows(table, design)
    guard batch.design == design else { throw .stream(.changed) }
    let count = batch.rows.positions.count
    let observed = try batch.rows.values(of: scale.original)
    var fitted = [Double](repeating: 0, count: count)
    for (position, estimate) in zip(positions, fit.formulaFit.estimates) {
      guard let estimate else { continue }
      let column = batch.block.column(position)
      for (i, x) in column.enumerated() { fitted[i] += x * estimate }
    }
    for (i, y) in batch.block.column(design.responseColumn).enumerated() {
      let weight = batch.weights?[i] ?? 1
      weightSum.add(weight)
      smeared.add(weight * scale.back(y - fitted[i]))
      let value = scale.back(fitted[i])
      let error = observed[i] - value
      absolutes.add(abs(error))
      squares.add(error * error)
      crossed.add(error * value)
      values.add(value * value)
    }
    rows += count
  }

  /// The fit with what the pass has found.
  ///
  /// - Throws: `RegressionError.stream(.changed)` unless as many rows came as in the first pass.
  public func finish() throws(RegressionError) -> StreamedFit {
    guard rows == fit.summary.nobs else { throw .stream(.changed) }
    let isIdentity = scale.kind == .identity
    let factor = isIdentity ? 1 : smeared.value / weightSum.value
    guard factor.isFinite, factor > 0 else { return fit }
    // (e - (f - 1) m)^2 summed: no difference of large numbers as long as f is about 1.
    let excess = factor - 1
    let total = squares.value - 2 * excess * crossed.value + excess * excess * values.value
    let mean = max(total, 0) / Double(rows)
    var answer = fit
    answer.summary = fit.summary.with(
      rmse: mean.isFinite ? mean.squareRoot() : nil,
      mae: isIdentity ? absolutes.value / Double(rows) : nil)
    answer.formulaFit = fit.formulaFit.with(smearing: factor)
    answer.hasSecondPass = true
    return answer
  }
}

extension LinearSummary {
  func with(rmse: Double?, mae: Double?) -> LinearSummary {
    LinearSummary(
      nobs: nobs, rank: rank, degreesOfFreedom: degreesOfFreedom, sigma: sigma, rSquared: rSquared,
      adjustedRSquared: adjustedRSquared, fStatistic: fStatistic, fPValue: fPValue, rmse: rmse,
      mae: mae, mdape: mdape, logLikelihood: logLikelihood, aic: aic, bic: bic,
      condition: condition)
  }
}

extension FormulaFit {
  func with(smearing: Double) -> FormulaFit {
    FormulaFit(
      recipe: recipe, nobs: nobs, smearing: smearing, ranges: ranges, predictor: predictor)
  }
}

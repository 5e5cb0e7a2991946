import LinearAlgebra
public import ModelCore

/// How much each row of the data decides about a fit, without fitting again.
///
/// With e the residuals, w the weights, h the leverages, p the rank and s the residual standard
/// deviation: `s(i)^2 = ((n - p) s^2 - w e^2 / (1 - h)) / (n - p - 1)`, the externally studentised
/// residual `t = sqrt(w) e / (s(i) sqrt(1 - h))`, Cook's `D = r^2 h / ((1 - h) p)` with the
/// standardised residual r, `DFFITS = t sqrt(h / (1 - h))`, and
/// `COVRATIO = ((n - p - 1 + t^2) / (n - p))^-p / (1 - h)`.
/// Source: Belsley, Kuh and Welsch, Regression Diagnostics (1980), chapter 2; Cook,
/// Technometrics 19 (1977); R, `influence.measures`.
///
/// A value is `nil` where the row determines its own fitted value (h = 1), where the fit is
/// perfect, or where a residual degree of freedom is lacking.
public struct Influence: Sendable {
  public let fit: LinearFit
  /// s(i): the residual standard deviation without the row.
  public let sigmaWithout: [Double?]
  /// Externally studentised: Student's t with n - p - 1 degrees of freedom for a single row.
  public let studentizedResiduals: [Double?]
  public let dffits: [Double?]
  /// Determinant of the coefficients' covariance without the row, by that with it.
  public let covarianceRatio: [Double?]

  /// Leverages, in [0, 1].
  public var hat: [Double] { fit.hat }
  /// Internally studentised.
  public var standardizedResiduals: [Double?] { fit.standardizedResiduals }
  public var cooksDistance: [Double?] { fit.cooksDistance }

  public init(_ fit: LinearFit) {
    self.fit = fit
    let degrees = fit.summary.degreesOfFreedom
    let rank = Double(fit.summary.rank)
    let hat = fit.hat
    let sigma = fit.summary.sigma
    let without: [Double?] = fit.standardizedResiduals.map { standardized in
      guard let standardized, let sigma, degrees > 1 else { return nil }
      // (n - p) - r^2 is >= 0 but for rounding: r^2 is at most n - p.
      let rest = max(Double(degrees) - standardized * standardized, 0)
      return sigma * (rest / Double(degrees - 1)).squareRoot()
    }
    let studentized: [Double?] = without.indices.map { i in
      guard let deviation = without[i], deviation > 0, let sigma,
        let standardized = fit.standardizedResiduals[i]
      else { return nil }
      return standardized * sigma / deviation
    }
    sigmaWithout = without
    studentizedResiduals = studentized
    dffits = studentized.indices.map { i in
      studentized[i].map { $0 * (hat[i] / (1 - hat[i])).squareRoot() }
    }
    covarianceRatio = studentized.indices.map { i in
      studentized[i].map { t in
        let ratio = (Double(degrees - 1) + t * t) / Double(degrees)
        return CMath.exp(-rank * CMath.log(ratio)) / (1 - hat[i])
      }
    }
  }

  /// b - b(i): by how much each coefficient falls when row i is left out; a row per row of the
  /// design, a column per coefficient of the fit's basis. `nil` for a row with h = 1, without
  /// which some coefficient cannot be estimated.
  ///
  /// `(X'WX)^-1 x sqrt(w) sqrt(w) e / (1 - h)`; O(n p^2), and n p doubles of memory.
  public func coefficientChanges() throws(RegressionError) -> [[Double]?] {
    let basis = try FitBasis(fit)
    let sensitivity = try basis.coefficientSensitivity()
    return (0..<basis.rows).map { i in
      guard fit.hat[i] < Self.fullLeverage else { return nil }
      let factor = basis.residuals[i] / (1 - fit.hat[i])
      return sensitivity.row(i).map { $0 * factor }
    }
  }

  /// DFBETAS: the change of each coefficient in units of its standard error with s(i) for s, by
  /// coefficient of the fit's basis.
  ///
  /// `(b - b(i))_j / (s(i) sqrt(((X'WX)^-1)_jj))`.
  public func dfbetas() throws(RegressionError) -> [(term: String, values: [Double?])] {
    let changes = try coefficientChanges()
    return fit.basis.enumerated().map { place, column in
      let coefficient = fit.coefficients[column]
      let values: [Double?] = changes.indices.map { i in
        guard let change = changes[i], let deviation = sigmaWithout[i], deviation > 0,
          let sigma = fit.summary.sigma, let error = coefficient.standardError, error > 0
        else { return nil }
        return change[place] / (error / sigma * deviation)
      }
      return (coefficient.term, values)
    }
  }

  /// Rows of the design by falling Cook's distance; rows without one stand last, those that
  /// determine their own fitted value first among them.
  public var order: [Int] {
    let cooks = cooksDistance
    return cooks.indices.sorted { left, right in
      let (a, b) = (cooks[left] ?? -1, cooks[right] ?? -1)
      if a != b { return a > b }
      return (fit.hat[right], left) < (fit.hat[left], right)
    }
  }

  /// From here on a leverage counts as 1, as in R.
  static let fullLeverage = 1 - 10 * Double.ulpOfOne

  /// The rows of largest Cook's distance: `row, line`, the table's id columns that are there,
  /// `.fitted, .resid, .hat, .student_resid, .cooks_d, .dffits, cov_ratio`, and
  /// `most_moved_term, .dfbetas_max` for the coefficient that the row moves most.
  ///
  /// - Parameter limit: at most so many rows.
  public func table(limit: Int) throws(RegressionError) -> Table {
    let chosen = Array(order.prefix(max(limit, 0)))
    let changes = try dfbetas()
    let table = fit.design.table
    let positions = chosen.map { fit.design.rows[$0] }
    var columns = [Column("row", numbers: positions.map { Double($0 + 1) })]
    if let lines = table.lines {
      columns.append(Column("line", numbers: positions.map { Double(lines[$0]) }))
    }
    for name in table.names where Glossary.role(of: name) == .id && !Self.names.contains(name) {
      columns.append(Column(name, text: positions.map { table.label(name, row: $0) }))
    }
    let most = chosen.map { i in
      changes.compactMap { change in change.values[i].map { (term: change.term, value: $0) } }
        .max { abs($0.value) < abs($1.value) }
    }
    columns += [
      Column(".fitted", numbers: chosen.map { fit.fitted[$0] }),
      Column(".resid", numbers: chosen.map { fit.residuals[$0] }),
      Column(".hat", numbers: chosen.map { fit.hat[$0] }),
      Column(".student_resid", numbers: chosen.map { studentizedResiduals[$0] }),
      Column(".cooks_d", numbers: chosen.map { cooksDistance[$0] }),
      Column(".dffits", numbers: chosen.map { dffits[$0] }),
      Column("cov_ratio", numbers: chosen.map { covarianceRatio[$0] }),
      Column("most_moved_term", text: most.map { $0?.term }),
      Column(".dfbetas_max", numbers: most.map { $0?.value }),
    ]
    do { return try Table(columns, source: table.source) } catch { throw .table(error) }
  }

  private static let names: Set<String> = ["row", "line", "most_moved_term"]
}

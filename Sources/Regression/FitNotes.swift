import ModelCore

/// Sentences that fits of every kind say of their rows and terms.
enum FitNotes {
  /// Rows that the fit did not use.
  static func leftOut(missing: Int, zeroWeight: Int) -> [String] {
    var notes: [String] = []
    if missing > 0 {
      notes.append("\(counted(missing)) left out: a column of the formula is empty there.")
    }
    if zeroWeight > 0 {
      notes.append("\(counted(zeroWeight)) of weight 0 left out.")
    }
    return notes
  }

  private static func counted(_ rows: Int) -> String { rows == 1 ? "1 row" : "\(rows) rows" }

  /// Terms without an estimate, and what is lost when no row is left to judge by.
  static func unestimated(_ terms: [String], of count: Int, nobs: Int) -> [String] {
    let rank = count - terms.count
    var notes: [String] = []
    if !terms.isEmpty {
      let why =
        nobs < count
        ? "\(counted(nobs)) cannot tell \(count) terms apart" : "other terms already say the same"
      notes.append(
        "rank \(rank) of \(count) terms; no estimate for \(terms.joined(separator: ", ")): \(why).")
    }
    if nobs <= rank {
      notes.append(
        "\(counted(nobs)) for \(rank) coefficients: the fit passes through every row, so nothing "
          + "tells how good it is, and there are no errors; give more rows or fewer terms.")
    }
    return notes
  }

  /// What predictions of a transformed response are: `how` names the factor.
  static func smearing(
    _ response: String, how: String, factor: Double, errors: String = "rmse, mae and mdape are"
  ) -> String {
    "predictions are of \(response), the back-transform times \(how) "
      + "\(shortestDecimal((factor * 1e4).rounded() / 1e4)); \(errors) on that scale."
  }
}

import ModelCore

/// Refuses a trace in which something that passes for an input gives away an outcome.
///
/// Roles are by name: a column that the glossary calls an input is believed to be known before
/// the start. One that is an outcome times a constant in nearly every row was made from it.
enum OutcomeLeak {
  /// Rows that have to agree before it is no accident.
  private static let leastRows = 8
  private static let share = 0.9
  /// Relative; measured inputs and outcomes never agree so closely by chance.
  private static let tolerance = 1e-6

  static func refuse(_ table: Table) throws(CalibrationError) {
    let outcomes = CalibratedOutcome.allCases.compactMap { outcome in
      table.numbersIfPresent(outcome.column).map { (outcome.column, $0) }
    }
    // Settings are typed in, and a run of equal jobs may well have equal settings; what was
    // measured of a guest is what a planted column would pass for.
    for field in CalibratedField.allCases {
      guard let input = table.numbersIfPresent(field.column) else { continue }
      for (name, outcome) in outcomes {
        var ratios: [Double] = []
        var values: Set<Double> = []
        for row in 0..<table.rowCount {
          guard let x = input[row], let y = outcome[row], x > 0, y > 0 else { continue }
          ratios.append(x / y)
          values.insert(y)
        }
        guard ratios.count >= leastRows, values.count * 2 >= ratios.count else { continue }
        let middle = ratios.sorted()[ratios.count / 2]
        let agreeing = ratios.count { abs($0 / middle - 1) <= tolerance }
        if Double(agreeing) >= share * Double(ratios.count) {
          throw .noTarget(
            name,
            reason: "\(field.column) is \(name) times \(shortestDecimal(middle)) in \(agreeing) of "
              + "\(ratios.count) rows: an input made from an outcome; leave it out of the trace")
        }
      }
    }
  }
}

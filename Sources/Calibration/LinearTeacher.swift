import ModelCore
import Regression

/// Least squares of one column on others, as parameters of a model.
enum LinearTeacher {
  /// Fits `formula` and hands out each term's coefficient under the name of a parameter.
  ///
  /// - Parameters:
  ///   - names: term of the formula -> (parameter, unit).
  /// - Returns: one parameter per name, in the order of the terms; an aliased term's estimate
  ///   is 0, because another term already stands for it.
  static func fit(
    _ formula: String, _ columns: [Column], names: [String: (parameter: String, unit: String)],
    method: String
  ) throws(CalibrationError) -> [FittedParameter] {
    do {
      let design = try Design(try Formula(formula), try Table(columns, source: "training rows"))
      let fit = try LeastSquares().fit(design)
      return fit.coefficients.compactMap { coefficient in
        guard let name = names[coefficient.term] else { return nil }
        var interval: ClosedRange<Double>?
        if let low = coefficient.confidenceLow, let high = coefficient.confidenceHigh {
          interval = low...high
        }
        return FittedParameter(
          term: name.parameter, estimate: coefficient.estimate ?? 0,
          standardError: coefficient.standardError, statistic: coefficient.statistic,
          pValue: coefficient.pValue, confidence: interval, unit: name.unit, method: method)
      }
    } catch {
      throw CalibrationError(error)
    }
  }
}

import Foundation
import ModelCore
import Regression
import Testing
import TestSupport

/// NIST's 27 certified sets, from both of their starts.
@Suite struct NistNonlinearTests {
  @Test(arguments: NistNonlinear.names)
  func certifiedDigits(_ name: String) throws {
    let set = try NistNonlinear(name)
    let data = try Table(set.columns.map { Column($0, numbers: set.column($0)) })
    for (number, start) in set.starts.enumerated() {
      let design = try NonlinearDesign(NonlinearFormula(set.formula), data)
      let point = Dictionary(uniqueKeysWithValues: zip(set.parameters, start))
      let fit = try NonlinearLeastSquares().fit(design, starts: NonlinearStarts([point]))
      let estimates = worst(set, set.estimates) { fit.estimates[$0] }
      let errors = worst(set, set.standardErrors) { name in
        fit.coefficients.first { $0.term == name }?.standardError
      }
      let sigma = fit.summary.sigma.map { digits($0, set.residualDeviation) } ?? 0
      let squares = fit.report.objectiveAtEnd.map { digits($0, set.residualSquares) } ?? 0
      let report = fit.report
      let last = "\(report.iterations.count) it, \(report.residualEvaluations) f, "
        + "\(report.jacobianEvaluations) J"
      print(
        String(
          format: "%@ %d %5.1f %5.1f %5.1f %5.1f  %@  %@",
          name.padding(toLength: 9, withPad: " ", startingAt: 0), number + 1, estimates, errors,
          sigma, squares, report.status.rawValue, last))
      #expect(report.status.isConverged)
    }
  }

  private func worst(
    _ set: NistNonlinear, _ expected: [Double], _ value: (String) -> Double?
  ) -> Double {
    zip(set.parameters, expected).map { name, expected in
      value(name).map { digits($0, expected) } ?? 0
    }.min() ?? 0
  }
}

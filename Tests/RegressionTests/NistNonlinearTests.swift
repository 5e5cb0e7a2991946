import Foundation
import ModelCore
import Regression
import TestSupport
import Testing

/// NIST's 27 certified sets, from both of their starts.
@Suite struct NistNonlinearTests {
  /// NIST certifies 11 digits; 8 leave room for the rounding of residuals that are small
  /// differences of large numbers.
  static let digitsOfEstimates = 8.0
  /// Errors follow from the Jacobian, whose digits the condition takes away, and from sigma.
  static let digitsOfErrors = 6.0

  /// Residuals of 1e-13 beside values of 1: doubles hold three digits of them, and of sigma.
  static let withoutErrors: Set<String> = ["Lanczos1"]

  @Test func certifiedDigits() throws {
    var lines = ["set       start  estimates  errors  sigma  status, work"]
    for name in NistNonlinear.names {
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
        let report = fit.report
        lines.append(
          String(
            format: "%@ %5d %10.1f %7.1f %6.1f  %@, %d iterations, %d residuals, %d Jacobians",
            name.padding(toLength: 9, withPad: " ", startingAt: 0), number + 1, estimates, errors,
            sigma, report.status.rawValue, report.iterations.count, report.residualEvaluations,
            report.jacobianEvaluations))
        let place: Comment = "\(name), start \(number + 1)"
        #expect(report.status.isConverged, place)
        // NIST's file of Rat43 says 9; its deviation is that of 15 - 4.
        #expect(
          fit.summary.degreesOfFreedom == set.degreesOfFreedom + (name == "Rat43" ? 2 : 0), place)
        #expect(!fit.notes.contains { $0.contains("redundant") }, "\(name): \(fit.notes)")
        #expect(estimates >= Self.digitsOfEstimates, place)
        if !Self.withoutErrors.contains(name) {
          #expect(errors >= Self.digitsOfErrors, place)
          #expect(sigma >= Self.digitsOfErrors, place)
        }
      }
    }
    print(lines.joined(separator: "\n"))
  }

  /// The CSV files for the command hold NIST's numbers.
  @Test(arguments: NistNonlinear.names)
  func csvAgrees(_ name: String) throws {
    let set = try NistNonlinear(name)
    let rows = try fixture("nist/nonlinear/\(name).csv")
    #expect(rows.count == set.rows.count)
    for column in set.columns {
      #expect(try rows.map { try number($0, column) } == set.column(column))
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

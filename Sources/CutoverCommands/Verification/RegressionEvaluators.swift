import Foundation
import ModelCore
import Regression

/// `ols`: least squares with an intercept on columns that the inputs list, `x=1/2/3;y=4/5/7`, or
/// on a bundled data set, `data=NAME`.
///
/// Coefficients b0, b1, ... and their standard errors se0, se1, ... stand in the order of the
/// inputs (of the columns, for a data set), the intercept first.
enum RegressionEvaluators {
  static let all = [
    Evaluator("ols", .conditioned) { (inputs) throws(EvaluationError) in
      let table = inputs.has("data") ? try bundled(&inputs) : try listed(&inputs)
      let predictors = table.names.filter { $0 != "y" }
      do {
        let formula = try Formula(
          "y ~ "
            + (predictors.isEmpty ? ["1"] : predictors.map { "`\($0)`" })
            .joined(separator: " + "))
        return answers(try LeastSquares().fit(Design(formula, table)))
      } catch {
        throw .refused("\(error)")
      }
    }
  ]

  private static func answers(_ fit: LinearFit) -> [String: OracleValue] {
    var answer: [String: OracleValue] = [:]
    for (index, coefficient) in fit.coefficients.enumerated() {
      answer["b\(index)"] = coefficient.estimate.map(OracleValue.number)
      answer["se\(index)"] = coefficient.standardError.map(OracleValue.number)
    }
    answer["resid_sd"] = fit.summary.sigma.map(OracleValue.number)
    answer["r2"] = fit.summary.rSquared.map(OracleValue.number)
    return answer
  }

  /// Columns as lists of numbers between slashes.
  private static func listed(_ inputs: inout OracleInputs) throws(EvaluationError) -> Table {
    var columns: [Column] = []
    for name in inputs.names {
      let words = (inputs.word(name) ?? "").split(separator: "/", omittingEmptySubsequences: false)
      var numbers: [Double] = []
      for word in words {
        guard let number = Double(word), number.isFinite else {
          throw .notANumber(name, String(word))
        }
        numbers.append(number)
      }
      columns.append(Column(name, numbers: numbers))
    }
    guard columns.contains(where: { $0.name == "y" }) else { throw .missing("y") }
    do { return try Table(columns) } catch { throw .refused("\(error)") }
  }

  /// The data set that the text begins with, after the collection's name; what it says of rows
  /// and predictors behind that has to be true.
  private static func bundled(_ inputs: inout OracleInputs) throws(EvaluationError) -> Table {
    let text = inputs.word("data") ?? ""
    let words = text.split { !$0.isLetter && !$0.isNumber }.map { $0.lowercased() }
    let known = BundledData.linear
    guard let name = words.first(where: { known[$0] != nil }), let data = known[name] else {
      throw .refused(
        "no data set \(shown(text)); bundled are \(known.keys.sorted().joined(separator: ", "))")
    }
    let table: Table
    do { table = try BundledData.table(data) } catch { throw .refused("\(error)") }
    for (count, what) in [(table.rowCount, "rows"), (table.names.count - 1, "predictors")] {
      guard let place = words.firstIndex(of: what), place > 0 else { continue }
      guard Int(words[place - 1]) == count else {
        throw .refused("\(name) has \(count) \(what), not \(words[place - 1])")
      }
    }
    return table
  }
}

extension VerificationTolerance {
  static let conditioned = VerificationTolerance(
    value: 1e-12,
    reason: "least squares of few columns; Longley keeps 14 digits at a condition of 1e4")
}

/// Certified data sets inside the command: NIST's Statistical Reference Datasets whose model is
/// one term per column and an intercept.
enum BundledData {
  static let linear: [String: [UInt8]] = [
    "longley": PackageResources.longley_csv, "norris": PackageResources.norris_csv,
  ]

  /// A header and numbers, no quotes and no empty cells.
  static func table(_ bytes: [UInt8]) throws(TableError) -> Table {
    let lines = bytes.split(separator: UInt8(ascii: "\n")).map { line in
      line.split(separator: UInt8(ascii: ",")).map { String(decoding: $0, as: UTF8.self) }
    }
    let columns = (lines.first ?? []).enumerated().map { place, name in
      Column(name, numbers: lines.dropFirst().map { Double($0[place]) })
    }
    return try Table(columns)
  }
}

import TestSupport
import Testing

/// The keys of dirty processes and least bandwidths, on the oracle and on other inputs of the same
/// format (`Tests/Reference/processes.py`).
@Suite struct ProcessesVerificationTests {
  static let keys =
    "akoush_avg,akoush_bounds,akoush_hist_exp,zhang_det,zhang_bernoulli,zhang_reciprocal,"
    + "zhang_reciprocal_poisson,zhang_reciprocal_eval,binomial_guard,k_of_n"

  @Test(arguments: [
    ("oracle.csv", keys + ",zhang_dirty_fraction,dirty_curve"), ("models/processes.csv", keys),
  ])
  func everyRowPasses(_ file: String, _ keys: String) throws {
    let runner = try CommandRunner()
    defer { runner.remove() }
    let result = try runner.run(
      "cutover models verify Tests/Fixtures/\(file) --model \(keys) --format csv")
    #expect(result.status == 0 && result.errors.isEmpty, "\(result.output)\(result.errors)")
    // A line per key and the header.
    #expect(
      result.output.split(separator: "\n").count == keys.split(separator: ",").count + 1)
  }
}

import ModelCore

/// Whether a value that was found is the one that was expected.
enum Verdict: Equatable {
  /// With the relative error, `nil` for words.
  case pass(error: Double?)
  case fail(error: Double?)
  /// Below the range of a double: the row of its logarithm decides.
  case skipped
}

/// Holds the rows of an oracle file against the registry's formulas.
struct Verification {
  /// What is printed about one model key.
  struct ModelTally {
    let model: String
    let tolerance: VerificationTolerance
    var cases: Set<String> = []
    var rows = 0
    var skipped = 0
    var failures = 0
    var notEvaluated = 0
    /// `nil` when no number was compared.
    var worstError: Double?
  }

  /// A row that did not pass.
  struct Finding {
    let row: OracleRow
    let found: String?
    let error: Double?
    let reason: String
  }

  private(set) var tallies: [ModelTally] = []
  /// The first of each model, at most `keptFindings`; the tallies count all.
  private(set) var findings: [Finding] = []
  static let keptFindings = 20
  private var findingCounts: [String: Int] = [:]

  /// Rows that did not pass and are not among the findings.
  var omittedFindings: Int {
    findingCounts.values.reduce(0) { $0 + max(0, $1 - Self.keptFindings) }
  }

  /// - Parameters:
  ///   - rows: of the models to verify, in file order.
  ///   - tolerance: in place of the registry's, when given.
  /// - Throws: `OracleFileError` for an input that is not a number.
  init(
    _ rows: [OracleRow], of file: OracleFile, tolerance: Double?,
    registry: [String: Evaluator] = EvaluatorRegistry.byModel
  ) throws {
    var positions: [String: Int] = [:]
    var cache: [String: Result<Evaluation, EvaluationError>] = [:]
    let logarithms = Set(rows.filter { $0.output.hasPrefix("log10_") }.map(Self.key))
    for row in rows {
      let evaluator = registry[row.model]
      let position = positions[row.model] ?? tallies.count
      if position == tallies.count {
        positions[row.model] = position
        tallies.append(
          ModelTally(
            model: row.model,
            tolerance: tolerance.map(VerificationTolerance.given) ?? evaluator?.tolerance
              ?? .standard))
      }
      tallies[position].cases.insert("\(row.caseName);\(row.inputs.text)")
      tallies[position].rows += 1
      guard let evaluator else {
        note(row, "this build has no formula for \(row.model)", at: position)
        continue
      }
      let key = "\(row.model);\(row.inputs.text)"
      let outcome = cache[key] ?? Self.evaluate(evaluator, row.inputs)
      // One case's rows follow each other; more would only fill the memory.
      if cache[key] == nil { cache = [key: outcome] }
      switch outcome {
      case .failure(.notANumber(let name, let text)):
        throw file.error(row, EvaluationError.notANumber(name, text).reason)
      case .failure(let error):
        note(row, error.reason, at: position)
      case .success(let evaluation):
        if !evaluation.unused.isEmpty {
          note(
            row, "the formula has no input \(evaluation.unused.joined(separator: ", "))",
            at: position)
          continue
        }
        guard let found = evaluation.outputs[row.output] else {
          note(row, "the formula has no output \(row.output)", at: position)
          continue
        }
        let hasLogarithm = logarithms.contains(Self.key(row, "log10_" + row.output))
        take(row, found, hasLogarithm: hasLogarithm, at: position)
      }
    }
  }

  var passes: Bool { tallies.allSatisfy { $0.failures == 0 && $0.notEvaluated == 0 } }

  private struct Evaluation {
    let outputs: [String: OracleValue]
    let unused: [String]
  }

  private static func evaluate(
    _ evaluator: Evaluator, _ inputs: OracleInputs
  ) -> Result<Evaluation, EvaluationError> {
    var inputs = inputs
    do {
      let outputs = try evaluator.outputs(&inputs)
      return .success(Evaluation(outputs: outputs, unused: inputs.unused))
    } catch {
      return .failure(error)
    }
  }

  private static func key(_ row: OracleRow) -> String { key(row, row.output) }

  private static func key(_ row: OracleRow, _ output: String) -> String {
    "\(row.model);\(row.inputs.text);\(output)"
  }

  private mutating func note(_ row: OracleRow, _ reason: String, at position: Int) {
    tallies[position].notEvaluated += 1
    keep(Finding(row: row, found: nil, error: nil, reason: "not evaluated: \(reason)"))
  }

  private mutating func keep(_ finding: Finding) {
    findingCounts[finding.row.model, default: 0] += 1
    if findingCounts[finding.row.model, default: 0] <= Self.keptFindings {
      findings.append(finding)
    }
  }

  private mutating func take(
    _ row: OracleRow, _ found: OracleValue, hasLogarithm: Bool, at position: Int
  ) {
    let tolerance = tallies[position].tolerance.value
    let verdict = Self.verdict(
      expected: row.value, found: found, isLogarithm: row.output.hasPrefix("log10_"),
      hasLogarithm: hasLogarithm, tolerance: tolerance)
    switch verdict {
    case .skipped: tallies[position].skipped += 1
    case .pass(let error): widen(error, at: position)
    case .fail(let error):
      widen(error, at: position)
      tallies[position].failures += 1
      keep(Finding(row: row, found: found.text, error: error, reason: "differs"))
    }
  }

  private mutating func widen(_ error: Double?, at position: Int) {
    guard let error else { return }
    tallies[position].worstError = max(tallies[position].worstError ?? 0, error)
  }

  /// The rules of comparison.
  ///
  /// Words and flags are equal as text; infinities match themselves; an expected zero and a
  /// logarithm pass at an absolute or relative error within the tolerance; a value too small
  /// for a double is left to the row of its logarithm, and where there is none the value found
  /// has to be as small. Everything else passes by its relative error.
  static func verdict(
    expected text: String, found: OracleValue, isLogarithm: Bool, hasLogarithm: Bool,
    tolerance: Double
  ) -> Verdict {
    guard case .number(let value) = found else {
      return found.text == text ? .pass(error: nil) : .fail(error: nil)
    }
    guard let expected = Double(text), !expected.isNaN, !value.isNaN else {
      return .fail(error: nil)
    }
    if abs(expected) < .leastNormalMagnitude, hasNonZeroDigit(text) {
      if hasLogarithm { return .skipped }
      return abs(value) < .leastNormalMagnitude ? .pass(error: nil) : .fail(error: nil)
    }
    guard expected.isFinite, value.isFinite else {
      return expected == value ? .pass(error: nil) : .fail(error: nil)
    }
    let difference = abs(value - expected)
    let relative = difference == 0 ? 0 : difference / abs(expected)
    if expected == 0 || isLogarithm {
      let error = min(difference, relative)
      return error <= tolerance ? .pass(error: error) : .fail(error: error)
    }
    return relative <= tolerance ? .pass(error: relative) : .fail(error: relative)
  }

  /// Whether a decimal is not zero, however small.
  private static func hasNonZeroDigit(_ text: String) -> Bool {
    text.prefix { $0 != "e" && $0 != "E" }.contains { ("1"..."9").contains($0) }
  }
}

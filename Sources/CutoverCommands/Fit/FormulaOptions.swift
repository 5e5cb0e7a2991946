import ArgumentParser
import Regression

/// How a formula is fitted: the options of `fit` that say what to estimate and by which method.
struct FormulaOptions: ParsableArguments {
  enum Method: String, CaseIterable, ExpressibleByArgument {
    case ols, ridge, nnls, bounded, constrained, huber, bisquare, quantile, tobit
  }

  enum Criterion: String, CaseIterable, ExpressibleByArgument {
    case aicc, bic
  }

  enum Search: String, CaseIterable, ExpressibleByArgument {
    case exhaustive, forward, backward, both
  }

  enum Loss: String, CaseIterable, ExpressibleByArgument {
    case squared
    case softL1 = "soft-l1"
    case huber, cauchy
  }

  @Option(help: "How a linear formula is fitted.")
  var method = Method.ols

  @Option(help: "Column, or arithmetic on columns, with the weight of each row (>= 0).")
  var weights: String?

  @Option(
    help: "Standard errors of least squares: classical, hc0, hc1, hc2, hc3 or cluster:COLUMN.")
  var se: String?

  @Option(help: "ridge: the penalty on the scaled columns, or 'gcv' to have it chosen.")
  var penalty = "gcv"

  @Option(help: "quantile: which one, between 0 and 1.")
  var tau = 0.5

  @Option(
    help: """
      bounded, or a parameter of --nls: 'TERM >= NUMBER', 'TERM <= NUMBER' or \
      'NUMBER <= TERM <= NUMBER'; may be repeated.
      """)
  var bounds: [String] = []

  @Option(
    help: "constrained: a linear equation of terms, such as 'a + 2 * b = 1'; may be repeated.")
  var constraint: [String] = []

  @Option(help: "tobit: responses outside LOWER..UPPER are bounds; else the column status tells.")
  var limits: String?

  @Option(help: "Keep only terms that this criterion wants: aicc or bic.")
  var select: Criterion?

  @Option(help: "How --select looks for them.")
  var search = Search.both

  @Option(help: "--nls: a start, NAME=NUMBER,...; repeat it for several.")
  var start: [String] = []

  @Option(help: "--nls: that many more starts, drawn within the bounds.")
  var randomStarts = 0

  @Option(help: "Seed of what is drawn.")
  var seed: UInt64 = 1

  @Option(help: "--nls: what a large residual counts.")
  var loss = Loss.squared

  @Option(help: "--nls: where large begins for --loss, in the unit of the left side.")
  var lossScale = 1.0

  @Option(help: "Confidence of the intervals.")
  var level = 0.95

  @Option(help: "Permit this outcome as an input of the formula; may be repeated.")
  var allowOutcome: [String] = []

  @Flag(help: "Take the times of migrations that were not completed for times.")
  var keepCensored = false

  /// What was typed and says something only about formulas.
  var typedWords: [String] {
    var words: [String] = []
    if method != .ols { words.append("--method") }
    if weights != nil { words.append("--weights") }
    if se != nil { words.append("--se") }
    if select != nil { words.append("--select") }
    if !bounds.isEmpty { words.append("--bounds") }
    if !constraint.isEmpty { words.append("--constraint") }
    if limits != nil { words.append("--limits") }
    if !allowOutcome.isEmpty { words.append("--allow-outcome") }
    if keepCensored { words.append("--keep-censored") }
    return words + nonlinearWords
  }

  /// What was typed and says something only about non-linear formulas.
  var nonlinearWords: [String] {
    var words: [String] = []
    if !start.isEmpty { words.append("--start") }
    if randomStarts != 0 { words.append("--random-starts") }
    if loss != .squared { words.append("--loss") }
    return words
  }
}

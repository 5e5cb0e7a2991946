import ArgumentParser
import ModelCore

/// What to ask of a least squares fit beyond its own tables.
struct ExaminationOptions: ParsableArguments {
  enum IntervalSource: String, ExpressibleByArgument, CaseIterable {
    case analytic, conformal, bootstrap
  }

  @Flag(help: "Say what may be wrong with the fit, and what to do next.")
  var diagnose = false

  @Option(
    help: """
      Where intervals come from: analytic; conformal (of the rows in augment, jackknife+); \
      bootstrap (of the terms, rows drawn anew).
      """)
  var interval = IntervalSource.analytic

  @Option(help: "Also score the fit in this many folds, grouped by the column group if there.")
  var folds: Int?

  @Option(
    help: """
      A smaller formula: are the other terms needed? F and likelihood-ratio tests; with --folds the \
      two (nested or not) on held-out rows too.
      """)
  var against: String?

  @Option(help: "A hypothesis such as 'a = 0' or 'a - 2 * b = 1'; several are tested together.")
  var test: [String] = []

  /// The options that were given, as they are typed.
  var typedWords: [String] {
    [
      (diagnose, "--diagnose"), (interval != .analytic, "--interval"), (folds != nil, "--folds"),
      (against != nil, "--against"), (!test.isEmpty, "--test"),
    ].filter(\.0).map(\.1)
  }

  func check() throws {
    if let folds, folds < 2 {
      throw UsageError("--folds: \(folds) is too few; at least 2 are needed")
    }
    if diagnose, typedWords.count > 1 {
      throw UsageError("--diagnose goes without \(typedWords[1])")
    }
  }
}

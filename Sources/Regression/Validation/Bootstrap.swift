import LinearAlgebra
import ModelCore
import Statistics

/// What is drawn again to learn how far coefficients and predictions scatter.
public enum BootstrapScheme: Sendable, Equatable {
  /// Whole rows: needs independent rows only.
  case cases
  /// All rows of a group at once, by a column: for rows that are alike within a group.
  case groupedCases(column: String)
  /// The residuals, put on the fitted values: needs errors of equal spread.
  case residuals
  /// The residuals stay in their rows and are multiplied by random numbers: for errors of
  /// unequal spread. With a column, rows of a group share the number.
  case wild(WildWeights, column: String?)
}

/// Random numbers of mean 0 and variance 1 for the wild bootstrap.
public enum WildWeights: String, Sendable, CaseIterable {
  /// -1 or 1, equally likely. Source: Davidson and Flachaire, J. of Econometrics 146 (2008).
  case rademacher
  /// -(sqrt 5 - 1)/2 or (sqrt 5 + 1)/2, of third moment 1. Source: Mammen, Annals of Statistics
  /// 21 (1993).
  case mammen
}

/// The bootstrap of a linear fit.
///
/// Replicate i draws from a generator of its own, made of the seed and i: the same seed gives
/// the same replicates on any number of threads. Eight replicates of drawn rows are made in one
/// pass over the data. Residuals are divided by sqrt(1 - h), so that
/// their variance is that of the errors, and centred when they are drawn.
/// Source: Davison and Hinkley, Bootstrap Methods and their Application (1997), algorithms 6.1
/// to 6.3; Wu, Annals of Statistics 14 (1986).
public struct Bootstrap: Sendable {
  public var scheme: BootstrapScheme
  /// 999 suffice for standard errors; BCa intervals at 95 % take 1999 and more.
  public var replicates: Int
  public var seed: UInt64
  /// `nil` for one per processor.
  public var threads: Int?

  public init(
    _ scheme: BootstrapScheme = .cases, replicates: Int = 1999, seed: UInt64 = 1,
    threads: Int? = nil
  ) {
    self.scheme = scheme
    self.replicates = replicates
    self.seed = seed
    self.threads = threads
  }

  /// Fits the model again and again.
  ///
  /// A sample of rows that cannot tell the terms apart (every row of some level was left out)
  /// has no fit; such samples are counted in `failures` and left out.
  /// - Throws: `ValidationError.setting` for fewer than 2 replicates; `.tooFew` for fewer than two
  ///   groups, or when fewer than half of the samples have a fit; as `Design.groups`.
  public func run(_ fit: LinearFit) throws(ValidationError) -> BootstrapFit {
    guard replicates >= 2 else {
      throw .setting("\(replicates) replicates are too few; at least 2 are needed, such as 1999")
    }
    let solver = try ReplicateSolver(fit)
    let draw = try drawing(fit, solver)
    let batches = (replicates + Self.batch - 1) / Self.batch
    let answers = try parallelMap(count: batches, threads: threads) {
      (batch) throws(ValidationError) in
      let first = batch * Self.batch
      return try draw(
        (first..<min(first + Self.batch, replicates)).map {
          Xoshiro256StarStar(seed: seed, stream: $0)
        })
    }.flatMap { $0 }
    let fits = answers.compactMap { $0 }
    guard fits.count * 2 >= replicates, fits.count >= 2 else {
      throw .tooFew(
        what: "samples that can tell the terms of the model apart", found: fits.count,
        needed: max((replicates + 1) / 2, 2))
    }
    let jackknife: Jackknife
    switch scheme {
    case .groupedCases(let column), .wild(_, let column?):
      jackknife = try Jackknife(fit, groups: column, threads: threads)
    case .cases, .residuals, .wild(_, nil): jackknife = try Jackknife(fit)
    }
    return BootstrapFit(
      fit: fit, scheme: scheme, seed: seed, replicates: fits,
      failures: replicates - fits.count, jackknife: jackknife)
  }

  /// Replicates that are made together, in one pass over the rows.
  static let batch = 8

  /// A replicate for each generator.
  private typealias Draw =
    @Sendable ([Xoshiro256StarStar]) throws(ValidationError) -> [ReplicateSolver.Replicate?]

  private func drawing(
    _ fit: LinearFit, _ solver: ReplicateSolver
  ) throws(ValidationError) -> Draw {
    switch scheme {
    case .cases:
      return { (generators) throws(ValidationError) in
        try solver.cases(generators.map { Self.counts(solver.rows, $0) })
      }
    case .groupedCases(let column):
      let (group, count) = try groups(fit, column)
      return { (generators) throws(ValidationError) in
        try solver.cases(
          generators.map { generator in
            let drawn = Self.counts(count, generator)
            return group.map { drawn[$0] }
          })
      }
    case .residuals:
      let pool = Self.centredPool(solver)
      guard pool.count >= 2 else {
        throw .tooFew(what: "rows that leave a residual", found: pool.count, needed: 2)
      }
      return { (generators) throws(ValidationError) in
        var answer: [ReplicateSolver.Replicate?] = []
        for generator in generators {
          var random = generator
          var errors = [Double](repeating: 0, count: solver.rows)
          for i in errors.indices { errors[i] = pool[try Self.index(pool.count, &random)] }
          answer.append(solver.errors(errors))
        }
        return answer
      }
    case .wild(let kind, let column):
      var (group, count) = (Array(0..<solver.rows), solver.rows)
      if let column { (group, count) = try groups(fit, column) }
      let (numbers, rows) = (count, group)
      return { (generators) throws(ValidationError) in
        generators.map { generator in
          var random = generator
          let factors = (0..<numbers).map { _ in kind.draw(&random) }
          return solver.errors(
            solver.modifiedResiduals.indices.map {
              factors[rows[$0]] * solver.modifiedResiduals[$0]
            })
        }
      }
    }
  }

  private func groups(
    _ fit: LinearFit, _ column: String
  ) throws(ValidationError) -> (group: [Int], count: Int) {
    let (group, count) = try fit.design.groupNumbers(column)
    guard count >= 2 else {
      throw .tooFew(what: "groups (\(column)) for a bootstrap", found: count, needed: 2)
    }
    return (group, count)
  }

  /// Residuals of equal variance and mean 0, without the rows that have none of their own.
  private static func centredPool(_ solver: ReplicateSolver) -> [Double] {
    let pool = solver.hat.indices.filter { solver.hat[$0] < Influence.fullLeverage }
      .map { solver.modifiedResiduals[$0] }
    let mean = pool.reduce(0, +) / Double(max(pool.count, 1))
    return pool.map { $0 - mean }
  }

  private static func counts(_ units: Int, _ generator: Xoshiro256StarStar) -> [Int32] {
    var random = generator
    var counts = [Int32](repeating: 0, count: units)
    random.resample(into: &counts)
    return counts
  }

  private static func index(
    _ bound: Int, _ random: inout Xoshiro256StarStar
  ) throws(ValidationError) -> Int {
    do { return try random.integer(below: bound) } catch { throw .regression(.statistics(error)) }
  }
}

extension WildWeights {
  func draw(_ random: inout Xoshiro256StarStar) -> Double {
    let root = 5.0.squareRoot()
    switch self {
    case .rademacher: return random.unitInterval() < 0.5 ? -1 : 1
    case .mammen:
      return random.unitInterval() < (root + 1) / (2 * root) ? (1 - root) / 2 : (1 + root) / 2
    }
  }
}

import LinearAlgebra
import ModelCore
import TestSupport
import Testing

@testable import Regression

@Suite struct LeastSquaresStateTests {
  static let formula = "y ~ x * g + I(z^2) + log(x + 1)"

  // MARK: Merging

  /// 1,000 random partitions, their parts merged in random order and grouping, against one pass.
  @Test func anyPartitionGivesTheSameFit() throws {
    let seed: UInt64 = 20_240_611
    var draws = TestRandom(seed: seed)
    let count = 80
    let data = try LeastSquaresTests.random(seed, rows: count)
    let whole = try streamed(Self.formula, data, weights: "w", batch: 1000).fit()
    // The error of a triangle is the condition number times the spacing of doubles; what is
    // refined from sums of products stays below.
    let tolerance = max(1e-12, 10 * whole.summary.condition * Double.ulpOfOne)
    let sigma = try #require(whole.summary.sigma)
    let design = try streamed(Self.formula, data.selecting([]), weights: "w", batch: 1).design
    for trial in 0..<1000 {
      var rows = Array(0..<count)
      for i in stride(from: count - 1, to: 0, by: -1) { rows.swapAt(i, draws.below(i + 1)) }
      var parts: [LeastSquaresState] = []
      let size = 1 + draws.below(40)
      while !rows.isEmpty {
        let taken = min(rows.count, 1 + draws.below(size))
        var part = LeastSquaresState(design)
        try part.add(data.selecting(Array(rows.suffix(taken))))
        rows.removeLast(taken)
        parts.append(part)
      }
      while parts.count > 1 {
        let other = parts.remove(at: draws.below(parts.count))
        try parts[draws.below(parts.count)].merge(other)
      }
      let fit = try parts[0].fit()
      #expect(fit.summary.nobs == whole.summary.nobs && parts[0].rowsRead == count)
      for (a, b) in zip(fit.coefficients, whole.coefficients) {
        let (one, two) = (try #require(a.estimate), try #require(b.estimate))
        #expect(
          a.term == b.term && abs(one - two) <= tolerance * max(abs(two), 1e-3),
          "seed \(seed), trial \(trial): \(a.term) \(one), \(two)")
      }
      let other = try #require(fit.summary.sigma)
      #expect(abs(other * other / (sigma * sigma) - 1) < 1e-12, "seed \(seed), trial \(trial)")
    }
  }

  /// The same rows in a table are the same bits in the state's block as in a design.
  @Test(arguments: [
    "log(total_time_s) ~ log(memory_bytes / bandwidth_bytes_per_s) + technique * vcpus",
    "total_time_s ~ 0 + technique:workload + sqrt(vcpus) + C(vcpus)",
    "total_time_s ~ technique * workload * vcpus",
  ])
  func rowsHaveTheBitsOfADesign(_ text: String) throws {
    let data = try referenceData()
    let formula = try Formula(text)
    let weights = try Expression(parsing: "w")
    let design = try Design(formula, data, weights: weights)
    let rows = try StreamedRows(
      data, StreamingDesign(formula, like: data, weights: weights))
    let places = rows.design.positions(of: design.recipe)
    #expect(rows.rows.positions == design.rows && rows.weights == design.weights)
    #expect(rows.missingRows == design.missingRows)
    #expect(rows.zeroWeightRows == design.zeroWeightRows && design.zeroWeightRows > 0)
    for (column, place) in places.enumerated() {
      #expect(
        rows.block.column(place).elementsEqual(design.matrix.column(column)),
        "\(design.recipe.columnNames[column])")
    }
    #expect(rows.block.column(rows.block.columns - 1).elementsEqual(design.response))
  }

  /// The whole fit against the one that keeps its rows.
  @Test(arguments: [11, 12, 13] as [UInt64])
  func agreesWithTheFitOfAllRows(_ seed: UInt64) throws {
    let data = try LeastSquaresTests.random(seed, rows: 300)
    for (formula, weights) in [(Self.formula, nil), ("log(y + 10) ~ poly(x, 3):g", "w")] {
      let plain = try RegressionTests.fit(formula, data, weights: weights)
      let state = try streamed(formula, data, weights: weights, batch: 37)
      let fit = try state.fit()
      for (a, b) in zip(fit.coefficients, plain.coefficients) {
        #expect(a.term == b.term)
        #expect(digits(try #require(a.estimate), try #require(b.estimate)) > 10, "seed \(seed)")
        #expect(digits(try #require(a.pValue), try #require(b.pValue)) > 9)
        #expect(digits(try #require(a.confidenceLow), try #require(b.confidenceLow)) > 9)
      }
      let pairs = [
        (fit.summary.logLikelihood, plain.summary.logLikelihood),
        (fit.summary.adjustedRSquared, plain.summary.adjustedRSquared),
        (fit.summary.fStatistic, plain.summary.fStatistic), (fit.summary.bic, plain.summary.bic),
        (fit.covariance?[1, 2], plain.covariance?[1, 2]),
      ]
      for (a, b) in pairs {
        #expect(digits(try #require(a), try #require(b)) > 10, "seed \(seed): \(pairs)")
      }
      #expect(state.ranges == plain.design.ranges)
      #expect(state.weightSum == (plain.design.weights?.reduce(0, +) ?? 300))
      // A condition number in the 1-norm depends on the order of the pivots.
      #expect(abs(fit.summary.condition / plain.summary.condition - 1) < 0.5)
      let answers = try fit.predict(data, level: 0.9)
      for (a, b) in zip(answers, try plain.predict(data, level: 0.9)) {
        // Of a logarithm: another smearing factor, the same bounds.
        #expect(digits(try #require(a.lower), try #require(b.lower)) > 10)
        #expect(digits(try #require(a.value), try #require(b.value)) > (weights == nil ? 11 : 2))
      }
    }
  }

  // MARK: The second pass

  @Test(arguments: ["y ~ x * g + z", "log(y + 10) ~ x + g", "log10(y + 10) ~ x:g"], [nil, "w"])
  func secondPass(_ formula: String, _ weights: String?) throws {
    let data = try LeastSquaresTests.random(18, rows: 200)
    let plain = try RegressionTests.fit(formula, data, weights: weights)
    let state = try streamed(formula, data, weights: weights, batch: 31)
    var scan = ResidualScan(state, try state.fit())
    for part in batches(of: data, rows: 44) { try scan.add(part) }
    let fit = try scan.finish()
    #expect(digits(fit.formulaFit.smearing, plain.smearing) > 12)
    #expect(digits(try #require(fit.summary.rmse), try #require(plain.summary.rmse)) > 12)
    if formula.hasPrefix("y") {
      #expect(digits(try #require(fit.summary.mae), try #require(plain.summary.mae)) > 12)
      #expect(
        fit.notes.count == 2 && fit.notes[0] == "solved by Householder reflections of the rows.")
    } else {
      #expect(fit.summary.mae == nil && fit.notes[0].contains("Duan's smearing factor"))
      let (one, two) = (try fit.predict(data, level: 0.9), try plain.predict(data, level: 0.9))
      for (a, b) in zip(one, two) {
        #expect(digits(try #require(a.value), try #require(b.value)) > 11)
      }
    }
    try scan.add(data.selecting([0]))
    #expect(throws: RegressionError.stream(.changed)) { try scan.finish() }
    guard formula.contains("g") else { return }
    let other = try Table([
      Column("x", numbers: [1]), Column("z", numbers: [1]), Column("g", text: ["new"]),
      Column("w", numbers: [1]), Column("y", numbers: [1]),
    ])
    #expect(throws: RegressionError.stream(.changed)) { try scan.add(other) }
  }

  // MARK: Limits

  @Test func emptyAndMissing() throws {
    let data = try Table([
      Column("y", numbers: [1, nil, 3]), Column("x", numbers: [1, 2, nil]),
      Column("g", text: ["a", "b", "c"]),
    ])
    var state = LeastSquaresState(try StreamingDesign(Formula("y ~ x + g"), like: data))
    #expect(throws: RegressionError.noRows(table: 0, missing: 0, zeroWeight: 0)) {
      try state.fit()
    }
    try state.add(data.selecting([1, 2]))
    #expect(throws: RegressionError.noRows(table: 2, missing: 2, zeroWeight: 0)) {
      try state.fit()
    }
    try state.add(data)
    // The levels of rows that are left out are no levels.
    #expect(throws: RegressionError.singleLevel(column: "g", level: "a", rows: 1)) {
      try state.fit()
    }
    #expect(state.rowsRead == 5 && state.missingRows == 4 && state.nobs == 1)
    #expect(throws: RegressionError.level(1)) { try state.fit(level: 1) }
  }

  @Test func whatIsRefusedChangesNothing() throws {
    let data = try LeastSquaresTests.random(14, rows: 30)
    var state = try streamed("y ~ log(x) + g", data, batch: 10)
    let before = state
    let zero = try Table([
      Column("x", numbers: [1, 0]), Column("g", text: ["new", "newer"]),
      Column("y", numbers: [1, 2]),
    ])
    #expect(
      throws: RegressionError.notFinite(
        place: "row 2", expression: "log(x)", value: -.infinity, cells: "x = 0")
    ) { try state.add(zero) }
    let other = try Table([
      Column("x", numbers: [1]), Column("g", numbers: [4]), Column("y", numbers: [1]),
    ])
    #expect(throws: RegressionError.stream(.kindChanged(column: "g", expected: "text"))) {
      try state.add(other)
    }
    #expect(throws: RegressionError.self) { try state.add(Table([Column("x", numbers: [1])])) }
    let text = try Table([
      Column("x", text: ["much"]), Column("g", text: ["a"]), Column("y", numbers: [1]),
    ])
    #expect(throws: RegressionError.notNumbers(column: "x", in: "log(x)")) {
      try state.add(text)
    }
    #expect(state == before)
    try state.add(data)
    #expect(state.nobs == 60)
  }

  @Test func statesOfOtherModelsAreRefused() throws {
    let data = try LeastSquaresTests.random(15, rows: 30)
    func state(_ formula: String, _ weights: String? = nil, rows: Int = 30) throws
      -> LeastSquaresState
    {
      try streamed(
        formula, data.selecting(Array(0..<rows)), weights: weights, batch: 10)
    }
    var one = try state("y ~ x + C(w)")
    let before = one
    let text = try Table(
      data.columns.map { column in
        column.name != "w"
          ? column : Column("w", text: (0..<30).map { data.label("w", row: $0) })
      })
    let cases: [(LeastSquaresState, String)] = [
      (try state("y ~ x"), "the formula is y ~ x + C(w) in one and y ~ x in the other"),
      (try state("y ~ x + C(w)", "w"), "the weight is none in one and w in the other"),
      (
        try streamed("y ~ x + C(w)", text, batch: 10),
        "C(w) is a factor of numbers in one and a factor of text in the other"
      ),
    ]
    for (other, message) in cases {
      do {
        try one.merge(other)
        Issue.record("merged: \(message)")
      } catch {
        #expect("\(error)" == "the states do not belong together: " + message)
      }
    }
    var poly = try state("y ~ poly(x, 2)")
    let elsewhere = try state("y ~ poly(x, 2)", rows: 20)
    #expect(throws: RegressionError.self) { try poly.merge(elsewhere) }
    #expect(one == before)
  }

  @Test func levelsAreFoundOnTheWay() throws {
    // Numbers sort by value, text by its characters; both in places before the levels known.
    let data = try Table([
      Column("g", text: ["m", "m", "z", "a", "m", "z", "a", "m", "z", "a", "ä"]),
      Column("n", numbers: [10, 9, 9, 10, 100, 9, 1, 2, 2, 1, -0.0]),
      Column("y", numbers: [1, 4, 2, 8, 5, 7, 1, 4, 2, 8, 5]),
    ])
    for formula in ["y ~ g", "y ~ C(n)", "y ~ 0 + C(n) + g"] {
      let plain = try RegressionTests.fit(formula, data)
      for batch in [1, 2, 5] {
        let state = try streamed(formula, data, batch: batch)
        let fit = try state.fit()
        #expect(fit.coefficients.map(\.term).count == plain.coefficients.count)
        for (a, b) in zip(fit.coefficients, plain.coefficients) {
          #expect((a.estimate == nil) == (b.estimate == nil), "\(formula) \(a.term)")
          guard let one = a.estimate, let two = b.estimate else { continue }
          #expect(abs(one - two) < 1e-12, "\(formula) \(a.term)")
        }
      }
    }
    let fit = try streamed("y ~ C(n)", data, batch: 3).fit()
    #expect(
      fit.coefficients.map(\.term)
        == ["(Intercept)", "C(n)1", "C(n)2", "C(n)9", "C(n)10", "C(n)100"])
  }

  @Test func flagsAndComposedText() throws {
    // The same level spelt in two ways: one character, and a letter with a mark.
    let data = try Table([
      Column("g", text: ["\u{e9}", "e\u{301}", "b", "\u{e9}"]),
      Column("f", flags: [true, false, true, false]), Column("y", numbers: [1, 2, 3, 5]),
    ])
    let state = try streamed("y ~ g + f", data, batch: 4)
    #expect(try state.fit().coefficients.map(\.term) == ["(Intercept)", "g\u{e9}", "ftrue"])
  }

  @Test func rowsAreNotKept() throws {
    let data = try LeastSquaresTests.random(16, rows: 30)
    let fit = try streamed("log(y + 10) ~ x + I(2 * x)", data, weights: "w", batch: 7).fit()
    #expect(throws: RegressionError.stream(.rowsNotKept)) { try fit.augment() }
    #expect(RegressionError.stream(.rowsNotKept).category == .cannotAnswer)
    #expect(fit.method == "weighted least squares, streamed")
    #expect(fit.formulaText == "log(y + 10) ~ x + I(2 * x)")
    #expect(fit.notes.count == 4 && fit.notes[0].contains("no estimate for I(2 * x)"))
    let glance = try fit.glance()
    #expect(glance.names == (try RegressionTests.fit("y ~ x", data).glance().names))
    #expect(glance.label("mae", row: 0) == nil && glance.label("rmse", row: 0) == nil)
    #expect(glance.label("sigma", row: 0) != nil)
  }

  /// Without LAPACK there is no answer, and that is not a fault of the program.
  @Test func withoutTheLibrary() {
    let error = RegressionError.linearAlgebra(.noLibrary)
    #expect(error.category == .cannotAnswer)
    #expect(error.description.contains("apt-get install libopenblas0 liblapacke"))
    #expect(RegressionError.linearAlgebra(.notFinite("a")).category == .internalFault)
  }

  @Test func squaresBeyondTheDoubles() throws {
    let data = try Table([
      Column("x", numbers: [1, 2, 3, 4]), Column("y", numbers: [1e200, -1e200, 3e200, 2e200]),
    ])
    #expect(throws: RegressionError.outOfRange(term: "y")) {
      try streamed("y ~ x", data, batch: 2).fit()
    }
  }

  @Test func columnsUpToALimit() throws {
    let many = 3000
    let data = try Table([
      Column("g", text: (0..<many).map { "level \($0)" }),
      Column("y", numbers: (0..<many).map(Double.init)),
    ])
    var state = LeastSquaresState(try StreamingDesign(Formula("y ~ g"), like: data))
    #expect(throws: RegressionError.tooLarge(rows: 0, columns: many + 1)) { try state.add(data) }
  }

  // MARK: Threads

  @Test(arguments: [1, 2, 3, 8])
  func threadsDoNotChangeBits(_ threads: Int) throws {
    let data = try LeastSquaresTests.random(17, rows: 2000)
    func reduce(_ threads: Int) throws -> LeastSquaresState {
      let design = try StreamingDesign(
        Formula(Self.formula), like: data, weights: Expression(parsing: "w"))
      var reduction = ParallelReduction(design, threads: threads)
      for part in batches(of: data, rows: 150) { try reduction.add(part) }
      return try reduction.finish()
    }
    let state = try reduce(threads)
    #expect(try state.encoded() == reduce(1).encoded())
    let serial = try streamed(Self.formula, data, weights: "w", batch: 150).fit()
    for (a, b) in zip(try state.fit().coefficients, serial.coefficients) {
      #expect(digits(try #require(a.estimate), try #require(b.estimate)) > 12)
    }
  }

  @Test func theFirstBadBatchIsReported() throws {
    let good = try Table([Column("x", numbers: [1]), Column("y", numbers: [1])])
    let bad = [0, -1].map { value in
      Result { try Table([Column("x", numbers: [value]), Column("y", numbers: [1])]) }
    }
    var reduction = ParallelReduction(
      try StreamingDesign(Formula("y ~ log(x)"), like: good), threads: 8)
    try reduction.add(good)
    for table in bad { try reduction.add(table.get()) }
    #expect(
      throws: RegressionError.notFinite(
        place: "row 1", expression: "log(x)", value: -.infinity, cells: "x = 0")
    ) { try reduction.finish() }
  }
}

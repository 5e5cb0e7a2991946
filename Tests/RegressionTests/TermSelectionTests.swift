import ModelCore
import Regression
import TestSupport
import Testing

@Suite struct TermSelectionTests {
  static let full = "y ~ x * z + v + f + x:v"

  /// The best five sets of terms by R's lm, one by one.
  @Test(arguments: TermSelection.Criterion.allCases)
  func exhaustiveAsInR(_ criterion: TermSelection.Criterion) throws {
    let expected = try fixture("kinds/r.csv").filter {
      $0["case"] == "exhaustive \(criterion.rawValue)"
    }
    let selected = try TermSelection(.exhaustive, by: criterion).fit(kindsDesign(Self.full))
    #expect(expected.count == 5 && selected.steps.count == TermSelection.listed)
    for (row, step) in zip(expected, selected.steps) {
      let mine = step.formula.dropFirst(4).split(separator: " + ").sorted()
      #expect(mine == (row["term"] ?? "").split(separator: " + ").sorted())
      #expect(digits(try #require(step.criterion), try number(row, "value")) > 12)
    }
    #expect(selected.steps[0].delta == 0 && selected.formulaText == selected.steps[0].formula)
  }

  @Test(arguments: [TermSelection.Search.forward, .backward, .both])
  func stepwiseAsInR(_ search: TermSelection.Search) throws {
    let row = try #require(
      try fixture("kinds/r.csv").first { $0["case"] == "step \(search.rawValue)" })
    let selected = try TermSelection(search, by: .bic).fit(kindsDesign(Self.full))
    let mine = selected.formulaText.dropFirst(4).split(separator: " + ").map(String.init).sorted()
    // R names an interaction in the order of the terms.
    let theirs = (row["term"] ?? "").components.map { $0 == "v:x" ? "x:v" : $0 }.sorted()
    #expect(mine == theirs)
    #expect(digits(try #require(selected.fit.summary.bic), try number(row, "value")) > 12)
    #expect(selected.steps.first?.action == "start" && selected.steps.last?.delta == 0)
    let table = try selected.stepTable()
    #expect(table.names == ["action", "model", "rank", "rss", "bic", "delta"])
    #expect(table.rowCount == selected.steps.count)
  }

  @Test func marginalityIsKept() throws {
    for search in TermSelection.Search.allCases {
      let selected = try TermSelection(search, by: .aicc).fit(kindsDesign(Self.full))
      for step in selected.steps {
        let terms = Set(step.formula.dropFirst(4).components)
        for product in terms where product.contains(":") {
          for part in product.split(separator: ":") {
            #expect(terms.contains(String(part)), "\(search): \(step.formula)")
          }
        }
      }
    }
  }

  @Test func rowsAreThoseOfTheFullFormula() throws {
    let data = try kindsData()
    let holes = try data.appending([
      Column("g", numbers: (0..<60).map { $0 < 5 ? nil : Double($0 % 7) })
    ])
    let selected = try TermSelection(.backward, by: .bic).fit(
      Design(Formula("y ~ x + z + g"), holes, weights: Expression(parsing: "w")))
    #expect(selected.fit.summary.nobs == 55)
    // The criterion of the step, from the columns of R, is that of the fit with its weights.
    #expect(
      digits(try #require(selected.steps.last?.criterion), try #require(selected.fit.summary.bic))
        > 12)
    #expect(selected.notes.contains { $0.hasPrefix("5 rows left out") })
    #expect(selected.method == "weighted least squares after backward selection by BIC")
    #expect(try selected.predict(data, level: 0.9).count == 60)
  }

  @Test func fifteenTermsAreSearchedAndSixteenRefused() throws {
    var draws = TestRandom(seed: 4)
    func design(_ terms: Int) throws -> Design {
      let names = (0..<terms).map { "x\($0)" }
      var columns = names.map { name in
        Column(name, numbers: (0..<60).map { _ in draws.unit() })
      }
      let first = columns[3].values
      guard case .numbers(let numbers) = first else { throw NotNumbers() }
      columns.append(
        Column("y", numbers: numbers.storage.map { 5 * $0 + 0.1 * draws.unit() }))
      return try Design(Formula("y ~ " + names.joined(separator: " + ")), Table(columns))
    }
    let selected = try TermSelection(.exhaustive, by: .bic).fit(design(15))
    #expect(selected.formulaText.contains("x3"), "seed 4")
    let backward = try TermSelection(.backward, by: .bic).fit(design(20))
    #expect(backward.formulaText.contains("x3"), "seed 4")
    #expect(
      try kindError { _ = try TermSelection(.exhaustive).fit(design(16)) }
        == .tooManyTerms(16, limit: 15))
  }

  @Test func faults() throws {
    let exact = try Table([
      Column("x", numbers: [1, 2, 3, 4, 5]), Column("z", numbers: [1, 0, 1, 0, 0]),
      Column("y", numbers: [2, 4, 6, 8, 10]),
    ])
    guard
      case .noCandidate = try kindError({
        _ = try TermSelection(.forward, by: .aicc).fit(
          Design(Formula("y ~ 0 + x"), exact))
      })
    else {
      Issue.record("a perfect fit has no criterion")
      return
    }
    // Without an intercept the contrasts of f depend on whether it comes first.
    let error = try kindError {
      _ = try TermSelection(.backward, by: .bic).fit(
        Design(
          Formula("y ~ 0 + g + f"),
          kindsData().appending([Column("g", text: (0..<60).map { $0 % 2 == 0 ? "p" : "q" })])))
    }
    guard case .noCandidate(let why) = error else {
      Issue.record("\(error)")
      return
    }
    #expect(why.hasPrefix("the columns of g depend on which other terms are there"))
    // f:h is coded by contrasts of f only as long as x:h is there.
    let hidden = try kindError {
      _ = try TermSelection(.exhaustive, by: .bic).fit(
        kindsDesign("y ~ host:x + f:host"))
    }
    guard case .noCandidate = hidden else {
      Issue.record("\(hidden)")
      return
    }
    // Slopes by group, with or without the group itself, do not depend on anything.
    #expect(
      try TermSelection(.exhaustive, by: .bic).fit(kindsDesign("y ~ z + f:x")).steps.count == 4)
  }
}

extension StringProtocol {
  fileprivate var components: [String] {
    var answer = [""]
    for character in self where character != " " {
      if character == "+" { answer.append("") } else { answer[answer.count - 1].append(character) }
    }
    return answer.filter { !$0.isEmpty }
  }
}

private struct NotNumbers: Error {}

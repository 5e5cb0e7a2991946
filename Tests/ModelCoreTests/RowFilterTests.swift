import ModelCore
import Testing

@Suite struct RowFilterTests {
  let table = try! Table([
    Column(
      "technique", text: ["precopy", "precopy+xbzrle", "postcopy", nil, "precopy", "it's \"x\""]),
    Column("status", text: ["completed", "timeout", "completed", "failed", "completed", "1"]),
    Column("total_time_s", numbers: [10, 300, 5.5, nil, 30, -2]),
    Column("converged", flags: [true, false, nil, true, false, true]),
    Column("total time (s)", numbers: [1, 2, 3, 4, 5, 6]),
  ])

  @Test(arguments: [
    ("technique = precopy", [0, 4]),
    ("technique==precopy+xbzrle", [1]),
    ("technique != precopy", [1, 2, 5]),
    ("technique in (precopy, 'postcopy')", [0, 2, 4]),
    ("technique not in (precopy, postcopy)", [1, 5]),
    ("technique = 'it''s \"x\"'", [5]),
    ("technique = \"it's \"\"x\"\"\"", [5]),
    ("technique is missing", [3]),
    ("technique IS NOT Missing", [0, 1, 2, 4, 5]),
    ("total_time_s > 5.5", [0, 1, 4]),
    ("total_time_s >= 5.5", [0, 1, 2, 4]),
    ("total_time_s < 10", [2, 5]),
    ("total_time_s <= 1e1", [0, 2, 5]),
    ("total_time_s = -2", [5]),
    ("total_time_s != 10", [1, 2, 4, 5]),
    ("total_time_s in (10, +30.0)", [0, 4]),
    ("total_time_s not in (10)", [1, 2, 4, 5]),
    ("total_time_s is missing", [3]),
    ("status = 1", [5]),
    ("converged = true", [0, 3, 5]),
    ("converged != TRUE", [1, 4]),
    ("converged in (true, false)", [0, 1, 3, 4, 5]),
    ("converged is missing", [2]),
    ("`total time (s)` >= 5", [4, 5]),
    ("status=completed and total_time_s<=10", [0, 2]),
    // `and` binds tighter than `or`, `not` tighter than both.
    ("status=timeout or status=completed and total_time_s<=10", [0, 1, 2]),
    ("(status=timeout or status=completed) and total_time_s<=10", [0, 2]),
    ("not status = completed and total_time_s > 0", [1]),
    ("not (status = timeout or total_time_s > 5)", [3, 5]),
    ("NOT not status = failed", [3]),
    // A missing cell fails both a comparison and its opposite; `not` turns the answer round.
    ("total_time_s = 1 or total_time_s != 1", [0, 1, 2, 4, 5]),
    ("not (total_time_s = 10)", [1, 2, 3, 4, 5]),
  ])
  func picks(expression: String, rows: [Int]) throws {
    #expect(try RowFilter(parsing: expression).matching(table) == rows)
  }

  @Test func columnsAreListedOnce() throws {
    let filter = try RowFilter(parsing: "b > 1 and (a = x or not b < 9) and `odd name` is missing")
    #expect(filter.columnsRead == ["b", "a", "odd name"])
  }

  @Test(arguments: [
    ("", 1, "the expression ends", "a column name, not or an opening parenthesis"),
    ("status", 7, "the expression ends", "=, !=, <, <=, >, >=, in, not in or is [not] missing"),
    ("status =", 9, "the expression ends", "a number or text"),
    ("status = and", 10, "found \"and\"", "a number or text"),
    ("status ~ x", 8, "found \"~\"", "a column, a comparison, a value, and, or or not"),
    ("status = x y", 12, "found \"y\"", "and, or or the end"),
    ("(status = x", 12, "the expression ends", "and, or or a closing parenthesis"),
    ("status = x)", 11, "found \")\"", "and, or or the end"),
    ("status in x", 11, "found \"x\"", "an opening parenthesis"),
    ("status in (x y)", 14, "found \"y\"", "a comma or a closing parenthesis"),
    ("status in ()", 12, "found \")\"", "a number or text"),
    ("status not x", 12, "found \"x\"", "in"),
    ("status is x", 11, "found \"x\"", "missing or not missing"),
    ("status is not x", 15, "found \"x\"", "missing"),
    ("status = 'x", 10, "the quote is not closed", "a closing '"),
    ("5 < 'a' and or", 13, "found \"or\"", "a column name, not or an opening parenthesis"),
    ("'status' = x", 1, "found \"status\"", "a column name, not or an opening parenthesis"),
  ])
  func syntaxErrors(expression: String, position: Int, found: String, expected: String) {
    let error = #expect(throws: RowFilterError.self) { try RowFilter(parsing: expression) }
    #expect(
      error
        == .syntax(expression: expression, position: position, found: found, expected: expected))
    #expect(error?.category == .usage)
    #expect(
      error?.description
        == "filter \"\(expression)\": at \(position): \(found), \(expected) expected")
  }

  @Test(arguments: [
    ("statsu = x", "no column statsu; did you mean status?"),
    (
      "total_time_s = fast",
      "column total_time_s holds numbers and cannot be compared with the text \"fast\""
    ),
    (
      "total_time_s = '10'",
      "column total_time_s holds numbers and cannot be compared with the text \"10\""
    ),
    (
      "total_time_s > nan",
      "column total_time_s holds numbers and cannot be compared with the text \"nan\""
    ),
    (
      "total_time_s > 1e999",
      "column total_time_s holds numbers and cannot be compared with the text \"1e999\""
    ),
    (
      "status >= a",
      "column status holds text; >= needs numbers, text is compared with =, !=, in and not in"
    ),
    (
      "converged = maybe",
      "column converged holds true and false and cannot be compared with \"maybe\""
    ),
    // A mistake behind an `or` that is true everywhere is a mistake still.
    ("converged is missing or converged is not missing or x = 1", "no column x"),
  ])
  func errorsOfATable(expression: String, message: String) throws {
    let filter = try RowFilter(parsing: expression)
    let error = #expect(throws: RowFilterError.self) { try filter.matching(table) }
    #expect(error?.description == "filter \"\(expression)\": \(message)")
    #expect(error?.category == .usage)
  }

  @Test func depthIsLimited() throws {
    let deep =
      String(repeating: "(", count: 99) + "status = failed" + String(repeating: ")", count: 99)
    #expect(try RowFilter(parsing: deep).matching(table) == [3])
    let negated = String(repeating: "not ", count: 98) + "status = failed"
    #expect(try RowFilter(parsing: negated).matching(table) == [3])
    for tooDeep in [
      String(repeating: "(", count: 200_000), String(repeating: "not ", count: 200_000),
    ] {
      #expect(throws: RowFilterError.self) { try RowFilter(parsing: tooDeep) }
    }
    // A message stays readable whatever it is about.
    let error = #expect(throws: RowFilterError.self) {
      try RowFilter(parsing: String(repeating: "(", count: 200_000))
    }
    #expect((error?.description.count ?? 0) < 400)
    // Length is no depth.
    let long = Array(repeating: "status = failed", count: 2000).joined(separator: " or ")
    #expect(try RowFilter(parsing: long).matching(table) == [3])
  }

  /// De Morgan: the negation of a disjunction picks what the conjunction of negations picks.
  @Test func deMorgan() throws {
    let atoms = [
      "technique = precopy", "total_time_s > 6", "status != failed", "converged = true",
      "total_time_s is missing",
    ]
    for left in atoms {
      for right in atoms {
        let outside = try RowFilter(parsing: "not (\(left) or \(right))").matching(table)
        let inside = try RowFilter(parsing: "not \(left) and not \(right)").matching(table)
        #expect(outside == inside, "\(left), \(right)")
      }
    }
  }
}

import ModelCore
import Reporting
import Testing

@Suite struct ReportRendererTests {
  private func report() throws -> Report {
    var report = Report()
    report.add(title: "Fit")
    report.add(paragraph: "Least squares over 10 rows.")
    try report.add(Table([Column("term", text: ["slope"])]), name: "terms")
    report.add(notes: ["Residuals are not normal.", "One row was dropped."])
    report.add(notes: [])
    try report.add(Table([Column("nobs", numbers: [10])]), name: "say \"model\"")
    return report
  }

  @Test func text() throws {
    #expect(
      try ReportRenderer(format: .text).render(report()) == """
        Fit
        ===

        Least squares over 10 rows.

        term
        slope

        note: Residuals are not normal.
        note: One row was dropped.

        nobs
          10

        """)
  }

  /// Lines to type keep their length and their spaces.
  @Test func code() throws {
    var report = Report()
    let long = String(repeating: "word ", count: 40) + "end"
    report.add(code: ["a:", "  b: 1", long])
    #expect(
      try ReportRenderer(format: .text).render(report) == "  a:\n    b: 1\n  \(long)\n")
    #expect(
      try ReportRenderer(format: .markdown).render(report) == "```\na:\n  b: 1\n\(long)\n```\n")
  }

  @Test func markdown() throws {
    #expect(
      try ReportRenderer(format: .markdown).render(report()) == """
        ## Fit

        Least squares over 10 rows.

        | term |
        | --- |
        | slope |

        - Residuals are not normal.
        - One row was dropped.

        | nobs |
        | ---: |
        | 10 |

        """)
  }

  @Test func csvHoldsTheFirstTable() throws {
    #expect(try ReportRenderer(format: .csv).render(report()) == "term\nslope\n")
    #expect(try ReportRenderer(format: .csv).render(Report()) == "")
  }

  @Test func json() throws {
    #expect(
      try ReportRenderer(format: .json).render(report()) == #"""
        {
        "terms": [
        {"term":"slope"}
        ],
        "say \"model\"": [
        {"nobs":10}
        ]
        }

        """#)
    let single = Report(try Table([Column("x", numbers: [1])]), name: "x", notes: ["n"])
    #expect(try ReportRenderer(format: .json).render(single) == "[\n{\"x\":1}\n]\n")
    #expect(try ReportRenderer(format: .text).render(single) == "x\n1\n\nnote: n\n")
    #expect(try ReportRenderer(format: .json).render(Report()) == "{\n}\n")
  }

  @Test func repeatedNamesAreRefused() throws {
    var report = try report()
    let table = try Table([])
    #expect(throws: ReportError.repeatedName("terms")) { try report.add(table, name: "terms") }
    #expect(ReportError.repeatedName("x").category == .internalFault)
  }
}

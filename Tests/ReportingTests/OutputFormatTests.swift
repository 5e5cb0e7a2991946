import ModelCore
import Reporting
import Testing

@Suite struct OutputFormatTests {
  @Test(arguments: [
    ("a.csv", OutputFormat.csv), ("dir.md/b.JSON", .json), ("x.y.md", .markdown), ("/t.txt", .text),
    (".csv", .csv),
  ])
  func fromPath(path: String, format: OutputFormat) throws {
    #expect(try OutputFormat(path: path) == format)
  }

  @Test(arguments: ["a", "a.xlsx", "csv", "dir.csv/a", "", "a.csv."])
  func refused(path: String) {
    let error = #expect(throws: OutputError.unknownExtension(path: path)) {
      try OutputFormat(path: path)
    }
    #expect(error?.category == .usage)
  }
}

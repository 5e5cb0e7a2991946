import Testing

@testable import Reporting

@Suite struct WrappedTextTests {
  @Test func breaksAtSpaces() {
    #expect(wrapped("one two three four", width: 9, indent: 2) == "one two\n  three\n  four")
    #expect(wrapped("one two", width: 7) == "one two")
  }

  @Test func keepsLinesAndLongWords() {
    #expect(wrapped("a\n\nb c", width: 2) == "a\n\nb\nc")
    #expect(wrapped("incomprehensible x", width: 5) == "incomprehensible\nx")
    #expect(wrapped("  indented text", width: 100) == "  indented text")
  }

  @Test func noWordIsLost() {
    let words = (0..<200).map { String(repeating: "x", count: $0 % 13 + 1) }
    let text = wrapped(words.joined(separator: " "), width: 40, indent: 4)
    #expect(text.split(whereSeparator: { $0 == " " || $0 == "\n" }).map(String.init) == words)
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 40 })
  }
}

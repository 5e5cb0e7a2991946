/// Text broken at spaces so that no line is longer than the width, if no word is.
///
/// Lines that the text has stay lines; continuation lines are indented. Widths count characters.
func wrapped(_ text: String, width: Int = 100, indent: Int = 0) -> String {
  let margin = String(repeating: " ", count: indent)
  return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
    var lines: [String] = []
    let words = line.split(separator: " ", omittingEmptySubsequences: false)
    var current = words.first.map(String.init) ?? ""
    for word in words.dropFirst() {
      if current.count + 1 + word.count <= width {
        current += " " + word
      } else {
        lines.append(current)
        current = margin + word
      }
    }
    return (lines + [current]).joined(separator: "\n")
  }.joined(separator: "\n")
}

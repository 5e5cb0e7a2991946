import Foundation

/// Progress on stderr: only on a terminal, and only for work over a second.
final class ProgressLine {
  private let title: String
  private let start = ContinuousClock.now
  private let isShown = isatty(2) == 1
  private var isDrawn = false

  init(title: String) { self.title = title }

  /// - Parameter share: of the work that is done, 0 to 1.
  func update(_ share: Double) {
    guard isShown, ContinuousClock.now - start > .seconds(1) else { return }
    let width = 30
    let filled = Int((share * Double(width)).rounded(.down))
    let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
    draw("\r\(title) [\(bar)] \(Int(share * 100)) %")
    isDrawn = true
  }

  /// For work of unknown length.
  func update(rows: Int) {
    guard isShown, ContinuousClock.now - start > .seconds(1) else { return }
    draw("\r\(title): \(rows) rows")
    isDrawn = true
  }

  /// Wipes the line.
  func finish() {
    if isDrawn { draw("\r\u{1B}[K") }
  }

  private func draw(_ text: String) {
    FileHandle.standardError.write(Data(text.utf8))
  }
}

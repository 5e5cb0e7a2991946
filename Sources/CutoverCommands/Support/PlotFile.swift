import Reporting

/// A plot that a command writes beside its table.
struct PlotFile {
  let path: String

  /// Refuses a name that is not an SVG's, before the work.
  init(path: String) throws(PlotError) {
    try PlotRenderer.check(path: path)
    self.path = path
  }

  func write(_ plot: Plot) throws {
    let svg = try PlotRenderer().svg(plot)
    let file = try OutputFile(path: path)
    try file.append(svg)
    try file.commit()
  }
}

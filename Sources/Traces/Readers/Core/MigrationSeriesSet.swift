/// The series of the machines of one log, in the order in which they appear.
struct MigrationSeriesSet {
  private let format: LogKind
  private var series: [MigrationSeries] = []
  private var ids: [String] = []
  private var positions: [String: Int] = [:]

  init(format: LogKind) { self.format = format }

  /// The position of the series of a machine, made when it is new.
  ///
  /// - Parameter id: the id of its first row.
  mutating func position(_ id: String) -> Int {
    if let known = positions[id] { return known }
    positions[id] = series.count
    series.append(MigrationSeries(id: id, format: format))
    ids.append(id)
    return series.count - 1
  }

  subscript(position: Int) -> MigrationSeries {
    get { series[position] }
    _modify { yield &series[position] }
  }

  func id(_ position: Int) -> String { ids[position] }

  /// The machine whose migration runs; `nil` when there is none, or more than one.
  var onlyRunning: Int? {
    let running = series.indices.filter { series[$0].runningID != nil }
    return running.count == 1 ? running.first : nil
  }

  /// Ends all series and hands over their rows by the line they begin at.
  mutating func finish(into output: inout LogOutput) {
    var rows: [MigrationRow] = []
    for index in series.indices {
      series[index].finish()
      rows += series[index].rows
    }
    output.add(
      rows: rows.enumerated()
        .sorted { ($0.element.line, $0.offset) < ($1.element.line, $1.offset) }.map(\.element))
  }
}

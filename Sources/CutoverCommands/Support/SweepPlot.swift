import MigrationModels
import ModelCore
import Quantities
import Reporting

/// A sweep as curves over its first variable, one per model and value of the second.
struct SweepPlot {
  private let sweep: Sweep
  private let points: [Sweep.Point]
  private let columns: [PredictionColumn]

  /// More than eyes can tell apart.
  static let mostCurves = 12

  /// - Parameter show: the columns to draw; time and downtime where the models give them.
  init(_ sweep: Sweep, _ points: [Sweep.Point], show: [String]?) throws {
    self.sweep = sweep
    self.points = points
    let drawable = PredictionColumn.allCases.filter { column in
      points.contains { $0.answer.prediction.flatMap(column.number) != nil }
    }
    if let show {
      columns = try show.map { name in
        guard let column = drawable.first(where: { $0.rawValue == name }) else {
          let names = drawable.map(\.rawValue)
          throw UsageError(
            "--show: no answer \"\(name)\" here; there are \(names.joined(separator: ", "))")
        }
        return column
      }
    } else {
      // A model that gives bounds only is drawn as the band between them.
      let usual: [PredictionColumn] = [
        drawable.contains(.totalTime) ? .totalTime : .totalTimeLower,
        drawable.contains(.downtime) ? .downtime : .downtimeLower, .serviceDowntime, .energy,
      ]
      columns = usual.filter(drawable.contains)
    }
    let curves =
      sweep.modelIDs.count * (sweep.variables.count == 2 ? sweep.variables[1].values.count : 1)
    guard curves <= Self.mostCurves else {
      throw UsageError(
        "--plot: \(curves) curves are too many to tell apart; at most \(Self.mostCurves)")
    }
  }

  func plot() -> Plot {
    let x = sweep.variables[0]
    let axis = Plot.Axis(
      x.words, x.plotUnit, scale: x.isLogarithmic ? .logarithmic : .linear)
    let shown = columns.isEmpty ? [.totalTime] : columns
    return Plot(
      title: title(shown), subtitle: subtitle,
      panels: shown.map { column in
        Plot.Panel(x: axis, y: yAxis(column), series: series(column), references: limits(column))
      })
  }

  private func title(_ columns: [PredictionColumn]) -> String {
    let answers = columns.map(Self.words)
    let list = answers.dropLast().joined(separator: ", ")
    let words = list.isEmpty ? answers.joined() : "\(list) and \(answers.last ?? "")"
    let what = words.prefix(1).uppercased() + words.dropFirst()
    let model = sweep.modelIDs.count == 1 ? ", \(sweep.modelIDs[0])" : ""
    return "\(what) against \(sweep.variables[0].words)\(model)"
  }

  /// What was held fixed.
  private var subtitle: String? {
    let fixed = ScenarioField.allCases.compactMap { field in
      sweep.base[field].map { "\(field.words) \(field.text($0))" }
    }
    return fixed.isEmpty ? nil : fixed.joined(separator: ", ")
  }

  private func yAxis(_ column: PredictionColumn) -> Plot.Axis {
    let values = points.compactMap { $0.answer.prediction.flatMap(column.number) }
    let positive = values.filter { $0 > 0 }
    // Why 300: on a linear axis the smaller of two such values is a line on the axis.
    let isWide =
      positive.count == values.count && (positive.max() ?? 1) > 300 * (positive.min() ?? 1)
    return Plot.Axis(
      Self.words(column),
      (Glossary.explanation(of: column.rawValue)?.unit ?? .none).plotUnit,
      scale: isWide ? .logarithmic : .linear)
  }

  private func series(_ column: PredictionColumn) -> [Plot.Series] {
    let length = sweep.variables[0].values.count
    return stride(from: 0, to: points.count, by: length).enumerated().map { (index, start) in
      let curve = points[start..<start + length]
      let y = curve.map { $0.answer.prediction.flatMap(column.number) }
      if let upper = Self.upperEnd[column] {
        return Plot.Series(
          name(of: points[start]), .band, x: curve.map { $0.values[0] }, y: y,
          upper: curve.map { $0.answer.prediction.flatMap(upper.number) }, colour: index)
      }
      return Plot.Series(
        name(of: points[start]), column == .rounds ? .steps : .line, x: curve.map { $0.values[0] },
        y: y, colour: index)
    }
  }

  /// Columns that are drawn as a band, and the one that is its upper edge.
  private static let upperEnd: [PredictionColumn: PredictionColumn] = [
    .totalTimeLower: .totalTimeUpper, .downtimeLower: .downtimeUpper,
  ]

  /// What a column is called in titles and on its axis.
  private static func words(_ column: PredictionColumn) -> String {
    switch column {
    case .totalTimeLower: "total time bounds"
    case .downtimeLower: "downtime bounds"
    default: columnWords(column.rawValue)
    }
  }

  private func name(of point: Sweep.Point) -> String {
    var parts = sweep.modelIDs.count > 1 ? [point.answer.model] : []
    if sweep.variables.count == 2 {
      parts.append("\(sweep.variables[1].words) \(sweep.variables[1].text(point.values[1]))")
    }
    return parts.joined(separator: ", ")
  }

  /// The hypervisor's limit, where it is one of the column.
  private func limits(_ column: PredictionColumn) -> [Plot.ReferenceLine] {
    let limit: Seconds? =
      switch column {
      case .downtime: sweep.base.downtimeLimit
      case .totalTime: sweep.base.timeLimit
      default: nil
      }
    return limit.map {
      [Plot.ReferenceLine("limit \($0.formatted(significantDigits: 3))", at: .y($0.siValue))]
    } ?? []
  }
}

import Regression
import Statistics

/// Looks for better parameters one at a time, with steps that begin wide and are halved, each row
/// being read as it is explained best.
///
/// Why after least squares: a run has steps, such as one pacing window more, and what parts two
/// valleys of the sum over the rows is no slope; and where readings are held, parameters hardly
/// leave what the rows were read with.
///
/// Source: coordinate and pattern search, Kolda, Lewis and Torczon, SIAM Review 45 (2003).
struct CompassSearch: Sendable {
  /// One way to read a row: what it costs to believe in it, and what it makes of the row.
  private struct Reading: Sendable {
    let cost: Double
    let facts: MigrationFacts
  }

  private let residuals: CalibrationResiduals
  private let loss: RobustLoss
  private let readings: [[Reading]]
  /// Per moving parameter, the rows that it can touch.
  private let touched: [[Int]]

  /// Of a prior's width.
  private static let steps = [1.0, 0.5, 0.25, 0.12, 0.06, 0.03]

  init(
    _ residuals: CalibrationResiduals, readings: [[HiddenInputs]], loss: RobustLoss
  ) {
    self.residuals = residuals
    self.loss = loss
    self.readings = zip(residuals.rows, readings).map { row, readings in
      readings.map {
        Reading(
          cost: $0.unlikeliness,
          facts: Knowledge.facts(row.inputs, donor: nil, hidden: $0))
      }
    }
    touched = residuals.moving.map { parameter in
      residuals.rows.indices.filter { parameter.matters(to: residuals.facts[$0]) }
    }
  }

  /// The point of least cost that a descent finds.
  func least(from start: [Double], bounds: [ParameterBounds]) -> [Double] {
    var point = start
    var costs = costs(of: Array(residuals.rows.indices), at: point)
    var least = total(costs, at: point)
    for step in Self.steps {
      for index in point.indices where !touched[index].isEmpty {
        let stride = step * residuals.moving[index].spread
        for move in [stride, -stride] {
          // A step that helps is taken again, while it helps.
          while true {
            var trial = point
            trial[index] = min(
              bounds[index].upper, max(bounds[index].lower, point[index] + move))
            guard trial[index] != point[index] else { break }
            var changed = costs
            let rows = touched[index]
            for (row, cost) in zip(rows, self.costs(of: rows, at: trial)) { changed[row] = cost }
            let next = total(changed, at: trial)
            guard next < least else { break }
            (point, costs, least) = (trial, changed, next)
          }
        }
      }
    }
    return point
  }

  private func total(_ costs: [Double], at point: [Double]) -> Double {
    costs.reduce(loss.objective(residuals.pulls(at: point)), +)
  }

  private func costs(of rows: [Int], at point: [Double]) -> [Double] {
    let parameters = residuals.parameters(at: point)
    return parallelMap(count: rows.count) { index in
      let row = rows[index]
      return readings[row].reduce(.infinity) { least, reading in
        let found = CalibrationResiduals.residuals(
          of: residuals.rows[row], reading.facts, parameters)
        return min(least, reading.cost + loss.objective(found))
      }
    }
  }
}

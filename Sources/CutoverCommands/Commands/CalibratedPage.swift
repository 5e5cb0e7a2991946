import Calibration
import ModelCore
import Reporting

/// `models show calibrated`, and `models show stacked`: models that are made from a trace and are
/// none of the catalogue's.
enum OwnModelPage {
  static let ids = [CalibratedModel.id, StackedComparison.id]

  static func report(_ id: String) throws -> Report {
    var report = Report()
    guard id == CalibratedModel.id else {
      report.add(title: "\(id): the literature's models, weighted")
      report.add(
        paragraph: "log T = sum of w_k log T_k, w_k >= 0, sum of w_k = 1\n"
          + "w minimises the sum over rows of (sum of w_k log(observed / T_k))^2")
      report.add(
        paragraph: "Source: L. Breiman: Stacked regressions, Machine Learning 24, 1996")
      report.add(
        paragraph: "T_k are predictions of the training rows, each made without its own group. "
          + "The models that take part are the others of the list, or all that give a target; "
          + "of those that answer less than the rest only as many stay as leave half of the rows.")
      report.add(
        paragraph: "Example:\n  cutover compare trace.csv --models stacked --target total_time_s")
      return report
    }
    report.add(title: "\(id): QEMU's migration with parameters learned from a trace")
    report.add(
      paragraph: "Pacing windows, tests of the stop rule, bitmap synchronisations, the switch and "
        + "the last copy are followed one by one; what a row lacks is taken from rows like it.")
    report.add(
      paragraph: "Techniques: " + CalibratedInputs.techniques.sorted().joined(separator: ", "))
    try report.add(try columns(), name: "columns")
    report.add(
      paragraph: "Parameters, the logarithm of each pulled to its prior with this spread; --free "
        + "takes their names and those of the groups:")
    try report.add(try parameters(), name: "parameters")
    report.add(paragraph: "Parts of the physics that --without leaves out:")
    try report.add(try parts(), name: "parts")
    report.add(
      paragraph: "Example:\n  cutover fit trace.csv --model calibrated -o site.json\n"
        + "  cutover predict --fit site.json --scenarios plan.csv --interval 90")
    return report
  }

  private static func columns() throws -> Table {
    let names = CalibratedInputs.columns
    let needed = [CalibratedField.memory.column, CalibratedField.bandwidth.column]
    let definitions = names.map { Glossary.explanation(of: $0) }
    return try Table([
      Column("column", text: names),
      Column("use", text: names.map { needed.contains($0) ? "needed" : "used if known" }),
      Column("unit", text: definitions.map { $0?.unit.rawValue }),
      Column("meaning", text: definitions.map { $0?.meaning }),
    ])
  }

  private static func parameters() throws -> Table {
    let all = CalibratedParameter.allCases
    return try Table([
      Column("term", text: all.map(\.name)),
      Column("prior", numbers: all.map(\.prior)),
      Column("spread", numbers: all.map(\.spread)),
      Column("unit", text: all.map(\.unit)),
      Column(
        "group",
        text: all.map { parameter in
          CalibratedParameter.Group.allCases.first { $0.members.contains(parameter) }?.rawValue
        }),
      Column("meaning", text: all.map(\.meaning)),
    ])
  }

  private static func parts() throws -> Table {
    let all = CalibratedPhysics.allCases
    return try Table([
      Column("part", text: all.map(\.rawValue)),
      Column("without_it", text: all.map(\.assumption)),
    ])
  }
}

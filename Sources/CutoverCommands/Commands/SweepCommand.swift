import ArgumentParser
import MigrationModels
import ModelCore
import Quantities
import Reporting

struct SweepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep",
    abstract: "Predict along a range of one input or two, as a table and a plot.",
    discussion: """
      --vary NAME=LOW..HIGH:COUNT makes equidistant values, COUNTlog ones of a constant ratio, \
      NAME=A,B,C just these. NAME is an option of the scenario without its hyphens or a parameter of the model. \
      The second --vary makes a family of curves.

        cutover sweep --model aldhalaan.uniform --bandwidth 125MiB/s \\
          --downtime-limit 300ms --vary dirty-rate=1MiB/s..120MiB/s:200 \\
          --vary memory=2GiB,8GiB --plot sweep.svg -o sweep.csv
      """)

  @Option(help: "Model ids, separated by commas, or 'all'; see 'cutover models list'.")
  var model: String?
  @Option(help: "Set a parameter of the model, in SI: NAME=VALUE; may be repeated.")
  var parameter: [String] = []
  @Option(help: "An input and its values: NAME=LOW..HIGH:COUNT or NAME=A,B,C; once or twice.")
  var vary: [String] = []
  @Option(help: "Draw the curves into this .svg file.")
  var plot: String?
  @Option(help: "What to draw, columns separated by commas; time and downtime if not given.")
  var show: String?
  @OptionGroup(title: "Scenario") var scenario: ScenarioOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  func run() throws {
    guard let model else { throw UsageError("Say which model: --model ID") }
    guard (1...2).contains(vary.count) else {
      throw UsageError(
        "Give --vary once or twice, such as --vary dirty-rate=1MiB/s..120MiB/s:200")
    }
    if show != nil, plot == nil { throw UsageError("--show says what --plot FILE draws") }
    let selection = try ModelSelection(model, parameters: parameter)
    var sweep = try Sweep(
      selection, vary: vary, base: try scenario.scenario(), parameters: parameter)
    if selection.isAll { try sweep.keepModelsThatAnswer() }
    let plotFile = try plot.map { path throws(PlotError) in try PlotFile(path: path) }
    let destination = try output.destination()
    let answers = try sweep.answers()
    let picture = try plotFile.map { (file) throws in
      (file, try SweepPlot(sweep, answers, show: try show.map(ModelSelection.list)).plot())
    }
    try destination.write(
      Report(try sweep.table(answers), name: "sweep"), significantDigits: output.digits)
    if let (file, plot) = picture { try file.write(plot) }
    try destination.commit()
    var summary = BatchSummary()
    for point in answers { summary.note(point.answer) }
    summary.report()
  }
}

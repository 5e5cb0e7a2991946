import ArgumentParser
import Calibration
import Foundation
import MigrationModels
import ModelCore
import Quantities
import Reporting
import Traces

extension TraceCommand {
  struct DirtyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "dirty",
      abstract: "Fit laws of dirtying to a dirty history, a dirty curve or polls of a migration.",
      discussion: """
        The header says what FILE is: slot_s, slot, first_page, page_count (a dirty history); \
        window_s, dirty_bytes (a dirty curve); t_s, dirty_rate_bytes_per_s, dirty_syncs (polls).
          cutover trace dirty history.csv --memory 1GiB --plot laws.svg
        A history is also fitted page by page: per-page frequencies by the three laws of Zhang, \
        Ren and Lin, compared by likelihood. --plot draws their CDFs on the data.
        """)

    @Argument(help: "CSV, plain, gzip or zstd.")
    var file: String
    @Option(help: "Memory of the machine.", transform: quantity(Bytes.self))
    var memory: Bytes
    @Option(help: "Size of a page; 4KiB if not given.", transform: quantity(Bytes.self))
    var pageSize: Bytes?
    @Option(help: "The recording, by its id, where the file holds several.")
    var historyId: String?
    @Option(help: "Draw the samples and what was fitted to this SVG file.")
    var plot: String?
    @OptionGroup var output: OutputOptions

    func run() throws {
      if let plot { try PlotRenderer.check(path: plot) }
      guard memory > .zero else { throw UsageError("--memory: has to be above zero") }
      guard file != "-" else {
        throw UsageError("FILE: the header is looked at first, so stdin will not do; give a file")
      }
      let destination = try output.destination()
      let samples = try DirtySampleFile.read(
        file, memory: memory, pageSize: pageSize ?? Bytes(siValue: 4096), id: historyId)
      let fits = try DirtyProcessEstimator(samples: samples.curve, memory: memory).all()
      let laws = try samples.counts.map { try FrequencyLawFit.all($0) }
      try destination.write(
        try report(samples, fits, laws), significantDigits: output.digits)
      if let plot {
        let picture = DirtyLawPlot(samples: samples, fits: fits, laws: laws)
        let out = try OutputFile(path: plot)
        try out.append(Array(try PlotRenderer().svg(picture.plot()).utf8))
        try out.commit()
      }
      try destination.commit()
    }

    private func report(
      _ samples: DirtySampleFile.Samples, _ fits: [DirtyProcessFit], _ laws: [FrequencyLawFit]?
    ) throws -> Report {
      var report = Report()
      report.add(title: "\(file): \(samples.curve.measurement)")
      try report.add(try processTable(fits), name: "processes")
      var notes = [
        "relative_rms: root mean square of fitted / observed - 1 over the samples of u(t)"
      ]
      if let laws, let counts = samples.counts {
        try report.add(try lawTable(laws), name: "laws")
        notes.append(
          "laws: \(counts.pageCount) pages over \(counts.slotCount) slots of \(counts.slot); "
            + "unexplained is the share of pages the law says nothing about, whose counts are "
            + "taken as uniform")
      }
      let points = samples.curve.points
      try report.add(
        try Table([
          Column("window_s", numbers: points.map(\.window.siValue)),
          Column("dirty_bytes", numbers: points.map(\.dirty.siValue)),
        ]), name: "curve")
      report.add(notes: notes)
      return report
    }

    private func processTable(_ fits: [DirtyProcessFit]) throws -> Table {
      try Table([
        Column("process", text: fits.map(\.name)),
        Column("relative_rms", numbers: fits.map(\.relativeError)),
        Column(
          "parameters",
          text: fits.map { fit in
            fit.parameters.map { "\($0.name)=\(shortText($0.value))" }.joined(separator: " ")
          }),
      ])
    }

    private func lawTable(_ laws: [FrequencyLawFit]) throws -> Table {
      try Table([
        Column("law", text: laws.map(\.law.rawValue)),
        Column("parameter", text: laws.map(\.law.parameterName)),
        Column("estimate", numbers: laws.map(\.parameter)),
        Column("unexplained", numbers: laws.map(\.unexplainedShare)),
        Column("log_likelihood", numbers: laws.map(\.logLikelihood)),
        Column("aic", numbers: laws.map(\.aic)),
        Column("cdf_distance", numbers: laws.map(\.largestCDFDistance)),
      ])
    }

    /// Four digits: a list of parameters is read, not computed with.
    private func shortText(_ value: Double) -> String {
      String(format: "%.4g", value)
    }
  }
}

import ArgumentParser
import MigrationModels
import ModelCore
import Reporting

struct ModelsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "models", abstract: "List the models, explain one, or verify them.",
    subcommands: [ListCommand.self, ShowCommand.self, VerifyCommand.self])

  struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "One line per model.")

    @OptionGroup var output: OutputOptions

    func run() throws {
      let types = ModelCatalogue.all
      let table = try Table([
        Column("model", text: types.map { $0.descriptor.id }),
        Column("title", text: types.map { $0.descriptor.title }),
        Column("variants", text: types.map { $0.hasUsedVariant ? "+used" : nil }),
        Column(
          "parameters",
          text: types.map { $0.descriptor.parameters.map(\.name).joined(separator: " ") }),
        Column(
          "provenance",
          text: types.map { $0.descriptor.provenance.map(\.rawValue).joined(separator: " ") }),
      ])
      try output.write(
        Report(
          table, name: "models",
          notes: [
            "'cutover models show ID' explains one; calibrated and stacked are made from a trace."
          ]))
    }
  }

  struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "Equation, source, inputs, assumptions and parameters.")

    @Argument(help: "A model id; see 'cutover models list'.")
    var id: String

    @OptionGroup var output: OutputOptions

    func run() throws {
      if OwnModelPage.ids.contains(id) {
        try output.write(try OwnModelPage.report(id))
        return
      }
      let (type, basis) = try ModelCatalogue.resolve(id)
      try output.write(try ModelPage(type, basis).report())
    }
  }
}

/// The description of one model as a report.
struct ModelPage {
  let type: any MigrationModel.Type
  let basis: MemoryBasis

  init(_ type: any MigrationModel.Type, _ basis: MemoryBasis) {
    self.type = type
    self.basis = basis
  }

  func report() throws -> Report {
    let descriptor = type.descriptor
    var report = Report()
    let suffix = basis == .used ? "+used" : ""
    report.add(title: "\(descriptor.id)\(suffix): \(descriptor.title)")
    if basis == .used {
      report.add(paragraph: "Variant: the first round starts from used_bytes, not memory_bytes.")
    }
    report.add(paragraph: descriptor.equations.joined(separator: "\n"))
    report.add(paragraph: "Source: \(descriptor.source)")
    let provenance = descriptor.provenance.map(\.rawValue).joined(separator: ", ")
    report.add(
      paragraph: "Provenance: \(provenance)"
        + (descriptor.caveat.isEmpty ? "" : " (\(descriptor.caveat))"))
    report.add(
      paragraph: "Assumes: " + descriptor.assumptions.joined(separator: "; "))
    report.add(paragraph: "Limits: " + descriptor.limits.joined(separator: "; "))
    report.add(paragraph: "Techniques: " + descriptor.techniques.joined(separator: ", "))
    report.add(paragraph: "Reading a trace: \(descriptor.reading)")
    try report.add(try columnTable(descriptor), name: "columns")
    if !descriptor.parameters.isEmpty {
      try report.add(try parameterTable(descriptor), name: "parameters")
    }
    report.add(paragraph: "Example:\n" + Self.shellLines(descriptor.example))
    return report
  }

  /// A command over several lines, each but the last ending in a backslash, so that it can be
  /// copied as it stands.
  private static func shellLines(_ command: String) -> String {
    var lines = ["  "]
    for word in command.split(separator: " ") {
      let line = lines[lines.count - 1]
      if line.count + word.count > 94 {
        lines[lines.count - 1] += " \\"
        lines.append("    \(word)")
      } else {
        lines[lines.count - 1] += line.last == " " ? "\(word)" : " \(word)"
      }
    }
    return lines.joined(separator: "\n")
  }

  private func columnTable(_ descriptor: ModelDescriptor) throws -> Table {
    let uses =
      descriptor.requiredInputs.map { ($0, "needed") }
      + descriptor.optionalInputs.map { ($0, "used if known") }
      + descriptor.outputs.map { ($0, "answer") }
    let definitions = uses.map { Glossary.explanation(of: $0.0) }
    return try Table([
      Column("column", text: uses.map(\.0)),
      Column("use", text: uses.map(\.1)),
      Column("unit", text: definitions.map { $0?.unit.rawValue }),
      Column("domain", text: definitions.map { $0?.domainText }),
      Column("meaning", text: definitions.map { $0?.meaning }),
    ])
  }

  private func parameterTable(_ descriptor: ModelDescriptor) throws -> Table {
    let parameters = descriptor.parameters
    return try Table([
      Column("term", text: parameters.map(\.name)),
      Column("default", numbers: parameters.map(\.defaultValue)),
      Column("unit", text: parameters.map(\.unit)),
      Column("domain", text: parameters.map(\.domain.description)),
      Column("meaning", text: parameters.map(\.meaning)),
    ])
  }
}

extension ColumnDefinition {
  /// The domain in words, for help.
  var domainText: String {
    switch kind {
    case .number(let domain): domain.description
    case .text: "text"
    case .word(let words): words.joined(separator: ", ")
    case .flag: "true, false"
    }
  }
}

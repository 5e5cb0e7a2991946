import Foundation
import MigrationModels
import ModelCore

/// Models as typed: `ID[,ID]` or `all`, with the parameters of `--parameter`.
struct ModelSelection {
  let models: [any MigrationModel]
  /// Whether the list was `all`: models that cannot answer are then left out with a word.
  let isAll: Bool

  init(_ text: String, parameters: [String] = []) throws {
    isAll = text == "all"
    let ids = isAll ? ModelCatalogue.all.map { $0.descriptor.id } : try Self.list(text)
    let settings = try parameters.map(Self.setting)
    for setting in settings {
      let isKnown = try ids.contains { id in
        try ModelCatalogue.resolve(id).type.descriptor.parameters.contains { $0.name == setting.0 }
      }
      guard isKnown else {
        let names = try ids.flatMap {
          try ModelCatalogue.resolve($0).type.descriptor.parameters.map(\.name)
        }
        throw UsageError(
          "--parameter: none of \(ids.joined(separator: ", ")) has a parameter \(setting.0)"
            + suggestion(nearestWords(to: setting.0, among: names)))
      }
    }
    models = try ids.map { (id) throws in
      let known = try ModelCatalogue.resolve(id).type.descriptor.parameters.map(\.name)
      let own = settings.filter { known.contains($0.0) }
      do {
        return try ModelCatalogue.model(id, parameters: Dictionary(own) { _, last in last })
      } catch {
        throw UsageError("--parameter: \(error)")
      }
    }
  }

  /// One model that was loaded from a fit.
  init(_ model: any MigrationModel) {
    models = [model]
    isAll = false
  }

  /// The ids of a comma-separated list.
  static func list(_ text: String) throws -> [String] {
    let ids = text.split(separator: ",", omittingEmptySubsequences: false).map {
      $0.trimmingCharacters(in: .whitespaces)
    }
    if ids.contains("") { throw UsageError("\"\(text)\": an id is missing beside a comma") }
    return ids
  }

  private static func setting(_ text: String) throws -> (String, Double) {
    let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
    guard parts.count == 2, let value = Double(parts[1]), value.isFinite else {
      throw UsageError(
        "--parameter: \"\(text)\" is not NAME=NUMBER, such as pre_overhead_s=3 (SI units)")
    }
    return (parts[0], value)
  }
}

import Calibration
import Foundation
import MigrationModels
import ModelCore
import Regression
import TestSupport
import Testing

@Suite struct SavedFitTests {
  @Test func modelRoundTrip() throws {
    let model = try ModelCatalogue.model(
      "akoush.avg+used", parameters: ["pre_overhead_s": 0.1, "post_overhead_s": 1.0 / 3])
    let bytes = try SavedFit.model(model).encoded()
    guard case .model(let loaded) = try SavedFit(bytes, name: "fit.json") else {
      Issue.record("not a model")
      return
    }
    #expect(loaded.id == model.id && loaded.parameters == model.parameters)
    #expect(try SavedFit.model(loaded).encoded() == bytes)
  }

  @Test func formulaRoundTrip() throws {
    let table = try Table([
      Column("x", numbers: [1, 2, 3, 4, 5]), Column("y", numbers: [2.2, 3.9, 6.1, 8.2, 9.7]),
    ])
    let fit = try LeastSquares().fit(try Design(try Formula("log(y) ~ x"), table))
    let bytes = try SavedFit.formula(fit.formulaFit).encoded()
    guard case .formula(let loaded) = try SavedFit(bytes, name: "fit.json") else {
      Issue.record("not a formula")
      return
    }
    #expect(try loaded.predict(table) == fit.predict(table))
  }

  /// Cut anywhere, a file is refused, never believed.
  @Test func everyCutIsRefused() throws {
    let bytes = try SavedFit.model(try ModelCatalogue.model("akoush.avg")).encoded()
    // The last byte is the line end, which JSON does not need.
    for length in 0..<(bytes.count - 2) {
      let error = #expect(throws: CalibrationError.self) {
        try SavedFit(Array(bytes.prefix(length)), name: "fit.json")
      }
      #expect(error?.category == .badData)
    }
  }

  @Test(arguments: [
    (#"{}"#, "no \"format\""),
    (#"{"format":"other","version":1}"#, "format is \"other\""),
    (#"{"format":"cutover-fit","version":2,"model":"liu.basic"}"#, "version is 2"),
    (#"{"format":"cutover-fit","version":1}"#, "neither"),
    (#"{"format":"cutover-fit","version":1,"model":"liu.best"}"#, "no model"),
    (
      #"{"format":"cutover-fit","version":1,"model":"liu.refined","parameters":{"gamma":1}}"#,
      "no parameter gamma"
    ),
    (#"[1, 2]"#, "not of the expected kind"), (#"id,x"#, "not JSON"),
  ])
  func foreignFiles(_ text: String, _ words: String) {
    let error = #expect(throws: CalibrationError.self) {
      try SavedFit(Array(text.utf8), name: "fit.json")
    }
    #expect(error?.description.contains(words) ?? false, "\(error?.description ?? "")")
    #expect(error?.description.hasPrefix("fit.json: ") ?? false)
  }
}

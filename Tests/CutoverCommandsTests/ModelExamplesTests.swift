import MigrationModels
import ModelCore
import TestSupport
import Testing

/// What `models show` gives as an example works: it runs, says nothing on stderr, and answers
/// for the model it is an example of.
@Suite struct ModelExamplesTests {
  @Test(arguments: ModelCatalogue.all.map { $0.descriptor.id })
  func exampleRuns(_ id: String) throws {
    let example = try ModelCatalogue.resolve(id).type.descriptor.example
    #expect(example.contains("cutover ") && example.contains(" \(id) "), "\(example)")
    let runner = try CommandRunner()
    defer { runner.remove() }
    let result = try runner.run(example)
    #expect(result.status == 0 && result.errors.isEmpty, "\(example): \(result.errors)")
    #expect(result.output.contains(id), "\(result.output)")
  }
}
